"""Which recipe is better with pairs of fields: tried on the rolling folds after it is chosen, taken only with proof."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from leadml.leads.snapshots import Snapshots
from leadml.learning.drift import Refined, best_of
from leadml.learning.pairs import PAIRS, Paired
from leadml.learning.search import Trial, fit

Rows = NDArray[np.intp]
NUMBERS = (1, 2, 4)  # of pairs that are tried
CONVERSIONS = 100  # with fewer, no pair could be told from luck


def pair_up(shots: Snapshots, chosen: Trial, rows: Rows, *, random_state: int) -> Refined:
    """Try pairs on a recipe that was chosen on the folds of some rows; more of them only where more are proven.

    Each fold finds its pairs among its own older leads, so that what is compared has not seen the newer ones.
    """
    if int(shots.y[rows].sum()) < CONVERSIONS or len(chosen.parts) < 2:
        return Refined(chosen, (), ())
    best, tried = best_of(shots, chosen, rows, [{PAIRS: number} for number in NUMBERS], random_state=random_state)
    if best is chosen:
        return Refined(chosen, tried, ())
    named = _named(shots, best, rows, random_state=random_state)
    told = (
        f"fields that count together, beyond what each counts alone: {'; '.join(named)}. That is proven to lower the "
        f"loss on the time folds, from {chosen.loss:.4f} to {best.loss:.4f}"
    )
    return Refined(best, tried, (told,))


def _named(shots: Snapshots, trial: Trial, rows: Rows, *, random_state: int) -> Sequence[str]:
    """Return the pairs that the recipe finds among some rows."""
    fitted = fit(shots, trial.parts, rows, trial.family, trial.settings, final=False, random_state=random_state)
    assert isinstance(fitted.estimator, Paired)
    return [" with ".join(side.part for side in grid.sides) for grid in fitted.estimator.grids]
