"""Where leads are read from: text tables (CSV, TSV) and Parquet, as Arrow.

How to add a source: write a class with ``suffixes``, ``columns``, ``notes``, ``read``, ``batches``,
``lines_of`` and ``rejects`` as ``Source`` describes them, and append it to ``SOURCES``. The tests run over
every entry.

Values come as they are written; what they mean is decided in one place, after this.
"""

import difflib
from collections.abc import Callable, Collection, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Protocol

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from leadml.errors import Fault, SourceError
from leadml.leads.dialect import check_names
from leadml.leads.text_source import BLOCK_BYTES, Reject, TextSource

_ROW_BYTES = 32  # a guess, to turn a block size into rows of Parquet


@dataclass(frozen=True)
class RawTable:
    """A whole table as read: the Arrow table, the rows left out, and what a person should know.

    A table without rows is returned as such.
    """

    table: pa.Table
    source: "Source"
    rejected: tuple[Reject, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what was guessed in reading."""
        return self.source.notes

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Return the rejected rows as faults, one for each reason, at its first line."""
        lines: dict[str, list[int]] = {}
        for reject in self.rejected:
            lines.setdefault(reject.reason, []).append(reject.line)
        return tuple(Fault(reason, at[0], count=len(at)) for reason, at in lines.items())

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the line in the file of each of these rows (0-based places in the table)."""
        return self.source.lines_of(rows)


class Source(Protocol):
    """What every kind of source offers; made with a path, it has looked at the file's head and no more."""

    suffixes: ClassVar[tuple[str, ...]]
    columns: tuple[str, ...]
    notes: tuple[str, ...]

    def __init__(self, path: Path) -> None: ...

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        ...

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in file order."""
        ...

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the line of each of these rows."""
        ...

    def rejects(self) -> Iterator[Reject]:
        """Yield the rows that ``read`` and ``batches`` leave out, in file order."""
        ...


class ParquetSource:
    """A Parquet file; types are as stored, and a row's line is its number."""

    suffixes: ClassVar[tuple[str, ...]] = (".parquet", ".pq")
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as file:
            self.schema: pa.Schema = file.schema_arrow
        self.columns = tuple(self.schema.names)
        check_names(path, self.columns)

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        with self._open() as file:
            return file.read(columns=list(columns)).select(columns)

    def batches(
        self,
        columns: tuple[str, ...],
        dictionary: Collection[str],
        numbers: Collection[str],
        block_size: int,
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in file order; text columns named in ``dictionary`` come as dictionaries."""
        del numbers  # stored with their types
        text = [name for name in columns if name in dictionary and _is_text(self.schema.field(name).type)]
        rows = max(1024, block_size // _ROW_BYTES)
        with self._open(read_dictionary=text) as file:
            for batch in file.iter_batches(rows, columns=list(columns)):
                yield batch.select(columns)

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the number of each of these rows, from 1."""
        return {row: row + 1 for row in rows}

    def rejects(self) -> Iterator[Reject]:
        """Yield nothing: a Parquet file has no ragged rows."""
        return iter(())

    @contextmanager
    def _open(self, **options: Any) -> Iterator[Any]:
        try:
            with pa_parquet.ParquetFile(self.path, **options) as file:
                yield file
        except PermissionError:
            raise
        except (pa.ArrowException, OSError) as error:
            told = " ".join(str(error).split())  # Arrow's may have several lines
            raise SourceError(f"{self.path} must be a Parquet file, got: {told}; export it again") from None


SOURCES: tuple[type[Source], ...] = (TextSource, ParquetSource)


@dataclass
class BatchSource:
    """A table read in order at constant memory: iterate for ``(first row, batch)`` pairs.

    A column of ``numbers`` in a text table is float64, except in batches where one of its cells is no plain
    number: there it is text. In Parquet, types are as stored. After an iteration, ``rejects()`` yields the
    rows that were left out.
    """

    source: Source
    columns: tuple[str, ...]
    dictionary: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    block_size: int = field(default=BLOCK_BYTES, kw_only=True)

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """Return what was guessed in reading."""
        return self.source.notes

    def __iter__(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield each batch with the 0-based place of its first row; the next one is read meanwhile."""
        batches = self.source.batches(self.columns, self.dictionary, self.numbers, self.block_size)
        offset = 0
        with closing(batches), ThreadPoolExecutor(1, thread_name_prefix="leadml-read") as reader:
            ahead = reader.submit(next, batches, None)
            while (batch := ahead.result()) is not None:
                ahead = reader.submit(next, batches, None)
                yield offset, batch
                offset += batch.num_rows

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the line in the file of each of these rows (0-based places)."""
        return self.source.lines_of(rows)

    def rejects(self) -> Iterator[Reject]:
        """Yield the rows that were left out, in file order."""
        return self.source.rejects()


def open_source(path: Path | str) -> Source:
    """Return the source for a file, by the ending of its name.

    Raises:
        SourceError: the file is not there, cannot be read, or is of no kind that is known.

    """
    path = Path(path)
    by_suffix: dict[str, Callable[[Path], Source]] = {suffix: kind for kind in SOURCES for suffix in kind.suffixes}
    try:
        _check_file(path)
        if path.suffix.lower() not in by_suffix:
            known = ", ".join(by_suffix)
            raise SourceError(f"{path} must end in one of {known}, got {path.suffix!r}; save the table as CSV")
        return by_suffix[path.suffix.lower()](path)
    except PermissionError:
        raise SourceError(f"{path} must be readable, got permission denied; change its permissions") from None


def read_table(path: Path | str, *, columns: Iterable[str] | None = None) -> RawTable:
    """Return a whole table, all columns or these in this order.

    Raises:
        SourceError: the file cannot be read as a table, or lacks a column.

    """
    source = open_source(path)
    table = source.read(_projected(path, source, columns))
    return RawTable(table, source, tuple(source.rejects()))


def open_batches(
    path: Path | str,
    *,
    columns: Iterable[str] | None = None,
    dictionary: Collection[str] = (),
    numbers: Collection[str] = (),
    block_size: int = BLOCK_BYTES,
) -> BatchSource:
    """Return a reader of a table of any size; names in ``dictionary`` and ``numbers`` may be absent.

    Raises:
        SourceError: the file cannot be read as a table, or lacks a column of ``columns``.

    """
    source = open_source(path)
    chosen = _projected(path, source, columns)
    return BatchSource(source, chosen, frozenset(dictionary), frozenset(numbers), block_size=block_size)


def _projected(path: Path | str, source: Source, columns: Iterable[str] | None) -> tuple[str, ...]:
    wanted = source.columns if columns is None else tuple(columns)
    faults = [
        Fault(f"the table must have this column, got none{_nearest(name, source.columns)}", column=name)
        for name in wanted
        if name not in source.columns
    ]
    if faults:
        raise SourceError(f"{path} lacks columns", faults)
    return wanted


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise SourceError(f"{path} must be a file, got a folder; name a file in it")
    if path.exists():
        if not path.is_file():
            raise SourceError(f"{path} must be a plain file, got a device or pipe; save the table first")
        return
    if not path.parent.is_dir():
        raise SourceError(f"{path} must exist, got no folder {path.parent}; check the path")
    near = _nearest(path.name, [other.name for other in path.parent.iterdir()])
    raise SourceError(f"{path} must exist, got no such file{near}; check the path")


def _nearest(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
