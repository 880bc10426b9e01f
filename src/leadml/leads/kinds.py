"""Guessing the kind of a column from its name and its values; leadml.toml overrides every guess."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from leadml.leads.coercion import NO, YES, CoercionError, Missing, level, number, seconds
from leadml.leads.countries import country_code
from leadml.leads.forms import date_form, epoch_form, guess_list, list_form, number_form
from leadml.leads.reading import distinct_values
from leadml.leads.schema import Format, Kind

SAMPLE = 20_000  # rows looked at, spread over the table
MOST = 0.95  # share of the known values that must read as a kind
MIXED = 0.5  # share of e-mail addresses from which the rest are taken for slips
NUMERIC = frozenset({"0", "1", "0.0", "1.0"})  # yes and no, but more often a count
FREE_TEXT = 0.5  # share of distinct values from which text is a name or a note, not a category

_WORD_START, _WORD_END = r"(?:^|[\W_])", r"(?:$|[\W_])"
COUNTRY = re.compile(_WORD_START + r"(country|land|nation|staat)" + _WORD_END, re.IGNORECASE)
JOB_TITLE = re.compile(
    r"job.?title|jobtitel|job.?position|berufsbezeichnung|stellenbezeichnung|^(title|position|funktion)$",
    re.IGNORECASE,
)
_WHOSE = (
    "first|last|full|sur|given|family|middle|maiden|nick|contact|lead|prospect|customer|client|person|user|owner|"
    "company|account|organi[sz]ation|firm|business|employer"
)
PERSONAL = re.compile(
    _WORD_START + r"(phone|telephone|tel|telefon|telefonnummer|rufnummer|handy|handynummer|mobile|mobil|fax|faxnummer|"
    rf"({_WHOSE}).?name|name.?({_WHOSE})|(vor|nach|familien|firmen|kunden)name|ansprechpartner|"
    r"street|stra(ß|ss)e|anschrift|address|adresse)" + _WORD_END + r"|^name$",
    re.IGNORECASE,
)
IDENTIFIER = re.compile(
    _WORD_START + r"(id|uuid|guid|nr|number|zip|plz|(zip|postal|post).?code|postleitzahl)$",
    re.IGNORECASE,
)
DATE = re.compile(
    _WORD_START
    + r"(at|on|date|datum|time|zeit|zeitpunkt|timestamp|created|modified|updated|erstellt|angelegt)"
    + _WORD_END,
    re.IGNORECASE,
)
_FORMS: dict[Format, str] = {
    "decimal_point": "numbers with a decimal point",
    "decimal_comma": "numbers with a decimal comma",
    "day_first": "dates with the day first",
    "month_first": "dates with the month first",
    "seconds": "dates as seconds since 1970",
    "milliseconds": "dates as milliseconds since 1970",
    "semicolons": "lists between semicolons",
    "commas": "lists between commas",
    "bars": "lists between bars",
}
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind, or None where the column cannot be a field; ``why`` says what spoke for it.

    ``format`` is how the values are written, None where that needs no telling; ``levels`` are the items of a list.
    ``sure`` is False where a person should look.
    """

    kind: Kind | None
    why: str
    format: Format | None = None
    levels: tuple[str, ...] = ()
    sure: bool = True


def guess_kind(
    name: str, array: pa.Array, placeholders: Collection[str] = (), *, default: Format | None = None
) -> Guess:
    """Guess the kind of one column of n values; ``default`` is the decimal mark of the other columns."""
    missing = Missing(placeholders)
    known = _known(array, missing)
    if not known:
        return Guess(None, "every value is missing")
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        return Guess("date", "dates")
    return _Values(_CAMEL.sub("_", name), known, missing, default).guess()


def read_as(
    kind: Kind,
    array: pa.Array,
    placeholders: Collection[str] = (),
    *,
    form: Format | None = None,
    default: Format | None = None,
) -> Guess:
    """Return how a column of a known kind is written; ``form`` is what is told of it, ``default`` as above."""
    missing = Missing(placeholders, kind=kind)
    known = _known(array, missing)
    if kind == "list":
        found = list_form(known, missing, form)
        return Guess(kind, found[0].why, found[0].format, found[1])
    if form is not None or kind not in ("number", "date"):
        return Guess(kind, f"{_FORMS[form]}, set in leadml.toml" if form else "set in leadml.toml", form)
    seen = number_form(known, default=default) if kind == "number" else epoch_form(known) or date_form(known)
    return Guess(kind, seen.why, seen.format, sure=seen.sure)


def _known(array: pa.Array, missing: Missing) -> list[tuple[str, int]]:
    """Return the distinct known values of a sample of a column as stripped text, and how often each occurs."""
    step = max(1, len(array) // SAMPLE)
    codes, distinct = distinct_values(array.take(pa.array(np.arange(0, len(array), step))))
    counts = np.bincount(codes, minlength=len(distinct)).tolist()
    texts = ((missing.text(value), n) for value, n in zip(distinct, counts, strict=True) if n)
    return [(text, n) for text, n in texts if text is not None]


class _Values:
    """The known values of a column, each with how often it occurs."""

    def __init__(self, name: str, known: list[tuple[str, int]], missing: Missing, default: Format | None) -> None:
        self._name = name
        self._known = known
        self._total = sum(n for _, n in known)
        self._missing = missing
        self._default = default

    def guess(self) -> Guess:
        if self._share(lambda text: _ADDRESS.fullmatch(text) is not None) >= MIXED:
            return Guess("email", "e-mail addresses; only their type is used, never the address")
        if self._share(lambda text: text.casefold() in (YES | NO) - NUMERIC) == 1.0:
            return Guess("flag", "yes and no")
        if self._is_personal():
            return Guess(None, "personal data is never a field; if it holds none, name its kind in [leads.kinds]")
        return self._date() or self._number() or self._category()

    def _share(self, reads: Callable[[str], bool]) -> float:
        return sum(n for text, n in self._known if reads(text)) / self._total

    def _is_personal(self) -> bool:
        named = PERSONAL.search(self._name) and not JOB_TITLE.search(self._name) and self._share(_counts) < 1.0
        return bool(named) or self._share(_names_address) > 0.05

    def _date(self) -> Guess | None:
        epoch = epoch_form(self._known) if DATE.search(self._name) else None
        form = epoch or date_form(self._known)
        if not self._mostly(lambda text: seconds(text, self._missing, form.format)):
            return None
        return Guess("date", form.why, form.format, sure=form.sure)

    def _number(self) -> Guess | None:
        if IDENTIFIER.search(self._name):
            return None
        form = number_form(self._known, default=self._default)
        if not self._mostly(lambda text: number(text, self._missing, form.format)):
            return None
        return Guess("number", form.why, form.format, sure=form.sure)

    def _mostly(self, read: Callable[[str], float | None]) -> bool:
        """Return whether enough of the values can be read; stops as soon as too many cannot."""
        left = (1 - MOST) * self._total + 1e-9
        for text, n in self._known:
            try:
                ok = read(text) is not None
            except CoercionError:
                ok = False
            left -= 0 if ok else n
            if left < 0:
                return False
        return True

    def _category(self) -> Guess:
        if JOB_TITLE.search(self._name):
            return Guess("job_title", "the name of the column")
        if COUNTRY.search(self._name) and self._share(lambda text: len(country_code(text)) == 2) >= 0.5:
            return Guess("country", "country names")
        if listed := guess_list(self._known, self._missing):
            form, held = listed
            return Guess("list", form.why, form.format, held)
        n = len({level(text) for text, _ in self._known})
        if n > 50 and n > FREE_TEXT * self._total:
            return Guess(None, f"nearly every value is different ({n:,} in {self._total:,}): a name or a note")
        return Guess("category", f"{n:,} levels")


def _counts(text: str) -> bool:
    return text.isdigit() and len(text) <= 3  # how often somebody was on the phone is no phone number


def _names_address(text: str) -> bool:
    return "@" in text and _ADDRESS.search(text) is not None
