"""The OpenAPI 3.1 document of the API, with real examples of the model that serves.

It is written here and not derived from the routes, as what a lead looks like is known only from the model.
"""

import csv
from importlib.metadata import version
from io import StringIO
from typing import TYPE_CHECKING

import msgspec

from leadml.serving.jsonschema import Json, answers_schema, example_lead, lead_schema
from leadml.serving.problems import MEDIA_TYPE
from leadml.serving.schemas import PROBLEM, RANKED, RESCORED, SCORED, WORKLIST

if TYPE_CHECKING:
    from leadml.leads.schema import Roles
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
            "Problem": PROBLEM,
        },
        "responses": {str(status): _problem(told) for status, told in REFUSALS.items()},
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
        "paths": _score_paths(served, example, scored, settings) | _model_paths(settings) | _watch_paths(settings),
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
REFUSALS = {
    400: "The body is not JSON in UTF-8.",
    401: "No API key came with the request, or one that is not known.",
    408: "The body came too slowly.",
    413: "The body is larger than serving.max_body_mb.",
    415: "The header Content-Type names another kind of body.",
    422: "Leads or parameters cannot be read; every fault is listed with its path.",
    429: "Too many requests are under way; the header Retry-After says when to come again.",
    503: "The answer took longer than serving.timeout_seconds.",
}


def _score_paths(served: "Served", example: Json, scored: Json, settings: "Settings") -> Json:
    lead, leads = {"$ref": "#/components/schemas/Lead"}, _list("Lead", settings.max_leads)
    to_rank = _list("LeadToRank", settings.max_leads)
    answer = {"$ref": "#/components/schemas/ScoredLead"}
    one = {"one lead": {"value": example}, "a list": {"value": [example]}}
    posts = (400, 408, 413, 415, 422, 429, 503)
    return {
        "/v1/score": {
            "post": _operation(
                "score",
                "scores",
                "Score one lead or a list of leads.",
                "The answers come in the order of the leads; one lead gives one answer, a list gives a list.",
                parameters=[AS_OF, _choice("explain", "full adds every contribution.", ["reasons", "full"])],
                body={"application/json": {"schema": {"anyOf": [lead, leads]}, "examples": one}},
                answer={
                    "application/json": {
                        "schema": {"anyOf": [answer, _list("ScoredLead")]},
                        "examples": {"one lead": {"value": scored}, "a list": {"value": [scored]}},
                    }
                },
                refusals=_refusals(posts, settings),
            )
        },
        "/v1/rescore": {"post": _rescore(served, example, posts, settings)},
        "/v1/score/stream": {
            "post": _operation(
                "score_stream",
                "scores",
                "Score leads of any number, as CSV or as JSON lines.",
                "The answer comes while the body is still being sent, one row for each lead, in the same format. "
                "A lead that cannot be read has an empty score and says why under `error`.",
                parameters=[AS_OF, _flag("reasons", "Whether reasons are given.")],
                body=_streamed(example),
                answer={kind: {"schema": {"type": "string"}} for kind in ("text/csv", "application/x-ndjson")},
                refusals=_refusals(posts, settings),
            )
        },
        "/v1/rank": {
            "post": _operation(
                "rank",
                "scores",
                "Put leads in order, best first.",
                "Left out are leads that are decided, those that are not to be contacted, older rows of a lead, and "
                "other leads of the same person.",
                parameters=_of_lists(served.bundle.schema.roles),
                body={"application/json": {"schema": to_rank, "examples": {"a list": {"value": [example]}}}},
                answer={"application/json": {"schema": WORKLIST}},
                refusals=_refusals(posts, settings),
            )
        },
    }


def _rescore(served: "Served", example: Json, posts: tuple[int, ...], settings: "Settings") -> Json:
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
    return _operation(
        "rescore",
        "scores",
        "Score leads again with new answers.",
        "What each lead was, what it is now, and which answers made the difference. An answer that is null changes "
        "nothing; one of no field is refused. /v1/score gives the same for the lead with its answers in place.",
        parameters=[AS_OF],
        body={
            "application/json": {
                "schema": {"anyOf": [pair, {"type": "array", "items": pair, "maxItems": settings.max_leads}]},
                "examples": {"one lead": {"value": asked}, "a list": {"value": [asked]}},
            }
        },
        answer={"application/json": {"schema": {"anyOf": [answer, _list("RescoredLead")]}}},
        refusals=_refusals(posts, settings),
    )


def _model_paths(settings: "Settings") -> Json:
    gets = (422, 429, 503)
    return {
        "/v1/model": {
            "get": _operation(
                "model",
                "model",
                "Where the model comes from and what it reached.",
                "The passport: data, recipe, test metrics with 95 % intervals, reference, grades.",
                answer={"application/json": {"schema": {"type": "object"}}},
                refusals=_refusals(gets, settings),
            )
        },
        "/v1/model/schema": {
            "get": _operation(
                "model_schema",
                "model",
                "The JSON Schema of a lead.",
                "As the model that serves reads it, with an example.",
                answer={"application/schema+json": {"schema": {"type": "object"}}},
                refusals=_refusals(gets, settings),
            )
        },
    }


def _watch_paths(settings: "Settings") -> Json:
    return {
        "/healthz": {
            "get": _operation("healthz", "watch", "Whether the process answers.", answer=_ANSWERS, open_to_all=True)
        },
        "/readyz": {"get": _operation("readyz", "watch", "Which model serves.", answer=_ANSWERS, open_to_all=True)},
        "/metrics": {
            "get": _operation(
                "metrics",
                "watch",
                "Counts and times in the format of Prometheus.",
                answer={"text/plain": {"schema": {"type": "string"}}},
                refusals=_refusals((), settings),
            )
        },
    }


def _of_lists(roles: "Roles") -> list[Json]:
    """Return the parameters of a list; what a model was not told of, none can ask for."""
    values = ["probability", *(["expected_value"] if roles.value is not None else [])]
    owner = [_text("owner", "Only the leads of this owner.")] if roles.owner is not None else []
    return [
        AS_OF,
        _whole("capacity", "How many leads the list may hold."),
        _choice("by", "What counts.", values),
        _number("contact_cost", "What one contact costs, which the expected value is less by."),
        _number("explore", "The share of places drawn by lot below the cut; with a capacity.", exclusiveMaximum=1),
        _whole("seed", "Of the lot; by default each day has a draw of its own.", least=0),
        *owner,
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


def _operation(
    name: str,
    tag: str,
    summary: str,
    description: str = "",
    *,
    answer: Json,
    parameters: list[Json] | None = None,
    body: Json | None = None,
    refusals: Json | None = None,
    open_to_all: bool = False,
) -> Json:
    result: Json = {"operationId": name, "tags": [tag], "summary": summary, "description": description or summary}
    if parameters:
        result["parameters"] = parameters
    if body is not None:
        result["requestBody"] = {"required": True, "content": body}
    if open_to_all:
        result["security"] = []
    return result | {"responses": {"200": {"description": "Done.", "content": answer}, **(refusals or {})}}


def _refusals(statuses: tuple[int, ...], settings: "Settings") -> Json:
    wanted = sorted({*statuses, *((401,) if settings.keys else ())})
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in wanted}


def _problem(told: str) -> Json:
    return {"description": told, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _list(name: str, most: int | None = None) -> Json:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}} | (
        {} if most is None else {"maxItems": most}
    )


def _query(name: str, told: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "description": told, "schema": schema}


def _choice(name: str, told: str, values: list[str]) -> Json:
    return _query(name, told, {"enum": values})


def _flag(name: str, told: str) -> Json:
    return _query(name, told, {"type": "boolean", "default": True})


def _whole(name: str, told: str, *, least: int = 1) -> Json:
    return _query(name, told, {"type": "integer", "minimum": least, "maximum": 999_999_999})


def _number(name: str, told: str, **limits: float) -> Json:
    return _query(name, told, {"type": "number", "minimum": 0, **limits})


def _text(name: str, told: str) -> Json:
    return _query(name, told, {"type": "string"})


AS_OF = _query(
    "as_of",
    "The day or moment at which the leads are looked at, in UTC; by default now.",
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]},
)
