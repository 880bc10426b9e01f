"""``POST /v1/rank``: a list of leads in, the worklist out: those that may be called, best first."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from leadml.errors import DataError
from leadml.leads.coercion import identity
from leadml.model.scorer import stamp
from leadml.serving.api.parameters import decimal, json_body, moment, one_of, only, whole
from leadml.serving.api.score import own_moments, with_events
from leadml.serving.champion import Served
from leadml.serving.lead import ID, Lead, Leads, unreadable
from leadml.serving.problems import Problem

if TYPE_CHECKING:
    import pyarrow as pa

    from leadml.ranking.lists import Ranking
    from leadml.ranking.order import Rows
    from leadml.ranking.plan import Plan

NAMED = 20  # unknown fields that a note names
COUNTS = (
    "n_leads",
    "n_ranked",
    "n_explored",
    "n_not_open",
    "n_do_not_contact",
    "n_duplicates",
    "n_merged",
    "n_past_horizon",
)
Ranked = dict[str, Any]


async def rank(request: Request) -> Response:
    """Rank a list of up to ``serving.max_leads`` leads."""
    app = request.app.state
    served: Served = app.champion.current
    only(request, "as_of", "owner", "capacity", "by", "contact_cost", "explore", "seed", "first")
    as_of = moment(request.query_params.get("as_of"))
    asked: dict[str, Any] = {"plan": _plan(request), "owner": request.query_params.get("owner")}
    leads = list_of(served.reader.read(await json_body(request)))
    answer = await run_in_threadpool(_answer, served, leads, as_of, asked)
    request.state.n_leads = answer["n_leads"]
    app.metrics.scored([lead["score"] for lead in answer["leads"]])
    return Response(msgspec.json.encode(answer), media_type="application/json")


def routes() -> list[BaseRoute]:
    """Return the route."""
    return [Route("/v1/rank", rank, methods=["POST"])]


def _plan(request: Request) -> "Plan":
    """Return what is asked of the list; raises Problem 422, and UsageError where it does not go together."""
    from leadml.ranking.plan import Plan

    return Plan(
        whole(request, "capacity"),
        one_of(request, "by", "probability", "expected_value") or "probability",  # type: ignore[arg-type]
        contact_cost=decimal(request, "contact_cost"),
        explore=decimal(request, "explore", below=1.0),
        seed=whole(request, "seed", least=0),
        first=one_of(request, "first", "check", "call"),  # type: ignore[arg-type]
    )


def list_of(leads: Leads) -> Leads:
    """Return the leads of a body that is to be a list; raises Problem 422 for a single one."""
    if leads.single:
        raise Problem(422, "invalid-leads", "the body must be a list of leads, got one lead; put it into a list")
    return leads


def _answer(served: Served, leads: Leads, as_of: datetime | None, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the list and its summary; raises Problem 422 with every value that cannot be read."""
    rows, moments = rankable(served, leads, as_of)
    if rows:  # a column that no lead has is missing in all, as every other
        rows = [{**dict.fromkeys(_asked_of(served, asked)), **rows[0]}, *rows[1:]]
    ranking = ranking_of(served, leads, rows, as_of=as_of, keep=(), **asked)
    summary = ranking.summary
    return {
        "leads": as_ranked(served, leads, ranking.table, ranking.places, moments),
        **{name: getattr(summary, name) for name in COUNTS},
        "notes": [*summary.notes, *unknown_fields(leads)],
    }


def rankable(served: Served, leads: Leads, as_of: datetime | None) -> tuple[list[Lead], Mapping[int, datetime]]:
    """Return leads as ranking takes them, and when those are looked at that say so themselves; raises Problem 422."""
    own, moments = served.scorer.schema.roles.id, own_moments(leads)
    rows = with_events(served, leads, moments, as_of)
    return (rows if own in (None, ID) else [_with_id(lead, own) for lead in rows]), moments


def ranking_of(served: Served, leads: Leads, rows: Sequence[Lead], **asked: Any) -> "Ranking":
    """Return the ranking of leads that were made rankable; raises Problem 422 with every value that cannot be read."""
    from leadml.ranking.memory import rank_leads

    try:
        return rank_leads(served.scorer, rows, **asked)
    except DataError as error:
        raise unreadable(leads, error) from None


def _asked_of(served: Served, asked: dict[str, Any]) -> Iterable[str]:
    """Yield the columns that are asked for, as far as the model has them."""
    roles = served.scorer.schema.roles
    if asked["owner"] is not None and roles.owner is not None:
        yield roles.owner
    if asked["plan"].by == "expected_value" and roles.value is not None:
        yield roles.value


def _with_id(lead: Lead, own: str | None) -> Lead:
    """Return a lead whose id stands where the model looks for it."""
    return lead if lead.get(own or "") is not None else {**lead, own or "": lead.get(ID)}


def as_ranked(
    served: Served, leads: Leads, table: "pa.Table", places: "Rows", moments: Mapping[int, datetime]
) -> list[Ranked]:
    """Return leads of a ranking, which stood at these places; what came with each follows as it came."""
    from leadml.model.stream import carried_names

    roles = served.scorer.schema.roles
    given = dict.fromkeys(name for lead in leads.rows for name in lead)
    names = carried_names(roles, given, table.column_names)
    ranked: list[Ranked] = table.to_pylist()
    for one, place in zip(ranked, places.tolist(), strict=True):
        lead = leads.rows[place]
        if one["lead_id"] is None:
            one["lead_id"] = identity(lead.get(ID))
        one["as_of"] = stamp(moments[place]) if place in moments else one["as_of"]
        one.update((names[name], value) for name, value in lead.items() if name in names)
    return ranked


def unknown_fields(leads: Leads) -> Iterable[str]:
    """Yield a note of the fields that the model does not know: they came along, and count for nothing."""
    names = list(dict.fromkeys(name for row in leads.ignored.values() for name in row))
    if names:
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        yield f"fields that the model does not know: {', '.join(names[:NAMED])}{more}"
