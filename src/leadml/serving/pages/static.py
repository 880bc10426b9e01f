"""The files that every page loads: its style, its pictures' style, a little script, an icon. They live in memory."""

import hashlib
from functools import cache
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response

from leadml.serving.problems import Problem

TYPES = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
HERE = ("style.css", "parts.css", "desk.css", "page.js", "icon.svg")
PICTURE = "picture.css"  # the report's colours and pictures
YEAR = "public, max-age=31536000, immutable"


@cache
def content(name: str) -> bytes | None:
    """Return a file, None for a name that is none of ours."""
    if name == PICTURE:
        return (files("leadml.report") / "templates" / PICTURE).read_bytes()
    return (files("leadml.serving.pages") / "static" / name).read_bytes() if name in HERE else None


@cache
def address(name: str) -> str:
    """Return the address of a file, which changes with what is in it, so that browsers may keep it for good."""
    return f"/static/{name}?v={_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(content(name) or b"").hexdigest()[:12]


async def serve(request: Request) -> Response:
    """GET /static/{name}."""
    name = request.path_params["name"]
    data = content(name) if name in (*HERE, PICTURE) else None
    if data is None:
        raise Problem(404, "not-found", "there is no such file")
    tag = f'"{_digest(name)}"'
    headers = {"ETag": tag, "Cache-Control": YEAR if request.query_params.get("v") == _digest(name) else "no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=TYPES[name.rpartition(".")[2]])
