"""What a query of a database returns, streamed; SQLite and PostgreSQL. Nothing is ever written there."""

from collections.abc import Collection, Generator, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pyarrow as pa

from leadml.errors import SourceError
from leadml.leads.sources.connection import Database
from leadml.leads.sources.dialect import check_names
from leadml.leads.sources.source import DEFAULT, Options, Reject, is_same
from leadml.leads.sources.values import INSTANT, MOMENT, column, encoded, value_type

if TYPE_CHECKING:
    from sqlalchemy import CursorResult

_CELL_BYTES = 16  # a guess, to turn a block size into rows
_BLOCK_BYTES = 4 << 20
_EXACT = 15  # digits of a whole number that float64 keeps
_POSTGRES: dict[int, pa.DataType] = {  # by the number of the type; all others are text
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int64(),
    23: pa.int64(),
    26: pa.int64(),  # oid
    700: pa.float64(),
    701: pa.float64(),
    1082: pa.date32(),
    1114: MOMENT,
    1184: INSTANT,
    1186: pa.float64(),  # an interval, in days
}
_NUMERIC = 1700


class DatabaseSource:
    """The rows of a query; a row's line is its number, and times without a zone are UTC.

    Types are the database's: numeric is float64 (text where it is a whole number of more than 15 digits), intervals
    are days, JSON and arrays are JSON text, all that has no such type is text. In SQLite, whose columns may hold
    anything, a column has the type of all its values, or is text; they are looked at before the first is read.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    takes: ClassVar[frozenset[str]] = frozenset({"query"})
    notes: tuple[str, ...] = ()

    def __init__(self, url: Path | str, options: Options = DEFAULT) -> None:
        self._database = Database(str(url))
        self.name = self._database.name
        self._query = options.query or ""
        if not self._query.strip():
            raise SourceError(f"{self.name} must be read with a query, got none; {self._database.example()}")
        with self._result(1) as result:
            self.columns = tuple(result.keys())
            described = result.cursor.description if result.cursor is not None else ()
            self._kinds = None if self._database.is_sqlite else [_postgres_type(told) for told in described]
        check_names(f"the query of {self.name}", self.columns)

    @cached_property
    def schema(self) -> pa.Schema:
        """The columns with their types."""
        return pa.schema(list(zip(self.columns, self._kinds or self._looked_at(), strict=True)))

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        kinds = pa.schema([self.schema.field(name) for name in columns])
        return pa.Table.from_batches(self.batches(columns, (), (), _BLOCK_BYTES), kinds)

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in the order of the query."""
        del numbers  # typed already
        places = [self.columns.index(name) for name in columns]
        kinds = [self.schema.field(place).type for place in places]
        with self._result(max(256, block_size // (_CELL_BYTES * len(self.columns)))) as result:
            for rows in result.partitions():
                cells = list(zip(*rows, strict=True))
                arrays = [
                    encoded(self._column(name, cells[place], kind), wanted=name in dictionary)
                    for name, place, kind in zip(columns, places, kinds, strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, names=list(columns))

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the number of each of these rows, from 1."""
        return {row: row + 1 for row in rows}

    def rejects(self) -> Iterator[Reject]:
        """Yield nothing: a query has no ragged rows."""
        return iter(())

    def reads(self, path: Path) -> bool:
        """Return whether this is the database file at a path."""
        return self._database.file is not None and is_same(path, self._database.file)

    @contextmanager
    def _result(self, at_once: int) -> Iterator["CursorResult[Any]"]:
        with self._database.result(self._query, at_once) as result:
            yield result

    def _looked_at(self) -> list[pa.DataType]:
        kinds: list[set[type]] = [set() for _ in self.columns]
        with self._result(10_000) as result:
            for rows in result.partitions():
                for seen, cells in zip(kinds, zip(*rows, strict=True), strict=True):
                    seen.update(map(type, cells))
        return [value_type(seen, whole=pa.int64()) for seen in kinds]

    def _column(self, name: str, values: Sequence[object], kind: pa.DataType) -> pa.Array:
        try:
            return column(values, kind)
        except (ValueError, TypeError, OverflowError, pa.ArrowException) as error:
            got = " ".join(str(error).split())
            must = f"column {name!r} must hold one type ({kind})"
            raise SourceError(f"{self.name}: {must}, got: {got}; cast it to text in the query") from None


def _postgres_type(told: Any) -> pa.DataType:
    """Return the type of a column as the cursor describes it."""
    if told.type_code == _NUMERIC:
        is_long = told.scale == 0 and (told.precision or 0) > _EXACT
        return pa.string() if is_long else pa.float64()
    return _POSTGRES.get(told.type_code, pa.string())
