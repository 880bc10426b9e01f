"""The naive rankers: what a team can do without a model, and a model must beat.

Each returns scores (n,), finite, higher = called earlier; only their order means anything.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError

SMOOTHING = 10.0  # leads; the evidence at which a level's own rate weighs as much as the base rate


def newest_first(created_at: NDArray[Any]) -> NDArray[np.float64]:
    """Rank the newest leads first.

    created_at (n,) datetime64 or numbers; leads without a date (NaT, nan) come last, tied.
    """
    known = np.equal(created_at, created_at)  # NaT and nan are unequal to themselves
    score = np.full(created_at.shape, -1.0)
    score[known] = np.unique(created_at[known], return_inverse=True)[1]
    return score


def historical_rate(
    levels_train: Sequence[Any] | NDArray[Any],
    y_train: NDArray[np.bool_],
    levels: Sequence[Any] | NDArray[Any],
    *,
    smoothing: float = SMOOTHING,
) -> NDArray[np.float64]:
    """Rank leads by the past conversion rate of their level, such as their source.

    levels_train (k,) and levels (n,) hold text, or anything else for missing (None, nan), which is a level
    like any other; y_train (k,) bool. The rate is ``(conversions + smoothing * base) / (leads + smoothing)``
    (Micci-Barreca, SIGKDD Explorations 3, 2001), learned on the training rows alone; a level that isn't
    among them gets the base rate. Raises UsageError where there are no training rows or shapes differ.
    """
    if len(levels_train) != y_train.size or y_train.size == 0:
        raise UsageError(
            f"levels_train and y_train must have one length above 0, got {len(levels_train)} and {y_train.size}."
        )
    if not smoothing > 0:
        raise UsageError(f"smoothing must be above 0, got {smoothing}.")
    trained = [_level(value) for value in levels_train]
    leads = Counter(trained)
    conversions = Counter(level for level, converted in zip(trained, y_train, strict=True) if converted)
    base = float(y_train.mean())
    rate = {level: (conversions[level] + smoothing * base) / (count + smoothing) for level, count in leads.items()}
    return np.array([rate.get(_level(value), base) for value in levels], dtype=np.float64)


def _level(value: object) -> str | None:
    return value if isinstance(value, str) else None
