"""Cutting leads by a column: its levels, or bands of its numbers."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from leadml.leads.parts import Column, Levels

Band = tuple[float | None, float | None]
Cut = tuple[str | Band, NDArray[np.bool_]]


def cuts(column: Column) -> Iterator[Cut]:
    """Yield each level of a column (n,), or each quarter of its numbers as (low, high), with its rows (n,).

    A band holds ``low <= x < high``; None is an open end. Missing values are in no cut.
    """
    if isinstance(column, Levels):
        yield from ((level, column.codes == code) for code, level in enumerate(column.levels))
        return
    known = column[~np.isnan(column)]
    if not known.size:
        return
    marks = [float(mark) for mark in np.unique(np.quantile(known, (0.25, 0.5, 0.75), method="nearest"))]
    ends = [None, *(mark for mark in marks if mark > known.min()), None]
    for low, high in pairwise(ends):
        inside = ~np.isnan(column)
        if low is not None:
            inside &= column >= low
        if high is not None:
            inside &= column < high
        yield (low, high), inside
