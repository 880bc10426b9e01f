"""Columns of parts: what the terms of a scorecard read, as numpy arrays."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY, EPOCH, PartValue

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


def there(column: Column) -> NDArray[np.bool_]:
    """Return where a column (n,) has a value."""
    return column.codes >= 0 if isinstance(column, Levels) else ~np.isnan(column)


def floats_of(codes: NDArray[np.intp], values: Iterable[PartValue]) -> Floats:
    """Return a column of numbers, of which value i is the one at ``codes[i]``; None is NaN."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)[codes]


def levels_of(codes: NDArray[np.intp], values: Iterable[PartValue]) -> Levels:
    """Return a category column, of which value i is the one at ``codes[i]``; None is missing."""
    index: dict[str, int] = {}
    table = [-1 if value is None else index.setdefault(str(value), len(index)) for value in values]
    return Levels(np.asarray(table, dtype=np.intp)[codes], tuple(index))


_MONTHS = tuple(str(month) for month in range(1, 13))
_WEEKDAYS = tuple(str(day) for day in range(1, 8))


def date_levels(at: Floats) -> tuple[Levels, Levels]:
    """Return the months and the weekdays of moments (n,) in seconds since 1970; NaN is missing."""
    known = ~np.isnan(at)
    first, last = 1 - EPOCH, date.max.toordinal() - EPOCH
    days = np.clip(np.floor(np.where(known, at, 0.0) / DAY), first, last).astype(np.int64)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    weekdays = (days + 3) % 7  # 1970-01-01 was a Thursday
    return (
        Levels(np.where(known, months, -1).astype(np.intp), _MONTHS),
        Levels(np.where(known, weekdays, -1).astype(np.intp), _WEEKDAYS),
    )
