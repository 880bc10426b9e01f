"""Snapshots: leads as known when they came in, or some days later, with their labels, in time order.

Where there are events, a lead may have several: the schema says after how many days. Fields of events, and fields of
which there is a history, are then those of that moment; all others are as they stand in the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.coercion import DAY, Missing
from leadml.leads.duplicates import Duplicates
from leadml.leads.duplicates.keys import numbered
from leadml.leads.events.compute import compute, number_array
from leadml.leads.history.replay import replayed
from leadml.leads.labels import CONVERTED, OPEN, Labels, label
from leadml.leads.parts import Column, Levels, take
from leadml.leads.reading import one_chunk, read_numbers
from leadml.leads.texts import known_texts
from leadml.leads.validation import LeadTable

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Snapshots:
    """n matured leads in time order.

    ``parts``: part name -> column (n,); ``y`` (n,) bool; ``times`` (n,) seconds since 1970 of ``as_of`` of each
    snapshot (row numbers where the table has no dates); ``ends`` (n,) when each label became final; ``groups``
    (n,) codes or None: leads of one account, and leads that are the same person, share one, also by way of a third
    lead; ``rows`` (n,) the lead's row in the table; ``weight`` (n,) is what each counts in learning, None where all
    count the same.
    """

    parts: Mapping[str, Column]
    y: NDArray[np.bool_]
    times: Floats
    ends: Floats
    groups: Rows | None
    rows: Rows
    dated: bool
    weight: Floats | None = None

    def __len__(self) -> int:
        """Return n."""
        return len(self.y)

    @property
    def n_converted(self) -> int:
        """The number of snapshots that convert."""
        return int(np.count_nonzero(self.y))

    @property
    def n_leads(self) -> int:
        """The number of leads, each of which may have several snapshots."""
        return len(np.unique(self.rows))

    @property
    def n_leads_converted(self) -> int:
        """The number of leads that convert within the horizon after one of their snapshots."""
        return len(np.unique(self.rows[self.y]))


@dataclass(frozen=True, slots=True)
class Labelled:
    """The labels of a table and its snapshots; ``notes`` says in words what was left out.

    ``uncalled`` of the snapshots were left out, as nobody called them.
    """

    labels: Labels
    snapshots: Snapshots
    notes: tuple[str, ...]
    uncalled: int = 0


def snapshots(leads: LeadTable, *, horizon_days: int | None = None, as_of: float | None = None) -> Labelled:
    """Label a table at ``as_of`` (seconds since 1970; default: its newest date) and keep what has matured."""
    roles = leads.schema.roles
    if horizon_days is not None and (roles.created_at is None or roles.converted_at is None):
        raise TrainingRefused(
            "label.horizon_days must come with leads.created_at and leads.converted_at; name both columns, or "
            "leave the horizon out to take the outcome as final"
        )
    at = as_of if as_of is not None else newest(leads)
    created = leads.created if roles.created_at is not None else np.arange(len(leads.status), dtype=float)
    labels = label(leads.status, created, leads.converted, as_of=at, horizon_days=horizon_days)
    known = np.ones(len(created), dtype=bool) if roles.created_at is None else ~(created > at)
    looks = _looks(leads, created, labels, known)
    rows = np.concatenate([look.rows for look in looks])
    times, y, ends = (np.concatenate([getattr(look, name) for look in looks]) for name in ("times", "y", "ends"))
    order = np.argsort(times, kind="stable")
    rows, times = rows[order], times[order]
    shots = Snapshots(
        _parts(leads, rows, times),
        y[order],
        times,
        ends[order],
        groups_of(leads, rows),
        rows,
        dated=roles.created_at is not None,
    )
    notes = (*_notes(leads, labels, shots), *_note_duplicates(leads.duplicates, np.unique(rows)))
    return Labelled(labels, shots, notes)


@dataclass(frozen=True, slots=True)
class _Look:
    """Some leads (n,) at one age; ``rows`` of the table in file order, the rest as in ``Snapshots``."""

    rows: Rows
    times: Floats
    y: NDArray[np.bool_]
    ends: Floats


def _looks(leads: LeadTable, created: Floats, labels: Labels, known: NDArray[np.bool_]) -> list[_Look]:
    """Look at the leads when they came in, and after the days of the schema while they were still open."""
    told, looks = leads.schema.events, list[_Look]()
    for days in (0,) if told is None else told.snapshots:
        times, found, still = created + days * DAY, labels, known
        if days:
            found = label(leads.status, times, leads.converted, as_of=labels.as_of, horizon_days=labels.horizon_days)
            still = known & ~((leads.status == CONVERTED) & (leads.converted <= times))
        rows = np.flatnonzero(found.matured & still)
        looks.append(_Look(rows, times[rows], found.y[rows], found.ends[rows]))
    return looks


def _parts(leads: LeadTable, rows: Rows, times: Floats) -> dict[str, Column]:
    """Return the parts of the schema as known at the times (n,) of some leads."""
    field_of = {part.name: part.field for part in leads.schema.parts}
    parts = {
        name: _as_known(leads, field_of[name], take(column, rows), rows, times)
        for name, column in leads.coerced.parts.items()
    }
    parts = set_back(leads, parts, rows, times)
    told, made = leads.schema.events, [field for field in leads.schema.fields if field.measure is not None]
    if leads.events is None or told is None or not made:
        return parts
    measures = [field.measure for field in made if field.measure is not None]
    events, missing = leads.events.take(rows), Missing(leads.schema.placeholders, kind="number")
    values = compute(events.index, events.codes, times, measures, kinds=told.kinds, created=leads.created[rows])
    for field, measure in zip(made, measures, strict=True):  # read as any other column of numbers
        parts[field.name] = read_numbers(number_array(values[measure]), missing, field.name, [])
    return parts


def set_back(leads: LeadTable, parts: Mapping[str, Column], rows: Rows, times: Floats) -> dict[str, Column]:
    """Return parts (n,) of some leads as their history has them at a time of each."""
    if leads.history is None or (created := leads.schema.roles.created_at) is None:
        return dict(parts)
    table = leads.table.select([created]).take(pa.array(rows))
    return replayed(parts, table, leads.history.take(rows), times, schema=leads.schema)


def newest(leads: LeadTable) -> float:
    """Return the newest date of a table in seconds since 1970, NaN where it has none."""
    events = [] if leads.events is None else [leads.events.newest]
    dates = np.concatenate((leads.created, leads.converted, events))
    known = dates[~np.isnan(dates)]
    return float(known.max()) if known.size else float("nan")


def day(at: float) -> str:
    """Return a moment as an ISO date."""
    return datetime.fromtimestamp(at, UTC).date().isoformat()


def _as_known(leads: LeadTable, field: str, column: Column, rows: Rows, times: Floats) -> Column:
    """Blank the values (n,) that became known only after the time of each snapshot, or nobody knows when."""
    if field not in leads.known:
        return column
    late = ~(leads.known[field][rows] <= times)
    if isinstance(column, Levels):
        return Levels(np.where(late, -1, column.codes).astype(np.intp), column.levels)
    return np.where(late, np.nan, column)


def groups_of(leads: LeadTable, rows: Rows) -> Rows | None:
    """Return the group codes (n,) of some rows (n,), None without groups.

    A lead without a group, or of an "unknown" one, hangs together with its duplicates only; a row that is named several
    times hangs together with itself.
    """
    name, same = leads.schema.roles.group, leads.duplicates
    if name is None and not same.n_groups and len(np.unique(rows)) == len(rows):
        return None
    codes = np.full(leads.table.num_rows, -1, dtype=np.intp)
    if name is not None:
        codes = numbered(known_texts(one_chunk(leads.table.column(name)), Missing(leads.schema.placeholders)))
    codes = same.joined(codes)
    codes = np.where(codes < 0, codes.max(initial=-1) + 1 + np.arange(len(codes)), codes)
    there = np.zeros(int(codes.max(initial=-1)) + 1, dtype=bool)
    there[codes[rows]] = True
    return (np.cumsum(there) - 1)[codes[rows]].astype(np.intp)


def _note_duplicates(same: Duplicates, rows: Rows) -> list[str]:
    """Say how many of some leads are the same person, and what becomes of them."""
    sizes = np.bincount(same.groups[rows])
    n, groups = int(sizes[sizes > 1].sum()), int(np.count_nonzero(sizes > 1))
    if not n:
        return []
    who = "1 person or company" if groups == 1 else f"{groups:,} persons or companies"
    return [f"{n:,} leads are {who} that came in more than once; all leads of one lie in the same part of a split"]


def _notes(leads: LeadTable, labels: Labels, shots: Snapshots) -> list[str]:
    later = leads.created > labels.as_of
    notes = [f"{later.sum():,} leads came in after {day(labels.as_of)} and are left out"] if later.any() else []
    n_open = int((labels.open & ~later).sum())
    if labels.horizon_days is None:
        if n_open:
            notes.append(
                f"without label.horizon_days the {n_open:,} open leads are left out, so leads that are decided "
                "quickly are over-represented"
            )
        if not shots.dated:
            notes.append("there is no created_at column, so the rows are taken to be in time order")
        return notes
    young = int((~labels.matured & ~later).sum())
    if young:
        age = f"younger than {labels.horizon_days} days on {day(labels.as_of)}"
        notes.append(f"{young:,} leads {age} have not matured and are left out")
    late = int(((leads.status == CONVERTED) & labels.matured & ~labels.y).sum())
    if late:
        notes.append(f"{late:,} leads converted after {labels.horizon_days} days and count as not converted in time")
    waiting = int(((leads.status == OPEN) & labels.matured).sum())
    if waiting:
        notes.append(f"{waiting:,} leads are still open after {labels.horizon_days} days and count as not converted")
    return [*notes, *_note_looks(leads, shots)]


def _note_looks(leads: LeadTable, shots: Snapshots) -> list[str]:
    """Say that leads were looked at more than once, and what is not known of those that were lost."""
    told = leads.schema.events
    if told is None or told.snapshots == (0,):
        return []
    days = ", ".join(map(str, told.snapshots))
    return [
        f"{shots.n_leads:,} leads are looked at {len(shots):,} times, {days} days after they came in, as long as they "
        "had not converted, and the figures of a test count each time; when a lead was lost is not known, so a lost "
        "lead counts as open until then"
    ]


def subset(shots: Snapshots, rows: Rows) -> dict[str, Column]:
    """Return the parts of some snapshots."""
    return {name: take(column, rows) for name, column in shots.parts.items()}
