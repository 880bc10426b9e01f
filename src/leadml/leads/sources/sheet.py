"""From the rows of a worksheet to typed columns: where the header is, which columns there are, of what type.

The header is the first of the first 50 filled rows whose distinct texts are at least two thirds as many as the filled
cells of the widest row, and more than half of its own cells; titles and remarks above a table are narrower, and rows of
data hold numbers, dates and repeated words. Where there is none, it is the first filled row.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from leadml.errors import SourceError
from leadml.leads.sources.dialect import check_names
from leadml.leads.sources.values import cast, cell_text, column, common_type, value_type

Row = Sequence[object]
ERRORS = frozenset({"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#FIELD!"})
_CANDIDATES, _HEAD = 50, 150  # filled rows that may be the header, and in which the widest is looked for
_AT_ONCE = 10_000  # rows that are held as Python's values


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet as a table: n rows, their numbers (n,) in the sheet, the row of its header, texts such as #N/A."""

    table: pa.Table
    numbers: NDArray[np.int64]
    header_row: int
    n_errors: int


def read_sheet(name: str, rows: Iterable[Row], *, first_column: int, header_row: int | None) -> Sheet:
    """Return a worksheet's rows (from its first one on) as a table.

    Blank rows are left out, and columns with neither a name nor a value. A column with values alone is called after
    its place in the sheet, where ``first_column`` is that of the first cells.

    Raises SourceError, which calls the sheet ``name``: no header, or a name twice.
    """
    filled: Iterator[tuple[int, Row]]
    filled = ((number, row) for number, row in enumerate(rows, start=1) if row.count("") < len(row))
    if header_row is None:
        head = list(islice(filled, _HEAD))
        start = _header_at([row for _, row in head])
        filled = chain(head[start:], filled)
    else:
        filled = ((number, row) for number, row in filled if number >= header_row)
    at, header = next(filled, (0, ()))
    if not at:
        raise SourceError(f"{name} must hold a header and rows, got no filled row; check the sheet")
    if header_row is not None and at != header_row:
        raise SourceError(f"{name} must have column names in row {header_row}, got an empty row; mend header_row")
    return _typed(name, header, at, filled, first_column)


def _header_at(rows: Sequence[Row]) -> int:
    """Return the place of the header among the first filled rows."""
    widths = [len(row) - row.count("") for row in rows]
    for at, row in enumerate(rows[:_CANDIDATES]):
        texts = len({cell.strip() for cell in row if isinstance(cell, str)} - {""})
        if 3 * texts >= 2 * max(widths) and 2 * texts > widths[at]:
            return at
    return 0


def _typed(name: str, header: Row, at: int, rows: Iterator[tuple[int, Row]], first_column: int) -> Sheet:
    numbers: list[int] = []
    pieces: list[list[pa.Array]] = [[] for _ in header]
    n_errors = 0
    while some := list(islice(rows, _AT_ONCE)):
        numbers += [number for number, _ in some]
        for piece, values in zip(pieces, zip(*(row for _, row in some), strict=True), strict=True):
            cells = [None if value == "" or value in ERRORS else value for value in values]
            n_errors += cells.count(None) - values.count("")
            piece.append(_column(cells))
    names, columns = [], []
    for place, (cell, piece) in enumerate(zip(header, pieces, strict=True), start=first_column):
        text = (cell_text(cell) or "").strip("\ufeff \t\r\n")
        if text or any(array.null_count < len(array) for array in piece):
            names.append(text or f"column_{place}")
            columns.append(_together(piece))
    check_names(name, names, line=at)
    return Sheet(pa.Table.from_arrays(columns, names=names), np.array(numbers, dtype=np.int64), at, n_errors)


def _column(values: Sequence[object]) -> pa.Array:
    kinds = set(map(type, values))
    if kinds == {type(None)}:
        return pa.nulls(len(values))
    return column(values, value_type(kinds, whole=pa.float64()))


def _together(pieces: Sequence[pa.Array]) -> pa.ChunkedArray:
    kind = common_type(piece.type for piece in pieces)
    return pa.chunked_array([cast(piece, kind) for piece in pieces], kind)
