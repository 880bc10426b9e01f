"""The pictures of what a model reached: calls, gains, lift, reliability, the leaderboard."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from leadml.model.bundle import Interval
from leadml.report.evidence import Evidence, Reliability
from leadml.report.svg import Drawing, Scale, ticks
from leadml.report.voice import Voice, cut

LEAST_SHARE = 0.02  # before it the lift is that of a handful of leads
TWENTY = 20  # place of 20 % on the curves


def calls(evidence: Evidence, voice: Voice) -> Markup:
    """Draw what the first 20 % of calls find: by the model, the best simple rule, and in random order."""
    model = evidence.gains.model[TWENTY]
    rules = list(evidence.rules().items())[:1]
    rows: list[tuple[str, float, str]] = [(voice.words["this_model"], model.value or 0.0, "fill-model")]
    rows += [(voice.labels.rule(name), found[TWENTY], "fill-rule") for name, found in rules]
    rows.append((voice.words["random_order"], 0.2, "fill-random"))
    d = Drawing((0, 1), (0, 1), width=340, height=10 + 44 * len(rows), left=0, right=52, top=0, bottom=0)
    for i, (name, value, style) in enumerate(rows):
        top = 44 * i + 4
        d.text((0, top + 12), cut(name, 46), style="ink")
        d.bar(0, top + 18, d.x(value), 16, style)
        if i == 0 and model.low is not None and model.high is not None:
            d.rule((d.x(model.low), top + 26), (d.x(model.high), top + 26), "whisker-in")
        d.text((max(d.x(value), d.x(model.high or 0) if i == 0 else 0) + 6, top + 31), _pct(voice, value), style="big")
    told = "; ".join(f"{name} {_pct(voice, value)}" for name, value, _ in rows)
    return d.render("calls", voice.words["calls_title"], told)


def _pct(voice: Voice, x: float) -> str:
    return voice.numbers.percent(x)


def gains(evidence: Evidence, voice: Voice) -> Markup:
    """Draw the share of all conversions found against the share of leads called."""
    shares, model = evidence.gains.shares, evidence.gains.model
    d = Drawing((0, 1), (0, 1), height=330, top=30)
    d.y_axis(ticks(0, 1), voice.numbers.percent, voice.words["conversions_found"])
    d.x_axis(ticks(0, 1), voice.numbers.percent, voice.words["leads_called"])
    _band(d, shares, model)
    d.line([(0, 0), (1, 1)], "random")
    for i, found in enumerate(evidence.rules().values()):
        d.line(zip(shares, found, strict=True), f"rule rule-{i % 3}")
    d.line([(share, _value(one)) for share, one in zip(shares, model, strict=True)], "model")
    at = _value(model[TWENTY])
    d.rule((d.x(0.2), d.y.start), (d.x(0.2), d.y(at)), "guide")
    d.dot(0.2, at, "dot-model", size=4.5)
    d.text((d.x(0.2) - 8, d.y(at) - 7), _pct(voice, at), anchor="end", style="big")
    names = [voice.labels.rule(name) for name in evidence.rules()]
    _legend(d, voice, names, d.x(0.46), d.y.start - 18 * (len(names) + 2) - 2)
    told = voice.say("gains_alt", at=_pct(voice, at), half=_pct(voice, half_point(evidence)))
    return d.render("gains", voice.words["gains_title"], told)


def half_point(evidence: Evidence) -> float:
    """Return the share of leads that holds half of the conversions."""
    shares, model = evidence.gains.shares, evidence.gains.model
    return next((share for share, one in zip(shares, model, strict=True) if _value(one) >= 0.5 - 1e-9), 1.0)


def _value(one: Interval) -> float:
    return one.value if one.value is not None else 0.0


def _band(d: Drawing, shares: Sequence[float], curve: Sequence[Interval], *, over: float | None = None) -> None:
    rows = [
        (s, one.low / (s if over else 1), one.high / (s if over else 1))
        for s, one in zip(shares, curve, strict=True)
        if one.low is not None and one.high is not None
    ]
    d.area([(s, low) for s, low, _ in rows], [(s, high) for s, _, high in rows], "band")


def _legend(d: Drawing, voice: Voice, rules: Sequence[str], x: float, y: float) -> None:
    entries = [(voice.words["this_model"], "model")]
    entries += [(name, f"rule rule-{i % 3}") for i, name in enumerate(rules)]
    entries.append((voice.words["random_order"], "random"))
    for i, (name, style) in enumerate(entries):
        line = y + 18 * i
        d.rule((x, line), (x + 26, line), style)
        d.text((x + 32, line + 4), cut(name, 28))


def lift(evidence: Evidence, voice: Voice) -> Markup:
    """Draw how many times the average rate the first leads convert at."""
    rows = [
        (share, one)
        for share, one in zip(evidence.gains.shares, evidence.gains.model, strict=True)
        if share >= LEAST_SHARE
    ]
    shares, model = [share for share, _ in rows], [one for _, one in rows]
    highest = [(one.high if one.high is not None else _value(one)) / share for share, one in rows if share >= 0.05]
    top = max(1.5, *highest)
    d = Drawing((0, 1), (0, top * 1.05), height=330, top=30)
    times = lambda x: f"{voice.numbers.compact(x)}×"  # noqa: E731
    d.y_axis(ticks(0, top), times, voice.words["lift_axis"])
    d.x_axis(ticks(0, 1), voice.numbers.percent, voice.words["leads_called"])
    _band(d, shares, model, over=1.0)
    d.line([(LEAST_SHARE, 1), (1, 1)], "random")
    for i, found in enumerate(evidence.rules().values()):
        curve = zip(evidence.gains.shares, found, strict=True)
        d.line([(share, y / share) for share, y in curve if share >= LEAST_SHARE], f"rule rule-{i % 3}")
    d.line([(share, _value(one) / share) for share, one in rows], "model")
    names = [voice.labels.rule(name) for name in evidence.rules()]
    _legend(d, voice, names, d.x(0.46), d.y.end + 10)
    at = voice.numbers.decimal(_value(evidence.gains.model[10]) / 0.1, 1)
    return d.render("lift", voice.words["lift_title"], voice.say("lift_alt", at=at))


def calibration(facts: Reliability, voice: Voice) -> Markup:
    """Draw the rate against the probability, with the monotone fit, and where the leads lie."""
    top = facts.top
    d = Drawing((0, top), (0, top), height=370, top=30, bottom=104)
    d.y_axis(ticks(0, top), voice.numbers.percent, voice.words["rate_axis"])
    d.line([(0, 0), (top, top)], "random")
    d.line([(x, y) for x, y in facts.isotonic if y <= top], "isotonic")  # beyond it are a handful of leads
    for expected, rate in facts.bins:
        span = rate.interval
        d.line([(expected, span.low or 0.0), (expected, span.high or 0.0)], "whisker")
        words = voice.say("calibration_dot", expected=_p1(voice, expected), rate=_p1(voice, span.value), n=rate.n)
        d.dot(expected, span.value or 0.0, "dot-model", size=4.5, words=words)
    _strip(d, facts.counts, (0, top), d.height - 56, 36)
    foot = d.height - 44
    for value in ticks(0, top):
        d.text((d.x(value), foot + 10), voice.numbers.percent(value), anchor="middle")
    d.rule((d.x.start, d.y.start), (d.x.end, d.y.start), "axis")
    d.text(((d.x.start + d.x.end) / 2, foot + 32), voice.words["probability_axis"], anchor="middle", style="title")
    x, y = d.x.start + 12, d.y.end + 12
    entries = [("dot", "calibration_legend_bins"), ("isotonic", "calibration_legend_fit"), ("random", "perfect")]
    for i, (style, key) in enumerate(entries):
        if style == "dot":
            d.add(f'<circle class="dot-model" cx="{x + 13:.1f}" cy="{y:.1f}" r="4.5"/>')
        else:
            d.rule((x, y + 18 * i), (x + 26, y + 18 * i), style)
        d.text((x + 32, y + 18 * i + 4), voice.words[key])
    n = sum(rate.n for _, rate in facts.bins)
    inside = sum(_inside(expected, rate.interval) for expected, rate in facts.bins)
    told = voice.say("calibration_alt", inside=inside, bins=len(facts.bins), n=voice.numbers.count(n))
    return d.render("calibration", voice.words["calibration_title"], told)


def _p1(voice: Voice, x: float | None) -> str:
    return voice.numbers.percent(x, 1)


def _inside(x: float, span: Interval) -> bool:
    return span.low is not None and span.high is not None and span.low <= x <= span.high


def _strip(d: Drawing, counts: Sequence[int], x: tuple[float, float], foot: float, height: float) -> None:
    """Draw a small histogram of leads below a frame, on its horizontal scale."""
    most = max([*counts, 1])
    step = (x[1] - x[0]) / max(len(counts), 1)
    for i, n in enumerate(counts):
        if n:
            a, b = d.x(x[0] + i * step), d.x(x[0] + (i + 1) * step)
            tall = max(height * n / most, 1.0)
            d.bar(a + 0.5, foot - tall, b - a - 1, tall, "fill-leads")


def board(rows: Sequence[tuple[str, Interval, bool]], voice: Voice) -> Markup:
    """Draw the ROC AUC of models and rules with their intervals; ``rows`` are (name, value, whether it ships)."""
    ends = [x for _, one, _ in rows for x in (one.low, one.high, one.value) if x is not None]
    low, high = min([0.45, *ends]), max([0.7, *ends])
    height = 34 * len(rows) + 66
    d = Drawing((low, high), (0, 1), height=height, left=12, top=8, bottom=48)
    d.rule((d.x(0.5), d.y.end), (d.x(0.5), d.y.start), "random")
    for i, (name, one, is_own) in enumerate(rows):
        y = 14 + 34 * i
        d.text((d.x.start, y + 2), cut(name, 52), style="ink strong" if is_own else "ink")
        if one.value is None:
            continue
        if one.low is not None and one.high is not None:
            d.rule((d.x(one.low), y + 14), (d.x(one.high), y + 14), "whisker")
        style = "dot-model" if is_own else "dot-other"
        d.add(f'<circle class="{style}" cx="{d.x(one.value):.1f}" cy="{y + 14:.1f}" r="5"/>')
    d.x_axis(ticks(low, high), lambda x: voice.numbers.decimal(x, 2), voice.words["auc_axis"])
    told = "; ".join(
        f"{name}: {voice.within(voice.numbers.decimal(one.value, 3), voice.decimal_span(one))}" for name, one, _ in rows
    )
    return d.render("board", voice.words["board_title"], told)


def differences(rows: Mapping[str, Interval], voice: Voice) -> Markup:
    """Draw the differences between the scorecard and the boosted trees, each on a scale of its own."""
    d = Drawing((-1, 1), (0, 1), height=62 * len(rows) + 12, left=12, top=0, bottom=0)
    for i, (name, one) in enumerate(rows.items()):
        y = 62 * i + 18
        most = max(abs(x) for x in (one.value, one.low, one.high) if x is not None) * 1.15 or 1.0
        own = Scale(-most, most, d.x.start, d.x.end)
        d.text((d.x.start, y), voice.known(f"metric_{name}", name), style="ink")
        d.rule((own(0), y + 8), (own(0), y + 34), "random")
        better = -1 if name in ("log_loss", "brier") else 1
        d.text((own(0) - better * 8, y + 40), voice.words["trees_better"], anchor="end" if better > 0 else "start")
        d.text((own(0) + better * 8, y + 40), voice.words["card_better"], anchor="start" if better > 0 else "end")
        if one.low is not None and one.high is not None:
            d.rule((own(one.low), y + 20), (own(one.high), y + 20), "whisker")
        d.add(f'<circle class="dot-model" cx="{own(one.value or 0):.1f}" cy="{y + 20:.1f}" r="5"/>')
    told = "; ".join(
        f"{voice.known(f'metric_{name}', name)}: "
        + voice.within(voice.numbers.decimal(one.value, 3, signed=True), voice.decimal_span(one, signed=True))
        for name, one in rows.items()
    )
    return d.render("glass", voice.words["glass_title"], told)
