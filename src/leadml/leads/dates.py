"""Dates and times: ISO 8601, and what spreadsheets and CRMs write instead.

Without an offset they are UTC. What cannot be read without knowing, ``03/04/2025`` or ``1767225600``, needs the
column's format. ``moments`` reads whole columns the same way.
"""

import re
from datetime import UTC, date, datetime, timedelta

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
_COUNTED = re.compile(r"-?\d+(\.\d*)?(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
YEAR_ONE = (datetime(1, 1, 2, tzinfo=UTC) - _EPOCH) // _MICROSECOND  # whatever the offset
YEAR_10000 = 253_402_300_800 * 1_000_000
PER_UNIT = {"seconds": 1e6, "milliseconds": 1e3}  # microseconds


def parse_date(value: object, form: Format | None = None) -> float:
    """Return a date or time as seconds since 1970-01-01 UTC, to the microsecond (further digits are cut).

    Text is ``2026-01-31``, or with a time after ``T`` or a space (``2026-01-31 09:30:15.25``), and with ``Z`` or an
    offset (``+01:00``) after that; or ``31.01.2026``, ``31 Jan 2026``, ``Januar 31, 2026``, with a time such as
    ``9:30 AM``. With ``form`` "day_first" or "month_first" also ``31/01/2026`` or ``01/31/2026``; with "seconds" or
    "milliseconds" a number of them since 1970.

    Raises ValueError for anything else.
    """
    return microseconds(value, form) / 1e6


def parse_moment(value: object) -> datetime:
    """Return a date or time, as ``parse_date`` reads it, as a moment in UTC; raises ValueError."""
    try:
        return datetime.fromtimestamp(parse_date(value), UTC)
    except (OverflowError, OSError):
        raise ValueError(f"must be a date between the years 1 and 9999, got {value!r}") from None


def microseconds(value: object, form: Format | None) -> int:
    """Return a date or time as whole microseconds since 1970-01-01 UTC, as ``parse_date`` reads it."""
    if isinstance(value, str):
        text = value.strip()
        if form in PER_UNIT and _COUNTED.fullmatch(text):
            return _counted(float(text), form, text)
        value = _from_iso(text) if _ISO.fullmatch(text) else _from_written(text, form)
    elif form in PER_UNIT and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _counted(float(value), form, value)
    elif isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise ValueError(f"must be a date such as 2026-01-31, got {value!r}")
    moment = value if value.tzinfo else value.replace(tzinfo=UTC)
    return int((moment - _EPOCH) // _MICROSECOND)


def _counted(number: float, form: Format, value: object) -> int:
    micros = number * PER_UNIT[form]
    if not YEAR_ONE <= micros < YEAR_10000:
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
