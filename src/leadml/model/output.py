"""Writing a result: whole or not at all, as CSV, Excel or Parquet.

How to add a format: a class with ``as_text``, ``write``, ``close`` and ``drop`` as ``Output`` describes them, and an
entry in ``OUTPUTS``.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, ClassVar, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pa_parquet

from leadml.errors import OutputError, UsageError
from leadml.leads.guard import guard, guarded
from leadml.model.batch import decoded
from leadml.model.cells import as_texts
from leadml.model.guide import Legend
from leadml.model.workbook import WorkbookOutput

Columns = Mapping[str, pa.Array]
Write = Callable[[Columns], None]
_ROW_GROUP = 1 << 17  # rows of Parquet that are gathered before they are written
OWN_TEXTS = frozenset({"grade", "summary", "reasons", "model_version", "as_of"})  # ours in every list
_HEAD, _FEW = 512, 128  # a column of numbers with fewer values than this in its head is rendered value by value


class Output(Protocol):
    """A table that is written batch by batch; every batch has the columns of the first.

    ``as_text``: reasons come as one text per lead, not as lists.
    """

    as_text: ClassVar[bool]

    def __init__(self, path: Path, legend: Legend) -> None: ...

    def write(self, columns: Columns) -> None:
        """Append a batch; dictionaries are written as their values."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...

    def drop(self) -> None:
        """Let go of the file, which is thrown away."""
        ...


class CsvOutput:
    """A CSV file in UTF-8; a cell is quoted where it has to be, and a missing value is an empty cell.

    Texts of lead data are guarded, so that no spreadsheet takes one for a formula.
    """

    as_text: ClassVar[bool] = True

    def __init__(self, path: Path, legend: Legend) -> None:
        del legend  # a CSV file explains nothing
        self._file: IO[bytes] = path.open("wb")
        self._headed = False

    def write(self, columns: Columns) -> None:
        """Append a batch."""
        if not self._headed:
            self._file.write(csv_header(columns))
            self._headed = True
        self._file.write(csv_rows(columns))

    def close(self) -> None:
        """Finish the file."""
        self._file.close()

    drop = close


class ParquetOutput:
    """A Parquet file; types as they are given."""

    as_text: ClassVar[bool] = False

    def __init__(self, path: Path, legend: Legend) -> None:
        del legend  # nor does a Parquet file
        self._file: IO[bytes] = path.open("wb")
        self._writer: Any = None
        self._waiting: list[pa.Table] = []

    def write(self, columns: Columns) -> None:
        """Append a batch."""
        table = pa.table({name: decoded(array) for name, array in columns.items()})
        if self._writer is None:
            words = [field.name for field in table.schema if pa.types.is_string(field.type)]
            self._writer = pa_parquet.ParquetWriter(self._file, table.schema, use_dictionary=words)
        self._waiting.append(table)
        if sum(part.num_rows for part in self._waiting) >= _ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        table = pa.concat_tables(self._waiting)
        self._waiting = []
        self._writer.write_table(table, row_group_size=table.num_rows or None)

    def close(self) -> None:
        """Finish the file."""
        if self._waiting:
            self._flush()
        if self._writer is not None:
            self._writer.close()
        self._file.close()

    drop = close


AnyOutput = TypeVar("AnyOutput", bound=Output)
OUTPUTS: dict[str, type[Output]] = {".csv": CsvOutput, ".xlsx": WorkbookOutput, ".parquet": ParquetOutput}


def output_kind(path: Path) -> type[Output]:
    """Return the kind of output for a file, by the ending of its name; raises UsageError for any other."""
    kind = OUTPUTS.get(path.suffix.lower())
    if kind is None:
        *others, last = OUTPUTS
        known = f"{', '.join(others)} or {last}"
        raise UsageError(f"{path} must end in {known}, got {path.suffix!r}; name the output so")
    return kind


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a new file beside ``path`` to write to, which takes its place at the end.

    After an error, or Ctrl-C, ``path`` is as it was. Raises OutputError at once where the folder cannot be written to.
    """
    if path.is_dir():
        raise OutputError(f"{path} must be a file, got a folder; name a file in it")
    half = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        half.open("xb").close()
    except OSError as error:
        mend = "" if path.parent.is_dir() else "; make the folder first"
        raise OutputError(f"{path} must be in a folder that can be written to, got: {error.strerror}{mend}") from None
    try:
        yield half
        with _worded(path):
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def open_output(path: Path, legend: Legend | None = None) -> Iterator[Write]:
    """Give a function that appends a batch to a table, which takes the place of ``path`` at the end.

    ``legend`` is what a workbook needs to explain itself. Raises OutputError where it cannot be written, UsageError
    for an ending that is not known.
    """
    with _opened(path, output_kind(path), legend) as output:

        def write(columns: Columns) -> None:
            with _worded(path):
                output.write(columns)

        yield write


@contextmanager
def _opened(path: Path, kind: type[AnyOutput], legend: Legend | None) -> Iterator[AnyOutput]:
    with replacing(path) as half:
        with _worded(path):
            output = kind(half, legend or Legend())
        try:
            yield output
        except BaseException:
            with suppress(Exception):  # the file goes; what went wrong is told
                output.drop()
            raise
        with _worded(path):
            output.close()


def write_sheets(path: Path, sheets: Iterable[tuple[str, Columns]], legend: Legend | None = None) -> None:
    """Write tables as the named sheets of one workbook; raises as ``open_output`` does."""
    with _opened(path, WorkbookOutput, legend) as book:
        for name, columns in sheets:
            with _worded(path):
                book.begin(name)
                book.write(columns)


def write_table(path: Path, columns: Columns, legend: Legend | None = None) -> None:
    """Write a whole table; raises as ``open_output`` does."""
    n = len(next(iter(columns.values()))) if columns else 0
    with open_output(path, legend) as write:
        for at in range(0, max(n, 1), _ROW_GROUP):  # one array of text holds no more than 2 GB
            write({name: array.slice(at, _ROW_GROUP) for name, array in columns.items()})


@contextmanager
def _worded(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path} must be writable to its end, got: {error}; make room, or write elsewhere") from None


def free_name(name: str, taken: Iterable[str]) -> str:
    """Return a name for an input column that none of the others has: itself, or with the prefix ``input_``."""
    known = set(taken)
    while name in known:
        name = "input_" + name
    return name


def csv_header(names: Iterable[str]) -> bytes:
    """Return the line of column names of a CSV."""
    cells = _quoted(pa.array([guarded(name) for name in names], pa.string()))
    return (",".join(cells.to_pylist()) + "\n").encode()


def csv_rows(columns: Columns) -> pa.Buffer | bytes:
    """Return n rows as the lines of a CSV, end to end; texts of lead data are guarded."""
    rows = _rows(columns)
    if not len(rows):
        return b""
    _, ends, data = rows.buffers()
    return data[: np.frombuffer(ends, np.int32)[len(rows)]]


def _rows(columns: Columns) -> pa.Array:
    """Return the lines (n,) of n rows; neighbouring columns of one value are put together once."""
    pieces: list[pa.Array | str] = []
    for name, column in columns.items():
        safe = name in OWN_TEXTS
        cells: pa.Array | str = _constant(column, safe=safe) if _is_constant(column) else _cells(column, safe=safe)
        if pieces and isinstance(cells, str) and isinstance(pieces[-1], str):
            pieces[-1] += "," + cells
        else:
            pieces.append(cells)
    if isinstance(pieces[-1], str):
        pieces[-1] += "\n"
    else:
        pieces[-1] = _joined(pieces[-1], "\n", "")
    return _joined(*pieces, ",")


def _joined(*pieces: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*pieces, null_handling="replace", null_replacement="")


def _is_constant(array: pa.Array) -> bool:
    return pa.types.is_dictionary(array.type) and len(array.dictionary) == 1 and not array.indices.null_count


def _constant(array: pa.Array, *, safe: bool) -> str:
    return _texts(array.dictionary, safe=safe)[0].as_py() or ""


def _cells(array: pa.Array, *, safe: bool) -> pa.Array:
    """Return a column as the texts of its cells; null is null."""
    if pa.types.is_floating(array.type) and len(np.unique(array[:_HEAD].to_numpy(zero_copy_only=False))) < _FEW:
        array = array.dictionary_encode()
    if pa.types.is_dictionary(array.type):
        return _texts(array.dictionary, safe=safe).take(array.indices)
    return _texts(array, safe=safe)


def _texts(array: pa.Array, *, safe: bool) -> pa.Array:
    """Return the cells of a column; ``safe``: no spreadsheet can take one for a formula."""
    texts = as_texts(array)
    if pa.types.is_primitive(array.type):
        return texts
    return _quoted(texts if safe else guard(texts))


def _quoted(array: pa.Array) -> pa.Array:
    """Quote a column of texts if one of them needs it."""
    data = array.buffers()[2]
    held = b"" if data is None else data.to_pybytes()
    if not any(mark in held for mark in (b",", b'"', b"\n", b"\r", b";", b"\t", b"|")):
        return array
    if b'"' in held:
        array = pc.replace_substring(array, '"', '""')
    return pc.binary_join_element_wise('"', array, '"', "")
