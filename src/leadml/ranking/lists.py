"""Ranked lists: scored leads in memory, or a file of leads, best first and cut to capacity."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, overload

import numpy as np
import pyarrow as pa

from leadml.errors import DataError, Fault, UsageError
from leadml.leads.coercion import Missing
from leadml.leads.reading import distinct_values, one_chunk, read_dates
from leadml.leads.sources import Source
from leadml.model.feed import open_feed
from leadml.model.output import Columns, output_kind, write_table
from leadml.model.rejects import Rejects, rejected_path
from leadml.model.scorer import Scorer, series_array, utc
from leadml.model.stream import Leads, Progress, by_grade, check_apart, open_leads
from leadml.ranking.order import Rows, best_first, newest_of_each, past_horizon
from leadml.ranking.pool import By, Pool
from leadml.ranking.worklists import write_worklists

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class RankSummary:
    """What became of a file of leads.

    ``n_leads`` rows were scored; of them ``n_not_open``, ``n_do_not_contact``, ``n_duplicates`` (older rows of a
    lead) and ``n_merged`` (leads of a person or company with a newer open lead, whose column ``duplicates`` names
    them) were left out, and ``n_ranked`` are in the list, which was cut to capacity. ``n_past_horizon`` of
    the leads that could be ranked are past the horizon: they come last, and their reasons say so. ``worklists``:
    the file of each owner. The rest is as in ``ScoreSummary``; ``grades`` counts the leads in the list.
    """

    out: Path | None
    n_leads: int
    n_ranked: int
    n_not_open: int
    n_do_not_contact: int
    n_duplicates: int
    n_merged: int
    n_past_horizon: int
    n_rejected: int
    rejected_path: Path | None
    faults: tuple[Fault, ...]
    absent: tuple[str, ...]
    grades: dict[str, int]
    worklists: dict[str, Path]
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranked list as an Arrow table of n leads, and its summary.

    ``places`` (n,) say where each lead stood in the input, from 0; of a file, among the rows that could be read.
    """

    table: pa.Table
    summary: RankSummary
    places: Rows


def rank_file(
    scorer: Scorer,
    path: str | Path | Source,
    out: str | Path | None,
    *,
    capacity: int | None = None,
    worklists: str | Path | None = None,
    rejects_to: str | Path | None = None,
    as_of: datetime | None = None,
    reasons: bool = True,
    keep: Iterable[str] | None = None,
    by: By = "probability",
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    events: Any = None,
    events_query: str | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Rank the open leads of a file, best first, into ``out`` (.csv, .xlsx or .parquet; None writes nothing).

    Columns are ``rank, owner, slot, propensity, expected_value``, those of a scored lead, then all input columns,
    or those named in ``keep``. Where leads were merged as one person, ``duplicates`` stands before the input columns:
    the ids of the others, see ``persons``. ``capacity`` cuts each list: ``out``, and each owner's file in the folder
    ``worklists``, a workbook where ``out`` is one, else a CSV. Left out are leads that are decided, that are not to
    be contacted, and older rows of a lead, also of one whose newest row cannot be read. Leads past the horizon come
    last. A row that cannot be scored goes to ``OUT.rejected.csv``, or to ``rejects_to``. A source that is open already
    is taken as it is. ``events`` are those of the leads, as in ``score_file``.

    Raises as ``score_file`` does, and UsageError where ``worklists`` or ``by`` lack their column.
    """
    start = time.perf_counter()
    out = None if out is None else Path(out)
    check_asked(capacity, by)
    roles = scorer.schema.roles
    if out is not None:
        output_kind(out)
    columns = (*roles.columns(), *scorer.schema.identity.columns())
    feed = None if events is None else open_feed(scorer, events, as_of=utc(as_of), query=events_query)
    leads = open_leads(
        scorer, path, keep=keep, roles=columns, feed=feed, query=query, sheet=sheet, header_row=header_row
    )
    if out is not None:
        check_apart(leads.batches.source, out, rejected_path(out))
    check_roles(scorer, leads.batches.columns, by=by, owners=worklists is not None)
    pool = Pool(leads, as_of=utc(as_of), by=by)
    with Rejects() as rejects:
        pool.fill(rejects, reasons=reasons, progress=progress)
        rejected = None
        if out is not None and rejects_to is None:
            rejects_to = rejected_path(out)
        if rejects_to is None:
            rejects.count_ragged(leads.batches)
        else:
            rejected = rejects.write(Path(rejects_to), leads.batches, roles.id)
        rows = pool.ranked()
        as_text = out is not None and output_kind(out).as_text
        listed = pool.columns(rows[:capacity], as_text=as_text)
        if out is not None:
            write_table(out, listed, scorer.legend)
        files = {}
        if worklists is not None:
            legend = scorer.legend
            files = write_worklists(Path(worklists), pool, rows, capacity=capacity, beside=out, legend=legend)
        rows = rows[:capacity]
        summary = summarised(
            pool,
            leads,
            rows,
            out=out,
            n_rejected=rejects.n_rows,
            rejected_path=rejected,
            faults=rejects.faults(),
            worklists=files,
            seconds=time.perf_counter() - start,
        )
    return Ranking(pa.table(dict(listed)), summary, pool.places[rows])


def summarised(
    pool: Pool,
    leads: Leads,
    rows: Rows,
    *,
    seconds: float,
    out: Path | None = None,
    n_rejected: int = 0,
    rejected_path: Path | None = None,
    faults: tuple[Fault, ...] = (),
    worklists: dict[str, Path] | None = None,
) -> RankSummary:
    """Return what became of the leads of a pool, of which these rows are in the list."""
    return RankSummary(
        out=out,
        n_leads=pool.n_leads,
        n_ranked=len(rows),
        n_not_open=pool.n_not_open,
        n_do_not_contact=pool.n_do_not_contact,
        n_duplicates=pool.choice.n_duplicates,
        n_merged=pool.choice.n_merged,
        n_past_horizon=int(pool.late.sum()),
        n_rejected=n_rejected,
        rejected_path=rejected_path,
        faults=faults,
        absent=leads.absent,
        grades=by_grade(leads.scorer, np.bincount(pool.scored.score[rows], minlength=101)),
        worklists=worklists or {},
        notes=(*leads.notes, *pool.notes),
        seconds=seconds,
    )


def check_asked(capacity: int | None, by: str) -> None:
    """Refuse a capacity below 1 and an order that is not known; raises UsageError."""
    if capacity is not None and capacity < 1:
        raise UsageError(f"capacity must be at least 1, got {capacity}; leave it out to rank all leads")
    if by not in get_args(By):
        raise UsageError(f"by must be one of {', '.join(get_args(By))}, got {by!r}; choose one of them")


def check_roles(scorer: Scorer, columns: Iterable[str], *, by: By, owners: bool) -> None:
    """Refuse an order by value, or lists by owner, where the model or the leads lack that column; raises UsageError."""
    roles, there = scorer.schema.roles, set(columns)
    wanted = [("value", roles.value, by == "expected_value"), ("owner", roles.owner, owners)]
    for role, name, needed in wanted:
        if needed and name is None:
            raise UsageError(f"the model must know the {role} of a lead, got none; set leads.{role} and train again")
        if needed and name not in there:
            raise UsageError(f"the leads must have the column {name!r} of the {role}, got none; add it")


@overload
def rank(
    scored: "pd.DataFrame", *, capacity: int | None = None, by: By = "probability", created_at: str = "created_at"
) -> "pd.DataFrame": ...
@overload
def rank(
    scored: pa.Table, *, capacity: int | None = None, by: By = "probability", created_at: str = "created_at"
) -> pa.Table: ...
def rank(scored: Any, *, capacity: int | None = None, by: By = "probability", created_at: str = "created_at") -> Any:
    """Return scored leads best first, the newest row of each ``lead_id``, cut to ``capacity``.

    ``scored`` is what ``Scorer.score`` returns, pandas or Arrow, with any further columns; the same kind comes
    back with ``rank, slot, propensity`` in front. A column ``created_at`` is used where there is one: for ties,
    for the newest row, and to put leads past the horizon last. ``by="expected_value"`` needs that column.

    Raises UsageError where a column that is needed is not there.
    """
    check_asked(capacity, by)
    is_arrow = isinstance(scored, pa.Table)
    there = scored.column_names if is_arrow else list(scored.columns)
    needed = ["logit", "lead_id", *(["expected_value"] if by == "expected_value" else [])]
    for name in needed:
        if name not in there:
            raise UsageError(f"scored must have the column {name!r}, got none; add it, or pass what `score` returns")
    wanted = [*needed, *(name for name in (created_at, "as_of", "horizon_days") if name in there)]
    columns = {name: one_chunk(scored.column(name)) if is_arrow else series_array(scored[name]) for name in wanted}
    rows = _ordered(columns, created_at, by)[:capacity]
    front = {"rank": np.arange(1, len(rows) + 1), "slot": ["ranked"] * len(rows), "propensity": np.ones(len(rows))}
    if is_arrow:
        taken = scored.take(pa.array(rows))
        return pa.table({**front, **{name: taken.column(name) for name in there if name not in front}})
    result = scored.iloc[rows].drop(columns=list(front), errors="ignore")
    for place, (name, values) in enumerate(front.items()):
        result.insert(place, name, values)
    return result


def _ordered(columns: Columns, created_at: str, by: By) -> Rows:
    logit = columns["logit"].to_numpy(zero_copy_only=False)
    faults: list[tuple[int, str, str]] = []
    created = np.full(len(logit), np.nan)
    if created_at in columns:
        created = read_dates(columns[created_at], Missing(), created_at, faults)
    if faults:
        raise DataError("scored must be readable; mend these rows:", [Fault(m, row + 1, c) for row, c, m in faults])
    codes, ids = distinct_values(columns["lead_id"])
    codes = np.where(codes == len(ids) - 1, -1, codes)
    texts = [None if value is None else str(value) for value in ids]
    rows = np.flatnonzero(newest_of_each(codes, created))
    value = columns["expected_value"].to_numpy(zero_copy_only=False)[rows] if by == "expected_value" else None
    late = _late(columns, created)[rows]
    order = best_first(logit[rows], created[rows], [texts[codes[row]] for row in rows], by=value, last=late)
    return rows[order]


def _late(columns: Columns, created: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Any:
    if len(created) == 0 or "as_of" not in columns or columns.get("horizon_days", pa.nulls(1))[0].as_py() is None:
        return np.zeros(len(created), dtype=bool)
    at = read_dates(columns["as_of"][:1], Missing(), "as_of", [])[0]
    return past_horizon(created, as_of=float(at), horizon_days=int(columns["horizon_days"][0].as_py()))
