"""What the OpenAPI document says of skip lists and prices."""

import re
from typing import TYPE_CHECKING

from leadml.model.scorecard import CategoryTerm
from leadml.serving.jsonschema import Json
from leadml.serving.operations import AS_OF, POSTS, list_of, number, operation, query, refusals_of, whole

if TYPE_CHECKING:
    from leadml.serving.champion import Served
    from leadml.serving.settings import Settings

_NUMBER: Json = {"type": "number"}
_COUNT: Json = {"type": "integer", "minimum": 0}
_TEXTS: Json = {"type": "array", "items": {"type": "string"}}
_OBJECTS: Json = {"type": "array", "items": {"type": "object"}}
_RANGE: Json = {
    "type": "object",
    "required": ["low_90", "high_90", "low_95", "high_95"],
    "properties": dict.fromkeys(("low_90", "high_90", "low_95", "high_95"), _NUMBER),
}
_STEP: Json = {
    "type": "object",
    "description": "What skipping all leads up to a score would have meant on the test; at_most is the bound of lost.",
    "required": ["score", "spared", "lost", "at_most", "n", "converted"],
    "properties": {
        **dict.fromkeys(("score", "n", "converted"), _COUNT),
        **dict.fromkeys(("spared", "lost", "at_most"), _NUMBER),
    },
}
_SKIPPED: Json = {
    "leads": {
        "type": "array",
        "items": {"$ref": "#/components/schemas/RankedLead"},
        "description": "The leads that are safe to skip, the lowest score first.",
    },
    "step": {"anyOf": [_STEP, {"type": "null"}], "description": "Up to where skipping is safe; null: nowhere."},
    "marks": {"type": "array", "items": _STEP},
    **dict.fromkeys(("limit", "level", "expected", "expected_in_all"), _NUMBER),
    **dict.fromkeys(("n_open", "n_skipped", "at_most", "n_leads"), _COUNT),
    "notes": _TEXTS,
}
SKIPLIST: Json = {"title": "SkipList", "type": "object", "required": list(_SKIPPED), "properties": _SKIPPED}
_PRICED: Json = {
    **dict.fromkeys(("margin", "cost", "price", "per_lead", "per_new", "expected", "gained"), _NUMBER),
    **dict.fromkeys(("covered", "spread", "composition"), _NUMBER),
    **dict.fromkeys(("n_rows", "n_leads", "n_known", "n_late", "n_new", "n_backlog"), _COUNT),
    **dict.fromkeys(("capacity", "n_entering", "n_displaced"), _COUNT),
    **dict.fromkeys(("truth", "conversions", "gained_range", "profit"), _RANGE),
    **dict.fromkeys(("lacking", "farthest"), _OBJECTS),
    "too_far": {"type": "string", "description": "Why the price cannot be told; empty where it can."},
    "surcharge": {"type": ["object", "null"], "description": "What the criteria are worth."},
    "list": {"type": "object"},
    "backlog": {"type": ["object", "null"]},
}
PRICE: Json = {"title": "Price", "type": "object", "required": list(_PRICED), "properties": _PRICED}


def sales_paths(served: "Served", example: Json, settings: "Settings") -> Json:
    """Return the operations ``/v1/skip`` and ``/v1/price``."""
    leads, refusals = list_of("LeadToRank", settings.max_leads), refusals_of((*POSTS, 409), settings)
    both: Json = {
        "type": "object",
        "required": ["list"],
        "properties": {"list": leads, "backlog": {"anyOf": [leads, {"type": "null"}]}},
        "additionalProperties": False,
    }
    pair = {"list": [example], "backlog": []}
    return {
        "/v1/skip": {
            "post": operation(
                "skip",
                "scores",
                "Find leads that need not be called.",
                "Those with the lowest scores, as many as lose at most the limit of all conversions, with the "
                "confidence asked for. Where the test cannot show that, there are none.",
                parameters=[
                    AS_OF,
                    number("limit", "The share of conversions that may be lost.", least=None, **_OPEN, default=0.05),
                    number("level", "How sure to be of it.", least=0.5, exclusiveMaximum=1, default=0.95),
                ],
                body={"application/json": {"schema": leads, "examples": {"a list": {"value": [example]}}}},
                answer={"application/json": {"schema": {"$ref": "#/components/schemas/SkipList"}}},
                refusals=refusals,
            )
        },
        "/v1/price": {
            "post": operation(
                "price",
                "scores",
                "Tell what a list is worth.",
                "The most to pay for it beside the backlog, and how sure that is; with `where`, the fair surcharge of "
                "the leads that meet all criteria.",
                parameters=[
                    AS_OF,
                    _must(
                        number("margin", "The profit of one conversion.", least=None, **_MONEY, exclusiveMinimum=0), 900
                    ),
                    number("contact_cost", "What one contact costs.", **_MONEY),
                    _must(whole("capacity", "How many leads can be called while the list is fresh."), 100),
                    _where(served),
                ],
                body={"application/json": {"schema": both, "examples": {"a list": {"value": pair}}}},
                answer={"application/json": {"schema": {"$ref": "#/components/schemas/Price"}}},
                refusals=refusals,
            )
        },
    }


_MONEY = {"exclusiveMaximum": 1e12}
_OPEN = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}


def _must(parameter: Json, example: int) -> Json:
    return {**parameter, "required": True, "example": example}


def _where(served: "Served") -> Json:
    """Return the criteria: what they may be is known from the fields and levels of the model."""
    numbers = [re.escape(part.name) for part in served.scorer.schema.parts if part.numeric]
    patterns = [f"({'|'.join(numbers)}) (=|!=|<|<=|>|>=) [0-9]{{1,9}}"] if numbers else []
    for term in served.bundle.scorecard.terms:
        if isinstance(term, CategoryTerm) and term.levels:
            levels = "|".join(re.escape(level) for level in term.levels)
            patterns.append(f"{re.escape(term.part)} (=|!=) ({levels})")
    one = {"type": "string", "pattern": f"^({'|'.join(patterns)})$"}
    told = "A criterion, such as `budget > 50000`; several are joined by and."
    return query("where", told, {"type": "array", "items": one, "maxItems": 20})
