"""The cold start: too few conversions to choose a recipe on time folds, so the family with a prior is used alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.search import Trial
from leadml.learning.splits import MIN_TRAIN_CONVERSIONS, Relabel, folds_to_choose_on, rolling_folds, time_split

Rows = NDArray[np.intp]
FAMILY = "prior"


def prior_alone(shots: Snapshots, rows: Rows, families: Sequence[str]) -> bool:
    """Return whether some older rows are too few to choose a recipe on, and the family with a prior may be used."""
    return FAMILY in families and not folds_to_choose_on(shots, rows)


def check_trainable(
    shots: Snapshots, *, families: Sequence[str], test_fraction: float = 0.2, relabel: Relabel | None = None
) -> None:
    """Raise TrainingRefused where a training would, as far as that can be told before anything is fitted."""
    split = time_split(shots, test_fraction=test_fraction, relabel=relabel)
    if not prior_alone(shots, split.train, families):
        rolling_folds(shots, split.train)


def cold_trial(parts: Sequence[Part]) -> Trial:
    """Return the recipe of a cold start, which was tried on no folds."""
    nothing = np.empty(0)
    return Trial(FAMILY, {}, float("nan"), nothing, nothing, np.empty(0, dtype=np.intp), tuple(parts))


def too_few(shots: Snapshots, rows: Rows) -> str:
    """Return in a sentence why there was no choosing."""
    converted = int(shots.y[rows].sum())
    why = (
        f"the older part holds {converted} conversions, and it takes {MIN_TRAIN_CONVERSIONS} to choose a recipe on "
        "time folds"
        if converted < MIN_TRAIN_CONVERSIONS
        else f"the {converted:,} conversions of the older part lie too close in time to choose a recipe on time folds"
    )
    return f"cold start: {why}; so the model begins at the base rate and says no more than the outcomes warrant"
