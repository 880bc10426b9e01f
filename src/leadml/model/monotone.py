"""Steps that only rise, as near as can be to steps that do not."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def pooled(points: Floats, weight: Floats) -> Floats:
    """Return the rising points (n,) that are nearest to some points (n,) in squares weighted by weight (n,).

    Neighbours that fall are pooled to their mean until none fall (pool adjacent violators; Ayer et al., "An empirical
    distribution function for sampling with incomplete information", Annals of Mathematical Statistics 26, 1955). The
    weighted mean stays what it was.
    """
    levels: list[float] = []
    weights: list[float] = []
    sizes: list[int] = []
    for point, w in zip(points.tolist(), np.maximum(weight, np.finfo(np.float64).tiny).tolist(), strict=True):
        level, total, size = point, w, 1
        while levels and levels[-1] > level:
            before = weights.pop()
            level = (levels.pop() * before + level * total) / (before + total)
            total, size = before + total, size + sizes.pop()
        levels.append(level)
        weights.append(total)
        sizes.append(size)
    return np.repeat(np.asarray(levels, dtype=np.float64), sizes)
