"""Cut points that read well: the shortest decimal that leaves every training row on its side."""

from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shortest_between(values: Floats, cut: float) -> float:
    """Return the decimal of fewest digits that splits ``values`` as ``cut`` does.

    ``values`` (m,) are the distinct training values, rising. Left of the cut are those below it; the result
    lies in ``(lo, hi]`` of the two neighbours. A cut outside the values stays as it is.
    """
    at = int(np.searchsorted(values, cut, side="left"))
    if at in (0, len(values)):
        return cut
    return shortest(float(values[at - 1]), float(values[at]))


def shortest(low: float, high: float) -> float:
    """Return the decimal of fewest digits in ``(low, high]``; of several, the one nearest to ``low``."""
    lo, hi = Decimal(low), Decimal(high)
    top = max(lo.copy_abs(), hi.copy_abs()).adjusted()
    for exponent in range(top + 1, top - 18, -1):
        unit = Decimal(1).scaleb(exponent)
        steps = (lo / unit).to_integral_value(ROUND_CEILING)
        candidate = steps * unit
        if candidate <= lo or float(candidate) <= low:  # 0.3 as a float lies below 0.3: it is the same float
            candidate += unit
        if candidate <= hi and low < float(candidate) <= high:
            return float(candidate) + 0.0  # never -0.0, which reads badly
    return high


def rounded(cuts: Sequence[float], values: Floats) -> list[float]:
    """Return each cut rounded; they rise as before, and no training value changes its bin."""
    return [shortest_between(values, float(cut)) for cut in cuts]
