"""Reasons: contributions worded for a person, at most three for and one against.

Each (term, code) has one integer key: its rounded points above, the number of its phrase below, and in the lowest bit
whether the value is missing. The largest keys are the reasons for, the smallest is the reason against, so that nothing
is sorted by lead but integers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.leads.schema import Axis, Language, Schema
from leadml.model.scorecard import LinearTerm, Scorecard, Term
from leadml.model.wording import phrases

FOR, AGAINST = 3, 1
BITS = 21  # of the phrase's number, a million phrases, and whether the value is missing
MISSING = 1  # the lowest bit
UNIT = 1e6  # contributions are compared to six decimals
LEAST = 0.05  # log-odds: less than this is not worth a reason
MASK = (1 << BITS) - 1
LEAST_KEY = round(LEAST * UNIT) << BITS

PAST_HORIZON: Mapping[Language, str] = {"en": "past the horizon", "de": "über den Horizont hinaus"}
DRAWN: Mapping[Language, str] = {"en": "drawn by lot", "de": "ausgelost"}

Keys = NDArray[np.int64]


class Reason(msgspec.Struct, frozen=True, gc=False):
    """One reason: the field, its axis, its contribution in log-odds, and the words."""

    field: str
    axis: Axis
    contribution: float
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a key's low bits point to."""

    term: int
    field: str
    axis: Axis
    text: str


class Phrasebook:
    """The phrases of a scorecard in one language, and the key of every code of every term.

    ``past_horizon`` and ``drawn`` are the keys of two more phrases, which lists give to leads that have been open for
    too long, and to those that the lot put on them.
    """

    def __init__(self, scorecard: Scorecard, schema: Schema, language: Language) -> None:
        fields = {field.name: field for field in schema.fields}
        parts = {part.name: part for part in schema.parts}
        self.phrases: list[Phrase] = []
        self.keys: list[Keys] = []  # by term: the key of each code; of a linear term only the low bits
        for number, term in enumerate(scorecard.terms):
            part = parts[term.part]
            texts, owner = phrases(term, fields[part.field], part, language)
            numbers = np.asarray(owner, dtype=np.int64) + len(self.phrases)
            self.phrases += [Phrase(number, part.field, part.axis, text) for text in texts]
            low_bits = _low_bits(numbers)
            low_bits[-1] |= MISSING  # the last code of every term
            self.keys.append(_keys(term, low_bits))
        self.past_horizon = self._mark(schema.roles.created_at or "", PAST_HORIZON[language])
        self.drawn = self._mark("", DRAWN[language])

    def _mark(self, field: str, text: str) -> int:
        """Add a phrase that no term has, and return its key: no contribution."""
        self.phrases.append(Phrase(-1, field, "other", text))
        return int(_low_bits(np.array([len(self.phrases) - 1]))[0])

    def phrase(self, key: int) -> Phrase:
        """Return what a key stands for."""
        return self.phrases[(MASK - (key & MASK)) >> 1]


def _low_bits(numbers: Keys) -> Keys:
    """Return the low bits for phrases: among equal points the larger win, which are those of the lower numbers."""
    return MASK - 2 * numbers - MISSING


def phrase_numbers(keys: Keys) -> Keys:
    """Return the number of each key's phrase, -1 where there is no reason."""
    return np.where(keys == 0, -1, (MASK - (keys & MASK)) >> 1)


def _keys(term: Term, low_bits: Keys) -> Keys:
    if isinstance(term, LinearTerm):
        missing = (round(term.missing * UNIT) << BITS) | int(low_bits[-1])
        return np.append(low_bits[:-1], missing)
    points = np.rint(np.asarray(term.table) * UNIT).astype(np.int64)
    return (points << BITS) | low_bits


def linear_keys(contributions: NDArray[np.float64], low_bits: Keys) -> Keys:
    """Return the keys (n,) of a linear term's contributions (n,)."""
    keys: Keys = (np.rint(contributions * UNIT).astype(np.int64) << BITS) | low_bits
    return keys


def choose(keys: Sequence[int]) -> list[int]:
    """Return the keys of the reasons of one lead: for (largest first), then against."""
    ordered = sorted(keys)
    chosen = [key for key in ordered[: -FOR - 1 : -1] if key >= LEAST_KEY]
    return chosen + [key for key in ordered[:AGAINST] if key < -LEAST_KEY]


class BestKeys:
    """The keys of the reasons of n leads, kept up to date term by term without a matrix of contributions."""

    def __init__(self, n: int) -> None:
        least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
        self._for = [np.full(n, least) for _ in range(FOR)]
        self._against = np.full(n, most)

    def add(self, keys: Keys) -> None:
        """Take in the keys (n,) of one more term."""
        np.minimum(self._against, keys, out=self._against)
        for best in self._for:
            lower = np.minimum(best, keys)
            np.maximum(best, keys, out=best)
            keys = lower

    def chosen(self) -> list[Keys]:
        """Return one array (n,) per place, 0 where there is no such reason."""
        ahead = [np.where(best >= LEAST_KEY, best, 0) for best in self._for]
        return [*ahead, np.where(self._against < -LEAST_KEY, self._against, 0)]


def text(reasons: Sequence[Reason]) -> str:
    """Return the reasons as one text: ``+ visited the pricing page 4 times; - job title unknown``.

    What neither speaks for the lead nor against it, as ``drawn by lot``, has a ``*``.
    """
    return "; ".join(f"{sign(reason.contribution)} {reason.text}" for reason in reasons)


def sign(contribution: float) -> str:
    """Return the sign of a reason in texts."""
    return "+" if contribution > 0 else "-" if contribution < 0 else "*"
