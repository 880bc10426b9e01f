"""``POST /v1/skip``: a list of leads in; those that need not be called, and what that costs, out."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leadml.errors import BundleError
from leadml.serving.api.parameters import decimal, json_body, moment, only
from leadml.serving.api.rank import as_ranked, list_of, rankable, ranking_of, unknown_fields
from leadml.serving.champion import Served
from leadml.serving.lead import Leads
from leadml.serving.problems import Problem

if TYPE_CHECKING:
    from leadml.selling.skiplist import Cut

LIMIT, LEVEL = 0.05, 0.95  # as of the command; what is to be skipped need not be loaded to know them


async def skip(request: Request) -> Response:
    """Find those of a list of up to ``serving.max_leads`` leads that are safe to skip."""
    app = request.app.state
    served: Served = app.champion.current
    only(request, "as_of", "limit", "level")
    asked: dict[str, Any] = {
        "as_of": moment(request.query_params.get("as_of")),
        "limit": decimal(request, "limit", default=LIMIT),
        "level": decimal(request, "level", default=LEVEL),
    }
    leads = list_of(served.reader.read(await json_body(request)))
    answer = await run_in_threadpool(_answer, served, leads, reports=app.settings.reports, **asked)
    request.state.n_leads = answer["n_leads"]
    return Response(msgspec.json.encode(answer), media_type="application/json")


def routes() -> list[BaseRoute]:
    """Return the route."""
    return [Route("/v1/skip", skip, methods=["POST"])]


def cut_of(served: Served, reports: str | None, limit: float, level: float) -> "Cut":
    """Return up to which score leads of a model are safe to skip.

    Raises Problem 409 where the model does not carry its test, UsageError for a limit or level that cannot be.
    """
    from leadml.report.files import tested_by_score
    from leadml.selling.skiplist import cut

    try:
        by_score = tested_by_score(served.bundle, None if reports is None else Path(reports))
    except BundleError as error:
        raise untested(error) from None
    return cut(by_score, limit=limit, level=level)


def untested(error: BundleError) -> Problem:
    """Return the answer where a model does not carry its test."""
    return Problem(409, "untested-model", str(error))


def _answer(
    served: Served, leads: Leads, *, as_of: datetime | None, reports: str | None, limit: float, level: float
) -> dict[str, Any]:
    """Return the leads that are safe to skip, and what is told of them; raises Problem."""
    from leadml.selling.skiplist import skipped

    at = cut_of(served, reports, limit, level)
    rows, moments = rankable(served, leads, as_of)
    found = skipped(ranking_of(served, leads, rows, as_of=as_of, keep=()), at)
    told = {name: value for name, value in found.to_dict().items() if name not in ("out", "n_ranked", "n_explored")}
    told["notes"] = [*told["notes"], *unknown_fields(leads)]
    return {"leads": as_ranked(served, leads, found.table, found.places, moments), **told}
