"""The sales page: the leads of a spreadsheet, ranked and explained, for people.

How to add a page: a module with its routes, a line here, its template in ``templates``, its words in ``words``.
"""

from starlette.routing import BaseRoute, Route


def routes() -> list[BaseRoute]:
    """Return the routes of every page."""
    from leadml.serving.pages.home import home
    from leadml.serving.pages.language import choose
    from leadml.serving.pages.model import model
    from leadml.serving.pages.signin import ask, sign_in, sign_out
    from leadml.serving.pages.static import serve

    return [
        Route("/", home, methods=["GET"]),
        Route("/model", model, methods=["GET"]),
        Route("/sign-in", ask, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/language", choose, methods=["POST"]),
        Route("/static/{name}", serve, methods=["GET"]),
    ]
