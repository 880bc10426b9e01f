"""Columns of parts: what the terms of a scorecard read, as numpy arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
