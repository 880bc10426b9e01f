"""Columns of parts: what the terms of a scorecard read, as numpy arrays."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import PartValue

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Levels:
    """A category column: ``codes`` (n,) index into ``levels``; -1 is missing."""

    codes: NDArray[np.intp]
    levels: tuple[str, ...]

    def take(self, rows: NDArray[np.intp]) -> "Levels":
        """Return the same column for some rows."""
        return Levels(self.codes[rows], self.levels)


Column = Floats | Levels


def take(column: Column, rows: NDArray[np.intp]) -> Column:
    """Return a column for some rows."""
    return column.take(rows) if isinstance(column, Levels) else column[rows]


def floats_of(codes: NDArray[np.intp], values: Iterable[PartValue]) -> Floats:
    """Return a column of numbers, of which value i is the one at ``codes[i]``; None is NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)[codes]


def levels_of(codes: NDArray[np.intp], values: Iterable[PartValue]) -> Levels:
    """Return a category column, of which value i is the one at ``codes[i]``; None is missing."""
    index: dict[str, int] = {}
    table = [-1 if value is None else index.setdefault(str(value), len(index)) for value in values]
    return Levels(np.asarray(table, dtype=np.intp)[codes], tuple(index))
