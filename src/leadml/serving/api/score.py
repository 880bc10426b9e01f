"""``POST /v1/score``: one lead or a list of leads in, the columns of a scored lead out, in the order given."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from leadml.errors import DataError, Fault
from leadml.leads.coercion import identity
from leadml.leads.dates import parse_moment
from leadml.model.explain import Contribution, explain
from leadml.model.scorer import ScoredLead, Scorer, stamp
from leadml.serving.api.parameters import check_kind, moment, one_of, only
from leadml.serving.champion import Served
from leadml.serving.lead import AS_OF, EVENTS, ID, Lead, Leads, refused, unreadable
from leadml.serving.problems import pointer

AT_ONCE = 1000  # leads scored without letting other requests in between
_encode = msgspec.json.Encoder().encode


class Answer(ScoredLead, kw_only=True, omit_defaults=True):
    """A scored lead, with what was asked for or has to be said beside its columns."""

    contributions: list[Contribution] | UnsetType = UNSET
    ignored_fields: list[str] | UnsetType = UNSET


async def score(scope: Scope, receive: Receive, send: Send) -> None:
    """Score one lead, or a list of up to ``serving.max_leads``: a plain ASGI endpoint, as every layer would be felt."""
    state = scope["app"].state
    served: Served = state.champion.current
    as_of, full = _parameters(Request(scope)) if scope["query_string"] else (None, False)
    check_kind(_header(scope, b"content-type"), "application/json")
    leads = served.reader.read(await _body(receive))
    if leads.n > AT_ONCE:
        scored = await run_in_threadpool(scored_leads, served, leads, as_of, full=full)
    else:
        scored = scored_leads(served, leads, as_of, full=full)
    scope["state"]["n_leads"] = len(scored)
    state.metrics.scored([one.score for one in scored])
    data = _encode(scored[0] if leads.single else scored)
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(data))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": data})


def routes() -> list[BaseRoute]:
    """Return the route."""
    return [Route("/v1/score", _Endpoint(), methods=["POST"])]


class _Endpoint:
    """``score`` as an object: a route takes a function for one that gets a request."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await score(scope, receive, send)


def _parameters(request: Request) -> tuple[datetime | None, bool]:
    only(request, "as_of", "explain")
    as_of = moment(request.query_params.get("as_of"))
    return as_of, one_of(request, "explain", "reasons", "full") == "full"


def _header(scope: Scope, wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == wanted), None)


async def _body(receive: Receive) -> bytes:
    pieces, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def scored_leads(served: Served, leads: Leads, as_of: datetime | None, *, full: bool) -> Sequence[ScoredLead]:
    """Return the scores of leads (n,); raises Problem 422 with every value that cannot be read."""
    scorer = served.scorer
    moments = own_moments(leads)
    if leads.columns is None:  # by column, no lead has a list of anything
        leads.decoded = with_events(served, leads, moments, as_of)
    try:
        if leads.single:
            scored = [scorer.score_one(leads.rows[0], as_of=as_of)]
        else:
            scored = served.score_list(leads.by_column(scorer.columns), leads.n, as_of=as_of)
    except DataError as error:
        raise unreadable(leads, error) from None
    if scorer.schema.roles.id != ID:
        for given, one in zip(leads.by_column((ID,)).get(ID, ()), scored, strict=False):
            one.lead_id = identity(given) if one.lead_id is None else one.lead_id
    for row, at in moments.items():
        scored[row].as_of = stamp(at)
    if full or leads.ignored:
        return [_answer(scorer, leads, row, one, full=full) for row, one in enumerate(scored)]
    return scored


def own_moments(leads: Leads) -> dict[int, datetime]:
    """Return when leads are looked at that say so themselves, by row; raises Problem 422 with every one that cannot."""
    found: dict[int, datetime] = {}
    faults: list[dict[str, object]] = []
    if leads.columns is not None and AS_OF not in leads.columns:
        return found
    for row, lead in enumerate(leads.rows):
        if lead.get(AS_OF) is not None:
            try:
                found[row] = parse_moment(lead[AS_OF])
            except ValueError as error:
                faults.append({"path": pointer(*leads.steps(row, AS_OF)), "detail": str(error)})
    if faults:
        raise refused(faults)
    return found


def with_events(served: Served, leads: Leads, moments: Mapping[int, datetime], as_of: datetime | None) -> list[Lead]:
    """Return leads with the fields that the model makes of their events, for those that came with any.

    Raises Problem 422 with every value that cannot be read.
    """
    if leads.columns is not None or not served.reader.takes_events:  # by column, no lead has a list of anything
        return leads.rows
    rows, faults = list(leads.rows), list[dict[str, object]]()
    for row, lead in enumerate(leads.rows):
        events: Any = lead.get(EVENTS)
        if events is not None:
            try:
                made = served.scorer.event_fields(lead, events, as_of=moments.get(row, as_of))
            except DataError as error:
                faults += [_event_fault(leads, row, fault) for fault in error.faults]
            else:
                rows[row] = {**lead, **made}
    if faults:
        raise refused(faults)
    return rows


def _event_fault(leads: Leads, row: int, fault: Fault) -> dict[str, object]:
    """Return a fault with its place: that of the event, or of what says when the lead came in."""
    steps = (fault.column or "",) if fault.line is None else (EVENTS, fault.line - 1, fault.column or "")
    return {"path": pointer(*leads.steps(row, *steps)), "detail": fault.message}


def _answer(scorer: Scorer, leads: Leads, row: int, one: ScoredLead, *, full: bool) -> Answer:
    return Answer(
        **msgspec.structs.asdict(one),
        contributions=explain(scorer, leads.rows[row]) if full else UNSET,
        ignored_fields=leads.ignored.get(row, UNSET),
    )
