"""Where a recipe is better with its categories of many levels shrunk: tried on the time folds, taken with proof."""

import numpy as np
from numpy.typing import NDArray

from leadml.leads.snapshots import Snapshots
from leadml.learning.design import fit_design
from leadml.learning.drift import Refined, best_of
from leadml.learning.levels import SHRUNK
from leadml.learning.search import Trial

Rows = NDArray[np.intp]
MANY = (15, 8)  # levels from which a category is tried to be shrunk


def shrink(shots: Snapshots, chosen: Trial, rows: Rows, *, random_state: int) -> Refined:
    """Try to shrink the categories of many levels in a recipe that was chosen on the folds of some rows."""
    levels = fit_design(chosen.parts, shots.parts, rows).levels
    choices = {least: [name for name, known in levels.items() if len(known) >= least] for least in MANY}
    if choices[MANY[0]] == choices[MANY[1]]:
        del choices[MANY[1]]
    choices = {least: names for least, names in choices.items() if names}
    best, tried = best_of(shots, chosen, rows, [{SHRUNK: least} for least in choices], random_state=random_state)
    if best is chosen:
        return Refined(chosen, tried, ())
    names = ", ".join(choices[best.settings[SHRUNK]])
    told = (
        f"levels of {names} that few leads have count less: that is proven to lower the loss on the time folds, "
        f"from {chosen.loss:.4f} to {best.loss:.4f}"
    )
    return Refined(best, tried, (told,))
