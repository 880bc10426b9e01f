"""Dates and times: ISO 8601, and what spreadsheets and CRMs write instead; one value or a whole column.

Without an offset they are UTC. Both ways agree exactly: a column goes through Arrow where Arrow can read all of it,
else value by value. What cannot be read without knowing, ``03/04/2025`` or ``1767225600``, needs the column's format.
"""

import re
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.schema import Format

_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d([.,]\d{1,9})?)?)?(Z|[+-]\d\d(:?[0-5]\d)?)?)?", re.ASCII)
_CLOCK = (
    r"(?:,?[T ]\s*(?P<hour>\d\d?):(?P<rest>\d\d(?::\d\d(?:[.,]\d{1,9})?)?)\s*(?P<half>[AaPp]\.?[Mm]\.?)?"
    r"\s*(?P<offset>Z|UTC|[+-]\d\d(?::?[0-5]\d)?)?)?"
)
SHAPES = (
    re.compile(r"(?P<a>\d\d?)(?P<mark>[./-])(?P<b>\d\d?)(?P=mark)(?P<year>\d{4}|\d\d)" + _CLOCK, re.ASCII),
    re.compile(r"(?P<year>\d{4})(?P<mark>[./-])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)" + _CLOCK, re.ASCII),
    re.compile(r"(?P<day>\d\d?)(?:\. ?|[ -])(?P<name>[A-Za-zä]{3,9})\.?[ -](?P<year>\d{4}|\d\d)" + _CLOCK),
    re.compile(r"(?P<name>[A-Za-z]{3,9})\.? (?P<day>\d\d?),? (?P<year>\d{4})" + _CLOCK),
)
_MONTHS = (
    *("january januar jänner", "february februar feber", "march märz maerz mrz", "april", "may mai", "june juni"),
    *("july juli", "august", "september sept", "october oktober", "november", "december dezember"),
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_YEAR_ONE = (datetime(1, 1, 2, tzinfo=UTC) - _EPOCH) // _MICROSECOND  # whatever the offset
_YEAR_10000 = 253_402_300_800 * 1_000_000
_MOMENT = pa.timestamp("us", "UTC")
_PER_UNIT = {"seconds": 1e6, "milliseconds": 1e3}  # microseconds


class DatesError(ValueError):
    """Some values of a column are no dates; ``rows`` holds (0-based row, message) of each."""

    def __init__(self, rows: tuple[tuple[int, str], ...]) -> None:
        self.rows = rows
        super().__init__("; ".join(f"row {row}: {message}" for row, message in rows[:3]))


def parse_date(value: object, form: Format | None = None) -> float:
    """Return a date or time as seconds since 1970-01-01 UTC, to the microsecond (further digits are cut).

    Text is ``2026-01-31``, or with a time after ``T`` or a space (``2026-01-31 09:30:15.25``), and with ``Z`` or an
    offset (``+01:00``) after that; or ``31.01.2026``, ``31 Jan 2026``, ``Januar 31, 2026``, with a time such as
    ``9:30 AM``. With ``form`` "day_first" or "month_first" also ``31/01/2026`` or ``01/31/2026``; with "seconds" or
    "milliseconds" a number of them since 1970.

    Raises ValueError for anything else.
    """
    return _micros(value, form) / 1e6


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
    if form in _PER_UNIT:
        since = _since_1970(array, form)
        if since is not None:
            return since
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _from_text(array, form)
    return _one_by_one(array, form)


def _since_1970(array: pa.Array, form: Format) -> pa.Array | None:
    """Return a column of numbers since 1970 as moments; None where Arrow cannot read one of them."""
    try:
        micros = pc.round(pc.multiply(array.cast(pa.float64()), _PER_UNIT[form]))
        span = pc.min_max(micros).as_py()
        if span["min"] is not None and not (span["min"] >= _YEAR_ONE and span["max"] < _YEAR_10000):
            return None
        return pc.if_else(pc.is_nan(micros), None, micros).cast(pa.int64()).cast(_MOMENT)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _micros(value: object, form: Format | None) -> int:
    if isinstance(value, str):
        text = value.strip()
        if form in _PER_UNIT and re.fullmatch(r"-?\d+(\.\d*)?", text, re.ASCII):
            return _counted(float(text), form, text)
        value = _from_iso(text) if _ISO.fullmatch(text) else _from_written(text, form)
    elif form in _PER_UNIT and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _counted(float(value), form, value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError(f"must be a date such as 2026-01-31, got {value!r}")
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return int((moment - _EPOCH) // _MICROSECOND)


def _counted(number: float, form: Format, value: object) -> int:
    micros = number * _PER_UNIT[form]
    if not _YEAR_ONE <= micros < _YEAR_10000:
        raise ValueError(f"must be a number of {form} since 1970, got {value!r}")
    return round(micros)


def _from_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:  # the 31st of February
        raise _refused(text) from None


def _from_written(text: str, form: Format | None) -> datetime:
    found = next((match for shape in SHAPES if (match := shape.fullmatch(text))), None)
    if found is None:
        raise _refused(text)
    parts = found.groupdict()
    day, month = parts.get("day"), parts.get("month")
    if "a" in parts:
        if parts["mark"] != "." and form not in ("day_first", "month_first"):
            told = "say day_first or month_first for this column in [leads.formats]"
            raise ValueError(f"must be a date of a known form, got {_shown(text)}; {told}")
        day, month = (parts["b"], parts["a"]) if form == "month_first" else (parts["a"], parts["b"])
    number = int(month) if month else _month(parts["name"])
    year = int(parts["year"])
    year += 0 if len(parts["year"]) == 4 else 2000 if year < 69 else 1900  # as POSIX has it
    try:
        moment = datetime(year, number, int(day or 0), tzinfo=UTC)
        return moment if parts["hour"] is None else datetime.fromisoformat(f"{moment.date()}T{_clock(parts)}")
    except ValueError:
        raise _refused(text) from None


def _month(name: str) -> int:
    """Return the number of a month by its English or German name, or at least three letters of it; 0 for none."""
    names = enumerate(_MONTHS, start=1)
    return next((i for i, known in names if any(m.startswith(name.casefold()) for m in known.split())), 0)


def _clock(parts: dict[str, str]) -> str:
    hour, half = int(parts["hour"]), (parts["half"] or "").casefold()[:1]
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half == "p" else 0)
    offset = (parts["offset"] or "").replace("UTC", "Z")
    return f"{hour:02}:{parts['rest']}{offset}"


def _refused(text: str) -> ValueError:
    return ValueError(f"must be a date such as 2026-01-31 or 2026-01-31T09:30:00Z, got {_shown(text)}")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


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
        if earliest is None or earliest >= _YEAR_ONE:  # Arrow has a year 0, Python has none
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
            micros.append(None if value is None else _micros(value, form))
        except ValueError as error:
            wrong.append((row, str(error)))
    if wrong:
        raise DatesError(tuple(wrong))
    return pa.array(micros, pa.int64()).cast(_MOMENT)
