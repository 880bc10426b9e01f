"""One coercion for every path: training, command line, HTTP and batches read a value the same way.

Each kind has a scalar *reader*: a value in, one value per part out (float or text; None is missing). A batch
applies the same reader to the distinct values of a column; only numbers and dates take a faster way, which
falls back to the reader for whatever it cannot settle. Infinite numbers are refused here, once, for all.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from typing import Any, Final

from leadml.leads.countries import country_code
from leadml.leads.dates import parse_date
from leadml.leads.emails import email_type
from leadml.leads.numbers import NUMBER, parse_number
from leadml.leads.placeholders import COUNTRY_CODES, PLACEHOLDERS
from leadml.leads.schema import Field, Format, Kind
from leadml.leads.titles import parse_title

PartValue = float | str | None
Reader = Callable[[object, float], tuple[PartValue, ...]]

DAY: Final = 86_400.0
EPOCH: Final = date(1970, 1, 1).toordinal()
FIRST: Final = (1 - EPOCH) * DAY  # the moments that Python has: from the year 1 up to the end of 9999
BEYOND: Final = (date.max.toordinal() + 1 - EPOCH) * DAY
WHOLE = re.compile(r"(-?\d+)\.0+", re.ASCII)
ADDRESS = re.compile(r"(?<![^\s@'\"<>])[^\s@'\"<>]+@(?=[^\s@])")  # looked for once a word, not once a letter
SEPARATORS: Final[dict[Format, str]] = {"semicolons": ";", "commas": ",", "bars": "|"}
YES = frozenset({"yes", "y", "true", "t", "1", "1.0", "ja", "j", "wahr", "on", "x"})
OPT_OUT = frozenset(
    {
        *("stop", "opt-out", "opt out", "optout", "opted out", "unsubscribed", "blocked", "do not call"),
        *("do not contact", "do not allow", "gesperrt", "sperre", "werbesperre", "abgemeldet", "nicht zulassen"),
        *("nicht kontaktieren", "nicht anrufen"),
    }
)
OPT_IN = frozenset({"allow", "allowed", "opt-in", "opt in", "opted in", "subscribed", "zulassen", "erlaubt"})
NO = frozenset({"no", "n", "false", "f", "0", "0.0", "nein", "falsch", "off"})


class CoercionError(ValueError):
    """A value that cannot be read as its column's kind; the message says what it must be."""


class Beyond(str):
    """A moment of Arrow outside the years 1 to 9999, in words: Python has no date for it."""

    __slots__ = ()


class Missing:
    """Says which texts and numbers mean that a value is missing."""

    def __init__(self, extra: Iterable[str] = (), *, kind: Kind = "category") -> None:
        own = frozenset(level(text) for text in extra)
        self.texts = ((PLACEHOLDERS - COUNTRY_CODES) if kind == "country" else PLACEHOLDERS) | own
        self.numbers = frozenset(float(text) for text in own if NUMBER.fullmatch(text))
        self._moments = frozenset(_moments(own))

    def moments(self, form: Format | None) -> frozenset[float]:
        """Return the moments, in seconds since 1970, that mean missing in a column of dates of this form."""
        units = {"seconds": 1.0, "milliseconds": 1000.0}
        return self._moments | {number / units[form] for number in self.numbers} if form in units else self._moments

    def text(self, value: object) -> str | None:
        """Return a value as stripped text, or None where it is missing."""
        text = plain_text(value)  # "nan", "NaT" and "<NA>" are placeholders
        stripped = "" if text is None else text.strip()
        return None if not stripped or level(stripped) in self.texts else stripped


def identity(value: object) -> str | None:
    """Return an id as text, as it is written; None where there is none."""
    text = plain_text(value)
    return None if not text or (text in ("nan", "NaT", "<NA>") and not isinstance(value, str)) else text


def plain_text(value: object) -> str | None:
    """Return a value as text, whole numbers without a point; None stays None."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bytes):  # Parquet files may hold text that is not marked as such
        return value.decode(errors="replace")
    value = _own(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def _own(value: Any) -> object:
    """Return numpy's numbers as Python's: ``str`` of a float32 is not the number that Arrow reads."""
    return value.item() if hasattr(value, "item") else value


def fold(text: str) -> str:
    """Return text in the one form in which levels and placeholders are compared."""
    return " ".join(text.split()).casefold()


def level(text: str) -> str:
    """Return the level that a category's text stands for: folded, and ``1.0`` as ``1``."""
    folded = fold(text)
    whole = WHOLE.fullmatch(folded)
    return whole[1] if whole else folded


def number(value: object, missing: Missing, form: Format | None = None) -> float | None:
    """Return a value as a finite number, or None where it is missing; ``form`` is how a text writes it."""
    value = value if isinstance(value, str) else _own(value)
    if isinstance(value, (int, float)):
        result = _float(value)
    else:
        text = missing.text(value)
        if text is None:
            return None
        result = _number_text(text, form)
    return _finite(result, missing)


def _number_text(text: str, form: Format | None) -> float:
    try:
        return parse_number(text, form)
    except ValueError as error:
        folded = text.casefold()
        if folded in ("true", "false"):
            return float(folded == "true")
        if folded.strip("+-") in {"nan", "inf", "infinity"}:
            return float(text)
        doubt = NUMBER.fullmatch(text.replace(",", ""))
        mend = "; say decimal_point or decimal_comma for this column in [leads.formats]" if doubt else ""
        raise CoercionError(f"{error}, got {shown(text)}{mend}") from None


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _finite(value: float, missing: Missing) -> float | None:
    if math.isinf(value):
        raise CoercionError(f"must be a finite number, got {value}")
    return None if math.isnan(value) or value in missing.numbers else value


def flag(value: object, missing: Missing) -> str | None:
    """Return a value as "yes" or "no", or None where it is missing."""
    text = missing.text(value)
    if text is None:
        return None
    folded = text.casefold()
    if folded in YES:
        return "yes"
    if folded in NO:
        return "no"
    raise CoercionError(f"must be yes or no, got {shown(text)}")


def asks_out(value: object, missing: Missing) -> bool:
    """Return whether a value says that a lead is not to be contacted; missing says nothing."""
    text = missing.text(value)
    if text is None or level(text) in OPT_IN:
        return False
    return level(text) in OPT_OUT or flag(text, missing) == "yes"


def seconds(value: object, missing: Missing, form: Format | None = None) -> float | None:
    """Return a date as seconds since 1970 (UTC), or None where it is missing; ``form`` is how it is written."""
    if isinstance(value, Beyond):
        raise _beyond(value)
    if isinstance(value, (bytes, list, dict)):
        value = plain_text(value)  # as a column of them is read
    if not isinstance(value, date):
        text = missing.text(value)
        if text is None:
            return None
        counted = form in ("seconds", "milliseconds")
        if not (isinstance(value, str) or counted) or "@" in text:
            raise CoercionError(f"must be a date such as 2026-01-31, got {shown(value)}")
        value = text if isinstance(value, str) else _own(value)
    elif value != value:  # noqa: PLR0124 - pandas' NaT is a datetime
        return None
    try:
        at = parse_date(value, form)
    except ValueError as error:
        raise CoercionError(str(error)) from None
    if not FIRST <= at < BEYOND:
        raise _beyond(value)
    return None if at in missing.moments(form) else at


def _beyond(value: object) -> CoercionError:
    got = shown(str(value))
    return CoercionError(f"must be a date between the years 1 and 9999, got {got}; mend it")


def _moments(texts: Iterable[str]) -> Iterator[float]:
    for text in texts:
        try:
            yield parse_date(text.upper())  # the "T" and "Z" of a folded one
        except ValueError:
            continue


def shown(value: object) -> str:
    """Return a value as a message shows it: quoted, in at most 40 characters, and no e-mail address."""
    text = ADDRESS.sub("***@", repr(value))
    return text if len(text) <= 40 else text[:37] + "..."


def _read_category(missing: Missing, _field: Field) -> Reader:
    def read(value: object, _created: float) -> tuple[PartValue, ...]:
        text = missing.text(value)
        return (None if text is None else level(text),)

    return read


def _read_number(missing: Missing, field: Field) -> Reader:
    form = field.format
    return lambda value, _created: (number(value, missing, form),)


def _read_flag(missing: Missing, _field: Field) -> Reader:
    return lambda value, _created: (flag(value, missing),)


def date_parts(at: float, created: float) -> tuple[PartValue, ...]:
    """Return (age in days at ``created``, month "1".."12", weekday "1".."7" from Monday) of a moment.

    A moment after ``created`` was not known when the lead came in: all three are missing.
    """
    if at > created:
        return (None, None, None)
    day = date.fromordinal(min(max(math.floor(at / DAY) + EPOCH, 1), date.max.toordinal()))
    age = (created - at) / DAY
    return (None if math.isnan(age) else age, str(day.month), str(day.isoweekday()))


def _read_date(missing: Missing, field: Field) -> Reader:
    form = field.format

    def read(value: object, created: float) -> tuple[PartValue, ...]:
        at = seconds(value, missing, form)
        return (None, None, None) if at is None else date_parts(at, created)

    return read


def _read_job_title(missing: Missing, _field: Field) -> Reader:
    def read(value: object, _created: float) -> tuple[PartValue, ...]:
        text = missing.text(value)
        if text is None:
            return (None, None)
        title = parse_title(text)
        return (title.seniority, title.function)

    return read


def _read_email(missing: Missing, _field: Field) -> Reader:
    def read(value: object, _created: float) -> tuple[PartValue, ...]:
        text = missing.text(value)
        return (None if text is None else email_type(text),)

    return read


def _read_country(missing: Missing, _field: Field) -> Reader:
    def read(value: object, _created: float) -> tuple[PartValue, ...]:
        text = missing.text(value)
        return (None if text is None else country_code(text),)

    return read


def _read_list(missing: Missing, field: Field) -> Reader:
    levels, nothing = field.levels, (None,) * (1 + len(field.levels))

    def read(value: object, _created: float) -> tuple[PartValue, ...]:
        held = items(value, missing, field.format)
        if not held:
            return nothing
        return (float(len(held)), *("yes" if item in held else "no" for item in levels))

    return read


def items(value: object, missing: Missing, form: Format | None) -> frozenset[str]:
    """Return the distinct items of a list in a cell as levels; empty where it is missing."""
    mark = SEPARATORS[form or "semicolons"]
    text = missing.text(joined(value, mark))
    held = [] if text is None else text.strip("[]{}").split(mark)
    return frozenset(level(item) for one in held if (item := one.strip(" \t\"'")) and missing.text(item))


def joined(value: object, mark: str) -> object:
    """Return a stored list as the text that an export has for it; any other value as it is."""
    return mark.join(plain_text(item) or "" for item in value) if isinstance(value, (list, tuple)) else value


_READERS: Final[dict[Kind, Callable[[Missing, Field], Reader]]] = {
    "number": _read_number,
    "category": _read_category,
    "flag": _read_flag,
    "date": _read_date,
    "job_title": _read_job_title,
    "email": _read_email,
    "country": _read_country,
    "list": _read_list,
}


def reader(field: Field, placeholders: Collection[str] = ()) -> Reader:
    """Return the scalar reader of a field: ``read(value, created_seconds) -> one value per part``.

    Raises CoercionError from the reader where a value cannot be read as the field's kind.
    """
    return _READERS[field.kind](Missing(placeholders, kind=field.kind), field)
