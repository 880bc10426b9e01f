"""Text tables (CSV, TSV) as Arrow: every column is text, and an empty cell, quoted or not, is missing."""

from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.csv as pa_csv

from leadml.errors import SourceError
from leadml.leads.guard import unguard
from leadml.leads.sources.dialect import Dialect, detect_dialect, first_cell, open_quote, scan_rows
from leadml.leads.sources.source import DEFAULT, Options, Reject, is_same

BLOCK_BYTES = 1 << 20  # measured: as fast as 2-8 MB, at half the memory
_TEXT_SHOWN = 500  # characters kept of a rejected row
_DICTIONARY = pa.dictionary(pa.int32(), pa.string())


class TextSource:
    """A CSV or TSV file, in any of the usual separators and encodings."""

    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".txt")
    takes: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, path: Path, _options: Options = DEFAULT) -> None:
        self.path, self.name = path, str(path)
        self.dialect: Dialect = detect_dialect(path)
        self.columns = self.dialect.header
        self.notes = self.dialect.notes
        self.schema = pa.schema([(name, pa.string()) for name in self.columns])
        self._ragged = False

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows, as text."""
        self._ragged = False
        if not self.dialect.has_rows:
            return pa.table({name: pa.array([], pa.string()) for name in columns})
        read, parse, convert = self._options(columns, (), BLOCK_BYTES)
        with self._worded():
            table = pa_csv.read_csv(self.path, read, parse, convert)
        if table.num_rows:
            self._check_end(table.column(self.columns[-1])[-1].as_py())
        return unguarded_rows(table.select(columns))

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in file order; numbers as float64 wherever a whole block is numbers."""
        self._ragged = False
        if not self.dialect.has_rows:
            return
        last = None
        with (
            self._worded(),
            pa_csv.open_csv(self.path, *self._options(columns, dictionary, block_size)) as reader,
        ):
            for batch in reader:
                last = batch
                if batch.num_rows:
                    yield with_numbers(unguarded_rows(batch.select(columns)), numbers)
        if last is not None and last.num_rows:
            self._check_end(last.column(self.columns[-1])[-1].as_py())

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the line of each of these rows, by going through the file up to the last of them."""
        left, found = set(rows), {}
        kept = (row for row in scan_rows(self.path, self.dialect) if row.cells == len(self.columns))
        for at, row in enumerate(kept if left else ()):
            if at in left:
                found[at] = row.line
                left.remove(at)
                if not left:
                    break
        return found

    def rejects(self) -> Iterator[Reject]:
        """Yield the ragged rows of the last reading; goes through the file only if there were any."""
        width = len(self.columns)
        for row in scan_rows(self.path, self.dialect) if self._ragged else ():
            if row.cells != width:
                reason = f"a row must have {width} cells, got {row.cells}"
                if row.last_line > row.line:
                    reason += "; it spans several lines, so a quote may be left open"
                text = row.text.rstrip("\r\n")[:_TEXT_SHOWN]
                yield Reject(row.line, text, reason, (self.columns[0], first_cell(text, self.dialect.delimiter)))

    def reads(self, path: Path) -> bool:
        """Return whether this is the file at a path."""
        return is_same(path, self.path)

    def _options(
        self, columns: tuple[str, ...], dictionary: Collection[str], block_size: int
    ) -> tuple[pa_csv.ReadOptions, pa_csv.ParseOptions, pa_csv.ConvertOptions]:
        # the last column is always read: a quote left open at the end of the file shows there
        wanted = [*columns, *({self.columns[-1]} - set(columns))]
        dialect = self.dialect
        read = pa_csv.ReadOptions(
            block_size=block_size,
            skip_rows=dialect.header_end,
            column_names=list(self.columns),
            encoding="utf8" if dialect.encoding == "utf-8-sig" else dialect.encoding,
        )
        return read, parse_options(dialect.delimiter, self._skip), convert_options(wanted, dictionary)

    def _skip(self, _row: Any) -> str:
        self._ragged = True
        return "skip"

    def _check_end(self, cell: str | None) -> None:
        """Go through the file if its last cell has a line break, for a quote left open raises there."""
        if cell is not None and ("\n" in cell or "\r" in cell):
            for _ in scan_rows(self.path, self.dialect):
                pass

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except UnicodeDecodeError as error:
            message = f"{self.path} must be {self.dialect.encoding} throughout, got {error}; save it as UTF-8"
            raise SourceError(message) from None
        except pa.ArrowInvalid as error:
            if "straddling" in str(error):  # a row longer than a block
                longest = max(scan_rows(self.path, self.dialect), key=lambda row: len(row.text))
                raise open_quote(self.path, longest.line) from None
            raise SourceError(f"{self.path} must be a readable table, got: {error}") from None


def parse_options(delimiter: str, on_ragged: Callable[[Any], str]) -> pa_csv.ParseOptions:
    """Return how rows are told apart; ``on_ragged`` is called with each row of another number of cells."""
    return pa_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=on_ragged)


def convert_options(columns: Sequence[str], dictionary: Collection[str]) -> pa_csv.ConvertOptions:
    """Return how cells are read: as text, some as dictionaries, and an empty one, quoted or not, as null."""
    return pa_csv.ConvertOptions(
        include_columns=columns,
        column_types={name: _DICTIONARY if name in dictionary else pa.string() for name in columns},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=True,
    )


def unguarded_rows(rows: Any) -> Any:
    """Return a table or batch with the texts that ``guard`` was given, which no spreadsheet is to take for formulas."""
    for at, column in enumerate(rows.columns):
        chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
        texts = [unguard(chunk) for chunk in chunks]
        if any(new is not old for new, old in zip(texts, chunks, strict=True)):
            whole = pa.chunked_array(texts) if isinstance(column, pa.ChunkedArray) else texts[0]
            rows = rows.set_column(at, rows.schema.names[at], whole)
    return rows


def with_numbers(batch: pa.RecordBatch, numbers: Collection[str]) -> pa.RecordBatch:
    """Return the batch with its columns of numbers cast, those left as text in which a cell is no number."""
    for at, name in enumerate(batch.schema.names):
        if name in numbers and pa.types.is_string(batch.schema.field(at).type):
            try:
                batch = batch.set_column(at, name, batch.column(at).cast(pa.float64()))
            except pa.ArrowInvalid:
                continue
    return batch
