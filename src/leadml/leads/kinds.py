"""Guessing the kind of a column from its name and its values; leadml.toml overrides every guess."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from leadml.leads.coercion import NO, YES, CoercionError, Missing, level, number, plain_text, seconds
from leadml.leads.columns import distinct_values
from leadml.leads.countries import country_code
from leadml.leads.schema import Kind

SAMPLE = 50_000  # rows looked at, spread over the table
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
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Guess:
    """A kind, or None where the column cannot be a field; ``why`` says what spoke for it."""

    kind: Kind | None
    why: str


def guess_kind(name: str, array: pa.Array, placeholders: Collection[str] = ()) -> Guess:
    """Guess the kind of one column of n values."""
    step = max(1, len(array) // SAMPLE)
    codes, distinct = distinct_values(array.take(pa.array(np.arange(0, len(array), step))))
    counts = np.bincount(codes, minlength=len(distinct))
    missing = Missing(placeholders)
    known = [(v, int(n)) for v, n in zip(distinct, counts, strict=True) if n and missing.text(v) is not None]
    if not known:
        return Guess(None, "every value is missing")
    if pa.types.is_timestamp(array.type) or pa.types.is_date(array.type):
        return Guess("date", "dates")
    return _guess_kind(_CAMEL.sub("_", name), [(plain_text(value) or "", n) for value, n in known], missing)


def _guess_kind(name: str, known: list[tuple[str, int]], missing: Missing) -> Guess:
    total = sum(n for _, n in known)

    def share(reads: Callable[[str], bool]) -> float:
        return sum(n for text, n in known if reads(text.strip())) / total

    if share(lambda text: _ADDRESS.fullmatch(text) is not None) >= MIXED:
        return Guess("email", "e-mail addresses; only their type is used, never the address")
    if share(lambda text: text.casefold() in (YES | NO) - NUMERIC) == 1.0:
        return Guess("flag", "yes and no")
    if (PERSONAL.search(name) and not JOB_TITLE.search(name) and share(_counts) < 1.0) or share(_names_address) > 0.05:
        return Guess(None, "personal data is never a field; if it holds none, name its kind in [leads.kinds]")
    identifier = IDENTIFIER.search(name) is not None
    if not identifier and share(lambda text: _reads(number, text, missing)) >= MOST:
        return Guess("number", "numbers")
    if share(lambda text: _reads(seconds, text, missing)) >= MOST:
        return Guess("date", "dates")
    if JOB_TITLE.search(name):
        return Guess("job_title", "the name of the column")
    if COUNTRY.search(name) and share(lambda text: len(country_code(text)) == 2) >= 0.5:
        return Guess("country", "country names")
    levels = {level(text) for text, _ in known}
    if len(levels) > 50 and len(levels) > FREE_TEXT * total:
        return Guess(None, f"nearly every value is different ({len(levels):,} in {total:,}): a name or a note")
    return Guess("category", f"{len(levels):,} levels")


def _counts(text: str) -> bool:
    return text.isdigit() and len(text) <= 3  # how often somebody was on the phone is no phone number


def _names_address(text: str) -> bool:
    return "@" in text and _ADDRESS.search(text) is not None


def _reads(read: Callable[[object, Missing], object], text: str, missing: Missing) -> bool:
    try:
        return read(text, missing) is not None
    except CoercionError:
        return False
