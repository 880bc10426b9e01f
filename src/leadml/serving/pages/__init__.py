"""The sales page: the leads of a spreadsheet, ranked and explained, for people.

How to add a page: a module with its routes, a line here, its template in ``templates``, its words in ``words``.
"""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

if TYPE_CHECKING:
    from leadml.serving.problems import Problem


def routes() -> list[BaseRoute]:
    """Return the routes of every page."""
    from leadml.serving.pages.home import home
    from leadml.serving.pages.language import choose
    from leadml.serving.pages.lists import download, show, show_lead
    from leadml.serving.pages.model import model
    from leadml.serving.pages.price import price
    from leadml.serving.pages.signin import ask, sign_in, sign_out
    from leadml.serving.pages.skip import skip
    from leadml.serving.pages.static import serve
    from leadml.serving.pages.uploads import open_list, preview, remove, upload

    return [
        Route("/", home, methods=["GET"]),
        Route("/uploads", upload, methods=["POST"]),
        Route("/uploads/{id}", preview, methods=["GET"]),
        Route("/uploads/{id}/remove", remove, methods=["POST"]),
        Route("/lists/{id}", show, methods=["GET"]),
        Route("/lists/{id}/leads/{rank:int}", show_lead, methods=["GET"]),
        Route("/lists/{id}/skip", skip, methods=["GET"]),
        Route("/lists/{id}/price", price, methods=["GET"]),
        Route("/lists/{id}/download.{ending}", download, methods=["GET"]),
        Route("/folder/{name}", open_list, methods=["GET"]),
        Route("/model", model, methods=["GET"]),
        Route("/sign-in", ask, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/language", choose, methods=["POST"]),
        Route("/static/{name}", serve, methods=["GET"]),
    ]


def error_page(request: Request, problem: "Problem") -> Response:
    """Return a problem as a page."""
    from leadml.serving.pages import frame

    return frame.error_page(request, problem)
