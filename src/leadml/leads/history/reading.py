"""A table of changes (lead, field, value, when), read batch by batch; its values are not yet understood."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import Fault
from leadml.leads.arrays import workable
from leadml.leads.batchfaults import BatchFaults, blank, slices
from leadml.leads.coercion import Missing, plain_text
from leadml.leads.declared import HistoryTable
from leadml.leads.events.index import Floats, Rows
from leadml.leads.kinds import read_as
from leadml.leads.reading import distinct_values, one_chunk, read_dates, read_ids, values_array
from leadml.leads.schema import Format
from leadml.leads.sources import BatchSource, Source, open_batches

Batches = Iterable[tuple[int, pa.RecordBatch]]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Changes:
    """m changes as read, in the order of their rows, without those that cannot be told when and of what they are.

    ``lead`` (m,) are places in ``ids`` (k,) text, ``field`` (m,) in ``names``; ``at`` (m,) seconds since 1970;
    ``value`` and ``old`` (m,) places in ``values``, -1 where there is none, ``old`` None where it is not told; ``row``
    (m,) their rows. ``torn`` are faults of rows that could not even be read; ``found`` collects all others.
    """

    told: HistoryTable
    ids: pa.Array
    names: tuple[str, ...]
    values: pa.Array
    lead: Rows
    field: Rows
    at: Floats
    value: Rows
    old: Rows | None
    row: Rows
    found: BatchFaults
    torn: tuple[Fault, ...]
    source: BatchSource | None

    def __len__(self) -> int:
        """Return m."""
        return len(self.at)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What was found wrong so far, summed up, each at its first line."""
        return (*self.torn, *self.found.summed(self.source))


def read_history(
    path: str | Path | Source, told: HistoryTable, *, query: str | None = None, placeholders: Iterable[str] = ()
) -> Changes:
    """Read a table of changes: a file, a folder, or a database with ``query``; raises SourceError."""
    source = open_batches(path, columns=told.columns, dictionary=[told.field], query=query)
    return _Reading(told, placeholders).finish(source, source)


def history_table(table: pa.Table, told: HistoryTable, *, placeholders: Iterable[str] = ()) -> Changes:
    """Read changes that are in memory; raises DataError where a column is not there."""
    return _Reading(told, placeholders).finish(slices(table, told.columns, "the history"), None)


class _Reading:
    """Collects the batches of one table of changes."""

    def __init__(self, told: HistoryTable, placeholders: Iterable[str]) -> None:
        self._told, self._placeholders = told, tuple(placeholders)
        self._form: Format | None = told.formats.get(told.changed_at)
        self._names: dict[str, int] = {}
        self._faults = BatchFaults("the history")
        self._ids: list[pa.Array] = []
        self._values: list[pa.Array] = []
        self._olds: list[pa.Array] = []
        self._numbers: list[tuple[Rows, Floats, Rows]] = []  # field, at, row

    def finish(self, batches: Batches, source: BatchSource | None) -> Changes:
        """Read all batches; ``source`` knows the lines of their rows."""
        for offset, batch in batches:
            self._add(offset, batch)
        ids, (lead,) = _joined([self._ids])
        values, codes = _joined([self._values, *([self._olds] if self._told.old_value is not None else [])])
        none = (np.empty(0, dtype=np.intp), np.empty(0), np.empty(0, dtype=np.intp))
        field, at, row = (np.concatenate(pieces) for pieces in zip(none, *self._numbers, strict=True))
        return Changes(
            self._told,
            ids,
            tuple(self._names),
            values,
            lead,
            field,
            at,
            codes[0],
            codes[1] if len(codes) > 1 else None,
            row,
            self._faults,
            self._faults.torn(source),
            source,
        )

    def _add(self, offset: int, batch: pa.RecordBatch) -> None:
        told = self._told
        columns = {name: one_chunk(batch.column(name)) for name in batch.schema.names}
        if not offset and self._form is None:  # as the first batch looks
            self._form = read_as("date", columns[told.changed_at], self._placeholders).format
        bad, found = np.zeros(batch.num_rows, dtype=bool), list[tuple[int, str, str]]()
        ids = read_ids(columns[told.lead_id])
        at = read_dates(columns[told.changed_at], Missing(self._placeholders), told.changed_at, found, self._form)
        field = self._fields(columns[told.field])
        self._faults.add_found(offset, found, bad)
        undated = np.isnan(at) & ~bad
        for column, lacks in ((told.lead_id, blank(ids)), (told.changed_at, undated), (told.field, field < 0)):
            self._faults.add_lacking(offset, column, lacks, bad)
        self._faults.n_rows += int(bad.sum())
        kept = np.flatnonzero(~bad)
        self._ids.append(ids.take(pa.array(kept)))
        self._values.append(columns[told.value].take(pa.array(kept)))
        if told.old_value is not None:
            self._olds.append(columns[told.old_value].take(pa.array(kept)))
        self._numbers.append((field[kept], at[kept], offset + kept))

    def _fields(self, array: pa.Array) -> Rows:
        codes, distinct = distinct_values(array)
        names = [(plain_text(value) or "").strip() for value in distinct]
        known = [self._names.setdefault(name, len(self._names)) if name else -1 for name in names]
        return np.array(known, dtype=np.intp)[codes]


def _joined(columns: list[list[pa.Array]]) -> tuple[pa.Array, list[Rows]]:
    """Return (the distinct values of columns that are read in pieces, the places (m,) of each column in them)."""
    pieces = [piece for column in columns for piece in column]
    if not pieces:
        return pa.array([], pa.string()), [np.empty(0, dtype=np.intp) for _ in columns]
    whole = pa.chunked_array([piece.dictionary_encode() for piece in _alike(pieces)]).unify_dictionaries()
    codes = [_codes(chunk) for chunk in whole.chunks]
    ends = np.cumsum([len(column) for column in columns])
    joined = [np.concatenate(codes[end - len(column) : end]) for end, column in zip(ends, columns, strict=True)]
    return whole.chunk(0).dictionary, joined


def _alike(pieces: list[pa.Array]) -> list[pa.Array]:
    """Return arrays as ones of a single type: their own, or text."""
    plain = [piece.dictionary_decode() if pa.types.is_dictionary(piece.type) else workable(piece) for piece in pieces]
    types = {piece.type for piece in plain if not pa.types.is_null(piece.type)}
    if len(types) == 1:
        (kind,) = types
        return [piece.cast(kind) for piece in plain]
    return [piece.cast(pa.string()) if pa.types.is_null(piece.type) else _texts(piece) for piece in plain]


def _texts(array: pa.Array) -> pa.Array:
    codes, distinct = distinct_values(array)
    return values_array([*map(plain_text, distinct), ""]).cast(pa.string()).take(pa.array(codes))


def _codes(chunk: Any) -> Rows:
    indices = chunk.indices
    return indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.intp)  # type: ignore[no-any-return]
