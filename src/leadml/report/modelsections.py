"""The sections on what the model is, and on what it rests: terms, axes, time, and what was left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import exp

from leadml.leads.schema import AXES, Axis
from leadml.model.bundle import Bundle
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, Term
from leadml.model.wording import phrases
from leadml.report import termplots, timeplots
from leadml.report.evidence import Evidence, TermFacts, Unused
from leadml.report.figures import Figure, Table
from leadml.report.voice import Voice

OPEN = 6  # terms that stand open; the others are folded
MOST_ROWS = 40


@dataclass(frozen=True, slots=True)
class AxisTerms:
    """The terms of one axis: those that matter most stand open, the rest is folded."""

    axis: Axis
    title: str
    more: str
    open: tuple[Figure, ...]
    folded: tuple[Figure, ...]


def importance(evidence: Evidence, voice: Voice) -> Figure:
    """Return the terms in order of importance."""
    words, ranked = voice.words, _ranked(evidence)
    rows = [[voice.labels.part(one.part), voice.numbers.decimal(one.importance, 3)] for one in ranked]
    table = Table(words["importance_title"], [words["field"], words["importance_axis"]], rows)
    picture = termplots.importance(ranked, voice)
    return Figure("importance", words["importance_title"], picture, words["importance_caption"], table)


def _ranked(evidence: Evidence) -> list[TermFacts]:
    return sorted(evidence.terms, key=lambda one: -one.importance)


def terms(evidence: Evidence, bundle: Bundle, voice: Voice) -> list[AxisTerms]:
    """Return a figure per term, by axis, the most important first."""
    axis_of = {part.name: part.axis for part in bundle.schema.parts}
    by_part = {term.part: term for term in bundle.scorecard.terms}
    ranked = [one for one in _ranked(evidence) if one.part in by_part]
    top = {one.part for one in ranked[:OPEN]}
    found = []
    for axis in AXES:
        own = [one for one in ranked if axis_of[one.part] == axis]
        figures = {one.part: _term(f"term-{ranked.index(one)}", by_part[one.part], one, bundle, voice) for one in own}
        if figures:
            shown = tuple(figure for part, figure in figures.items() if part in top)
            folded = tuple(figure for part, figure in figures.items() if part not in top)
            more = voice.say("more_fields" if shown else "light_fields", n=len(folded))
            found.append(AxisTerms(axis, voice.words[f"axis_{axis}"], more, shown, folded))
    return found


def _term(key: str, term: Term, facts: TermFacts, bundle: Bundle, voice: Voice) -> Figure:
    rows = _rows(term, facts, bundle, voice)
    name = voice.labels.part(term.part)
    told = _summary(rows, voice)
    draw = termplots.category if isinstance(term, CategoryTerm) else termplots.number
    picture = draw(key, term, facts, voice, told)  # type: ignore[arg-type]
    words = voice.words
    cells = [_cells(*row, voice) for row in rows[:MOST_ROWS]]
    headers = [words[k] for k in ("value", "points_axis", "odds", "leads", "rate_short")]
    caption = voice.say("term_caption", field=name)
    tag = voice.say("importance_tag", x=voice.numbers.decimal(facts.importance, 2))
    return Figure(key, name, picture, told, Table(caption, headers, cells), tag)


Row = tuple[str, float, int, int]


def _rows(term: Term, facts: TermFacts, bundle: Bundle, voice: Voice) -> list[Row]:
    """Return (value, points, leads, converted) of each level, or of each range of a number."""
    if isinstance(term, CategoryTerm):
        return termplots.category_rows(term, facts, voice)
    return list(_ranges(term, facts, bundle, voice))


def _ranges(term: StepTerm | LinearTerm, facts: TermFacts, bundle: Bundle, voice: Voice) -> Iterator[Row]:
    """Join the bins that are worded alike; the points of a range are the mean over its leads."""
    part = next(part for part in bundle.schema.parts if part.name == term.part)
    field = next(field for field in bundle.schema.fields if field.name == part.field)
    texts, owner = phrases(term, field, part, voice.language)
    for i, text in enumerate(texts):
        own = [code for code, text_of in enumerate(owner) if text_of == i]
        leads, converted = (sum(counts[code] for code in own) for counts in (facts.leads, facts.converted))
        weight = [facts.leads[code] or 1e-9 for code in own]
        points = sum(facts.points[code] * w for code, w in zip(own, weight, strict=True)) / sum(weight)
        if leads or i < len(texts) - 1:
            yield text, points, leads, converted


def _cells(name: str, points: float, leads: int, converted: int, voice: Voice) -> list[str]:
    numbers = voice.numbers
    rate = numbers.rate(converted / leads) if leads else "–"
    return [
        name,
        numbers.decimal(points, 2, signed=True),
        f"×{numbers.decimal(exp(points), 2)}",
        numbers.count(leads),
        rate,
    ]


def _summary(rows: list[Row], voice: Voice) -> str:
    """Say what speaks most for and most against, among values that leads have."""
    there = [row for row in rows if row[2]] or rows
    best, worst = max(there, key=lambda row: row[1]), min(there, key=lambda row: row[1])
    if best[1] - worst[1] < 0.005:
        return voice.words["term_flat"]
    a, b = (voice.numbers.decimal(row[1], 2, signed=True) for row in (best, worst))
    return voice.say("term_alt", best=best[0], a=a, worst=worst[0], b=b)


def axes(evidence: Evidence, voice: Voice) -> Figure:
    """Return the spread of each axis."""
    words, numbers = voice.words, voice.numbers
    rows = [
        [words[f"axis_{one.axis}"], numbers.percent(one.share), numbers.decimal(one.spread, 2)] for one in evidence.axes
    ]
    table = Table(words["axes_title"], [words["axis"], words["share_of_variance"], words["spread"]], rows)
    return Figure("axes", words["axes_title"], termplots.axes(evidence.axes, voice), words["axes_caption"], table)


def drift(evidence: Evidence, voice: Voice) -> Figure:
    """Return how far each part moved between the older leads and the test leads."""
    words, numbers = voice.words, voice.numbers
    rows = []
    for one in evidence.moves:
        name = voice.labels.part(one.part) if one.part else words["the_score"]
        reading = "little" if one.psi < timeplots.LITTLE else "some" if one.psi <= timeplots.MUCH else "much"
        if one.kind == "median":
            a, b = (("–" if x is None else numbers.compact(x)) for x in (one.old, one.new))
            change = voice.say("moved_median", a=a, b=b)
        else:
            level = words["missing"] if one.level is None else voice.labels.level(one.part, one.level)
            change = f"{level}: {numbers.percent(one.old, 1)} → {numbers.percent(one.new, 1)}"
        rows.append(
            [name, numbers.decimal(one.psi, 3), numbers.decimal(one.chance, 3), words[f"psi_{reading}"], change]
        )
    headers = [words[k] for k in ("field", "psi", "psi_chance", "reading", "moved_most")]
    table = Table(words["drift_title"], headers, rows, left=frozenset({0, 3, 4}))
    return Figure("drift", words["drift_title"], timeplots.drift(evidence.moves, voice), words["drift_caption"], table)


OUT, IN = ("rejected", "later", "young", "won_early", "undecided", "uncalled"), ("late", "waiting")


def flow(evidence: Evidence, horizon_days: int | None, voice: Voice) -> Table:
    """Return where the rows went."""
    words, facts = voice.words, evidence.flow
    days = horizon_days or 0
    as_of = voice.numbers.day(evidence.as_of)
    counted: list[tuple[str, int]] = [("rows", facts.rows)]
    counted += [(name, getattr(facts, name)) for name in OUT if getattr(facts, name)]
    counted.append(("matured", facts.matured))
    counted += [(name, getattr(facts, name)) for name in IN if getattr(facts, name)]
    counted += [("older", evidence.older.rate.n), ("test", evidence.test.rate.n), ("between", facts.between)]
    rows = [
        [voice.say(f"flow_{name}", days=days, as_of=as_of), voice.numbers.count(n), voice.say(f"why_{name}", days=days)]
        for name, n in counted
    ]
    return Table(words["flow_caption"], [words["flow_what"], words["leads"], words["why"]], rows, frozenset({0, 2}))


def unused(evidence: Evidence, voice: Voice) -> Table:
    """Return the columns that the model does not read, and why."""
    words = voice.words
    rows = []
    for one in evidence.unused:
        name = one.name if one.use in ("ignored", "protected", "not used") else voice.labels.part(one.name)
        rows.append([name, words[f"use_{one.use.replace(' ', '_')}"], why(one, voice)])
    headers = [words["column"], words["use"], words["why"]]
    return Table(words["unused_caption"], headers, rows, left=frozenset({0, 1, 2}))


_WHYS = (
    ("set in leadml.toml", "reason_set"),
    ("every value is missing", "reason_missing"),
    ("personal data is never a field", "reason_personal"),
    ("nearly every value is different", "reason_free_text"),
)


def why(one: Unused, voice: Voice) -> str:
    """Return why a column is not read, in the page's language where leadml knows the reason's words."""
    if one.use in ("dated", "constant", "ignored", "protected"):
        return voice.words[f"reason_{one.use}"]
    known = next((key for start, key in _WHYS if one.why.startswith(start)), None)
    if known is None:
        return one.why
    found = re.search(r"\(([\d,]+) in ([\d,]+)\)", one.why)
    a, b = (voice.numbers.count(int(n.replace(",", ""))) for n in found.groups()) if found else ("", "")
    return voice.say(known, a=a, b=b)
