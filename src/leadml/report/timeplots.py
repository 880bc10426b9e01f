"""The pictures of what changes with time: the delay, the rate by month, drift."""

from collections.abc import Sequence

from markupsafe import Markup

from leadml.model.bundle import Interval
from leadml.report.svg import Drawing, ticks
from leadml.report.timefacts import Delay, Month, Move
from leadml.report.voice import Voice, cut

MOST_MOVES = 14
LITTLE, MUCH = 0.1, 0.25  # of the population stability index


def delay(facts: Delay, horizon_days: int | None, voice: Voice) -> Markup:
    """Draw the share of leads that convert within so many days, with its band, where it ends, and the horizon."""
    longest = max(facts.curve[-1][0], (horizon_days or 0) * 1.05, 1.0)
    top = 1.15 * max(one.high or 0.0 for _, one in facts.curve[1:])
    d = Drawing((0, longest), (0, top), height=300, top=30)
    d.y_axis(ticks(0, top), voice.numbers.rate, voice.words["delay_axis"])
    d.x_axis(ticks(0, longest), voice.numbers.count, voice.words["days_axis"])
    d.area([(x, one.low or 0.0) for x, one in facts.curve], [(x, one.high or 0.0) for x, one in facts.curve], "band")
    end = facts.ever.value or 0.0
    d.line([(0, end), (longest, end)], "guide")
    ever = "delay_plateau" if facts.levelled_off else "delay_so_far"
    d.text((d.x.end, d.y(end) - 8), voice.say(ever, share=voice.numbers.percent(end, 1)), anchor="end", style="ink")
    d.line([(x, one.value or 0.0) for x, one in facts.curve], "model")
    if horizon_days is not None:
        x = d.x(horizon_days)
        d.rule((x, d.y.start), (x, d.y.end), "guide")
        reached = next((one.in_time.value for one in facts.horizons if one.days == horizon_days), None)
        near_end = x > (d.x.start + d.x.end) / 2
        d.text(
            (x + (-6 if near_end else 6), d.y.start - 12),
            voice.say("horizon_mark", days=horizon_days, share=voice.numbers.percent(reached)),
            anchor="end" if near_end else "start",
            style="ink",
        )
    return d.render("delay", voice.words["delay_title"], voice.say("delay_alt", **delay_words(facts, voice)))


def delay_words(facts: Delay, voice: Voice) -> dict[str, str]:
    """Return the figures of the delay as sentences name them."""
    numbers = voice.numbers
    return {
        "n": numbers.count(facts.n),
        "won": numbers.count(facts.n_converted),
        "share": numbers.percent(facts.ever.value, 1),
        "span": voice.rate_span(facts.ever),
        "until": numbers.count(facts.curve[-1][0]),
        "median": numbers.compact(round(facts.median_days, 1)),
        "late": numbers.compact(round(facts.late_days)),
    }


def months(facts: Sequence[Month], voice: Voice) -> Markup:
    """Draw the conversion rate by month with intervals, the leads below; test months stand out, young ones have two."""
    told = [one.best for one in facts if (one.so_far or one.rate).n >= 10 and one.best.value is not None]
    top = _top(told)
    n = len(facts)
    d = Drawing((-0.6, n - 0.4), (0, top), height=320, top=30, bottom=86)
    d.y_axis(ticks(0, top), voice.numbers.percent, voice.words["rate_axis"])
    tests = [i for i, one in enumerate(facts) if one.part == "test"]
    if tests:
        d.box(tests[0] - 0.5, 0, tests[-1] + 0.5, top, "zone")
        middle = (d.x(tests[0] - 0.5) + d.x(tests[-1] + 0.5)) / 2
        d.text((middle, d.y.end + 13), voice.words["part_test"], anchor="middle", style="ink")
    for i, one in enumerate(facts):
        _month(d, i, one, voice)
    if any(one.is_young for one in facts):
        d.text((d.x.end, d.y.end - 12), f"● {voice.words['months_legend']}", anchor="end", style="naive")
    _month_axis(d, facts, voice)
    rates = [one.value or 0.0 for one in told] or [0.0]
    low, high = (voice.numbers.percent(x, 1) for x in (min(rates), max(rates)))
    return d.render("months", voice.words["months_title"], voice.say("months_alt", n=n, low=low, high=high))


def _top(told: Sequence[Interval]) -> float:
    """Return the top of the picture: all rates fit, and whiskers unless they are far longer than most."""
    if not told:
        return 1.0
    highs = sorted(one.high or 0.0 for one in told)
    typical = highs[len(highs) // 2]
    return min(1.0, max(min(highs[-1], 2.5 * typical), *(1.05 * (one.value or 0.0) for one in told), 0.001))


def _month(d: Drawing, i: int, one: Month, voice: Voice) -> None:
    numbers, span = voice.numbers, one.best
    month = numbers.month(one.label)
    if one.is_young and one.so_far is not None:
        naive = one.so_far.interval.value or 0.0
        words = voice.say("month_so_far", month=month, rate=numbers.percent(naive, 1), n=one.so_far.n)
        d.dot(i, naive, "dot-naive", size=3, words=words)
    if span.value is None:
        return
    d.line([(i, span.low or 0.0), (i, span.high or 0.0)], "whisker")
    style = "dot-model" if one.part == "test" else "dot-other"
    key, n = ("month_expected", (one.so_far or one.rate).n) if one.is_young else ("month_dot", one.rate.n)
    d.dot(i, span.value, style, words=voice.say(key, month=month, rate=numbers.percent(span.value, 1), n=n))


def _month_axis(d: Drawing, facts: Sequence[Month], voice: Voice) -> None:
    d.rule((d.x.start, d.y.start), (d.x.end, d.y.start), "axis")
    counts = [(one.so_far or one.rate).n for one in facts]
    foot, most = d.height - 38, max([*counts, 1])
    wide = (d.x(1) - d.x(0)) * 0.7 if len(facts) > 1 else 20
    for i, n in enumerate(counts):
        tall = max(34 * n / most, 1.0)
        d.bar(d.x(i) - wide / 2, foot - tall, wide, tall, "fill-leads")
    every = max(1, -(-len(facts) // 5))
    for i in range(0, len(facts), every):
        d.text((d.x(i), foot + 15), voice.numbers.month(facts[i].label), anchor="middle")
    d.text(((d.x.start + d.x.end) / 2, foot + 33), voice.words["months_axis"], anchor="middle", style="title")


def drift(facts: Sequence[Move], voice: Voice) -> Markup:
    """Draw the population stability index of the score and of the parts that moved most."""
    shown = [*facts[:1], *facts[1:MOST_MOVES]]
    top = max(0.3, *(min(one.psi, 0.6) for one in shown)) * 1.04
    d = Drawing((0, top), (0, 1), height=24 * len(shown) + 62, left=180, top=18, bottom=44, right=46)
    for limit, key in ((LITTLE, "drift_some"), (MUCH, "drift_much")):
        d.rule((d.x(limit), d.y.end), (d.x(limit), d.y.start), "guide")
        d.text((d.x(limit) + 3, d.y.end - 4), voice.words[key])
    for i, one in enumerate(shown):
        y = d.y.end + 24 * i + 6
        name = voice.labels.part(one.part) if one.part else voice.words["the_score"]
        d.text((d.x.start - 8, y + 11), cut(name, 26), anchor="end", style="ink strong" if not one.part else "ink")
        style = "fill-neg" if one.psi > MUCH else "fill-model" if one.psi > LITTLE else "fill-rule"
        d.bar(d.x.start, y, d.x(one.psi) - d.x.start, 15, style)
        d.text((d.x(one.psi) + 5, y + 12), voice.numbers.decimal(one.psi, 2), style="ink")
    d.x_axis(ticks(0, top, 4), lambda x: voice.numbers.decimal(x, 2), voice.words["psi_axis"])
    told = "; ".join(
        f"{voice.labels.part(one.part) if one.part else voice.words['the_score']} {voice.numbers.decimal(one.psi, 2)}"
        for one in shown[:8]
    )
    return d.render("drift", voice.words["drift_title"], told)
