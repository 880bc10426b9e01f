"""The OpenAPI 3.1 document of the API, with real examples of the model that serves.

It is written here and not derived from the routes, as what a lead looks like is known only from the model.
"""

import csv
from importlib.metadata import version
from io import StringIO
from typing import TYPE_CHECKING

import msgspec

from leadml.serving.jsonschema import Json, answers_schema, example_lead, lead_schema
from leadml.serving.operations import (
    AS_OF,
    POSTS,
    REFUSALS,
    choice,
    flag,
    list_of,
    number,
    operation,
    problem_answer,
    refusals_of,
    text,
    whole,
)
from leadml.serving.saleschema import PRICE, SKIPLIST, sales_paths
from leadml.serving.schemas import PROBLEM, RANKED, RESCORED, SCORED, WORKLIST

if TYPE_CHECKING:
    from leadml.leads.schema import Schema
    from leadml.serving.champion import Served
    from leadml.serving.settings import Settings


def document(served: "Served", settings: "Settings") -> Json:
    """Return the OpenAPI document for a model."""
    example = example_lead(served.bundle)
    scored = msgspec.to_builtins(served.scorer.score_one(example))
    asked = {"refuse_unknown": settings.unknown_fields == "refuse", "as_text": settings.types == "text"}
    components: Json = {
        "schemas": {
            "Lead": lead_schema(served.bundle, **asked),
            "LeadToRank": {**lead_schema(served.bundle, to_rank=True, **asked), "title": "LeadToRank"},
            "Answers": answers_schema(served.bundle, as_text=asked["as_text"]),
            "ScoredLead": {**SCORED, "examples": [scored]},
            "RankedLead": RANKED,
            "RescoredLead": RESCORED,
            "SkipList": SKIPLIST,
            "Price": PRICE,
            "Problem": PROBLEM,
        },
        "responses": {str(status): problem_answer(told) for status, told in REFUSALS.items()},
    }
    result: Json = {
        "openapi": "3.1.0",
        "info": {
            "title": "leadml",
            "version": version("leadml"),
            "description": "Scores leads: the chance that they convert, and why. "
            f"Model {served.version} serves; its leads are described under Lead.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "tags": [{"name": name, "description": told} for name, told in TAGS.items()],
        "paths": _score_paths(served, example, scored, settings)
        | sales_paths(served, example, settings)
        | _model_paths(settings)
        | _watch_paths(settings),
        "components": components,
    }
    if settings.keys:
        components["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        result["security"] = [{"bearer": []}, {"key": []}]
    return result


TAGS = {
    "scores": "Leads in, scores and reasons out.",
    "model": "The model that serves.",
    "watch": "For the machines that run the service; the first two need no key.",
}


def _score_paths(served: "Served", example: Json, scored: Json, settings: "Settings") -> Json:
    lead, leads = {"$ref": "#/components/schemas/Lead"}, list_of("Lead", settings.max_leads)
    to_rank = list_of("LeadToRank", settings.max_leads)
    answer = {"$ref": "#/components/schemas/ScoredLead"}
    one = {"one lead": {"value": example}, "a list": {"value": [example]}}
    return {
        "/v1/score": {
            "post": operation(
                "score",
                "scores",
                "Score one lead or a list of leads.",
                "The answers come in the order of the leads; one lead gives one answer, a list gives a list.",
                parameters=[AS_OF, choice("explain", "full adds every contribution.", ["reasons", "full"])],
                body={"application/json": {"schema": {"anyOf": [lead, leads]}, "examples": one}},
                answer={
                    "application/json": {
                        "schema": {"anyOf": [answer, list_of("ScoredLead")]},
                        "examples": {"one lead": {"value": scored}, "a list": {"value": [scored]}},
                    }
                },
                refusals=refusals_of(POSTS, settings),
            )
        },
        "/v1/rescore": {"post": _rescore(served, example, settings)},
        "/v1/score/stream": {
            "post": operation(
                "score_stream",
                "scores",
                "Score leads of any number, as CSV or as JSON lines.",
                "The answer comes while the body is still being sent, one row for each lead, in the same format. "
                "A lead that cannot be read has an empty score and says why under `error`.",
                parameters=[AS_OF, flag("reasons", "Whether reasons are given.")],
                body=_streamed(example),
                answer={kind: {"schema": {"type": "string"}} for kind in ("text/csv", "application/x-ndjson")},
                refusals=refusals_of(POSTS, settings),
            )
        },
        "/v1/rank": {
            "post": operation(
                "rank",
                "scores",
                "Put leads in order, best first.",
                "Left out are leads that are decided, those that are not to be contacted, older rows of a lead, and "
                "other leads of the same person.",
                parameters=_of_lists(served.bundle.schema),
                body={"application/json": {"schema": to_rank, "examples": {"a list": {"value": [example]}}}},
                answer={"application/json": {"schema": WORKLIST}},
                refusals=refusals_of(POSTS, settings),
            )
        },
    }


def _rescore(served: "Served", example: Json, settings: "Settings") -> Json:
    pair: Json = {
        "type": "object",
        "required": ["lead", "answers"],
        "properties": {name: {"$ref": f"#/components/schemas/{name.title()}"} for name in ("lead", "answers")},
        "additionalProperties": False,
    }
    fields = [field.name for field in served.bundle.schema.fields if field.measure is None and field.name in example]
    answers = {name: example[name] for name in fields[:1]}
    asked = {"lead": {name: value for name, value in example.items() if name not in answers}, "answers": answers}
    answer = {"$ref": "#/components/schemas/RescoredLead"}
    return operation(
        "rescore",
        "scores",
        "Score leads again with new answers.",
        "What each lead was, what it is now, and which answers made the difference. An answer that is null changes "
        "nothing; one of no field is refused. /v1/score gives the same for the lead with its answers in place.",
        parameters=[AS_OF, *_first(served.bundle.schema)],
        body={
            "application/json": {
                "schema": {"anyOf": [pair, {"type": "array", "items": pair, "maxItems": settings.max_leads}]},
                "examples": {"one lead": {"value": asked}, "a list": {"value": [asked]}},
            }
        },
        answer={"application/json": {"schema": {"anyOf": [answer, list_of("RescoredLead")]}}},
        refusals=refusals_of(POSTS, settings),
    )


def _model_paths(settings: "Settings") -> Json:
    gets = (422, 429, 503)
    return {
        "/v1/model": {
            "get": operation(
                "model",
                "model",
                "Where the model comes from and what it reached.",
                "The passport: data, recipe, test metrics with 95 % intervals, reference, grades.",
                answer={"application/json": {"schema": {"type": "object"}}},
                refusals=refusals_of(gets, settings),
            )
        },
        "/v1/model/schema": {
            "get": operation(
                "model_schema",
                "model",
                "The JSON Schema of a lead.",
                "As the model that serves reads it, with an example.",
                answer={"application/schema+json": {"schema": {"type": "object"}}},
                refusals=refusals_of(gets, settings),
            )
        },
    }


def _watch_paths(settings: "Settings") -> Json:
    return {
        "/healthz": {
            "get": operation("healthz", "watch", "Whether the process answers.", answer=_ANSWERS, open_to_all=True)
        },
        "/readyz": {"get": operation("readyz", "watch", "Which model serves.", answer=_ANSWERS, open_to_all=True)},
        "/metrics": {
            "get": operation(
                "metrics",
                "watch",
                "Counts and times in the format of Prometheus.",
                answer={"text/plain": {"schema": {"type": "string"}}},
                refusals=refusals_of((), settings),
            )
        },
    }


def _first(schema: "Schema") -> list[Json]:
    if not schema.answers:
        return []
    return [choice("first", "Whether leads are checked before any contact, or called and asked.", ["check", "call"])]


def _of_lists(schema: "Schema") -> list[Json]:
    """Return the parameters of a list; what a model was not told of, none can ask for."""
    roles = schema.roles
    values = ["probability", *(["expected_value"] if roles.value is not None else [])]
    owner = [text("owner", "Only the leads of this owner.")] if roles.owner is not None else []
    return [
        AS_OF,
        whole("capacity", "How many leads the list may hold."),
        choice("by", "What counts.", values),
        number("contact_cost", "What one contact costs, which the expected value is less by."),
        number("explore", "The share of places drawn by lot below the cut; with a capacity.", exclusiveMaximum=1),
        whole("seed", "Of the lot; by default each day has a draw of its own.", least=0),
        *owner,
        *_first(schema),
    ]


def _streamed(lead: Json) -> Json:
    """Return what a stream takes, with the example as a table and as lines."""
    table = StringIO()
    flat = {name: ";".join(value) if isinstance(value, list) else value for name, value in lead.items()}
    csv.writer(table, lineterminator="\n").writerows([list(flat), list(flat.values())])
    texts = {"text/csv": table.getvalue(), "application/x-ndjson": msgspec.json.encode(lead).decode() + "\n"}
    return {
        kind: {"schema": {"type": "string"}, "examples": {"one lead": {"value": text}}} for kind, text in texts.items()
    }


_ANSWERS: Json = {"application/json": {"schema": {"type": "object", "required": ["status"]}}}
