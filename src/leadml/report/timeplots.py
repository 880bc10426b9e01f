"""The pictures of what changes with time: the delay, the rate by month, drift."""

from collections.abc import Sequence

from markupsafe import Markup

from leadml.report.evidence import Delay, Month, Move
from leadml.report.svg import Drawing, ticks
from leadml.report.voice import Voice, cut

MOST_MOVES = 14
LITTLE, MUCH = 0.1, 0.25  # of the population stability index


def delay(facts: Delay, horizon_days: int | None, voice: Voice) -> Markup:
    """Draw the share of conversions that came within so many days."""
    longest = max(facts.quantiles[97], (horizon_days or 0) * 1.15, 1.0)
    d = Drawing((0, longest), (0, 1), height=300, top=30)
    d.y_axis(ticks(0, 1), voice.numbers.percent, voice.words["delay_axis"])
    d.x_axis(ticks(0, longest), voice.numbers.count, voice.words["days_axis"])
    points = [(0.0, 0.0)]
    for i, day in enumerate(facts.quantiles):
        if day <= longest:
            points += [(day, points[-1][1]), (day, i / 100)]
    d.line([*points, (longest, points[-1][1])], "model")
    if horizon_days is not None:
        x = d.x(horizon_days)
        d.rule((x, d.y.start), (x, d.y.end), "guide")
        reached = voice.numbers.percent(facts.within[horizon_days].interval.value)
        near_end = x > (d.x.start + d.x.end) / 2
        d.text(
            (x + (-6 if near_end else 6), d.y.start - 12),
            voice.say("horizon_mark", days=horizon_days, share=reached),
            anchor="end" if near_end else "start",
            style="ink",
        )
    median = voice.numbers.compact(round(facts.quantiles[50], 1))
    return d.render("delay", voice.words["delay_title"], voice.say("delay_alt", median=median, n=facts.n))


def months(facts: Sequence[Month], voice: Voice) -> Markup:
    """Draw the conversion rate by month with intervals, the leads below; test months stand out."""
    top = max([one.rate.interval.high or 0.0 for one in facts if one.rate.n >= 10] or [1.0])
    n = len(facts)
    d = Drawing((-0.6, n - 0.4), (0, top), height=320, top=30, bottom=86)
    d.y_axis(ticks(0, top), voice.numbers.percent, voice.words["rate_axis"])
    tests = [i for i, one in enumerate(facts) if one.part == "test"]
    if tests:
        d.box(tests[0] - 0.5, 0, tests[-1] + 0.5, top, "zone")
        middle = (d.x(tests[0] - 0.5) + d.x(tests[-1] + 0.5)) / 2
        d.text((middle, d.y.end + 13), voice.words["part_test"], anchor="middle", style="ink")
    for i, one in enumerate(facts):
        span = one.rate.interval
        d.line([(i, span.low or 0.0), (i, span.high or 0.0)], "whisker")
        told = voice.say(
            "month_dot", month=voice.numbers.month(one.label), rate=voice.numbers.percent(span.value, 1), n=one.rate.n
        )
        d.dot(i, span.value or 0.0, "dot-model" if one.part == "test" else "dot-other", words=told)
    _month_axis(d, facts, voice)
    rates = [one.rate.interval.value or 0.0 for one in facts if one.rate.n >= 10] or [0.0]
    low, high = (voice.numbers.percent(x, 1) for x in (min(rates), max(rates)))
    return d.render("months", voice.words["months_title"], voice.say("months_alt", n=n, low=low, high=high))


def _month_axis(d: Drawing, facts: Sequence[Month], voice: Voice) -> None:
    d.rule((d.x.start, d.y.start), (d.x.end, d.y.start), "axis")
    foot, most = d.height - 38, max([one.rate.n for one in facts] + [1])
    wide = (d.x(1) - d.x(0)) * 0.7 if len(facts) > 1 else 20
    for i, one in enumerate(facts):
        tall = max(34 * one.rate.n / most, 1.0)
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
