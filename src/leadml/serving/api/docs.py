"""``/openapi.json`` and ``/docs``: the description of the API, and a page to read and try it without internet."""

from importlib.resources import files

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from leadml.serving.openapi import document
from leadml.serving.problems import of_status

router = APIRouter()
_ASSETS = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>leadml: the API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/static/icon.svg"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>"""
_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});\n'


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the document for the model that serves now."""
    state = request.app.state
    data = msgspec.json.encode(document(state.champion.current, state.settings))
    return Response(data, media_type="application/json")


@router.get("/docs")
async def docs() -> Response:
    """Show the document with Swagger UI, all of whose parts come from here."""
    return HTMLResponse(_PAGE)


@router.get("/docs/{name}")
async def docs_file(name: str) -> Response:
    """Return a part of Swagger UI."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _ASSETS:
        return of_status(404).response()
    data = (files("fastapi_offline") / "static" / name).read_bytes()
    return Response(data, headers={"Cache-Control": "public, max-age=86400"}, media_type=_ASSETS[name])
