"""The parts of which the OpenAPI document is made: operations, their parameters, and what refuses them."""

from typing import TYPE_CHECKING

from leadml.serving.jsonschema import Json
from leadml.serving.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from leadml.serving.settings import Settings

POSTS = (400, 408, 413, 415, 422, 429, 503)  # the statuses of what takes a body
REFUSALS = {
    400: "The body is not JSON in UTF-8.",
    401: "No API key came with the request, or one that is not known.",
    408: "The body came too slowly.",
    409: "The model does not carry its test, which this needs.",
    413: "The body is larger than serving.max_body_mb.",
    415: "The header Content-Type names another kind of body.",
    422: "Leads or parameters cannot be read; every fault is listed with its path.",
    429: "Too many requests are under way; the header Retry-After says when to come again.",
    503: "The answer took longer than serving.timeout_seconds.",
}


def operation(
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
    """Return an operation."""
    result: Json = {"operationId": name, "tags": [tag], "summary": summary, "description": description or summary}
    if parameters:
        result["parameters"] = parameters
    if body is not None:
        result["requestBody"] = {"required": True, "content": body}
    if open_to_all:
        result["security"] = []
    return result | {"responses": {"200": {"description": "Done.", "content": answer}, **(refusals or {})}}


def refusals_of(statuses: tuple[int, ...], settings: "Settings") -> Json:
    """Return the answers of an operation that refuses, by status."""
    wanted = sorted({*statuses, *((401,) if settings.keys else ())})
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in wanted}


def problem_answer(told: str) -> Json:
    """Return an answer that is a problem document."""
    return {"description": told, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def list_of(name: str, most: int | None = None) -> Json:
    """Return a list of some schema, by its name."""
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}} | (
        {} if most is None else {"maxItems": most}
    )


def query(name: str, told: str, schema: Json) -> Json:
    """Return a parameter in the address."""
    return {"name": name, "in": "query", "required": False, "description": told, "schema": schema}


def choice(name: str, told: str, values: list[str]) -> Json:
    """Return a parameter with few values."""
    return query(name, told, {"enum": values})


def flag(name: str, told: str) -> Json:
    """Return a parameter that is true or false."""
    return query(name, told, {"type": "boolean", "default": True})


def whole(name: str, told: str, *, least: int = 1) -> Json:
    """Return a parameter that is a whole number."""
    return query(name, told, {"type": "integer", "minimum": least, "maximum": 999_999_999})


def number(name: str, told: str, *, least: float | None = 0, **limits: float) -> Json:
    """Return a parameter that is a number."""
    return query(name, told, {"type": "number", **({} if least is None else {"minimum": least}), **limits})


def text(name: str, told: str) -> Json:
    """Return a parameter that is a text."""
    return query(name, told, {"type": "string"})


AS_OF = query(
    "as_of",
    "The day or moment at which the leads are looked at, in UTC; by default now.",
    {"anyOf": [{"type": "string", "format": "date"}, {"type": "string", "format": "date-time"}]},
)
