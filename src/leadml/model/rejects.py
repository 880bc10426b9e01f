"""The rows of a file that cannot be scored: never dropped, but written beside the result, with the reason."""

import csv
import heapq
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import Fault
from leadml.leads.guard import guarded
from leadml.leads.sources import BatchSource
from leadml.model.output import replacing

_AT_ONCE = 200_000  # rows whose lines are looked up in one go through the file
_SORTS = 100  # sorts of fault that are counted
Row = list[str]


def rejected_path(out: Path) -> Path:
    """Return where the rejected rows of ``out`` go: ``scored.rejected.csv`` beside ``scored.csv``."""
    return out.with_name(f"{out.stem}.rejected.csv")


def write_rejected(path: Path, rows: Iterable[tuple[int, Row]]) -> None:
    """Write rows that cannot be used: (line, [lead_id, column, reason]), as they come."""
    with replacing(path) as half, half.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "lead_id", "column", "reason"])
        for line, row in rows:
            writer.writerow([line, *map(guarded, row)])


class Rejecting(Protocol):
    """What takes in the rows of a batch that cannot be scored, see ``Rejects.add``."""

    def add(self, first: int, n: int, ids: pa.Array, faults: Sequence[Fault]) -> NDArray[np.intp]: ...  # noqa: D102


class Rejects:
    """Rows that cannot be scored, kept on disk until their lines in the file are known.

    ``n_rows`` counts them. Close it, or use it with ``with``.
    """

    def __init__(self) -> None:
        self.n_rows = 0
        self._sorts: dict[tuple[str, str], tuple[str, int]] = {}
        self._spill = tempfile.TemporaryFile("w+", newline="", encoding="utf-8")  # noqa: SIM115 - closed below

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(self, *_: object) -> None:
        self._spill.close()

    def add(self, first: int, n: int, ids: pa.Array, faults: Sequence[Fault]) -> NDArray[np.intp]:
        """Take in the faults of a batch of n rows, of which the first is row ``first``; return the rows without any.

        A fault's line is its row in the batch, from 1.
        """
        by_row: dict[int, list[Fault]] = {}
        for fault in faults:
            by_row.setdefault((fault.line or 1) - 1, []).append(fault)
        writer = csv.writer(self._spill)
        for row in sorted(by_row):
            self._add_row(writer, first + row, ids[row].as_py(), by_row[row])
        return np.setdiff1d(np.arange(n), np.fromiter(by_row, dtype=np.intp, count=len(by_row)))

    def _add_row(self, writer: Any, row: int, lead_id: str | None, faults: Sequence[Fault]) -> None:
        several = len(faults) > 1
        reason = "; ".join(f"{fault.column}: {fault.message}" if several else fault.message for fault in faults)
        writer.writerow([row, lead_id or "", ", ".join(str(fault.column) for fault in faults), reason])
        self.n_rows += 1
        for fault in faults:
            self._count(fault.column or "", fault.message)

    def _count(self, column: str, message: str) -> None:
        sort = (column, message.split(", got ", maxsplit=1)[0])
        if sort in self._sorts or len(self._sorts) < _SORTS:
            example, count = self._sorts.get(sort, (message, 0))
            self._sorts[sort] = (example, count + 1)

    def faults(self) -> tuple[Fault, ...]:
        """Return one fault per sort, the most frequent first, with how often it occurs."""
        ordered = sorted(self._sorts.items(), key=lambda item: -item[1][1])
        return tuple(Fault(message, column=column or None, count=count) for (column, _), (message, count) in ordered)

    def count_ragged(self, batches: BatchSource) -> None:
        """Count the ragged rows of the file, where nothing is written."""
        for _ in self._ragged(batches, None):
            pass

    def write(self, path: Path, batches: BatchSource, id_column: str | None) -> Path | None:
        """Write all rejected rows by their line, the ragged ones of the file too.

        Returns the file, or None (and removes an old one) if there are no such rows.
        """
        ragged = self._ragged(batches, id_column)
        first = next(ragged, None)
        if first is None and not self.n_rows:
            path.unlink(missing_ok=True)
            return None
        unread = ragged if first is None else chain([first], ragged)
        write_rejected(path, heapq.merge(self._by_line(batches), unread, key=itemgetter(0)))
        return path

    def _by_line(self, batches: BatchSource) -> Iterator[tuple[int, Row]]:
        self._spill.seek(0)
        rows = csv.reader(self._spill)
        while some := list(islice(rows, _AT_ONCE)):
            lines = batches.lines_of({int(row[0]) for row in some})
            for row in some:
                yield lines[int(row[0])], row[1:]

    def _ragged(self, batches: BatchSource, id_column: str | None) -> Iterator[tuple[int, Row]]:
        for reject in batches.rejects():
            self.n_rows += 1
            self._count("", reject.reason)
            name, cell = reject.first
            yield reject.line, [cell if name == id_column else "", "", reject.reason]
