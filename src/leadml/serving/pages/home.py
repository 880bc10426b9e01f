"""The first page: which model serves, and where the leads come from."""

from starlette.requests import Request
from starlette.responses import Response

from leadml.serving.pages.frame import render


async def home(request: Request) -> Response:
    """GET /."""
    return render(request, "home.html")
