"""Learning from lists as if everybody had been called: a lead that was drawn by lot stands for those that were not.

A model that learns from whom it chose learns least of those it overlooks. With one over the propensity as its weight, a
lead on a list counts for all that could have been in its place (inverse probability weighting: Horvitz and Thompson,
Journal of the American Statistical Association 47, 1952; stabilised and truncated: Cole and Hernán, "Constructing
inverse probability weights for marginal structural models", American Journal of Epidemiology 168, 2008). The fewer
the explored leads, the more each counts, and the less is known: below a fifth of the leads in effect, it is refused.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.listed import Listed
from leadml.leads.parts import Floats, take
from leadml.leads.snapshots import Snapshots

Rows = NDArray[np.intp]
LARGEST = 20.0  # weight, in multiples of the mean
LEAST_EFFECTIVE = 0.2  # of the leads that are weighted


class Weighted(NamedTuple):
    """Snapshots with the weights to learn by, how many were left out, and what was done in a sentence."""

    shots: Snapshots
    left_out: int
    note: str


def weigh(shots: Snapshots, listed: Listed) -> Weighted:
    """Return the snapshots to learn from, each with its weight; ``listed`` are all leads of the table.

    Leads on a list weigh one over their propensity, scaled to a mean of 1 and cut at 20. Leads on no list that came in
    after the first lead on one are left out: nobody called them. Those from before weigh 1. Raises TrainingRefused
    where no lead is on a list, or where the weighted leads say as little as a fifth of them, or less.
    """
    own = listed.take(shots.rows)
    if not own.on_list.any():
        raise TrainingRefused(
            "training.propensity_weights must have leads on lists whose outcome is final, got none; add leads.slot and "
            "leads.propensity from the lists, or turn it off"
        )
    weight = np.where(own.on_list, 1 / own.propensity, np.nan)
    weight = np.minimum(weight / weight[own.on_list].mean(), LARGEST)
    _check(weight[own.on_list])
    before = shots.times < shots.times[own.on_list].min()
    kept = np.flatnonzero(own.on_list | before).astype(np.intp)
    chosen = replace(_some(shots, kept), weight=np.where(own.on_list, weight, 1.0)[kept])
    n_listed, n_drawn, n_out = int(own.on_list.sum()), int(own.explored.sum()), len(shots) - len(kept)
    note = (
        f"leads on lists count by how likely they were to get there: {n_listed:,}, of which {n_drawn:,} were drawn by "
        f"lot and count up to {weight[own.on_list].max():.1f} times as much as the mean; they say as much as "
        f"{effective(weight[own.on_list]):,.0f} equal ones"
    )
    left = f"; {n_out:,} leads on no list, which came in after the first list, were not called and are left out"
    return Weighted(chosen, n_out, note + (left if n_out else ""))


def effective(weight: Floats) -> float:
    """Return how many equally weighted leads say as much as those of some weights (n,).

    Kish, "Survey Sampling", 1965, section 11.7.
    """
    return float(weight.sum() ** 2 / (weight @ weight))


def _check(weight: Floats) -> None:
    n = effective(weight)
    if n < LEAST_EFFECTIVE * len(weight):
        raise TrainingRefused(
            f"training.propensity_weights must leave at least {LEAST_EFFECTIVE:.0%} of the leads on lists in effect, "
            f"got {n:,.0f} of {len(weight):,} ({n / len(weight):.0%}); draw more of them with --explore, or turn it off"
        )


def _some(shots: Snapshots, rows: Rows) -> Snapshots:
    """Return some of the snapshots, in their order."""
    return replace(
        shots,
        parts={name: take(column, rows) for name, column in shots.parts.items()},
        y=shots.y[rows],
        times=shots.times[rows],
        ends=shots.ends[rows],
        groups=None if shots.groups is None else np.unique(shots.groups[rows], return_inverse=True)[1].astype(np.intp),
        rows=shots.rows[rows],
    )
