"""Faults of a table that is read batch by batch: one of each sort, at its first line, and how often it occurs."""

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from leadml.errors import DataError, Fault
from leadml.leads.events.one import NOTHING
from leadml.leads.sources import BatchSource, Line


class BatchFaults:
    """Collects the faults of a table; ``name`` is what it is called where it is no file."""

    def __init__(self, name: str) -> None:
        self.n_rows = 0
        self._name = name
        self._first: dict[tuple[str, str], tuple[int, str]] = {}
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, row: int, column: str, message: str, *, count: int = 1) -> None:
        """Note a fault that ``count`` rows have, ``row`` being the first of them."""
        key = (column, message.split(", got ", maxsplit=1)[0])
        self._first.setdefault(key, (row, message))
        self._counts[key] = self._counts.get(key, 0) + count

    def add_found(self, offset: int, found: list[tuple[int, str, str]], bad: NDArray[np.bool_]) -> None:
        """Note the faults found in a batch, as (row, column, message); their rows become ``bad`` (n,)."""
        for row, column, message in found:
            self.add(offset + row, column, message)
            bad[row] = True

    def add_lacking(self, offset: int, column: str, lacks: NDArray[np.bool_], bad: NDArray[np.bool_]) -> None:
        """Note that rows (n,) of a batch have nothing in a column; they become ``bad`` (n,)."""
        if lacks.any():
            self.add(offset + int(np.argmax(lacks)), column, NOTHING, count=int(lacks.sum()))
            bad |= lacks

    def torn(self, source: BatchSource | None) -> tuple[Fault, ...]:
        """Return the rows that a source could not even read, and count them."""
        lines: dict[str, list[int]] = {}
        for reject in source.rejects() if source is not None else ():
            lines.setdefault(reject.reason, []).append(reject.line)
        self.n_rows += sum(map(len, lines.values()))
        name = self._called(source)
        return tuple(Fault(reason, Line(at[0], name), count=len(at)) for reason, at in lines.items())

    def summed(self, source: BatchSource | None) -> tuple[Fault, ...]:
        """Return one fault of each sort, at its line in the source."""
        rows = {row for row, _ in self._first.values()}
        lines: Mapping[int, int] = {row: row + 1 for row in rows} if source is None else source.lines_of(rows)
        name = self._called(source)
        return tuple(
            Fault(message, Line(lines[row], name), column, self._counts[column, sort])
            for (column, sort), (row, message) in sorted(self._first.items(), key=lambda item: item[1])
        )

    def _called(self, source: BatchSource | None) -> str:
        return self._name if source is None else source.source.name


def blank(ids: pa.Array) -> NDArray[np.bool_]:
    """Return which texts (n,) are nothing but space."""
    nothing = pc.fill_null(pc.equal(pc.binary_length(pc.utf8_trim_whitespace(ids)), 0), True)
    return nothing.to_numpy(zero_copy_only=False)  # type: ignore[no-any-return]


def slices(table: pa.Table, columns: list[str], name: str) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield these columns of a table in memory as a source yields them; raises DataError where one is not there."""
    absent = [
        Fault(f"{name} must have this column, got none", column=n) for n in columns if n not in table.schema.names
    ]
    if absent:
        raise DataError(f"the table of {name} lacks columns:", absent)
    done = 0
    for batch in table.select(columns).to_batches(max_chunksize=500_000):
        yield done, batch
        done += batch.num_rows
