"""Turning clean facts into the text of a CRM export: spellings, placeholders, stray spaces, addresses.

Every function returns an Arrow array of n texts; null is an empty cell. Without ``messy`` each level has
one spelling and a missing value is null.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadml.leads.sample import words
from leadml.leads.sample.draw import MISSING, Bools, Floats, Ints
from leadml.leads.sample.hidden import Hidden

SLIPS = 0.03  # share of texts with a stray space or another case
SHOWN = 0.35  # share of the missing values that are shown as a placeholder


def spell(
    rng: np.random.Generator,
    codes: Ints,
    levels: Sequence[Sequence[str]],
    *,
    messy: bool,
    tidy: float,
) -> pa.Array:
    """Spell codes, shape (n,), as people do.

    ``tidy`` is the share of texts with the first spelling of their level; the other spellings are equally
    frequent.
    """
    n = len(codes)
    pool = [_slipped(spelling) for spellings in levels for spelling in spellings]
    counts = np.array([len(spellings) for spellings in levels])
    first = np.cumsum(counts) - counts
    tidy_draw, which, slip, slip_kind = rng.random((4, n))
    other = 1 + (which * (counts[codes] - 1)).astype(np.int64)
    choice = first[codes] + np.where((tidy_draw < tidy) | (counts[codes] == 1), 0, other) * messy
    kind = np.where((slip < SLIPS) & messy, 1 + (slip_kind * 4).astype(np.int64), 0)
    texts = pa.array([text for slipped in pool for text in slipped])
    return with_placeholders(rng, texts.take(pa.array(choice * 5 + kind)), codes == MISSING, messy=messy)


def with_placeholders(
    rng: np.random.Generator, texts: pa.Array, missing: Bools, *, messy: bool, share: float = SHOWN
) -> pa.Array:
    """Empty the texts where they are missing, shape (n,); a share of these places shows a placeholder."""
    rows = np.flatnonzero(missing)
    shown = rng.random(len(rows)) < share * float(messy)
    code = np.where(shown, rng.integers(0, len(words.PLACEHOLDERS), len(rows)), len(words.PLACEHOLDERS))
    stand_in = pa.array([*words.PLACEHOLDERS, None]).take(pa.array(code))
    return pc.replace_with_mask(texts, pa.array(missing), stand_in)


def plain(codes: Ints, levels: Sequence[str | None]) -> pa.Array:
    """Spell codes, shape (n,), in the only spelling there is."""
    return pa.array([*levels, None]).take(pa.array(np.where(codes == MISSING, len(levels), codes)))


def numbered(letter: str, numbers: Ints) -> pa.Array:
    """Return ids such as L0000001, shape (n,)."""
    return pc.binary_join_element_wise(letter, pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 7, "0"), "")


def moments(seconds: Ints | pa.Array) -> pa.Array:
    """Return ISO times to the second (UTC) of seconds since 1970, shape (n,)."""
    texts = pa.array(seconds, pa.timestamp("s")).cast(pa.string())
    return pc.replace_substring(texts, " ", "T")


def days(seconds: Floats) -> pa.Array:
    """Return ISO dates of seconds since 1970, shape (n,); null where NaN."""
    whole = pa.array(np.nan_to_num(seconds).astype(np.int64), mask=np.isnan(seconds))
    return pc.utf8_slice_codeunits(moments(whole), 0, 10)


def budgets(rng: np.random.Generator, budget: Floats, *, messy: bool) -> pa.Array:
    """Return budgets in whole euros: texts with placeholders if messy, else integers."""
    missing = np.isnan(budget)
    euros = pa.array(np.nan_to_num(budget).astype(np.int64), mask=missing)
    return with_placeholders(rng, euros.cast(pa.string()), missing, messy=True, share=0.12) if messy else euros


def emails(rng: np.random.Generator, hidden: Hidden, copies: Bools, *, messy: bool) -> pa.Array:
    """Return made-up addresses; those of copies are often spelled with other capitals.

    Firms have names under ``.example``, which nobody can own. Addresses at free providers carry the number
    of the person, so that they are nobody's.
    """
    first, last = plain(hidden.first_name, words.FIRST_NAMES), plain(hidden.last_name, words.LAST_NAMES)
    local = pc.choose(
        pa.array(hidden.email_style),
        pc.binary_join_element_wise(first, last, "."),
        pc.binary_join_element_wise(pc.utf8_slice_codeunits(first, 0, 1), last, "."),
        last,
    )
    number = numbered("x", hidden.person)
    free = plain(hidden.person * 5 % len(words.FREE_DOMAINS), words.FREE_DOMAINS)
    is_free = pa.array(hidden.email_kind == 1)
    address = pc.binary_join_element_wise(
        pc.if_else(is_free, pc.binary_join_element_wise(first, last, number, "."), local),
        pc.if_else(is_free, free, _firm_domains(hidden.account)),
        "@",
    )
    capitals = (rng.random(len(copies)) < np.where(copies, 0.5, SLIPS)) & messy
    address = pc.if_else(pa.array(capitals), pc.utf8_title(address), address)
    return with_placeholders(rng, address, hidden.email_kind == MISSING, messy=messy)


def _slipped(text: str) -> tuple[str, str, str, str, str]:
    """Return the text and four slips of it."""
    return text, f" {text}", f"{text} ", text.lower(), text.upper()


def _firm_domains(account: Ints) -> pa.Array:
    """Return one domain for each account, shape (n,); past 3,000 accounts names get a number."""
    heads, tails = words.FIRM_HEADS, words.FIRM_TAILS
    firms = [f"{head}{tail}" for head in heads for tail in tails]
    mixed = account * 1_871 % len(firms)  # 1,871 is a prime that does not divide it: one to one
    turn = account // len(firms)
    number = pc.if_else(pa.array(turn == 0), "", pa.array(turn + 1).cast(pa.string()))
    return pc.binary_join_element_wise(pa.array(firms).take(pa.array(mixed)), number, ".example", "")
