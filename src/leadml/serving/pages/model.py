"""The model, for a sales manager."""

from starlette.requests import Request
from starlette.responses import Response

from leadml.serving.pages.frame import render


async def model(request: Request) -> Response:
    """GET /model."""
    return render(request, "model.html")
