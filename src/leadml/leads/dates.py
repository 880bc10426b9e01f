"""Dates and times in ISO 8601, one value or a whole column; without an offset they are UTC.

Both ways agree exactly: the column goes through Arrow where Arrow can read all of it, else value by value.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d([.,]\d{1,9})?)?)?(Z|[+-]\d\d(:?[0-5]\d)?)?)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR_ONE = (datetime(1, 1, 2, tzinfo=UTC) - _EPOCH) // _MICROSECOND  # whatever the offset
_MOMENT = pa.timestamp("us", "UTC")


class DatesError(ValueError):
    """Some values of a column are no dates; ``rows`` holds (0-based row, message) of each."""

    def __init__(self, rows: tuple[tuple[int, str], ...]) -> None:
        self.rows = rows
        super().__init__("; ".join(f"row {row}: {message}" for row, message in rows[:3]))


def parse_date(value: object) -> float:
    """Return a date or time as seconds since 1970-01-01 UTC, to the microsecond (further digits are cut).

    Text is ``2026-01-31``, or with a time after ``T`` or a space (``2026-01-31 09:30:15.25``), and with
    ``Z`` or an offset (``+01:00``) after that.

    Raises ValueError for anything else, numbers too.
    """
    return _micros(value) / 1e6


def parse_dates(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column of dates, timestamps or text as timestamp[us, UTC]; null stays null.

    Raises DatesError, naming every row that ``parse_date`` refuses.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        return _by_level(array, parse_dates)
    if pa.types.is_null(array.type) or pa.types.is_date(array.type):
        return array.cast(pa.timestamp("us")).cast(_MOMENT)
    if pa.types.is_timestamp(array.type):
        moments = array.cast(pa.timestamp(array.type.unit, "UTC"))
        if array.type.unit == "ns":
            moments = pc.floor_temporal(moments, unit="microsecond")
        return moments.cast(_MOMENT)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _from_text(array)
    return _one_by_one(array)


def _micros(value: object) -> int:
    if isinstance(value, str):
        value = _from_iso(value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError(f"must be a date such as 2026-01-31, got {value!r}")
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return int((moment - _EPOCH) // _MICROSECOND)


def _from_iso(text: str) -> datetime:
    stripped = text.strip()
    if _ISO.fullmatch(stripped):
        try:
            return datetime.fromisoformat(stripped)
        except ValueError:  # the 31st of February
            pass
    shown = stripped if len(stripped) <= 40 else stripped[:37] + "..."
    raise ValueError(f"must be a date such as 2026-01-31 or 2026-01-31T09:30:00Z, got {shown!r}")


def _from_text(array: pa.Array) -> pa.Array:
    for zone in (None, "UTC"):  # Arrow wants either no offset in any row, or one in each
        try:
            moments = array.cast(pa.timestamp("us", zone)).cast(_MOMENT)
        except pa.ArrowInvalid:
            continue
        earliest = pc.min(moments.cast(pa.int64())).as_py()
        if earliest is None or earliest >= _YEAR_ONE:  # Arrow has a year 0, Python has none
            return moments
    return _by_level(array.dictionary_encode(), _one_by_one)


def _by_level(array: pa.DictionaryArray, read: Callable[[pa.Array], pa.Array]) -> pa.Array:
    """Return the dates of a dictionary, reading each of its values once."""
    try:
        return read(array.dictionary).take(array.indices)
    except DatesError:
        return _one_by_one(array)  # for the rows; or no row has the wrong value


def _one_by_one(array: pa.Array) -> pa.Array:
    micros: list[int | None] = []
    wrong: list[tuple[int, str]] = []
    for row, value in enumerate(array.to_pylist()):
        try:
            micros.append(None if value is None else _micros(value))
        except ValueError as error:
            wrong.append((row, str(error)))
    if wrong:
        raise DatesError(tuple(wrong))
    return pa.array(micros, pa.int64()).cast(_MOMENT)
