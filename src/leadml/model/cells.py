"""Arrow columns as the cells of a file: as texts, and as what an Excel cell may hold."""

import json
import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.numbers import parse_number
from leadml.leads.schema import Format

Cell = str | float | bool | None

TEXT_MOST = 32_767  # UTF-16 units of one cell in Excel
DIGITS_MOST = 10**15 - 1  # Excel shows 15 digits and makes the others 0
_EPOCH = 25_569  # 1970-01-01 as Excel counts days
_FIRST, _BEYOND = 61, 2_958_466  # 1900-03-01 (before it, Excel has a day that never was) and the end of 9999
_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_PLAIN = re.compile("[+-]?[0-9][0-9.,]*")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML may hold these
_LINES = re.compile("\r\n?")
_UNCLEAN = "[\x01-\x08\x0b-\x1f\ufffe\uffff]|\\x00"


def as_texts(array: pa.Array) -> pa.Array:
    """Return a column (n,) of any type as texts; what is no single value is JSON, null is null."""
    if pa.types.is_string(array.type):
        return array
    try:
        return array.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        values = array.to_pylist()
        return pa.array([None if v is None else json.dumps(v, default=str) for v in values], pa.string())


def excel_cells(array: pa.Array) -> list[Cell]:
    """Return a column (n,) as Excel's cells: numbers (dates too), truths, texts; None is an empty cell.

    What Excel would show as another value is text: whole numbers of more than 15 digits, infinite numbers, dates
    before March 1900. NaN and the empty text are empty cells.
    """
    kind = array.type
    if pa.types.is_dictionary(kind):
        if len(array.dictionary) > len(array):
            return excel_cells(array.dictionary.take(array.indices))
        values = excel_cells(array.dictionary)
        return [None if code is None else values[code] for code in array.indices.to_pylist()]
    if pa.types.is_boolean(kind):
        return array.to_pylist()  # type: ignore[no-any-return]
    if pa.types.is_integer(kind):
        return [x if x is None or -DIGITS_MOST <= x <= DIGITS_MOST else str(x) for x in array.to_pylist()]
    if pa.types.is_floating(kind):
        return _floats(array)
    if pa.types.is_decimal(kind) and kind.precision <= 15:
        return _floats(array.cast(pa.float64()))
    if is_day(kind) or pa.types.is_timestamp(kind):
        return _moments(array)
    return _texts(as_texts(array))


def number_cells(cells: Iterable[Cell], form: Format | None) -> list[Cell]:
    """Return cells with the texts that are plain numbers as numbers, so that a spreadsheet can add them up.

    A text with a unit or of more than 15 digits stays.
    """
    return [_number(cell, form) if isinstance(cell, str) else cell for cell in cells]


def _number(text: str, form: Format | None) -> Cell:
    if not _PLAIN.fullmatch(text) or sum(map(str.isdigit, text)) > len(str(DIGITS_MOST)):
        return text
    try:
        return parse_number(text, form)
    except ValueError:
        return text


def is_day(kind: pa.DataType) -> bool:
    """Whether a type holds days."""
    return bool(pa.types.is_date(kind))


def clean(text: str) -> str:
    """Return a text as an Excel cell can hold it.

    Characters that no XML may hold are shown as ``�``, lines end with a line feed, and what is too long ends
    with ``…``.
    """
    text = _LINES.sub("\n", _ILLEGAL.sub("\ufffd", text))
    if len(text) <= TEXT_MOST // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * TEXT_MOST:
        return text
    return units[: 2 * (TEXT_MOST - 1)].decode("utf-16-le", errors="ignore") + "…"  # no half of a character


def _texts(array: pa.Array) -> list[Cell]:
    longest = pc.max(pc.binary_length(array)).as_py() or 0
    values = array.to_pylist()
    if longest > TEXT_MOST or pc.any(pc.match_substring_regex(array, _UNCLEAN)).as_py():
        values = [None if value is None else clean(value) for value in values]
    return [value or None for value in values]


def _floats(array: pa.Array) -> list[Cell]:
    numbers = array.cast(pa.float64()).to_numpy(zero_copy_only=False)
    values: list[Cell] = numbers.tolist()
    for row in np.flatnonzero(~np.isfinite(numbers)):
        values[row] = None if np.isnan(numbers[row]) else str(values[row])
    return values


def _moments(array: pa.Array) -> list[Cell]:
    if pa.types.is_date32(array.type):
        days = array.cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.float64)
    else:
        per_day = _PER_DAY[getattr(array.type, "unit", "ms")]  # a date64 counts milliseconds
        days = array.cast(pa.int64()).to_numpy(zero_copy_only=False).astype(np.float64) / per_day
    serials = days + _EPOCH
    values: list[Cell] = serials.tolist()
    held = (serials >= _FIRST) & (serials < _BEYOND)
    for row in np.flatnonzero(~held):
        values[row] = as_texts(array[row : row + 1])[0].as_py()
    return values
