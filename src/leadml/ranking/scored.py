"""Leads that are scored already, in a table: best first and cut to capacity."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pyarrow as pa

from leadml.errors import DataError, Fault, UsageError
from leadml.leads.coercion import Missing
from leadml.leads.parts import Floats
from leadml.leads.reading import distinct_values, one_chunk, read_dates
from leadml.model.output import Columns
from leadml.model.scorer import series_array, utc
from leadml.ranking.chance import Slots, crossed, newness, sources
from leadml.ranking.order import Mask, Rows, best_first, newest_of_each, past_horizon
from leadml.ranking.plan import By, Plan

if TYPE_CHECKING:
    import pandas as pd


@overload
def rank(
    scored: "pd.DataFrame",
    *,
    capacity: int | None = None,
    by: By = "probability",
    explore: float = 0.0,
    seed: int | None = None,
    created_at: str = "created_at",
    source: str = "source",
) -> "pd.DataFrame": ...
@overload
def rank(
    scored: pa.Table,
    *,
    capacity: int | None = None,
    by: By = "probability",
    explore: float = 0.0,
    seed: int | None = None,
    created_at: str = "created_at",
    source: str = "source",
) -> pa.Table: ...
def rank(
    scored: Any,
    *,
    capacity: int | None = None,
    by: By = "probability",
    explore: float = 0.0,
    seed: int | None = None,
    created_at: str = "created_at",
    source: str = "source",
) -> Any:
    """Return scored leads best first, the newest row of each ``lead_id``, cut to ``capacity``.

    ``scored`` is what ``Scorer.score`` returns, pandas or Arrow, with any further columns; the same kind comes
    back with ``rank, slot, propensity`` in front. A column ``created_at`` is used where there is one: for ties,
    for the newest row, and to put leads past the horizon last. ``by="expected_value"`` needs that column. ``explore``
    is the share of places that is drawn by lot among the leads below the cut, in proportion to their ``source`` and
    newness; the same ``seed`` draws the same, by default each day has a draw of its own.

    Raises UsageError where a column that is needed is not there.
    """
    plan = Plan(capacity, by, explore=explore, seed=seed)
    is_arrow = isinstance(scored, pa.Table)
    there = scored.column_names if is_arrow else list(scored.columns)
    needed = ["logit", "lead_id", *(["expected_value"] if by == "expected_value" else [])]
    for name in needed:
        if name not in there:
            raise UsageError(f"scored must have the column {name!r}, got none; add it, or pass what `score` returns")
    wanted = [*needed, *(name for name in (created_at, source, "as_of", "horizon_days") if name in there)]
    columns = {name: one_chunk(scored.column(name)) if is_arrow else series_array(scored[name]) for name in wanted}
    slots = _slots(columns, plan, created_at, source)
    rows, kinds = slots.rows, np.where(slots.explored, "explore", "ranked").tolist()
    front = {"rank": np.arange(1, len(rows) + 1), "slot": kinds, "propensity": slots.propensity}
    if is_arrow:
        taken = scored.take(pa.array(rows))
        return pa.table({**front, **{name: taken.column(name) for name in there if name not in front}})
    result = scored.iloc[rows].drop(columns=list(front), errors="ignore")
    for place, (name, values) in enumerate(front.items()):
        result.insert(place, name, values)
    return result


def _slots(columns: Columns, plan: Plan, created_at: str, source: str) -> Slots:
    created = np.full(len(columns["logit"]), np.nan)
    if created_at in columns:
        created = _moments(columns[created_at], created_at)
    order, strata = _ordered(columns, created, plan.by), None
    if plan.explore:
        codes = [newness(created[order])]
        codes += [sources(*distinct_values(columns[source]))[order]] if source in columns else []
        strata = crossed(codes)
    return plan.slots(order, as_of=_as_of(columns), strata=strata)


def _moments(array: pa.Array, name: str) -> Floats:
    faults: list[tuple[int, str, str]] = []
    at = read_dates(array, Missing(), name, faults)
    if faults:
        raise DataError("scored must be readable; mend these rows:", [Fault(m, row + 1, c) for row, c, m in faults])
    return at


def _as_of(columns: Columns) -> datetime:
    """Return the moment at which the leads were scored, by default now."""
    at = _moments(columns["as_of"][:1], "as_of") if "as_of" in columns else np.empty(0)
    return datetime.fromtimestamp(float(at[0]), UTC) if at.size and not np.isnan(at[0]) else utc()


def _ordered(columns: Columns, created: Floats, by: By) -> Rows:
    logit = columns["logit"].to_numpy(zero_copy_only=False)
    codes, ids = distinct_values(columns["lead_id"])
    codes = np.where(codes == len(ids) - 1, -1, codes)
    texts = [None if value is None else str(value) for value in ids]
    rows = np.flatnonzero(newest_of_each(codes, created))
    value = columns["expected_value"].to_numpy(zero_copy_only=False)[rows] if by == "expected_value" else None
    late = _late(columns, created)[rows]
    order = best_first(logit[rows], created[rows], [texts[codes[row]] for row in rows], by=value, last=late)
    return rows[order]


def _late(columns: Columns, created: Floats) -> Mask:
    if len(created) == 0 or "as_of" not in columns or columns.get("horizon_days", pa.nulls(1))[0].as_py() is None:
        return np.zeros(len(created), dtype=bool)
    horizon_days = int(columns["horizon_days"][0].as_py())
    return past_horizon(created, as_of=_as_of(columns).timestamp(), horizon_days=horizon_days)
