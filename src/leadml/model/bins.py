"""Finding the bin of a number, fast and exactly as ``bisect_right`` does."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAX_BUCKETS = 16_384


class Bins:
    """The bins of one number: bin i holds ``cuts[i-1] <= x < cuts[i]``; NaN has the last code, ``len(cuts) + 1``.

    ``cuts`` (m,) rise and are finite. The search is bucketed: a number's bucket is ``int((x - low) * scale)``,
    which never falls as x rises, whatever the rounding. A table holds the number of cuts in the buckets before;
    one or two comparisons settle the rest. Grown until every bucket holds at most two cuts; where that takes
    too many buckets, it is numpy's ``searchsorted``.
    """

    def __init__(self, cuts: Sequence[float] | Floats) -> None:
        self._cuts = np.asarray(cuts, dtype=np.float64)
        self._table: NDArray[np.intp] | None = None
        self._comparisons = 0
        if len(self._cuts) > 3:
            self._build()

    def _build(self) -> None:
        low, high = float(self._cuts[0]), float(self._cuts[-1])
        size = 256
        while size <= MAX_BUCKETS:
            with np.errstate(over="ignore"):
                scale = size / (high - low)
            if not np.isfinite(scale) or scale == 0.0:
                return
            bucket = self._bucket(self._cuts, low, scale, size)
            held = np.bincount(bucket, minlength=size + 1)
            if held.max() <= 2:
                before = np.concatenate(([0], np.cumsum(held)[:-1]))
                self._low, self._scale, self._size = low, scale, size
                self._table = before.astype(np.intp)
                self._comparisons = int(held.max())
                # nothing is at or above NaN: the end of the cuts is never passed
                self._padded = np.concatenate((self._cuts, np.full(2, np.nan)))
                return
            size *= 2

    @staticmethod
    def _bucket(x: Floats, low: float, scale: float, size: int) -> NDArray[np.intp]:
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (x - low) * scale
        return np.clip(scaled, 0.0, float(size)).astype(np.intp)

    def find(self, x: Floats) -> NDArray[np.intp]:
        """Return the bin (n,) of each number (n,)."""
        unknown = np.isnan(x)
        if self._table is None:
            found = np.searchsorted(self._cuts, x, side="right")
        else:
            known = np.where(unknown, 0.0, x) if unknown.any() else x
            found = self._table.take(self._bucket(known, self._low, self._scale, self._size))
            for _ in range(self._comparisons):
                found += self._padded.take(found) <= known
        found[unknown] = len(self._cuts) + 1
        return found
