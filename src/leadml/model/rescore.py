"""A lead scored again with new answers: what it was, what it is now, and which answers made the difference."""

import difflib
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from leadml.errors import DataError, Fault
from leadml.leads.coercion import Missing, plain_text
from leadml.leads.schema import Axis, Field, Language, Schema
from leadml.model.explain import explain
from leadml.model.scorer import ScoredLead, Scorer
from leadml.model.wording import noun

WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "known": "{noun} {after} (was {before}): {points}",
        "new": "{noun} {after} (was not known): {points}",
        "beside": "{noun} {after} counts differently beside it: {points}",
        "beside_unknown": "{noun} not known counts differently beside it: {points}",
    },
    "de": {
        "known": "{noun} {after} (bisher {before}): {points}",
        "new": "{noun} {after} (bisher nicht bekannt): {points}",
        "beside": "{noun} {after} zählt daneben anders: {points}",
        "beside_unknown": "{noun} nicht bekannt zählt daneben anders: {points}",
    },
}


class Change(msgspec.Struct, frozen=True):
    """What one field did to the logit: its values, its points before and after, and their difference in words."""

    field: str
    axis: Axis
    before: str | None
    after: str | None
    points_before: float
    points_after: float
    change: float
    text: str


class Rescored(msgspec.Struct, frozen=True):
    """A lead before and after its answers; ``why`` adds up to ``change``, in log-odds, what counts most first."""

    before: ScoredLead
    after: ScoredLead
    change: float
    why: list[Change]


def rescore(
    scorer: Scorer,
    lead: Mapping[str, object],
    answers: Mapping[str, object],
    *,
    as_of: datetime | None = None,
) -> Rescored:
    """Score a lead as it was, and with new answers in place of what was known.

    Both are given as ``Scorer.score_one`` takes them; an answer that is missing changes nothing. With pairs, an answer
    also changes what the other field of the pair counts. Raises DataError naming every answer to a question that the
    model does not ask, and every value that cannot be read.
    """
    told = known_answers(scorer, answers)
    after = {**lead, **told}
    was, now = scorer.score_one(lead, as_of=as_of), scorer.score_one(after, as_of=as_of)
    return Rescored(was, now, now.logit - was.logit, _why(scorer, lead, after))


def known_answers(scorer: Scorer, answers: Mapping[str, object]) -> dict[str, object]:
    """Return the answers that are given; raises DataError naming those that the model cannot have asked for."""
    known = askable(scorer.schema)
    faults = [Fault(unknown(name, known), column=name) for name in answers if name not in known]
    if faults:
        raise DataError("the answers must be those of fields; mend these:", faults)
    missing = Missing(scorer.schema.placeholders)
    return {name: value for name, value in answers.items() if is_given(value, missing)}


def askable(schema: Schema) -> dict[str, Field]:
    """Return the fields, by name, that can be answered: those of the table, not what is made of events."""
    return {field.name: field for field in schema.fields if field.measure is None}


def unknown(name: str, known: Iterable[str]) -> str:
    """Return what is wrong with an answer that no field has."""
    near = difflib.get_close_matches(name, list(known), 1)
    hint = f"did you mean {near[0]!r}?" if near else f"fields are {', '.join(sorted(known))}"
    return f"must be a field of the model, but it is not; {hint}"


def is_given(value: object, missing: Missing) -> bool:
    """Return whether an answer says anything."""
    return bool(value) if isinstance(value, (list, tuple)) else missing.text(value) is not None


def _why(scorer: Scorer, before: Mapping[str, object], after: Mapping[str, object]) -> list[Change]:
    was, now = points(scorer, before), points(scorer, after)
    fields = {field.name: field for field in scorer.fields}
    found = []
    for name, field in fields.items():
        moved = now[name] - was[name]
        if moved:
            old, new = (_text(lead.get(name), scorer) for lead in (before, after))
            told = worded(field, old, new, moved, scorer.legend.language)
            found.append(Change(name, field.axis, old, new, was[name], now[name], moved, told))
    return sorted(found, key=lambda one: -abs(one.change))


def points(scorer: Scorer, lead: Mapping[str, object]) -> dict[str, float]:
    """Return what each field adds to the logit of a lead."""
    added: dict[str, float] = {}
    for one in explain(scorer, lead):
        added[one.field] = added.get(one.field, 0.0) + one.contribution
    return added


def worded(field: Field, before: str | None, after: str | None, moved: float, language: Language) -> str:
    """Return in words what a field did: ``budget 20000 (was not known): +0.62``."""
    same = "beside_unknown" if after is None else "beside"
    key = same if before == after else "new" if before is None else "known"
    text = WORDS[language][key]
    shown = f"{moved:+.2f}"
    return text.format(
        noun=noun(field, language),
        before=before,
        after=after,
        points=shown.replace(".", ",") if language == "de" else shown,
    )


def _text(value: object, scorer: Scorer) -> str | None:
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(plain_text, value))) or None
    return Missing(scorer.schema.placeholders).text(value)
