"""Fields made of events, put beside the columns of a table of leads, as ordinary columns of numbers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import pyarrow as pa

from leadml.errors import Fault
from leadml.leads.coercion import DAY, Missing
from leadml.leads.declared import Columns
from leadml.leads.events.choice import frequent_kinds, worthwhile
from leadml.leads.events.compute import compute, number_array
from leadml.leads.events.index import Floats, LeadEvents
from leadml.leads.events.measures import field
from leadml.leads.events.reading import Events
from leadml.leads.kinds import read_as
from leadml.leads.raw import Raw
from leadml.leads.reading import one_chunk, read_dates, read_ids
from leadml.leads.schema import Axis, EventTable, Field, Schema


@dataclass(frozen=True, slots=True)
class Beside:
    """A raw table of leads with the fields that its events make as of each lead's creation."""

    raw: Raw
    table: pa.Table
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]

    def lines_of(self, rows: Collection[int]) -> Mapping[int, int]:
        """Return the line in the file of each of these rows."""
        return self.raw.lines_of(rows)


def put_beside(
    raw: Raw, columns: Columns, events: Events, told: EventTable, *, most_kinds: int, axes: Mapping[str, Axis]
) -> tuple[Beside, Columns, LeadEvents]:
    """Return past leads with fields of their events, what is said of all columns, and the events of each lead.

    ``told`` says how the events were read, and at which snapshots they are looked at; of their kinds up to
    ``most_kinds`` are told apart, and ``axes`` has the axis of a kind that does not speak of interest. The roles id and
    created_at must be in the table.
    """
    created = _created(raw.table, columns)
    assert columns.roles.id is not None
    known = events.index.of(read_ids(one_chunk(raw.table.column(columns.roles.id))))
    kinds, others = frequent_kinds(known, created + max(told.snapshots) * DAY, most_kinds)
    told = msgspec.structs.replace(told, kinds=kinds, formats=dict(events.formats))
    chosen = worthwhile(known, created, told, others=others)
    fields = {one.name: one for one in (field(m, axes.get(m.kind or "", "interest")) for m in chosen)}
    values = compute(known.index, known.codes, created, chosen, kinds=kinds, created=created)
    table = raw.table
    for one in fields.values():
        assert one.measure is not None
        table = table.append_column(one.name, number_array(values[one.measure]))
    numbers = dict.fromkeys(fields, "number")
    columns = msgspec.structs.replace(columns, kinds={**columns.kinds, **numbers}, made=fields, events=told)
    beside = Beside(raw, table, (*raw.faults, *events.faults), (*raw.notes, *_notes(events, known, fields)))
    return beside, columns, known


def _created(table: pa.Table, columns: Columns) -> Floats:
    """Return when the leads came in (n,); what cannot be read is NaN here, and a fault when the leads are looked at."""
    name = columns.roles.created_at
    assert name is not None
    column = one_chunk(table.column(name))
    form = read_as("date", column, columns.placeholders, form=columns.formats.get(name)).format
    return read_dates(column, Missing(columns.placeholders), name, [], form)


def with_fields(
    table: pa.Table | pa.RecordBatch,
    schema: Schema,
    events: LeadEvents,
    *,
    as_of: float,
    created: Floats,
    wanted: Sequence[Field],
) -> pa.Table | pa.RecordBatch:
    """Return leads (n rows) with the fields ``wanted`` of their events, as known at ``as_of`` (seconds since 1970)."""
    told = schema.events or EventTable()
    moments = np.full(len(created), as_of)
    if told.snapshots == (0,):  # as ``one.looked_at`` has it
        moments = np.where(created < as_of, created, moments)
    measures = [one.measure for one in wanted if one.measure is not None]
    values = compute(events.index, events.codes, moments, measures, kinds=told.kinds, created=created)
    made = {one.name: number_array(values[one.measure]) for one in wanted if one.measure is not None}
    columns = {name: table.column(name) for name in table.schema.names if name not in made}
    return type(table).from_pydict(columns | made)


def _notes(events: Events, known: LeadEvents, fields: Mapping[str, Field]) -> list[str]:
    n, total = known.n_events, len(known.index)
    notes = []
    if events.n_faulty:
        notes.append(f"{events.n_faulty:,} events could not be read and are left out")
    if n < total:
        none = "; check events.lead_id" if not n else ""
        notes.append(f"{total - n:,} of {total:,} events are of no lead in the table and do not count{none}")
    if not fields:
        notes.append("the events tell no leads apart, so no field is made of them")
    return notes
