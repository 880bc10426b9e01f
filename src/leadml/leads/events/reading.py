"""A table of events, read batch by batch into an index: of its texts only the distinct ids and kinds are held."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import Fault
from leadml.leads.batchfaults import BatchFaults, blank, slices
from leadml.leads.coercion import Missing
from leadml.leads.events.index import EventIndex, Floats, Ints, build
from leadml.leads.events.measures import LARGEST, UNIT
from leadml.leads.events.one import kind_of, too_large
from leadml.leads.kinds import read_as
from leadml.leads.reading import distinct_values, one_chunk, read_dates, read_ids, read_numbers
from leadml.leads.schema import EventTable, Format, Kind
from leadml.leads.sources import BatchSource, Source, open_batches

BLOCK_BYTES = 8 << 20
Codes = NDArray[np.int32]
Batches = Iterable[tuple[int, pa.RecordBatch]]


@dataclass(frozen=True, slots=True)
class Events:
    """Events as read: those without faults, in an index.

    ``formats`` are how the columns were found to be written; ``faults`` are summed up, each at its first line;
    ``n_faulty`` rows are left out.
    """

    index: EventIndex
    formats: Mapping[str, Format]
    faults: tuple[Fault, ...] = ()
    n_faulty: int = 0


def read_events(
    path: str | Path | Source, told: EventTable, *, query: str | None = None, placeholders: Iterable[str] = ()
) -> Events:
    """Read a table of events: a file, a folder, or a database with ``query``; raises SourceError."""
    columns = [name for name in (told.lead_id, told.at, told.kind, told.value) if name is not None]
    source = open_batches(path, columns=columns, dictionary=[told.kind], block_size=BLOCK_BYTES, query=query)
    return _Reading(told, placeholders).finish(source, source)


def index_table(table: pa.Table, told: EventTable, *, placeholders: Iterable[str] = ()) -> Events:
    """Read events that are in memory; raises DataError where a column is not there."""
    columns = [name for name in (told.lead_id, told.at, told.kind, told.value) if name is not None]
    return _Reading(told, placeholders).finish(slices(table, columns, "events"), None)


class _Reading:
    """Collects the batches of one table of events."""

    def __init__(self, told: EventTable, placeholders: Iterable[str]) -> None:
        self._told, self._placeholders = told, tuple(placeholders)
        self._missing = Missing(self._placeholders)
        self._formats: dict[str, Format] | None = None
        self._kinds: dict[str, int] = {}
        self._faults = BatchFaults("the events")
        self._ids: list[pa.DictionaryArray] = []
        self._at: list[Floats] = []
        self._kind: list[Codes] = []
        self._value: list[Ints] = []

    def finish(self, batches: Batches, source: BatchSource | None) -> Events:
        """Read all batches; ``source`` knows the lines of their rows."""
        for offset, batch in batches:
            self._add(offset, batch)
        faults = (*self._faults.torn(source), *self._faults.summed(source))
        return Events(self._index(), self._formats or {}, faults, self._faults.n_rows)

    def _add(self, offset: int, batch: pa.RecordBatch) -> None:
        told = self._told
        columns = {name: one_chunk(batch.column(name)) for name in batch.schema.names}
        if self._formats is None:
            self._formats = self._guessed(columns)
        bad = np.zeros(batch.num_rows, dtype=bool)
        found = list[tuple[int, str, str]]()
        ids = read_ids(columns[told.lead_id])
        at = read_dates(columns[told.at], self._missing, told.at, found, self._formats.get(told.at))
        kind = self._kind_codes(columns[told.kind])
        value = None if told.value is None else self._units(columns[told.value], told.value, found)
        self._faults.add_found(offset, found, bad)
        for column, lacks in ((told.lead_id, blank(ids)), (told.at, np.isnan(at) & ~bad), (told.kind, kind < 0)):
            self._faults.add_lacking(offset, column, lacks, bad)
        self._faults.n_rows += int(bad.sum())
        self._keep(~bad, ids, at, kind, value)

    def _keep(self, rows: NDArray[np.bool_], ids: pa.Array, at: Floats, kind: Codes, value: Ints | None) -> None:
        whole = bool(rows.all())
        self._ids.append((ids if whole else ids.filter(pa.array(rows))).dictionary_encode())
        self._at.append(at if whole else at[rows])
        self._kind.append(kind if whole else kind[rows])
        if value is not None:
            self._value.append(value if whole else value[rows])

    def _guessed(self, columns: Mapping[str, pa.Array]) -> dict[str, Format]:
        """Return how moments and values are written: as it was told, else as the first batch looks."""
        told = self._told
        formats = dict(told.formats)
        wanted: list[tuple[str | None, Kind]] = [(told.at, "date"), (told.value, "number")]
        for name, kind in wanted:
            if name is not None and name not in formats:
                form = read_as(kind, columns[name], self._placeholders).format
                formats |= {} if form is None else {name: form}
        return formats

    def _kind_codes(self, array: pa.Array) -> Codes:
        codes, distinct = distinct_values(array)
        kinds = [kind_of(value, self._missing) for value in distinct]
        known = [-1 if kind is None else self._kinds.setdefault(kind, len(self._kinds)) for kind in kinds]
        return np.array(known, dtype=np.int32)[codes]

    def _units(self, array: pa.Array, name: str, faults: list[tuple[int, str, str]]) -> Ints:
        assert self._formats is not None
        values = read_numbers(array, self._missing, name, faults, self._formats.get(name))
        large = np.abs(values) >= LARGEST  # NaN is not
        faults += [(int(row), name, too_large(float(values[row]))) for row in np.flatnonzero(large)]
        whole: Ints = np.rint(np.where(large | np.isnan(values), 0.0, values) * UNIT).astype(np.int64)
        return whole

    def _index(self) -> EventIndex:
        lead, ids = np.empty(0, dtype=np.intp), pa.array([], pa.string())
        if self._ids:
            whole = pa.chunked_array(self._ids).unify_dictionaries()
            ids = whole.chunk(0).dictionary
            self._ids.clear()
            lead = np.concatenate([chunk.indices.to_numpy(zero_copy_only=False) for chunk in whole.chunks])
        at, kind = _joined(self._at, np.float64), _joined(self._kind, np.int32)
        value = None if self._told.value is None else _joined(self._value, np.int64)
        return build(ids, lead, at, kind, value=value, kinds=tuple(self._kinds))


def _joined(pieces: list[Any], kind: Any) -> Any:
    """Return arrays as one; the list is emptied."""
    whole = np.concatenate(pieces) if pieces else np.empty(0, dtype=kind)
    pieces.clear()
    return whole
