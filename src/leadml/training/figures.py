"""What was measured, as plain data."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from leadml.learning.experiment import Standing
from leadml.learning.intervals import Estimate
from leadml.model.bundle import Interval


def intervals(metrics: Mapping[str, Estimate]) -> dict[str, Interval]:
    """Return estimates as plain data; an undefined number is None."""
    return {name: Interval(_known(e.value), _known(e.low), _known(e.high)) for name, e in metrics.items()}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def leaderboard_row(standing: Standing) -> dict[str, Any]:
    """Return a row of the leaderboard as plain data."""
    return {
        "family": standing.family,
        "title": standing.title,
        "settings": standing.settings,
        "ships": standing.ships,
        "fold_loss": _known(standing.fold_loss),
        "fold_roc_auc": _known(standing.fold_roc_auc),
        **msgspec.to_builtins(intervals(standing.test)),
    }
