"""The app: the routes of the API and of the page behind one gate, around one model that may be replaced meanwhile."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import msgspec
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from leadml.errors import LeadmlError
from leadml.serving import pages
from leadml.serving.api import docs, health, model, price, rank, rescore, score, skip, stream
from leadml.serving.champion import Champion
from leadml.serving.gate import FastLane, Gate
from leadml.serving.lead import LeadReader
from leadml.serving.log import AccessLog
from leadml.serving.metrics import Metrics
from leadml.serving.problems import Problem, of_error, of_status, wants_page
from leadml.serving.settings import Settings


def make_app(settings: Settings, *, log: AccessLog | None = None) -> FastAPI:
    """Return the app of one worker; raises BundleError where there is no model to serve.

    Without a ``room`` it makes one of its own, for as long as it lives.
    """
    own = None if settings.room else tempfile.TemporaryDirectory(prefix="leadml-")
    if own is not None:
        settings = msgspec.structs.replace(settings, room=own.name)
    read = partial(
        LeadReader, types=settings.types, unknown_fields=settings.unknown_fields, max_leads=settings.max_leads
    )
    champion = Champion(settings.model, read=read, language=settings.language)
    metrics = Metrics(champion, settings.room)
    app = FastAPI(
        title="leadml",
        lifespan=_lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # an address with one slash more is another one, and is not found
    )
    app.state.settings, app.state.champion, app.state.metrics, app.state.own_room = settings, champion, metrics, own
    for part in (model, health, docs):
        app.include_router(part.router)
    for room in (score, stream, rank, rescore, skip, price, pages):
        app.router.routes.extend(room.routes())
    app.add_middleware(FastLane, lanes={("POST", "/v1/score"): score.score})
    app.add_middleware(
        Gate,
        settings=settings,
        champion=champion,
        metrics=metrics,
        log=log or AccessLog(),
        answer=partial(_answer, app),
    )
    app.add_exception_handler(Problem, _of_problem)
    app.add_exception_handler(LeadmlError, _of_error)
    app.add_exception_handler(HTTPException, _of_status)
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Watch for another model as long as the app runs."""
    champion: Champion = app.state.champion
    watch = asyncio.create_task(champion.watch(app.state.metrics.keep, replaced=app.state.metrics.reloaded))
    try:
        yield
    finally:
        watch.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watch
        if app.state.own_room is not None:
            app.state.own_room.cleanup()


def _answer(app: FastAPI, scope: Scope, problem: Problem) -> Response:
    """Return a problem as a page for a person, else as a document."""
    request = Request({**scope, "app": app})
    if wants_page(request):
        return pages.error_page(request, problem)
    return problem.response(getattr(request.state, "request_id", None))


async def _of_problem(request: Request, error: Any) -> Response:
    return _answer(request.app, request.scope, error)


async def _of_error(request: Request, error: Any) -> Response:
    return _answer(request.app, request.scope, of_error(error))


async def _of_status(request: Request, error: Any) -> Response:
    return _answer(request.app, request.scope, of_status(error.status_code, str(error.detail), error.headers))
