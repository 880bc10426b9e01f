"""The JSON Schema of a lead, made from the model's own schema, and an example that the model can read."""

import sys
from collections.abc import Iterable
from typing import Any

from leadml.leads.coercion import NO, OPT_IN, OPT_OUT, YES
from leadml.leads.dates import YEAR_10000, YEAR_ONE
from leadml.leads.events.measures import LARGEST
from leadml.leads.placeholders import PLACEHOLDERS
from leadml.leads.schema import EventTable, Field, Format, Part
from leadml.model.bundle import Bundle
from leadml.model.scorecard import CategoryTerm, LinearTerm, StepTerm, Term
from leadml.serving.lead import AS_OF, EVENTS, ID

Json = dict[str, Any]
_LEVELS = 20  # of a category that are named
_COUNTED: frozenset[Format | None] = frozenset({"seconds", "milliseconds"})
_FIRST, _BEYOND = YEAR_ONE // 1_000_000, YEAR_10000 // 1_000_000  # seconds since 1970
_FINITE: Json = {"minimum": -sys.float_info.max, "maximum": sys.float_info.max}  # whole numbers may be longer
_NUMBER: Json = {"type": ["number", "null"], **_FINITE}
_TEXT: Json = {"type": ["string", "number", "null"], **_FINITE}
_ANY: Json = {"type": ["string", "number", "boolean", "null"], **_FINITE}


def _spelled(words: Iterable[str]) -> list[str]:
    """Return words as people write them; the server takes capitals anywhere."""
    return sorted({spelled for word in words for spelled in (word, word.upper(), word.capitalize(), word.title())})


_FLAG: Json = {
    "anyOf": [{"type": ["boolean", "null"]}, {"enum": [0, 1]}, {"enum": _spelled(YES | NO | PLACEHOLDERS | {""})}]
}
_OPT_OUT: Json = {"anyOf": [*_FLAG["anyOf"][:2], {"enum": _spelled(YES | NO | OPT_IN | OPT_OUT | PLACEHOLDERS | {""})}]}
_DATE: Json = {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]}
_MISSING: Json = {"enum": [None, *_spelled(PLACEHOLDERS | {""})]}
_BY_KIND: dict[str, Json] = {
    "number": _NUMBER,
    "category": _ANY,
    "flag": _FLAG,
    "job_title": {"type": ["string", "null"]},
    "email": {"type": ["string", "null"]},
    "country": _TEXT,
    "list": {
        "type": ["array", "string", "null"],
        "items": _TEXT,
    },
}


def answers_schema(bundle: Bundle, *, as_text: bool = False) -> Json:
    """Return the JSON Schema of new answers of a lead: its fields alone, and nothing else."""
    properties = {
        field.name: {**_field(field), "description": _told(field, bundle)}
        for field in bundle.schema.fields
        if field.measure is None
    }
    return {
        "title": "Answers",
        "type": "object",
        "description": "What is known now; null changes nothing.",
        "properties": {name: _or_text(one) for name, one in properties.items()} if as_text else properties,
        "additionalProperties": False,
    }


def lead_schema(bundle: Bundle, *, refuse_unknown: bool = False, as_text: bool = False, to_rank: bool = False) -> Json:
    """Return the JSON Schema (2020-12) of a lead; ``as_text``: every value may be a text as well.

    A score does without some columns that a list needs: with ``to_rank`` those must be readable, too.
    No column is required: what is not given counts as missing.
    """
    schema = bundle.schema
    properties: Json = {
        ID: {**_TEXT, "description": "The lead's id; it comes back with the score."},
        AS_OF: {
            "anyOf": [*_DATE["anyOf"], {"type": "null"}],
            "description": "When the lead is looked at; by default the parameter as_of, else now.",
        },
    }
    if schema.events is not None:
        properties[EVENTS] = {**_EVENTS, "description": _told_events(schema.events)}
    for name in schema.identity.columns():
        properties[name] = {**_TEXT, "description": "Tells who a lead is; finds duplicates in lists."}
    for role, name in schema.roles.named():
        held = _OPT_OUT if role == "do_not_contact" and to_rank else _role(role, schema.formats.get(name))
        properties[name] = {**held, "description": f"Used as {role}; not scored."}
    for field in schema.fields:
        properties[field.name] = {**_field(field), "description": _told(field, bundle)}
    if as_text:
        properties = {name: _or_text(one) for name, one in properties.items()}
    return {
        "title": "Lead",
        "type": "object",
        "description": f"A lead as model {bundle.passport.model_version} reads it; what is missing may be left out.",
        "properties": properties,
        "additionalProperties": not refuse_unknown,
        "examples": [example_lead(bundle)],
    }


_EVENTS: Json = {
    "type": ["array", "null"],
    "items": {
        "type": "object",
        "required": ["at", "kind"],
        "properties": {
            "at": _DATE,
            "kind": {"type": "string", "minLength": 1},
            "value": {"type": ["number", "null"], "exclusiveMinimum": -LARGEST, "exclusiveMaximum": LARGEST},
        },
    },
}


def _told_events(told: EventTable) -> str:
    kinds = f"; the kinds that the model tells apart: {', '.join(told.kinds)}" if told.kinds else ""
    return f"What the lead did. Without it, what the model makes of events counts as missing{kinds}"


def _field(field: Field) -> Json:
    return _date(field.format) if field.kind == "date" else _BY_KIND[field.kind]


def _role(role: str, form: Format | None) -> Json:
    if role == "created_at":
        return _date(form)
    if role == "converted_at":  # is not looked at before the next training
        return {"type": ["string", *(["number"] if form in _COUNTED else []), "null"]}
    known = {"value": _NUMBER, "outcome": _ANY, "do_not_contact": _ANY}
    return known.get(role, _TEXT)


def _date(form: Format | None) -> Json:
    unit = 1000 if form == "milliseconds" else 1
    counted = [{"type": "number", "minimum": _FIRST * unit, "exclusiveMaximum": _BEYOND * unit}]
    return {"anyOf": [*_DATE["anyOf"], *(counted if form in _COUNTED else []), _MISSING]}


def _or_text(one: Json) -> Json:
    described = {"description": one["description"]} if "description" in one else {}
    return {"anyOf": [one, {"type": ["string", "number", "boolean"]}], **described}


def _told(field: Field, bundle: Bundle) -> str:
    """Say what a field is, and what it was in training."""
    parts = {part.name for part in field.parts}
    if field.measure is not None:
        return "made of events; give these instead"
    terms = [term for term in bundle.scorecard.terms if term.part in parts]
    told = f"{field.kind}, tells about {field.axis}" if field.axis != "other" else field.kind
    if not terms:
        return f"{told}; this model gives it no points"
    if field.kind in ("category", "country") and isinstance(terms[0], CategoryTerm):
        levels = terms[0].labels or terms[0].levels
        more = ", ..." if len(levels) > _LEVELS else ""
        return f"{told}; known: {', '.join(levels[:_LEVELS])}{more}"
    return told


def example_lead(bundle: Bundle) -> Json:
    """Return a made-up lead with a value for every field that the model gives points for."""
    schema = bundle.schema
    day = (bundle.passport.as_of or bundle.passport.created)[:10]
    example: Json = {schema.roles.id or ID: "L-1001"}
    if schema.roles.created_at is not None:
        counted = schema.formats.get(schema.roles.created_at)
        example[schema.roles.created_at] = _seconds(day, counted) if counted in _COUNTED else day
    terms = {term.part: term for term in bundle.scorecard.terms}
    for field in schema.fields:
        held = [(part, terms[part.name]) for part in field.parts if part.name in terms]
        if held and field.measure is None:
            example[field.name] = _example(field, held, day)
    if schema.events is not None and schema.events.kinds:
        example[EVENTS] = [{"at": day, "kind": schema.events.kinds[0]}]
    return example


def _example(field: Field, held: list[tuple[Part, Term]], day: str) -> Any:
    fixed = {"job_title": "Head of Sales", "email": "kim@example.com", "country": "DE", "flag": True}
    if field.kind in fixed:
        return fixed[field.kind]
    if field.kind == "date":
        return _seconds(day, field.format) if field.format in _COUNTED else day
    if field.kind == "list":
        return list(field.levels[:2])
    term = held[0][1]
    if isinstance(term, CategoryTerm):
        return (term.labels or term.levels or ("",))[0]
    return _middle(term)


def _middle(term: StepTerm | LinearTerm) -> float:
    if isinstance(term, LinearTerm):
        value = (term.low + term.high) / 2
    else:
        value = term.cuts[len(term.cuts) // 2] if term.cuts else 0.0
    return float(round(value)) if term.whole else float(f"{value:.4g}")


def _seconds(day: str, form: Format | None) -> int:
    from leadml.leads.dates import parse_date

    return int(parse_date(day)) * (1000 if form == "milliseconds" else 1)
