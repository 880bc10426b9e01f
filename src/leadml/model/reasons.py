"""Reasons: contributions worded for a person, at most three for and one against.

Each (term, code) has one integer key: its rounded points above, the number of its phrase below. The largest
keys are the reasons for, the smallest is the reason against, so that nothing is sorted by lead but integers.
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
BITS = 20  # of the phrase's number: a million phrases
UNIT = 1e6  # contributions are compared to six decimals
LEAST = 0.05  # log-odds: less than this is not worth a reason
MASK = (1 << BITS) - 1
LEAST_KEY = round(LEAST * UNIT) << BITS

PAST_HORIZON: Mapping[Language, str] = {"en": "past the horizon", "de": "über den Horizont hinaus"}

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

    ``past_horizon`` is the key of one more phrase, which lists give to leads that have been open for too long.
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
            self.keys.append(_keys(term, MASK - numbers))  # among equals the larger low bits win: lower numbers
        self.past_horizon = MASK - len(self.phrases)
        self.phrases.append(Phrase(-1, schema.roles.created_at or "", "other", PAST_HORIZON[language]))

    def phrase(self, key: int) -> Phrase:
        """Return what a key stands for."""
        return self.phrases[MASK - (key & MASK)]


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
    """Return the reasons as one text: ``+ visited the pricing page 4 times; - job title unknown``."""
    return "; ".join(f"{'+' if reason.contribution > 0 else '-'} {reason.text}" for reason in reasons)
