"""Pairs: what two parts of a lead are worth together, beyond what each is worth alone.

A pair is a grid over two parts, each in levels or steps. Half of its points is credited to either part, so that the
contribution of a part is its own term plus half of every pair that it is in, and contributions still add up to the
logit. Compare Lou, Caruana, Gehrke, Hooker, "Accurate intelligible models with pairwise interactions" (KDD 2013).
"""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.model.bins import Bins
from leadml.model.monotone import pooled

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]


class LevelSide(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="category", tag_field="kind"):
    """A side of a pair that is a category; its codes are the levels, then unseen, then missing."""

    part: str
    levels: tuple[str, ...]

    @property
    def size(self) -> int:
        """The number of codes."""
        return len(self.levels) + 2

    def find(self, column: Column) -> Codes:
        """Return the code (n,) of each value."""
        return level_codes(self.part, self.levels, column)


class StepSide(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="step", tag_field="kind"):
    """A side of a pair that is a number; its codes are the bins, ``cuts[i-1] <= x < cuts[i]``, then missing."""

    part: str
    cuts: tuple[float, ...]

    @property
    def size(self) -> int:
        """The number of codes."""
        return len(self.cuts) + 2

    def find(self, column: Column) -> Codes:
        """Return the code (n,) of each value."""
        return cut_codes(self.part, self.cuts, column)


Side = LevelSide | StepSide


class PairTerm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grid of points: a row for each code of ``first``, in it a number for each code of ``second``."""

    first: Side
    second: Side
    points: tuple[tuple[float, ...], ...]

    @property
    def sides(self) -> tuple[Side, Side]:
        """Both sides."""
        return self.first, self.second

    @property
    def parts(self) -> tuple[str, str]:
        """The names of both parts."""
        return self.first.part, self.second.part

    @property
    def halves(self) -> Floats:
        """What is credited to either part, by the codes of both (rows, columns)."""
        return np.asarray(self.points, dtype=np.float64) / 2

    def credit(self, parts: Mapping[str, Column]) -> Floats:
        """Return what is credited to either part (n,) for a table's parts."""
        first, second = (side.find(parts[side.part]) for side in self.sides)
        return self.halves[first, second]

    def mapped(self, points: Callable[[Floats], Floats]) -> "PairTerm":
        """Return the pair with another grid, made from its own."""
        grid = points(np.asarray(self.points, dtype=np.float64))
        return msgspec.structs.replace(self, points=tuple(map(tuple, grid.tolist())))

    def monotone(self, part: str, parts: Mapping[str, Column], sign: float) -> "PairTerm":
        """Let the points only rise (``sign`` 1) or fall (-1) with a number, whatever the other part is.

        As in ``Scorecard.monotone`` steps are pooled, weighted by their leads; what stands for missing stays.
        """
        side = self.first if self.first.part == part else self.second
        weight = np.bincount(side.find(parts[part]), minlength=side.size)[:-1].astype(float)

        def risen(grid: Floats) -> Floats:
            lines = grid if side is self.second else grid.T.copy()
            for line in lines:
                line[:-1] = sign * pooled(sign * line[:-1], weight)
            return lines if side is self.second else lines.T

        return self.mapped(risen)

    def check(self, known: Mapping[str, Any]) -> None:
        """Raise ValueError where the grid has another size than its sides, or a side's part has no term in ``known``.

        ``known`` holds by part whether it is a number.
        """
        name = " with ".join(map(repr, self.parts))
        if self.first.part == self.second.part:
            raise ValueError(f"pair {name} must be of two parts")
        for side in self.sides:
            if known.get(side.part) is not isinstance(side, StepSide):
                raise ValueError(f"pair {name} must be of parts that have terms of the same sort")
            if isinstance(side, LevelSide) and len(set(side.levels)) != len(side.levels):
                raise ValueError(f"pair {name} must name each level once")
            if isinstance(side, StepSide) and any(a >= b for a, b in pairwise(side.cuts)):
                raise ValueError(f"the cuts of pair {name} must rise")
        if len(self.points) != self.first.size or any(len(row) != self.second.size for row in self.points):
            raise ValueError(f"pair {name} must have {self.first.size} rows of {self.second.size} points")


def level_codes(part: str, levels: tuple[str, ...], column: Column) -> Codes:
    """Return for each value (n,) the index of its level; one more for another level, two more for missing."""
    if not isinstance(column, Levels):
        raise TypeError(f"part {part!r} must be levels, got numbers")
    index = {level: i for i, level in enumerate(levels)}
    unseen = len(levels)
    table = [index.get(level, unseen) for level in column.levels]
    return np.asarray([*table, unseen + 1], dtype=np.intp)[column.codes]  # code -1 takes the last


def cut_codes(part: str, cuts: tuple[float, ...], column: Column) -> Codes:
    """Return the bin (n,) of each number; one more than the last for missing."""
    if isinstance(column, Levels):
        raise TypeError(f"part {part!r} must be numbers, got levels")
    return Bins(cuts).find(column)
