"""Whom not to call: the leads of a list that are safe to skip, and what that costs."""

from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from leadml.serving.api.skip import LEVEL, cut_of
from leadml.serving.champion import Served
from leadml.serving.desk.listed import Listed, open_table, read_told
from leadml.serving.desk.view import Query
from leadml.serving.pages.frame import render
from leadml.serving.pages.lists import address_of
from leadml.serving.pages.uploads import found, reading
from leadml.serving.problems import Problem

LIMITS = (1, 2, 5, 10, 20)  # per cent of the conversions that may be lost
USUAL = 5


async def skip(request: Request) -> Response:
    """GET /lists/{id}/skip: whom not to call, under a limit."""
    upload, folder = found(request)
    asked = request.query_params.get("limit", "")
    limit = int(asked) if asked in map(str, LIMITS) else USUAL
    served = request.app.state.champion.current
    with reading():
        told = await run_in_threadpool(read_told, folder)
        why = why_not(told, served)
        values = {} if why else await run_in_threadpool(_values, folder, served, request.app.state.settings, limit)
    to = address_of(upload.id, Query(sort="probability", largest_first=False, upto=values.get("score", 0)))
    return render(
        request,
        "skip.html",
        upload=upload,
        told=told,
        why=why,
        limit=limit,
        limits=LIMITS,
        level=LEVEL,
        to=to,
        **values,
    )


def why_not(told: Listed, served: Served) -> str:
    """Return the key of the words that say why nothing can be told of a list as a whole; empty where it can."""
    if told.is_ready:
        return "whole_ready"
    if told.model_version != served.version:
        return "whole_old"
    return "" if told.capacity is None else "whole_cut"


def _values(folder: Path, served: Served, settings: Any, limit: int) -> dict[str, Any]:
    import numpy as np

    try:
        cut = cut_of(served, settings.reports, limit / 100, LEVEL)
    except Problem as problem:
        return {"problem": problem, "cut": None}
    table = open_table(folder)
    score, chance = (table.column(name).to_numpy() for name in ("score", "probability"))
    low = score <= cut.score
    n = int(np.count_nonzero(low))
    return {
        "problem": None,
        "cut": cut,
        "score": cut.score,
        "n": n,
        "expected": float(chance[low].sum()),
        "expected_in_all": float(chance.sum()),
        "at_most": cut.at_most(n),
    }
