"""``POST /v1/score/stream``: leads of any number as CSV or as lines of JSON, answered while they come in.

The body is read no faster than the answer is taken: a client must read the answer while it sends.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from leadml.errors import DataError, Fault
from leadml.model.scorer import ScoredLead
from leadml.serving.api.parameters import check_kind, moment, only, yes_or_no
from leadml.serving.api.score import scored_leads
from leadml.serving.champion import Served
from leadml.serving.jsonrows import JsonLines
from leadml.serving.lead import ID, MOST_FAULTS
from leadml.serving.problems import Problem
from leadml.serving.stream import Format, Piece, scored

CSV, LINES = "text/csv", "application/x-ndjson"


async def score_stream(request: Request) -> Response:
    """Score what comes in, one row of the answer for each row, in the same format."""
    app = request.app.state
    served: Served = app.champion.current
    kind = check_kind(request.headers.get("content-type"), CSV, LINES)
    only(request, "as_of", "reasons")
    as_of = moment(request.query_params.get("as_of"))
    reasons = yes_or_no(request, "reasons", default=True)
    request.state.n_leads = 0

    def seen(piece: Piece) -> None:
        request.state.n_leads += len(piece.scores)
        app.metrics.scored(piece.scores)
        if piece.n_unread:
            app.metrics.rejected(piece.n_unread)

    make = partial(_csv if kind == CSV else _lines, served, as_of=as_of, reasons=reasons)
    pieces = scored(_body(request), await run_in_threadpool(make), seen)
    first = await anext(pieces, b"")  # what cannot be read at all is answered with a problem
    return _Answer(first, pieces, media_type=f"{kind}; charset=utf-8")


def routes() -> list[BaseRoute]:
    """Return the route."""
    return [Route("/v1/score/stream", score_stream, methods=["POST"])]


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        yield chunk


def _csv(served: Served, *, as_of: datetime | None, reasons: bool) -> Format:
    from leadml.serving.csvrows import CsvRows

    return CsvRows(served.scorer, as_of=as_of, reasons=reasons)


def _lines(served: Served, *, as_of: datetime | None, reasons: bool) -> Format:
    own = served.scorer.schema.roles.id
    score = partial(_scored, served, as_of=as_of, reasons=reasons)
    return JsonLines(score, [ID] if own is None else [own, ID], at_once=served.reader.max_leads)


def _scored(served: Served, body: bytes, *, as_of: datetime | None, reasons: bool) -> Sequence[ScoredLead]:
    """Score the leads of a JSON list, as ``/v1/score`` does; raises DataError."""
    try:
        found = scored_leads(served, served.reader.read(body), as_of, full=False)
    except Problem as problem:
        whole = len(problem.errors) < MOST_FAULTS
        faults = [_fault(error) for error in problem.errors] if whole else ()
        raise DataError(problem.detail, faults) from None
    if not reasons:
        for one in found:
            one.reasons = []
    return found


def _fault(error: Mapping[str, object]) -> Fault:
    """Return what an answer says of a place in a list of leads; the column is followed by what is below it."""
    row, _, column = str(error["path"])[1:].partition("/")
    column = column.replace("~1", "/").replace("~0", "~")
    return Fault(str(error["detail"]), int(row) + 1, column or None)


class _Answer(Response):
    """An answer in pieces.

    Starlette's own listens for the client meanwhile, and would take the pieces of the body that are still to come.
    """

    def __init__(self, first: bytes, pieces: AsyncGenerator[bytes], *, media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._first, self._pieces = first, pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the pieces as they come; a client that falls silent is left."""
        del scope, receive
        async with aclosing(self._pieces):
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": self._first, "more_body": True})
            try:
                async for piece in self._pieces:
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            except Problem:  # too late to tell: the body has not come for too long
                raise ClientDisconnect from None
            await send({"type": "http.response.body", "body": b"", "more_body": False})
