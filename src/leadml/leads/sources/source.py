"""What every kind of source offers, and the places it names: lines, rejected rows, options of reading."""

from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Protocol

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Options:
    """What the user says of how leads are read; None is left to the source.

    ``query`` is an SQL query of a database; ``sheet`` a worksheet's name or number (from 1), and ``header_row`` the
    row (from 1) of a worksheet that holds the column names.
    """

    query: str | None = None
    sheet: str | int | None = None
    header_row: int | None = None


DEFAULT = Options()


class Line(int):
    """A line of one of several files: a number that shows its file, and comes after the lines of earlier files.

    ``order`` is the place of the file among them.
    """

    file: str
    order: tuple[int, ...]

    def __new__(cls, line: int, file: str = "", order: tuple[int, ...] = ()) -> "Line":  # noqa: D102
        self = super().__new__(cls, line)
        self.file, self.order = file, order
        return self

    @classmethod
    def within(cls, line: int, file: str, place: int) -> "Line":
        """Return a line of the file at this place; one that names a file already is of a file within it."""
        if isinstance(line, Line):
            return cls(line, f"{file}/{line.file}", (place, *line.order))
        return cls(line, file, (place,))

    @property
    def _key(self) -> tuple[tuple[int, ...], int]:
        return self.order, int(self)

    def __str__(self) -> str:
        return f"{int(self)} of {self.file}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __eq__(self, other: object) -> bool:
        return self._key == other._key if isinstance(other, Line) else int(self) == other

    def __hash__(self) -> int:
        return hash(int(self))

    def __lt__(self, other: int) -> bool:
        return self._key < other._key if isinstance(other, Line) else int(self) < other

    def __le__(self, other: int) -> bool:
        return self == other or self < other

    def __gt__(self, other: int) -> bool:
        return not self <= other

    def __ge__(self, other: int) -> bool:
        return not self < other


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that is no row of the table: its line in the file, the start of its text, and why.

    ``first`` is the name of the first column and what the row has in it.
    """

    line: int
    text: str
    reason: str
    first: tuple[str, str] = field(default=("", ""))


class Source(Protocol):
    """What every kind of source offers; once made, it knows the columns and has read as little as it can."""

    suffixes: ClassVar[tuple[str, ...]]
    """The endings of its files; empty where it is no single file."""

    def __init__(self, path: Path, options: Options = ...) -> None: ...

    @property
    def takes(self) -> frozenset[str]:
        """Those of the ``Options`` that it heeds; given to any other source they are refused."""
        ...

    @property
    def name(self) -> str:
        """What messages call it; no password is in it."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What was guessed and a person should know."""
        ...

    @property
    def schema(self) -> pa.Schema:
        """The columns with the types that ``read`` gives them."""
        ...

    def read(self, columns: tuple[str, ...]) -> pa.Table:
        """Return these columns of all rows."""
        ...

    def batches(
        self, columns: tuple[str, ...], dictionary: Collection[str], numbers: Collection[str], block_size: int
    ) -> Generator[pa.RecordBatch]:
        """Yield these columns in file order, in batches of about ``block_size`` bytes.

        Text columns named in ``dictionary`` come as dictionaries, text columns named in ``numbers`` as float64
        wherever a whole batch is numbers. All others have the type that ``schema`` says.
        """
        ...

    def lines_of(self, rows: Collection[int]) -> dict[int, int]:
        """Return the line of each of these rows (0-based) of the last reading."""
        ...

    def rejects(self) -> Iterator[Reject]:
        """Yield the rows that the last ``read`` or ``batches`` left out, in file order."""
        ...

    def reads(self, path: Path) -> bool:
        """Return whether a file at this path is, or would be, read."""
        ...


def is_same(one: Path, other: Path) -> bool:
    """Return whether two paths lead to one file that is there."""
    try:
        return one.samefile(other)
    except OSError:
        return False
