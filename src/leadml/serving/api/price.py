"""``POST /v1/price``: a list that is for sale and a backlog in; what the list is worth, and how sure that is, out."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leadml.errors import BundleError
from leadml.serving.api.parameters import decimal, json_body, moment, only, whole, wrong
from leadml.serving.api.rank import rankable, ranking_of
from leadml.serving.api.skip import untested
from leadml.serving.champion import Served
from leadml.serving.lead import NAMES, Fault, LeadReader, Leads, decode, fault_at, refused
from leadml.serving.problems import Problem

if TYPE_CHECKING:
    from leadml.selling.price import Terms
    from leadml.selling.pricelist import Price
    from leadml.selling.pricerows import Ranked

LIST, BACKLOG = "list", "backlog"
MOST_CRITERIA = 20
MOST_MONEY = 1e12  # sums of more could not be told


class Asked(NamedTuple):
    """The leads of a request: the list, and the backlog if there is one."""

    listed: Leads
    backlog: Leads | None


async def price(request: Request) -> Response:
    """Tell what a list of up to ``serving.max_leads`` leads is worth beside a backlog of as many."""
    app = request.app.state
    served: Served = app.champion.current
    only(request, "as_of", "margin", "contact_cost", "capacity", "where", repeatable=("where",))
    as_of = moment(request.query_params.get("as_of"))
    where = request.query_params.getlist("where")
    if len(where) > MOST_CRITERIA:
        raise wrong("where", f"given at most {MOST_CRITERIA} times", f"it {len(where)} times")
    margin, capacity = decimal(request, "margin", below=MOST_MONEY), whole(request, "capacity")
    if margin <= 0:
        raise wrong("margin", "a number above 0: the profit of one conversion", request.query_params.get("margin", ""))
    if capacity is None:
        raise wrong("capacity", "given: the leads that can be called while the list is fresh", "nothing")
    from leadml.selling.price import Terms

    terms = Terms(margin, decimal(request, "contact_cost", below=MOST_MONEY), capacity)
    asked = read(served.reader, await json_body(request))
    told = {"where": where, "as_of": as_of, "reports": app.settings.reports}
    found = await run_in_threadpool(_priced, served, asked, terms, **told)
    request.state.n_leads = asked.listed.n + (0 if asked.backlog is None else asked.backlog.n)
    answer = {name: value for name, value in found.to_dict().items() if name != "out"}
    return Response(msgspec.json.encode(answer), media_type="application/json")


def routes() -> list[BaseRoute]:
    """Return the route."""
    return [Route("/v1/price", price, methods=["POST"])]


def read(reader: LeadReader, body: bytes) -> Asked:
    """Return the list and the backlog; raises Problem: 400 where the body is no JSON, 422 with every fault."""
    data = decode(body)
    if type(data) is not dict:
        raise Problem(422, "invalid-leads", f"the body must be {_SHAPE}, got {NAMES[type(data)]}")
    faults: list[Fault] = [
        fault_at((name,), f"must be left out; known are {LIST} and {BACKLOG}")
        for name in data
        if name not in (LIST, BACKLOG)
    ]
    told: dict[str, Any] = {LIST: data.get(LIST), BACKLOG: data.get(BACKLOG)}
    for name, rows in told.items():
        if type(rows) is not list and (rows is not None or name == LIST):
            faults.append(fault_at((name,), f"must be a list of leads, got {NAMES[type(rows)]}"))
    if faults:
        raise refused(faults)
    both = []
    for name, rows in told.items():
        if rows is not None:
            reader.check_length(len(rows))
            leads = Leads(len(rows), decoded=rows, before=(name,))
            faults += reader.check(leads)
            both.append(leads)
    if faults:
        raise refused(faults)
    return Asked(both[0], both[1] if len(both) > 1 else None)


_SHAPE = '{"list": [...], "backlog": [...]}'


def _priced(
    served: Served, asked: Asked, terms: "Terms", *, where: list[str], as_of: datetime | None, reports: str | None
) -> "Price":
    """Return the price; raises Problem, and UsageError for a criterion that cannot be."""
    from leadml.leads.sources.records import RecordsSource
    from leadml.model.scorer import utc
    from leadml.report.past import past_of
    from leadml.selling.pricelist import Case, criteria_of, fields_in
    from leadml.selling.pricerows import known_already, nobody, parts_of, people_of

    scorer, at = served.scorer, utc(as_of)
    try:
        past = past_of(scorer, None if reports is None else Path(reports), as_of=at)
    except BundleError as error:
        raise untested(error) from None
    fields = fields_in(where, scorer.schema)
    mine, _ = _ranked(served, asked.listed, at, fields)
    parts = parts_of(scorer, mine.columns, fields)
    criteria = criteria_of(scorer, where, parts)
    known, theirs = nobody(mine), None
    if asked.backlog is not None:
        theirs, rows = _ranked(served, asked.backlog, at, None)
        known = known_already(scorer.schema, mine.columns, people_of(scorer.schema, RecordsSource(rows)))
    return Case(mine, theirs, known, parts=parts, terms=terms, past=past).price(criteria)


def _ranked(
    served: Served, leads: Leads, as_of: datetime, fields: list[str] | None
) -> "tuple[Ranked, list[dict[str, object]]]":
    """Return leads as pricing takes them, with the columns for these fields, or none; and all their rows."""
    from leadml.selling.pricerows import columns_of, of_ranking

    rows, _ = rankable(served, leads, as_of)
    names = {name for row in rows for name in row}
    keep = [] if fields is None else columns_of(served.scorer, names, fields)
    ranking = ranking_of(served, leads, rows, as_of=as_of, keep=keep, reasons=False)
    return of_ranking(ranking, served.scorer, keep), rows
