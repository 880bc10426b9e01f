"""Recency: leads that came in lately count more, those of a half-life before the newest half as much.

A half-life is one of a recipe's settings, ``half_life_days`` or, where the table has no dates, ``half_life_rows``;
so whoever fits the recipe again (the refit, the comparison with a champion) weighs the leads in the same way.
Compare Koychev, "Gradual forgetting for adaptation to concept drift" (ECAI 2000).
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.leads.snapshots import Snapshots

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
DAYS, ROWS = "half_life_days", "half_life_rows"


def plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe's settings without the half-life: what its family understands."""
    return {name: value for name, value in settings.items() if name not in (DAYS, ROWS)}


def half_life(days_or_rows: float, *, dated: bool) -> dict[str, Any]:
    """Return the setting of a half-life in days, or in rows where the table has no dates."""
    return {DAYS if dated else ROWS: days_or_rows}


def age(shots: Snapshots, rows: Rows) -> Floats:
    """Return by how much each lead (n,) is older than the newest of them: in days, or in rows without dates."""
    at = shots.times[rows] / DAY if shots.dated else rows.astype(np.float64)
    return np.asarray(at.max() - at)


def recency_weight(shots: Snapshots, rows: Rows, settings: Mapping[str, Any]) -> Floats | None:
    """Return how many leads each of some rows (n,) counts as; None where all count the same.

    By its age 1 in the mean, times the snapshot's own weight. A half-life in days says nothing about a table without
    dates, and one in rows nothing about one with them.
    """
    own = None if shots.weight is None else shots.weight[rows]
    days_or_rows = settings.get(DAYS if shots.dated else ROWS)
    if days_or_rows is None:
        return own
    weight = np.exp2(-age(shots, rows) / days_or_rows)
    weight = np.asarray(weight / weight.mean())
    return weight if own is None else weight * own
