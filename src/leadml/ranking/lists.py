"""Ranked lists: a file of leads, best first and cut to capacity."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

import msgspec
import numpy as np
import pyarrow as pa

from leadml.errors import Fault, UsageError
from leadml.leads.history.reading import Changes
from leadml.leads.listed import written
from leadml.leads.reading import one_chunk
from leadml.leads.sources import Source, open_source
from leadml.model.feed import open_feed
from leadml.model.first import unasked
from leadml.model.output import output_kind, write_table
from leadml.model.past import open_past
from leadml.model.reasons import Reason, text
from leadml.model.rejects import Rejects, rejected_path
from leadml.model.scorer import Scorer, utc
from leadml.model.stream import Leads, Progress, by_grade, check_apart, open_leads
from leadml.ranking.chance import Slots
from leadml.ranking.order import Rows
from leadml.ranking.plan import By, Plan
from leadml.ranking.pool import EARLIER, Pool
from leadml.ranking.where import Meets
from leadml.ranking.worklists import write_worklists


@dataclass(frozen=True, slots=True)
class RankSummary:
    """What became of a file of leads.

    ``n_leads`` rows were scored; of them ``n_not_open``, ``n_do_not_contact``, ``n_duplicates`` (older rows of a
    lead) and ``n_merged`` (leads of a person or company with a newer open lead, whose column ``duplicates`` names
    them) were left out, also ``n_filtered``, which do not meet the criteria; the model does not know the outcome of
    ``n_unlisted`` of those that are not open. ``n_ranked`` are in the list, which was cut to capacity; ``n_explored``
    of these were drawn by lot. ``n_past_horizon`` of the leads that could be ranked are past the horizon: they come
    last, and their reasons say so. ``worklists``: the file of each owner. The rest is as in ``ScoreSummary``;
    ``grades`` counts the leads in the list.
    """

    out: Path | None
    n_leads: int
    n_ranked: int
    n_explored: int
    n_not_open: int
    n_unlisted: int
    n_do_not_contact: int
    n_duplicates: int
    n_merged: int
    n_filtered: int
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


class FileOptions(TypedDict, total=False):
    """How a file of leads is opened and looked at, as ``rank_file`` takes it."""

    as_of: datetime | None
    query: str | None
    sheet: str | int | None
    header_row: int | None
    events: Any
    events_query: str | None
    history: Changes | None
    progress: Progress | None


def rank_file(
    scorer: Scorer,
    path: str | Path | Source,
    out: str | Path | None,
    *,
    plan: Plan | None = None,
    where: Sequence[Meets] = (),
    worklists: str | Path | None = None,
    rejects_to: str | Path | None = None,
    as_of: datetime | None = None,
    reasons: bool = True,
    keep: Iterable[str] | None = None,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
    events: Any = None,
    events_query: str | None = None,
    history: Changes | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Rank the open leads of a file, best first, into ``out`` (.csv, .xlsx or .parquet; None writes nothing).

    Columns are ``rank, owner, slot, propensity, expected_value``, those of a scored lead, then all input columns,
    or those named in ``keep``. Where leads were merged as one person, ``duplicates`` stands before the input columns:
    the ids of the others, see ``persons``. The ``plan`` is that of each list: of ``out``, and of each owner's file in
    the folder ``worklists``, a workbook where ``out`` is one, else a CSV; of each owner's sheet where it ends in .xlsx.
    For these, leads without an owner are dealt out among the owners there are. Left out are leads that are decided,
    that are not to be contacted, and older rows of a lead, also of one whose newest row cannot be read. Leads past the
    horizon come last. A row that cannot be scored goes to ``OUT.rejected.csv``, or to ``rejects_to``. A source that is
    open already is taken as it is.
    ``events`` and ``history`` are those of the leads, as in ``score_file``. Leads that do not meet all criteria of
    ``where`` are left out. With ``plan.first`` "call", ``ask`` stands after the columns of a scored lead.

    Raises as ``score_file`` does, and UsageError where ``worklists`` or ``plan.by`` lack their column, or where the
    model does not know what ``plan.first`` needs.
    """
    start = time.perf_counter()
    out = None if out is None else Path(out)
    plan = plan or Plan()
    scorer, hidden = as_planned(scorer, plan)
    roles = scorer.schema.roles
    if out is not None:
        output_kind(out)
    asked = scorer.schema.answers if plan.first == "call" else ()
    columns = (*roles.columns(), *scorer.schema.identity.columns(), *asked, *(one.part.field for one in where))
    feed = None if events is None else open_feed(scorer, events, as_of=utc(as_of), query=events_query)
    if isinstance(path, (str, Path)):
        path = open_source(path, query=query, sheet=sheet, header_row=header_row)
    source: Source = path
    leads = open_leads(
        scorer,
        source,
        keep=_carried(source.columns, scorer) if keep is None else keep,
        roles=(*columns, *(EARLIER if written(source.columns) else ())),
        feed=feed,
        past=None if history is None else open_past(scorer, history, as_of=utc(as_of)),
        hidden=hidden,
    )
    if out is not None:
        check_apart(leads.batches.source, out, rejected_path(out))
    check_roles(scorer, leads.batches.columns, by=plan.by, owners=worklists is not None)
    pool = Pool(leads, as_of=utc(as_of), plan=plan, where=where)
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
        if worklists is not None:
            pool.deal_out(rows)
        slots = pool.slots(rows)
        listed = pool.columns(slots, as_text=as_text)
        if out is not None:
            write_table(out, listed, scorer.legend)
        files = {}
        if worklists is not None:
            files = write_worklists(Path(worklists), pool, rows, beside=out, legend=scorer.legend)
        summary = summarised(
            pool,
            leads,
            slots,
            out=out,
            n_rejected=rejects.n_rows,
            rejected_path=rejected,
            faults=rejects.faults(),
            worklists=files,
            seconds=time.perf_counter() - start,
        )
    return Ranking(pa.table(dict(listed)), summary, pool.places[slots.rows])


def _carried(names: Sequence[str], scorer: Scorer) -> list[str]:
    """Return the columns that are carried along: all but what an earlier list of leadml says, which is said anew."""
    schema = scorer.schema
    own = {*schema.roles.columns(), *(field.name for field in schema.fields)}
    said = written(names) | ({"owner"} if written(names) else set())
    return [name for name in names if name in own or name not in said]


def as_planned(scorer: Scorer, plan: Plan) -> tuple[Scorer, tuple[str, ...]]:
    """Return the scorer of a plan, and the columns that are hidden from it; raises UsageError as ``unasked`` does."""
    if plan.first is None:
        return scorer, ()
    return unasked(scorer), scorer.schema.answers if plan.first == "check" else ()


def write_ranked(out: Path, ranked: pa.Table, scorer: Scorer) -> None:
    """Write some rows of a ranking's table as ``rank_file`` writes all; raises OutputError."""
    columns = {name: one_chunk(ranked.column(name)) for name in ranked.column_names}
    if output_kind(out).as_text:
        told = (text(msgspec.convert(reasons, list[Reason])) for reasons in columns["reasons"].to_pylist())
        columns["reasons"] = pa.array(told, pa.string())
    write_table(out, columns, scorer.legend)


def summarised(
    pool: Pool,
    leads: Leads,
    slots: Slots,
    *,
    seconds: float,
    out: Path | None = None,
    n_rejected: int = 0,
    rejected_path: Path | None = None,
    faults: tuple[Fault, ...] = (),
    worklists: dict[str, Path] | None = None,
) -> RankSummary:
    """Return what became of the leads of a pool, of which these are in the list."""
    return RankSummary(
        out=out,
        n_leads=pool.n_leads,
        n_ranked=len(slots.rows),
        n_explored=int(slots.explored.sum()),
        n_not_open=pool.n_not_open,
        n_unlisted=pool.n_unlisted,
        n_do_not_contact=pool.n_do_not_contact,
        n_duplicates=pool.choice.n_duplicates,
        n_merged=pool.choice.n_merged,
        n_filtered=pool.n_filtered,
        n_past_horizon=int(pool.late.sum()),
        n_rejected=n_rejected,
        rejected_path=rejected_path,
        faults=faults,
        absent=leads.absent,
        grades=by_grade(leads.scorer, np.bincount(pool.scored.score[slots.rows], minlength=101)),
        worklists=worklists or {},
        notes=(*leads.notes, *pool.notes),
        seconds=seconds,
    )


def check_roles(scorer: Scorer, columns: Iterable[str], *, by: By, owners: bool) -> None:
    """Refuse an order by value, or lists by owner, where the model or the leads lack that column; raises UsageError."""
    roles, there = scorer.schema.roles, set(columns)
    wanted = [("value", roles.value, by == "expected_value"), ("owner", roles.owner, owners)]
    for role, name, needed in wanted:
        if needed and name is None:
            raise UsageError(f"the model must know the {role} of a lead, got none; set leads.{role} and train again")
        if needed and name not in there:
            raise UsageError(f"the leads must have the column {name!r} of the {role}, got none; add it")
