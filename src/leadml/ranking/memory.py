"""Ranking leads that are in memory, by the rules of ``rank_file``."""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import DataError, Fault
from leadml.leads.coercion import SEPARATORS
from leadml.leads.sources.records import RecordsSource
from leadml.model.scorer import Scorer, utc
from leadml.model.stream import Leads, open_leads
from leadml.ranking.lists import Ranking, as_planned, check_roles, summarised
from leadml.ranking.plan import Plan
from leadml.ranking.pool import Pool
from leadml.ranking.where import Meets


def rank_leads(
    scorer: Scorer,
    leads: Sequence[Mapping[str, object]],
    *,
    plan: Plan | None = None,
    where: Sequence[Meets] = (),
    owner: str | None = None,
    as_of: datetime | None = None,
    reasons: bool = True,
    keep: Iterable[str] | None = None,
) -> Ranking:
    """Rank the open ones of n leads, each a mapping of its columns, best first; the columns are those of ``rank_file``.

    ``where`` keeps those that meet all criteria, ``owner`` the leads of that owner alone ("": of none); the ``plan`` is
    for what is left. Persons are merged over all leads, whoever owns them.

    Raises DataError with every value that cannot be read (the line of a fault is the place of the lead, from 1),
    UsageError where ``owner`` or ``plan.by`` lack their column.
    """
    start = time.perf_counter()
    plan = plan or Plan()
    scorer, hidden = as_planned(scorer, plan)
    opened = replace(_opened(scorer, leads, keep), hidden=hidden)
    there = {name for lead in leads for name in lead}
    if leads:
        check_roles(scorer, there, by=plan.by, owners=owner is not None)
    pool, unread = Pool(opened, as_of=utc(as_of), plan=plan, where=where), _Unread()
    pool.fill(unread, reasons=reasons)
    if unread.faults:
        raise DataError("the leads must be readable; mend these values:", unread.faults)
    rows = pool.ranked()
    if owner is not None:
        codes, owners = pool.owners()
        rows = rows[np.array([(one or "") == owner for one in owners])[codes[rows]]]
    slots = pool.slots(rows, owner)
    table = pa.table(dict(pool.columns(slots, owner, as_text=False)))
    summary = summarised(pool, opened, slots, seconds=time.perf_counter() - start)
    return Ranking(table, summary, pool.places[slots.rows])


def _opened(scorer: Scorer, leads: Sequence[Mapping[str, object]], keep: Iterable[str] | None) -> Leads:
    """Open leads; those without any field of the model are scored too, as ``Scorer.score_one`` does."""
    schema = scorer.schema
    columns = dict.fromkeys(name for lead in leads for name in lead)
    fields = [field.name for field in scorer.fields]
    known = [name for name in (schema.roles.id, schema.roles.created_at, *fields) if name is not None]
    source = RecordsSource(
        leads,
        columns if columns.keys() & fields else [*columns, *(name for name in fields if name not in columns)],
        separators={f.name: SEPARATORS[f.format or "semicolons"] for f in schema.fields if f.kind == "list"},
        commas=[field.name for field in schema.fields if field.format == "decimal_comma"],
    )
    roles = (*schema.roles.columns(), *schema.identity.columns())
    opened = open_leads(scorer, source, keep=columns if keep is None else keep, roles=roles)
    return replace(opened, absent=tuple(name for name in known if name not in columns))


class _Unread:
    """Gathers every value that cannot be read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, first: int, n: int, ids: Collection[object], faults: Sequence[Fault]) -> NDArray[np.intp]:
        """Take in the faults of n rows; return the rows without any."""
        del ids
        self.faults += [replace(fault, line=first + (fault.line or 1)) for fault in faults]
        bad = {(fault.line or 1) - 1 for fault in faults}
        return np.array([row for row in range(n) if row not in bad], dtype=np.intp)
