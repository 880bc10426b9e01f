"""Pairs made ready to score: what both parts of a lead read, and half of the grid's number added to either.

The sides of a pair are read where their fields are, as terms that contribute nothing but their code. So a value is
read once for its term and for the pairs that it is in.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import PartValue
from leadml.leads.parts import Column
from leadml.model.pairs import LevelSide, PairTerm, Side
from leadml.model.reasons import BITS, MASK, UNIT, Keys, linear_keys
from leadml.model.terms import OneTerm, ReadyTerm

Floats = NDArray[np.float64]
Added = tuple[int, Floats, Keys | None]  # what one term adds: its axis, the contributions (n,), the reason keys (n,)


def ready_sides(pairs: Sequence[PairTerm], axis_of: Callable[[str], int]) -> list[ReadyTerm]:
    """Return the sides of pairs, both of the first, both of the second, ...: terms whose contribution is a code."""
    return [ReadyTerm(side.part, axis_of(side.part), _batch(side), _one(side)) for p in pairs for side in p.sides]


def _batch(side: Side) -> Callable[[Column, bool], tuple[Floats, Keys | None]]:
    def batch(column: Column, reasons: bool) -> tuple[Floats, Keys | None]:
        codes = side.find(column)
        return codes.astype(np.float64), np.zeros(len(codes), dtype=np.int64) if reasons else None

    return batch


def _one(side: Side) -> OneTerm:
    codes = [(float(code), 0) for code in range(side.size)]
    if isinstance(side, LevelSide):
        known: dict[PartValue, tuple[float, int]] = dict(zip(side.levels, codes, strict=False))
        unseen, known[None] = codes[-2], codes[-1]
        return lambda value: known.get(value, unseen)
    cuts, missing = list(side.cuts), codes[-1]
    return lambda value: missing if value is None else codes[bisect_right(cuts, value)]


@dataclass(frozen=True, slots=True)
class _Pair:
    """A grid of halves, and the places of its two terms and of its two sides among all that is read."""

    halves: Floats
    rows: list[list[float]]
    terms: tuple[int, int]
    sides: tuple[int, int]


class Credit:
    """Adds half of each pair to the terms of its parts, for one lead and for many alike, bit for bit.

    ``read`` are the terms and the sides (as ``ready_sides`` gives them) in the order in which they are read.
    """

    def __init__(self, pairs: Sequence[PairTerm], sides: Sequence[ReadyTerm], read: Sequence[ReadyTerm]) -> None:
        place = {id(term): i for i, term in enumerate(read)}
        own = {id(side) for side in sides}
        term_of = {term.part: i for i, term in enumerate(read) if id(term) not in own}
        self._terms = sorted(term_of.values())
        self._pairs = []
        for i, pair in enumerate(pairs):
            first, second = (term_of[part] for part in pair.parts)
            at = place[id(sides[2 * i])], place[id(sides[2 * i + 1])]
            self._pairs.append(_Pair(pair.halves, pair.halves.tolist(), (first, second), at))

    def one(self, read: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
        """Return what the terms contribute to one lead and the keys of their reasons, from all that was read."""
        found = list(read)
        for pair in self._pairs:
            first, second = pair.sides
            half = pair.rows[int(read[first][0])][int(read[second][0])]
            for at in pair.terms:
                contribution, key = found[at]
                contribution += half
                found[at] = contribution, (round(contribution * UNIT) << BITS) | (key & MASK)
        return [found[at] for at in self._terms]

    def many(self, read: Sequence[Added]) -> list[Added]:
        """Return what the terms add to n leads, from all that was read."""
        found = list(read)
        for pair in self._pairs:
            first, second = (read[at][1].astype(np.intp) for at in pair.sides)
            half = pair.halves[first, second]
            for at in pair.terms:
                axis, contributions, keys = found[at]
                total = contributions + half
                found[at] = axis, total, None if keys is None else linear_keys(total, keys & MASK)
        return [found[at] for at in self._terms]
