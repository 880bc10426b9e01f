"""Guessing the kind of a column from its name and its values; leadml.toml overrides every guess."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from leadml.leads.coercion import NO, YES, CoercionError, Missing, level, number, seconds
from leadml.leads.columns import distinct_values
from leadml.leads.countries import country_code
from leadml.leads.schema import Kind

SAMPLE = 50_000  # rows looked at, spread over the table
MOST = 0.95  # share of the known values that must read as a kind
FREE_TEXT = 0.5  # share of distinct values from which text is a name or a note, not a category

_WORD_START, _WORD_END = r"(?:^|[\W_])", r"(?:$|[\W_])"
COUNTRY = re.compile(_WORD_START + r"(country|land|nation|staat)" + _WORD_END, re.IGNORECASE)
JOB_TITLE = re.compile(
    r"job.?title|jobtitel|job.?position|berufsbezeichnung|stellenbezeichnung|^(title|position|funktion)$",
    re.IGNORECASE,
)
PERSONAL = re.compile(
    _WORD_START + r"(phone|telefon|mobile|mobil|fax|(first|last|full|sur|contact|lead|company|account).?name|"
    r"vorname|nachname|firmenname|ansprechpartner|street|stra(ß|ss)e|address|adresse|name)" + _WORD_END,
    re.IGNORECASE,
)


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
    if pa.types.is_temporal(array.type):
        return Guess("date", "dates")
    if pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_decimal(array.type):
        return Guess("number", "numbers")
    return _guess_text(name, known, missing)


def _guess_text(name: str, known: list[tuple[object, int]], missing: Missing) -> Guess:
    total = sum(n for _, n in known)

    def share(reads: Callable[[str], bool]) -> float:
        return sum(n for value, n in known if reads(str(value).strip())) / total

    if share(lambda text: re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text) is not None) >= MOST:
        return Guess("email", "e-mail addresses; only their type is used, never the address")
    if PERSONAL.search(name) and not JOB_TITLE.search(name):
        return Guess(None, "personal data is never a field")
    if share(lambda text: text.casefold() in YES | NO and not text.isdigit()) == 1.0:
        return Guess("flag", "yes and no")
    if share(lambda text: _reads(number, text, missing)) >= MOST:
        return Guess("number", "numbers")
    if share(lambda text: _reads(seconds, text, missing)) >= MOST:
        return Guess("date", "dates")
    if JOB_TITLE.search(name):
        return Guess("job_title", "the name of the column")
    if COUNTRY.search(name) and share(lambda text: len(country_code(text)) == 2) >= 0.5:
        return Guess("country", "country names")
    levels = {level(str(value)) for value, _ in known}
    if len(levels) > 50 and len(levels) > FREE_TEXT * total:
        return Guess(None, f"nearly every value is different ({len(levels):,} in {total:,}): a name or a note")
    return Guess("category", f"{len(levels):,} levels")


def _reads(read: Callable[[object, Missing], object], text: str, missing: Missing) -> bool:
    try:
        return read(text, missing) is not None
    except CoercionError:
        return False
