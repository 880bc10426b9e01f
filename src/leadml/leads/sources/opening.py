"""Opening a source of leads by what its path looks like, and reading it whole or in batches."""

import difflib
import glob
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from leadml.errors import Fault, SourceError, UsageError
from leadml.leads.sources.archive import ArchiveSource
from leadml.leads.sources.connection import is_url
from leadml.leads.sources.database import DatabaseSource
from leadml.leads.sources.excel import ExcelSource
from leadml.leads.sources.folder import FolderSource
from leadml.leads.sources.parquet import ParquetSource
from leadml.leads.sources.source import Options, Reject, Source
from leadml.leads.sources.text import BLOCK_BYTES, TextSource

SOURCES: tuple[type[Source], ...] = (
    TextSource,
    ParquetSource,
    ExcelSource,
    ArchiveSource,
    FolderSource,  # no ending: a folder, or a pattern
    DatabaseSource,  # no ending: a URL
)
_BY_ENDING: dict[str, type[Source]] = {suffix: kind for kind in SOURCES for suffix in kind.suffixes}
_GOES_WITH = {"query": "a database URL", "sheet": "an Excel workbook", "header_row": "an Excel workbook"}


@dataclass(frozen=True)
class RawTable:
    """A whole table as read: the Arrow table, the rows left out, and what a person should know.

    A table without rows is returned as such.
    """

    table: pa.Table
    source: Source
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


@dataclass
class BatchSource:
    """A table read in order at constant memory: iterate for ``(first row, batch)`` pairs.

    A column of ``numbers`` in a text table is float64, except in batches where one of its cells is no plain
    number: there it is text. In all other sources, types are as stored. After an iteration, ``rejects()`` yields
    the rows that were left out.
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


def open_source(
    path: Path | str,
    *,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
) -> Source:
    """Return the source for a file, a folder, a pattern of files, or the URL of a database.

    ``query`` goes with a database, ``sheet`` (a name, or a number from 1) and ``header_row`` (from 1) with workbooks.

    Raises:
        SourceError: it is not there, cannot be read, or is of no kind that is known.
        UsageError: an option is given that the source has no use for.

    """
    options = Options(query, sheet, header_row)
    try:
        source = _opened(path, options)
    except PermissionError:
        raise SourceError(f"{path} must be readable, got permission denied; change its permissions") from None
    for name, value in asdict(options).items():
        if value is not None and name not in source.takes:
            raise UsageError(f"{name} must go with {_GOES_WITH[name]}, got it with {source.name}; leave it out")
    return source


def read_table(
    path: Path | str,
    *,
    columns: Iterable[str] | None = None,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
) -> RawTable:
    """Return a whole table, all columns or these in this order; the rest is as in ``open_source``.

    Raises:
        SourceError: the file cannot be read as a table, or lacks a column.

    """
    source = open_source(path, query=query, sheet=sheet, header_row=header_row)
    table = source.read(_projected(source, columns))
    return RawTable(table, source, tuple(source.rejects()))


def open_batches(
    path: Path | str | Source,
    *,
    columns: Iterable[str] | None = None,
    dictionary: Collection[str] = (),
    numbers: Collection[str] = (),
    block_size: int = BLOCK_BYTES,
    query: str | None = None,
    sheet: str | int | None = None,
    header_row: int | None = None,
) -> BatchSource:
    """Return a reader of a table of any size; names in ``dictionary`` and ``numbers`` may be absent.

    A source that is open already is taken as it is; the rest is as in ``open_source``.

    Raises:
        SourceError: the file cannot be read as a table, or lacks a column of ``columns``.

    """
    if isinstance(path, (str, Path)):
        path = open_source(path, query=query, sheet=sheet, header_row=header_row)
    source: Source = path
    chosen = _projected(source, columns)
    return BatchSource(source, chosen, frozenset(dictionary), frozenset(numbers), block_size=block_size)


def _opened(path: Path | str, options: Options) -> Source:
    if is_url(str(path)):
        return DatabaseSource(str(path), options)
    path = Path(path)
    if path.is_dir() or (glob.has_magic(str(path)) and not path.exists()):
        return FolderSource(path, options)
    _check_file(path)
    if path.suffix.lower() not in _BY_ENDING:
        known = ", ".join(_BY_ENDING)
        raise SourceError(f"{path} must end in one of {known}, got {path.suffix!r}; save the table as CSV")
    return _BY_ENDING[path.suffix.lower()](path, options)


def _projected(source: Source, columns: Iterable[str] | None) -> tuple[str, ...]:
    wanted = source.columns if columns is None else tuple(columns)
    faults = [
        Fault(f"the table must have this column, got none{_nearest(name, source.columns)}", column=name)
        for name in wanted
        if name not in source.columns
    ]
    if faults:
        raise SourceError(f"{source.name} lacks columns", faults)
    return wanted


def _check_file(path: Path) -> None:
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
