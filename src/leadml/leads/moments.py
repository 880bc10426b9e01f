"""Columns of dates and times: through Arrow where it can read all of a column, else value by value, alike."""

import re

import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.dates import PER_UNIT, YEAR_10000, YEAR_ONE, microseconds
from leadml.leads.schema import Format

_MOMENT = pa.timestamp("us", "UTC")


class DatesError(ValueError):
    """Some values of a column are no dates; ``rows`` holds (0-based row, message) of each."""

    def __init__(self, rows: tuple[tuple[int, str], ...]) -> None:
        self.rows = rows
        super().__init__("; ".join(f"row {row}: {message}" for row, message in rows[:3]))


def parse_dates(array: pa.Array | pa.ChunkedArray, form: Format | None = None) -> pa.Array:
    """Return a column of dates, timestamps, text or (with such a form) numbers as timestamp[us, UTC]; null stays null.

    Raises DatesError, naming every row that ``parse_date`` refuses.
    """
    if isinstance(array, pa.ChunkedArray):
        array = array.combine_chunks()
    if pa.types.is_dictionary(array.type):
        return _by_level(array, form)
    if pa.types.is_null(array.type) or pa.types.is_date(array.type):
        return array.cast(pa.timestamp("us")).cast(_MOMENT)
    if pa.types.is_timestamp(array.type):
        moments = array.cast(pa.timestamp(array.type.unit, "UTC"))
        if array.type.unit == "ns":
            moments = pc.floor_temporal(moments, unit="microsecond")
        return moments.cast(_MOMENT)
    if form in PER_UNIT:
        since = _since_1970(array, form)
        if since is not None:
            return since
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _from_text(array, form)
    return _one_by_one(array, form)


def _since_1970(array: pa.Array, form: Format) -> pa.Array | None:
    """Return a column of numbers since 1970 as moments; None where Arrow cannot read one of them."""
    try:
        micros = pc.round(pc.multiply(array.cast(pa.float64()), PER_UNIT[form]))
        span = pc.min_max(micros).as_py()
        if span["min"] is not None and not (span["min"] >= YEAR_ONE and span["max"] < YEAR_10000):
            return None
        return pc.if_else(pc.is_nan(micros), None, micros).cast(pa.int64()).cast(_MOMENT)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _from_text(array: pa.Array, form: Format | None) -> pa.Array:
    moments = _iso_column(array)
    return _by_level(array.dictionary_encode(), form) if moments is None else moments


def _iso_column(array: pa.Array) -> pa.Array | None:
    for zone in (None, "UTC"):  # Arrow wants either no offset in any row, or one in each
        try:
            moments = array.cast(pa.timestamp("us", zone)).cast(_MOMENT)
        except pa.ArrowInvalid:
            continue
        earliest = pc.min(moments.cast(pa.int64())).as_py()
        if earliest is None or earliest >= YEAR_ONE:  # Arrow has a year 0, Python has none
            return moments
    return None


def _turned(array: pa.Array, form: Format | None) -> pa.Array | None:
    """Return a column of ``31.1.2026 09:30`` in ISO order; None where a value is written otherwise."""
    marks = r"\./-" if form in ("day_first", "month_first") else r"\."
    shapes = "|".join(rf"\d\d?{mark}\d\d?{mark}" for mark in re.findall(r"\\?.", marks))
    if not pc.all(pc.match_substring_regex(array, rf"^(?:{shapes})\d{{4}}(?: \d\d:\d\d(?::\d\d)?)?$")).as_py():
        return None
    array = pc.replace_substring_regex(array, r"^(\d[./-])", r"0\1")
    array = pc.replace_substring_regex(array, r"^(\d\d[./-])(\d[./-])", r"\10\2")  # \1, then 0
    order = r"\3-\1-\2" if form == "month_first" else r"\3-\2-\1"
    return pc.replace_substring_regex(array, r"^(\d\d)[./-](\d\d)[./-](\d{4})", order)


def _by_level(array: pa.DictionaryArray, form: Format | None) -> pa.Array:
    """Return the dates of a dictionary, reading each of its values once."""
    try:
        return _levels(array.dictionary, form).take(array.indices)
    except DatesError:
        return _one_by_one(array, form)  # for the rows; or no row has the wrong value


def _levels(values: pa.Array, form: Format | None) -> pa.Array:
    if not (pa.types.is_string(values.type) or pa.types.is_large_string(values.type)):
        return parse_dates(values, form)
    turned = _turned(values, form)
    moments = _iso_column(values if turned is None else turned)
    return _one_by_one(values, form) if moments is None else moments


def _one_by_one(array: pa.Array, form: Format | None) -> pa.Array:
    micros: list[int | None] = []
    wrong: list[tuple[int, str]] = []
    for row, value in enumerate(array.to_pylist()):
        try:
            micros.append(None if value is None else microseconds(value, form))
        except ValueError as error:
            wrong.append((row, str(error)))
    if wrong:
        raise DatesError(tuple(wrong))
    return pa.array(micros, pa.int64()).cast(_MOMENT)
