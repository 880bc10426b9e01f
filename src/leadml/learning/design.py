"""The design matrix: parts of leads as one float64 matrix, the same for every family.

A number is a column of itself, NaN where missing. A category is a column of codes: 0 missing, 1 to k its
levels, k + 1 every other level. A level needs at least ``MIN_LEADS`` training leads to be one of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part

MIN_LEADS = 10
MAX_LEVELS = 250  # the most frequent ones; boosted trees take no more than 255 codes

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Design:
    """The columns (p,) of a matrix; ``levels[name]`` are the levels of a category column."""

    parts: tuple[Part, ...]
    levels: Mapping[str, tuple[str, ...]]

    @property
    def numeric(self) -> NDArray[np.bool_]:
        """Which columns (p,) are numbers."""
        return np.array([part.numeric for part in self.parts], dtype=bool)

    @property
    def codes(self) -> tuple[int, ...]:
        """The number of codes (p,) of each column, 0 for a number."""
        return tuple(0 if part.numeric else self.n_codes(part) for part in self.parts)

    @property
    def ways(self) -> tuple[int, ...]:
        """Per column (p,) 1 where its term may only rise, -1 where it may only fall, else 0."""
        return tuple(0 if part.way is None else 1 if part.way == "rising" else -1 for part in self.parts)

    def n_codes(self, part: Part) -> int:
        """Return the number of codes of a category: missing, its levels, and other."""
        return len(self.levels[part.name]) + 2

    def matrix(self, parts: Mapping[str, Column], rows: Rows | None = None) -> Floats:
        """Return the matrix (n, p) of some rows, by default all."""
        columns = [self._column(part, parts[part.name], rows) for part in self.parts]
        return np.column_stack(columns)

    def _column(self, part: Part, column: Column, rows: Rows | None) -> Floats:
        if isinstance(column, Levels):
            index = {level: i + 1 for i, level in enumerate(self.levels[part.name])}
            other = len(index) + 1
            table = np.array([*(index.get(level, other) for level in column.levels), 0], dtype=np.float64)
            return table[column.codes if rows is None else column.codes[rows]]
        return column if rows is None else column[rows]


def fit_design(parts: Sequence[Part], columns: Mapping[str, Column], rows: Rows) -> Design:
    """Choose the columns and levels that some training rows can carry; a part that never varies is left out."""
    kept: list[Part] = []
    levels: dict[str, tuple[str, ...]] = {}
    for part in parts:
        column = columns[part.name]
        if isinstance(column, Levels):
            levels[part.name] = _frequent(column.codes[rows], column.levels)
        if _varies(Design((part,), levels).matrix(columns, rows)[:, 0]):
            kept.append(part)
    return Design(tuple(kept), {part.name: levels[part.name] for part in kept if not part.numeric})


def _varies(x: Floats) -> bool:
    known = x[~np.isnan(x)]
    return bool(known.size and (known.size < x.size or (known != known[0]).any()))


def _frequent(codes: Rows, levels: Sequence[str]) -> tuple[str, ...]:
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    order = np.argsort(-counts, kind="stable")[:MAX_LEVELS]
    return tuple(sorted(levels[i] for i in order if counts[i] >= MIN_LEADS))
