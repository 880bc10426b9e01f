"""What the API says when something is wrong: problem documents (RFC 9457), which list every fault with its path.

How to add a problem: an entry in ``TITLES``, and its section in docs/http.md.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from leadml.errors import DataError, LeadmlError, OutputError, UsageError

MEDIA_TYPE = "application/problem+json"
ABOUT = "https://github.com/leadml/leadml/blob/main/docs/http.md#"
TITLES: Mapping[str, str] = {
    "invalid-http": "The request is not HTTP",
    "head-too-large": "The head of the request is too large",
    "invalid-json": "The body is not JSON",
    "invalid-leads": "The leads cannot be read",
    "invalid-parameter": "A parameter is wrong",
    "no-key": "An API key is needed",
    "forbidden": "That is not allowed",
    "not-found": "There is nothing here",
    "method-not-allowed": "This method is not for this address",
    "untested-model": "The model does not carry its test",
    "body-timeout": "The body came too slowly",
    "body-too-large": "The body is too large",
    "unsupported-media-type": "The body is of the wrong kind",
    "wrong-host": "The server does not go by this name",
    "too-many-requests": "The server is busy",
    "not-ready": "The server is not ready",
    "too-slow": "The answer took too long",
    "no-room": "There is no room on the disk",
    "internal-error": "Something went wrong in the server",
}


class Problem(Exception):
    """An answer that says what is wrong; raised anywhere in a request.

    ``slug`` names the sort of problem, ``errors`` list single faults as {path, detail}; ``path`` is a JSON pointer
    into the body (RFC 6901). ``headers`` go with the answer.
    """

    def __init__(
        self,
        status: int,
        slug: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.slug, self.detail = status, slug, detail
        self.errors, self.headers = list(errors), dict(headers or {})

    @property
    def title(self) -> str:
        """What sort of problem it is, in words."""
        return TITLES[self.slug]

    def response(self, request_id: str | None = None) -> Response:
        """Return it as a problem document."""
        document: dict[str, Any] = {
            "type": ABOUT + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = self.errors
        if request_id is not None:
            document["request_id"] = request_id
        return Response(msgspec.json.encode(document), self.status, self.headers, MEDIA_TYPE)


def pointer(*steps: str | int) -> str:
    """Return the JSON pointer of a place: ``pointer(3, "visits")`` is ``/3/visits``."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def of_error(error: LeadmlError) -> Problem:
    """Return the problem that an error of leadml is to the one who asked."""
    if isinstance(error, DataError):
        faults = [
            {key: value for key, value in (("line", fault.line), ("column", fault.column)) if value is not None}
            | {"detail": fault.message}
            | ({"count": fault.count} if fault.count > 1 else {})
            for fault in error.faults
        ]
        return Problem(422, "invalid-leads", str(error).partition("\n")[0], errors=faults)
    if isinstance(error, OutputError):
        return Problem(507, "no-room", "the server could not write what it needed to; free room on its disk")
    if isinstance(error, UsageError):
        return Problem(422, "invalid-parameter", str(error))
    return Problem(503, "not-ready", "the model cannot be used now; ask whoever runs the server")


def of_status(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> Problem:
    """Return the problem of a plain HTTP status, as the framework raises it."""
    known = {
        404: ("not-found", "no such address; see /docs for those there are"),
        405: ("method-not-allowed", "use the method that the header Allow names"),
        413: ("body-too-large", "send less at a time"),
    }
    slug, told = known.get(status, ("invalid-parameter" if status < 500 else "internal-error", detail or "see /docs"))
    return Problem(status, slug, told, headers=headers)


def wants_page(request: Request) -> bool:
    """Return whether an answer is for a person: not under an address of the API, and nobody asked for JSON."""
    path = request.url.path
    is_api = path.startswith(("/v1/", "/metrics", "/healthz", "/readyz", "/openapi.json"))
    return not is_api and "json" not in request.headers.get("accept", "")
