"""The events of leads that are scored: the fields that the model makes of them, batch by batch, as in training."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from leadml.errors import UsageError
from leadml.leads.coercion import Missing
from leadml.leads.events.beside import with_fields
from leadml.leads.events.index import EventIndex
from leadml.leads.events.reading import Events, index_table, read_events
from leadml.leads.parts import Floats
from leadml.leads.reading import one_chunk, read_dates, read_ids
from leadml.leads.schema import Field, Schema

if TYPE_CHECKING:
    from leadml.model.scorer import Scorer


@dataclass(frozen=True, slots=True)
class Feed:
    """Adds the fields ``wanted``, made of events as known at ``as_of`` (seconds since 1970), to tables of leads.

    ``notes`` say what was left out.
    """

    schema: Schema
    index: EventIndex
    as_of: float
    wanted: Sequence[Field]
    notes: tuple[str, ...] = ()

    def __call__(self, table: pa.Table | pa.RecordBatch) -> pa.Table | pa.RecordBatch:
        """Return leads (n rows) with their fields of events; raises UsageError where no column says who they are."""
        name = self.schema.roles.id
        if name is None or name not in table.schema.names:
            near = get_close_matches((name or "").replace("_", " ").casefold(), _spaced(table.schema.names), 1, 0.6)
            hint = f"; did you mean {_spaced(table.schema.names)[near[0]]!r}?" if near else ""
            raise UsageError(f"the leads must have the column {name!r}, by which events are found, got none{hint}")
        events = self.index.of(read_ids(one_chunk(table.column(name))))
        created = self._created(table)
        return with_fields(table, self.schema, events, as_of=self.as_of, created=created, wanted=self.wanted)

    def _created(self, table: pa.Table | pa.RecordBatch) -> Floats:
        name = self.schema.roles.created_at
        if name is None or name not in table.schema.names:
            return np.full(table.num_rows, np.nan)
        missing = Missing(self.schema.placeholders)
        return read_dates(one_chunk(table.column(name)), missing, name, [], self.schema.formats.get(name))


def _spaced(names: Iterable[str]) -> dict[str, str]:
    return {name.replace("_", " ").casefold(): name for name in names}


def open_feed(scorer: "Scorer", events: Any, *, as_of: datetime, query: str | None = None) -> Feed | None:
    """Return the feed of a table of events: a path or URL (with ``query``), an Arrow table, or a pandas frame.

    A feed that is open already is taken as it is. None where the model makes no field of events. Rows that cannot be
    read are left out, and noted. Raises SourceError or DataError where the table cannot be read or lacks a column.
    """
    if isinstance(events, Feed):
        return events
    told, wanted = scorer.schema.events, made(scorer)
    if told is None or not wanted:
        return None
    placeholders = scorer.schema.placeholders
    if isinstance(events, (str, Path)):
        read = read_events(events, told, query=query, placeholders=placeholders)
    else:
        table = events if isinstance(events, pa.Table) else _from_pandas(events)
        read = index_table(table, told, placeholders=placeholders)
    return Feed(scorer.schema, read.index, as_of.timestamp(), wanted, _notes(read))


def made(scorer: "Scorer") -> list[Field]:
    """Return the fields that the model reads and that are made of events."""
    return [one for one in scorer.fields if one.measure is not None]


def _from_pandas(frame: Any) -> pa.Table:
    from leadml.model.scorer import series_array

    return pa.table({str(name): series_array(column) for name, column in frame.items()})


def _notes(read: Events) -> tuple[str, ...]:
    if not read.n_faulty:
        return ()
    first = f"; first: {read.faults[0]}" if read.faults else ""
    return (f"{read.n_faulty:,} events could not be read and are left out{first}",)
