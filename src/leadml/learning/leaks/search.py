"""The search for leaks: every test on every field, on a sample where there are many leads."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from leadml.leads.guesses.crm import recognise
from leadml.leads.guesses.crm_entry import Crm
from leadml.leads.labels import CONVERTED, OPEN
from leadml.leads.parts import Column, take, there
from leadml.leads.schema import Field
from leadml.leads.snapshots import Snapshots, set_back
from leadml.leads.validation import LeadTable
from leadml.learning.leaks import doubts
from leadml.learning.leaks.finding import Bools, Leak, Verdict
from leadml.learning.leaks.late import Beside, with_outcome
from leadml.learning.leaks.power import alone, beyond_the_rest
from leadml.learning.leaks.proofs import known_late, telling_level
from leadml.learning.splits import Split

Rows = NDArray[np.intp]
MOST = 200_000  # leads looked at, spread over all: so many show any field that nearly settles the outcome


def find_leaks(
    leads: LeadTable, shots: Snapshots, *, allow: Collection[str] = (), split: Split | None = None
) -> tuple[Leak, ...]:
    """Return the leaks of a table, at most one of a field: the proven ones first, then the most suspicious.

    ``shots`` are snapshots of ``leads``. What is proven of a field under ``allow`` is a suspicion only, and nothing
    else is said of it. ``split`` is the one that the test will be made on, to look for copies on both sides.
    """
    if not 0 < shots.n_converted < len(shots):
        return ()
    look = _Look(leads, shots)
    found = {leak.field: leak for leak in look.proven()}
    allowed = {name: replace(leak, verdict="suspect", allowed=True) for name, leak in found.items() if name in allow}
    found |= allowed
    for leak in sorted(look.suspected(split), key=lambda leak: -leak.evidence.figure):
        if leak.field not in allow:
            found.setdefault(leak.field, leak)
    return tuple(sorted(found.values(), key=lambda leak: leak.verdict))


def find_proven(leads: LeadTable, shots: Snapshots) -> tuple[Leak, ...]:
    """Return the proven leaks alone."""
    return tuple(_Look(leads, shots).proven()) if 0 < shots.n_converted < len(shots) else ()


@dataclass
class _Look:
    """One look at one table: the tests share what they need."""

    leads: LeadTable
    shots: Snapshots

    @cached_property
    def rows(self) -> Rows:
        """The snapshots (m,) that are looked at."""
        return np.arange(0, len(self.shots), max(1, len(self.shots) // MOST))

    @cached_property
    def lead_rows(self) -> Rows:
        """The leads (k,) that are looked at, decided or not, in file order."""
        n = len(self.leads.status)
        return np.arange(0, n, max(1, n // MOST))

    @cached_property
    def y(self) -> Bools:
        """Whether the snapshots (m,) converted."""
        return self.shots.y[self.rows]

    @cached_property
    def crm(self) -> Crm | None:
        """The CRM that the table comes from, if it is a known one."""
        return recognise(self.leads.table.column_names)

    def _parts(self, field: Field) -> list[Column]:
        """Return the columns (m,) of a field as they were known."""
        return [take(self.shots.parts[part.name], self.rows) for part in field.parts]

    def _raw(self, field: Field, rows: Rows) -> list[Column]:
        """Return the columns of a field as they stand in the table, for some leads.

        A field that is set back by a history is never learned from as it stands: it is as it was when leads came in.
        """
        parts = {part.name: take(self.leads.coerced.parts[part.name], rows) for part in field.parts}
        if self._is_set_back(field):
            parts = set_back(self.leads, parts, rows, self.leads.created[rows])
        return list(parts.values())

    def _is_set_back(self, field: Field) -> bool:
        return self.leads.history is not None and field.name in self.leads.history.history.fields

    def proven(self) -> Iterator[Leak]:
        """Yield what is proven, one leak of a field at most."""
        created = self.leads.created if self.shots.dated else np.arange(len(self.leads.status), dtype=np.float64)
        rows, fields = self.lead_rows, self.leads.schema.fields
        beside = Beside.of(created[rows], self.leads.status[rows], len(fields))
        for field in fields:
            leak = self._late(field) or self._level(field, "proven")
            if leak is None and beside is not None:
                columns = self._raw(field, rows)
                leak = next(filter(None, (with_outcome(field.name, column, beside) for column in columns)), None)
            if leak is not None:
                yield leak

    def _late(self, field: Field) -> Leak | None:
        if field.name not in self.leads.known or self._is_set_back(field):
            return None
        rows = self.shots.rows[self.rows]
        known, times = self.leads.known[field.name][rows], self.shots.times[self.rows]
        return known_late(field.name, known, times, _filled(self._raw(field, rows)))

    def _level(self, field: Field, verdict: Verdict) -> Leak | None:
        """Look for a level that is the outcome, so surely: converted in time, or at all where all is decided."""
        status = self.leads.status[self.shots.rows[self.rows]]
        decided = np.flatnonzero(status != OPEN)
        for column in self._parts(field):
            for leak in (
                telling_level(field.name, column, self.y),
                telling_level(field.name, take(column, decided), status[decided] == CONVERTED),
            ):
                if leak is not None and leak.verdict == verdict:
                    return leak
        return None

    def suspected(self, split: Split | None) -> Iterator[Leak]:
        """Yield what is suspicious."""
        columns = {field.name: self._parts(field) for field in self.leads.schema.fields}
        powers = {name: max(alone(column, self.y) for column in some) for name, some in columns.items()}
        n = int(np.count_nonzero(self.y))
        yield from beyond_the_rest(powers, n_converted=n, n_others=len(self.y) - n)
        yield from filter(None, (one for field in self.leads.schema.fields for one in self._doubts(field, powers)))
        shots = _sampled(self.shots, self.rows)
        yield from filter(None, (doubts.telling_rows(shots),))
        if (name := self.leads.schema.roles.id) is not None:
            yield from filter(None, (doubts.telling_ids(name, self.leads.table, shots),))
        if split is not None:
            every: Sequence[Column] = list(self.shots.parts.values())
            yield from filter(None, (doubts.repeated(every, self.shots, split),))

    def _doubts(self, field: Field, powers: dict[str, float]) -> Iterator[Leak | None]:
        name = field.name
        raw = self._raw(field, self.shots.rows[self.rows])
        gaps = doubts.telling_gaps(name, _filled(raw), self.y)
        yield gaps
        yield self._level(field, "suspect")
        yield doubts.telling_name(name, powers[name], telling=gaps is not None, crm=self.crm)
        if name in self.leads.known:
            yield doubts.collapses(name, max(alone(column, self.y) for column in raw), powers[name])


def _filled(columns: Sequence[Column]) -> Bools:
    """Return where any column (n,) of a field has a value."""
    return np.asarray(np.any([there(column) for column in columns], axis=0))


def _sampled(shots: Snapshots, rows: Rows) -> Snapshots:
    return replace(
        shots, parts={}, y=shots.y[rows], times=shots.times[rows], ends=shots.ends[rows], rows=shots.rows[rows]
    )
