"""``POST /v1/score``: one lead or a list of leads in, the columns of a scored lead out, in the order given."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from fastapi import APIRouter, Request
from msgspec import UNSET, UnsetType
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from leadml.errors import DataError, Fault
from leadml.leads.coercion import identity
from leadml.leads.dates import parse_date
from leadml.model.explain import Contribution, explain
from leadml.model.scorer import ScoredLead, Scorer, stamp
from leadml.serving.api.parameters import json_body, moment, one_of
from leadml.serving.champion import Served
from leadml.serving.lead import AS_OF, ID, Leads, refused
from leadml.serving.problems import pointer

AT_ONCE = 500  # leads scored without letting other requests in between
_encode = msgspec.json.Encoder().encode
router = APIRouter()


class Answer(ScoredLead, kw_only=True, omit_defaults=True):
    """A scored lead, with what was asked for or has to be said beside its columns."""

    contributions: list[Contribution] | UnsetType = UNSET
    ignored_fields: list[str] | UnsetType = UNSET


@router.post("/v1/score")
async def score(request: Request) -> Response:
    """Score one lead, or a list of up to ``serving.max_leads``."""
    app = request.app.state
    served: Served = app.champion.current
    as_of = moment(request.query_params.get("as_of"))
    full = one_of(request, "explain", "reasons", "full") == "full"
    leads = served.reader.read(await json_body(request))
    if len(leads.rows) > AT_ONCE:
        scored = await run_in_threadpool(_scored, served, leads, as_of, full=full)
    else:
        scored = _scored(served, leads, as_of, full=full)
    request.state.n_leads = len(scored)
    app.metrics.scored([one.score for one in scored])
    return Response(_encode(scored[0] if leads.single else scored), media_type="application/json")


def _scored(served: Served, leads: Leads, as_of: datetime | None, *, full: bool) -> Sequence[ScoredLead]:
    """Return the scores of leads (n,); raises Problem 422 with every value that cannot be read."""
    scorer = served.scorer
    try:
        if leads.single:
            scored = [scorer.score_one(leads.rows[0], as_of=as_of)]
        else:
            scored = served.score_list(leads.by_column(scorer.columns), len(leads.rows), as_of=as_of)
    except DataError as error:
        raise refused([_fault(leads, fault) for fault in error.faults]) from None
    if scorer.schema.roles.id != ID:
        for lead, one in zip(leads.rows, scored, strict=True):
            one.lead_id = identity(lead.get(ID)) if one.lead_id is None else one.lead_id
    if leads.columns is None or AS_OF in leads.columns:
        _look_at(leads, scored)
    if full or leads.ignored:
        return [_answer(scorer, leads, row, one, full=full) for row, one in enumerate(scored)]
    return scored


def _look_at(leads: Leads, scored: Sequence[ScoredLead]) -> None:
    """Let each lead be looked at when it says so itself."""
    faults: list[dict[str, object]] = []
    for row, (lead, one) in enumerate(zip(leads.rows, scored, strict=True)):
        if lead.get(AS_OF) is not None:
            try:
                one.as_of = stamp(datetime.fromtimestamp(parse_date(lead[AS_OF]), UTC))
            except (ValueError, OverflowError, OSError) as error:
                faults.append({"path": pointer(*leads.steps(row, AS_OF)), "detail": str(error)})
    if faults:
        raise refused(faults)


def _answer(scorer: Scorer, leads: Leads, row: int, one: ScoredLead, *, full: bool) -> Answer:
    return Answer(
        **msgspec.structs.asdict(one),
        contributions=explain(scorer, leads.rows[row]) if full else UNSET,
        ignored_fields=leads.ignored.get(row, UNSET),
    )


def _fault(leads: Leads, fault: Fault) -> dict[str, object]:
    return {"path": pointer(*leads.steps((fault.line or 1) - 1, fault.column or "")), "detail": fault.message}
