"""The pictures of what the model is: importance, terms, axes."""

from collections.abc import Sequence

from markupsafe import Markup

from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm
from leadml.report.evidence import AxisFacts, TermFacts
from leadml.report.svg import Drawing, ticks
from leadml.report.voice import Voice, cut

MOST_BARS = 14
MOST_IMPORTANT = 15


def importance(facts: Sequence[TermFacts], voice: Voice) -> Markup:
    """Draw the mean absolute contribution of the terms that matter most; ``facts`` are in that order."""
    shown = facts[:MOST_IMPORTANT]
    top = max([one.importance for one in shown] + [1e-9])
    d = Drawing((0, top), (0, 1), height=24 * len(shown) + 54, left=190, top=4, bottom=44, right=42)
    for i, one in enumerate(shown):
        y = d.y.end + 24 * i + 3
        d.text((d.x.start - 8, y + 12), cut(voice.labels.part(one.part), 27), anchor="end", style="ink")
        d.bar(d.x.start, y, d.x(one.importance) - d.x.start, 16, "fill-model")
        d.text((d.x(one.importance) + 5, y + 12), voice.numbers.decimal(one.importance, 2), style="ink")
    d.x_axis(ticks(0, top, 4), voice.numbers.compact, voice.words["importance_axis"])
    told = "; ".join(f"{voice.labels.part(one.part)} {voice.numbers.decimal(one.importance, 2)}" for one in shown[:8])
    return d.render("importance", voice.words["importance_title"], told)


def category(key: str, term: CategoryTerm, facts: TermFacts, voice: Voice, told: str) -> Markup:
    """Draw a category: a bar to the right speaks for a conversion, one to the left against; leads at the side."""
    rows = category_rows(term, facts, voice)
    shown = rows[:MOST_BARS]
    most = max([abs(points) for _, points, _, _ in shown] + [0.1])
    height = 22 * len(shown) + 62
    left = min(196.0, max(64.0, 16 + 6.5 * max(len(name) for name, *_ in shown)))
    d = Drawing((-most, most), (0, 1), height=height, left=left, right=84, top=20, bottom=42)
    leads = max([n for _, _, n, _ in shown] + [1])
    d.text((d.width - 70, 12), voice.words["leads"])
    for i, (name, points, n, _) in enumerate(shown):
        y = d.y.end + 22 * i + 3
        d.text((left - 8, y + 12), cut(name, 28), anchor="end", style="ink")
        a, b = sorted((d.x(0), d.x(points)))
        words = f"{name}: {voice.numbers.decimal(points, 2, signed=True)}"
        d.bar(a, y, max(b - a, 1.0), 15, "fill-model" if points >= 0 else "fill-neg", words=words)
        d.bar(d.width - 70, y + 3, 22 * n / leads, 9, "fill-leads")
        d.text((d.width - 41, y + 12), voice.numbers.count(n))
    d.rule((d.x(0), d.y.end - 2), (d.x(0), d.y.start), "axis")
    d.x_axis(_symmetric(most), lambda x: voice.numbers.decimal(x, 1, signed=True), voice.words["points_axis"])
    return d.render(key, voice.labels.part(term.part), told)


def _symmetric(most: float) -> list[float]:
    side = [x for x in ticks(0, most, 4) if x > 0]
    return [*(-x for x in reversed(side)), 0.0, *side]


def category_rows(term: CategoryTerm, facts: TermFacts, voice: Voice) -> list[tuple[str, float, int, int]]:
    """Return (name, points, leads, converted) of a category: levels with the most points first, then the rest."""
    levels = [voice.labels.level(term.part, level) for level in term.levels]
    names = [*levels, voice.words["other_levels"], voice.words["missing"]]
    rows = list(zip(names, facts.points, facts.leads, facts.converted, strict=True))
    own, rest = rows[: len(levels)], [row for row in rows[len(levels) :] if row[2]]
    if len(own) + len(rest) > MOST_BARS:  # the levels that most leads have
        weight = sorted(own, key=lambda row: -abs(row[1]) * row[2])
        keep = MOST_BARS - len(rest)
        first, others = weight[:keep], weight[keep:]
        return [*sorted(first, key=lambda row: -row[1]), *rest, *others]
    return [*sorted(own, key=lambda row: -row[1]), *rest]


def number(key: str, term: StepTerm | LinearTerm, facts: TermFacts, voice: Voice, told: str) -> Markup:
    """Draw a number: its line or steps, the leads below, and what a missing value adds at the side."""
    low, high = facts.range or (0.0, 1.0)
    n_missing, missing = facts.leads[-1], term.missing
    points = _curve(term, low, high)
    values = [y for _, y in points] + ([missing] if n_missing else []) + [0.0]
    least, most = min(values), max(values)
    room = max(0.12 * (most - least), 0.05)
    d = Drawing(
        (low, high), (least - room, most + room), height=250, left=52, right=86 if n_missing else 20, top=30, bottom=92
    )
    marks = ticks(least - room, most + room, 5)
    digits = max(_digits(x) for x in marks)
    d.y_axis(marks, lambda x: voice.numbers.decimal(x, digits, signed=True), voice.words["points_axis"])
    d.rule((d.x.start, d.y(0)), (d.width - 14, d.y(0)), "axis")
    d.line(points, "model")
    foot = d.height - 42
    _leads_below(d, facts, foot)
    for value in ticks(low, high, 5):
        d.text((d.x(value), foot + 15), voice.numbers.compact(value), anchor="middle")
    d.text(
        ((d.x.start + d.x.end) / 2, foot + 34), cut(voice.labels.part(term.part), 40), anchor="middle", style="title"
    )
    if n_missing:
        at = d.width - 34
        d.add(f'<circle class="dot-model" cx="{at}" cy="{d.y(missing):.1f}" r="5"/>')
        tall = max(34 * n_missing / max([*facts.counts, n_missing, 1]), 1.0)
        d.bar(at - 7, foot - tall, 14, tall, "fill-leads")
        d.text((at, foot + 29), voice.words["missing_short"], anchor="middle")
    return d.render(key, voice.labels.part(term.part), told)


def _digits(x: float) -> int:
    """Return how many digits a round number needs after its point, at least one."""
    return next((n for n in (1, 2, 3) if abs(x * 10**n - round(x * 10**n)) < 1e-6), 4)


def _curve(term: StepTerm | LinearTerm, low: float, high: float) -> list[tuple[float, float]]:
    if isinstance(term, LinearTerm):
        bends = [x for x in (term.low, term.high) if low < x < high]
        return [(x, term.value(x)) for x in (low, *bends, high)]
    inside = [(cut_, i) for i, cut_ in enumerate(term.cuts) if low < cut_ < high]
    first = sum(cut_ <= low for cut_ in term.cuts)
    points = [(low, term.points[first])]
    for at, i in inside:
        points += [(at, term.points[i]), (at, term.points[i + 1])]
    return [*points, (high, points[-1][1])]


def _leads_below(d: Drawing, facts: TermFacts, foot: float) -> None:
    if facts.range is None:
        return
    low, high = facts.range
    most = max([*facts.counts, facts.leads[-1], 1])
    step = (high - low) / len(facts.counts)
    for i, n in enumerate(facts.counts):
        if n:
            a, b = d.x(low + i * step), d.x(low + (i + 1) * step)
            tall = max(34 * n / most, 1.0)
            d.bar(a + 0.5, foot - tall, b - a - 1, tall, "fill-leads")


def axes(facts: Sequence[AxisFacts], voice: Voice) -> Markup:
    """Draw how the sums of each axis spread, for leads that converted and for the others, on one scale."""
    row, ends = 92, (facts[0].edges[0], facts[0].edges[-1])
    d = Drawing(ends, (0, 1), height=row * len(facts) + 70, left=12, top=26, bottom=44, right=12)
    middles = [(a + b) / 2 for a, b in zip(facts[0].edges, facts[0].edges[1:], strict=False)]
    for i, one in enumerate(facts):
        foot = d.y.end + row * (i + 1)
        shares = [[n / max(sum(counts), 1) for n in counts] for counts in (one.lost, one.converted)]
        top = max(max(own) for own in shares) or 1.0
        for own, style in zip(shares, ("hist-lost", "hist-won"), strict=True):
            path = [(d.x(middles[0]), foot)]
            path += [(d.x(x), foot - 58 * y / top) for x, y in zip(middles, own, strict=True)]
            path.append((d.x(middles[-1]), foot))
            d.add(f'<polygon class="{style}" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in path)}"/>')
        d.rule((d.x.start, foot), (d.x.end, foot), "axis")
        name = voice.words[f"axis_{one.axis}"]
        d.text((d.x.start, foot - 68), name, style="ink strong")
        share = voice.say("axis_share", share=voice.numbers.percent(one.share))
        d.text((d.x.start + 12 + 7.2 * len(name), foot - 68), share)
    x = d.x.end - 190
    for i, (style, key) in enumerate((("hist-won", "converted"), ("hist-lost", "not_converted"))):
        d.bar(x + 94 * i, 4, 14, 12, style)
        d.text((x + 94 * i + 19, 14), voice.words[key])
    d.rule((d.x(0), d.y.end), (d.x(0), d.y.start), "guide")
    d.x_axis(_symmetric(ends[1]), lambda v: voice.numbers.decimal(v, 1, signed=True), voice.words["points_axis"])
    told = "; ".join(
        f"{voice.words[f'axis_{one.axis}']}: {voice.say('axis_share', share=voice.numbers.percent(one.share))}"
        for one in facts
    )
    return d.render("axes", voice.words["axes_title"], told)
