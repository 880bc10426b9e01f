"""``POST /v1/rescore``: leads with new answers in; what they were, what they are now, and why, out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leadml.errors import DataError
from leadml.leads.coercion import identity
from leadml.model.rescore import Rescored, askable, rescore, unknown
from leadml.model.scorer import Scorer
from leadml.serving.api.parameters import json_body, moment, one_of, only
from leadml.serving.api.score import own_moments, with_events
from leadml.serving.champion import Served
from leadml.serving.lead import ID, NAMES, Fault, Lead, LeadReader, Leads, decode, fault_at, refused
from leadml.serving.problems import Problem

LEAD, ANSWERS = "lead", "answers"
AT_ONCE = 100  # leads scored without letting other requests in between


class Answer(Rescored, frozen=True, kw_only=True, omit_defaults=True):
    """A lead before and after, with what has to be said beside it."""

    ignored_fields: list[str] | UnsetType = UNSET


class Asked(NamedTuple):
    """The leads of a request, and what each of them answered, as two lists of the same length."""

    leads: Leads
    answers: Leads


async def rescored(request: Request) -> Response:
    """Score one lead, or a list of up to ``serving.max_leads``, before and after its answers."""
    app = request.app.state
    served: Served = app.champion.current
    only(request, "as_of", "first")
    first = one_of(request, "first", "check", "call")
    scorer = served.scorer if first is None else served.unasked
    as_of = moment(request.query_params.get("as_of"))
    asked = read(served.reader, await json_body(request))
    if asked.leads.n > AT_ONCE:
        found = await run_in_threadpool(_rescored, served, scorer, asked, as_of)
    else:
        found = _rescored(served, scorer, asked, as_of)
    request.state.n_leads = len(found)
    app.metrics.scored([one.after.score for one in found])
    return Response(msgspec.json.encode(found[0] if asked.leads.single else found), media_type="application/json")


def routes() -> list[BaseRoute]:
    """Return the route."""
    return [Route("/v1/rescore", rescored, methods=["POST"])]


def read(reader: LeadReader, body: bytes) -> Asked:
    """Return leads with their answers; raises Problem: 400 where it is no JSON, 422 with every fault."""
    data = decode(body)
    single = type(data) is dict
    pairs = [data] if single else data
    if type(pairs) is not list:
        raise Problem(422, "invalid-leads", f"the body must be {_SHAPE}, or a list of these, got {NAMES[type(data)]}")
    reader.check_length(len(pairs))
    faults = [fault for row, pair in enumerate(pairs) for fault in _of_shape(pair, () if single else (row,))]
    if faults:
        raise refused(faults)
    parts = (Leads(len(pairs), single, decoded=[pair[key] for pair in pairs], within=(key,)) for key in (LEAD, ANSWERS))
    asked = Asked(*parts)
    faults = reader.check(asked.leads) + reader.check(asked.answers) + _unasked(reader, asked.answers)
    if faults:
        raise refused(list({fault["path"]: fault for fault in faults}.values()))
    return asked


_SHAPE = '{"lead": {...}, "answers": {...}}'


def _of_shape(pair: Any, steps: tuple[int, ...]) -> list[Fault]:
    if type(pair) is not dict:
        return [fault_at(steps, f"must be {_SHAPE}, got {NAMES[type(pair)]}")]
    faults = [
        fault_at((*steps, key), f"must be left out; known are {LEAD} and {ANSWERS}")
        for key in pair
        if key not in (LEAD, ANSWERS)
    ]
    for key in (LEAD, ANSWERS):
        if type(pair.get(key)) is not dict:
            got = NAMES[type(pair[key])] if key in pair else "nothing"
            faults.append(fault_at((*steps, key), f"must be an object, got {got}"))
    return faults


def _unasked(reader: LeadReader, answers: Leads) -> list[Fault]:
    """Return the answers that are of no field: to count for nothing would be a surprise to who asked."""
    known = askable(reader.schema)
    return [
        fault_at(answers.steps(row, name), unknown(name, known))
        for row, told in enumerate(answers.rows)
        for name in told
        if name not in known
    ]


def _rescored(served: Served, scorer: Scorer, asked: Asked, as_of: datetime | None) -> Sequence[Answer]:
    """Return the leads before and after; raises Problem 422 with every value that cannot be read."""
    moments = own_moments(asked.leads)
    rows = with_events(served, asked.leads, moments, as_of)
    found, faults = list[Answer](), list[Fault]()
    for row, (lead, told) in enumerate(zip(rows, asked.answers.rows, strict=True)):
        try:
            one = rescore(scorer, lead, told, as_of=moments.get(row, as_of))
        except DataError:
            faults += _unreadable(served, asked, row, lead, told)
            continue
        if scorer.schema.roles.id != ID and one.after.lead_id is None:
            one.before.lead_id = one.after.lead_id = identity(lead.get(ID))
        found.append(Answer(**msgspec.structs.asdict(one), ignored_fields=asked.leads.ignored.get(row, UNSET)))
    if faults:
        raise refused(faults)
    return found


def _unreadable(served: Served, asked: Asked, row: int, lead: Lead, told: Lead) -> list[Fault]:
    """Return every value that cannot be read, of the lead and of its answers."""
    faults = []
    for part, values in ((asked.leads, lead), (asked.answers, told)):
        try:
            served.scorer.score_one(values)
        except DataError as error:
            faults += [fault_at(part.steps(row, one.column or ""), one.message) for one in error.faults]
    return faults
