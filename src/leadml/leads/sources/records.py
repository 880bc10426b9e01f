"""Leads in memory, each a mapping of its columns, as a source: what a service or a script has at hand."""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from leadml.leads.coercion import joined
from leadml.leads.reading import values_array
from leadml.leads.sources.source import Reject
from leadml.leads.sources.values import encoded

Record = Mapping[str, object]


class RecordsSource:
    """Leads as mappings: what one of them does not have is missing; a column of mixed types, or of nothing, is text.

    ``columns`` are those that it offers, by default all that some lead has, in order of their first appearance.
    ``separators`` join the lists in a column, ``commas`` are columns whose texts have a decimal comma: both must be
    known where a column mixes texts and other values. The rows are their own lines, from 1.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    takes: ClassVar[frozenset[str]] = frozenset()
    notes: ClassVar[tuple[str, ...]] = ()
    name = "the leads"

    def __init__(
        self,
        rows: Sequence[Record],
        columns: Collection[str] | None = None,
        *,
        separators: Mapping[str, str] | None = None,
        commas: Collection[str] = (),
    ) -> None:
        self._rows = rows
        self.columns = tuple(dict.fromkeys(name for row in rows for name in row) if columns is None else columns)
        self._separators, self._commas = separators or {}, frozenset(commas)

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns with the types that ``read`` gives them."""
        return self.read(self.columns).schema

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        return pa.Table.from_batches([self._batch(columns)])

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield all rows at once: they are in memory already, and a column has one type."""
        del numbers, block_size  # what is a number has come as one
        if self._rows:
            yield self._batch(columns, dictionary)

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the place of each row, from 1."""
        return {row: row + 1 for row in rows}

    def rejects(self) -> Iterator[Reject]:
        """Yield nothing: a mapping cannot be ragged."""
        return iter(())

    def reads(self, path: Path) -> bool:
        """Return that no file is read."""
        del path
        return False

    def _batch(self, columns: tuple[str, ...], dictionary: Collection[str] = ()) -> pa.RecordBatch:
        arrays = [encoded(self._array(name), wanted=name in dictionary) for name in columns]
        return pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def _array(self, name: str) -> pa.Array:
        values = [row.get(name) for row in self._rows]
        mark = self._separators.get(name)
        if mark is not None:
            values = [joined(value, mark) for value in values]
        array = values_array(values, decimal_comma=name in self._commas)
        return array.cast(pa.string()) if pa.types.is_null(array.type) else array
