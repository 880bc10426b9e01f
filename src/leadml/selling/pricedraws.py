"""Draws of what a list may bring: the common shift of its chances, and the luck of each lead."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leadml.model.scorecard import expit
from leadml.selling.pricespread import Spread

Floats = NDArray[np.float64]
N_DRAWS = 4_000
N_GROUPS = 200  # of leads with nearly the same logit; up to so many leads, each is drawn by itself
LEVELS = (0.9, 0.95)


class Range(NamedTuple):
    """The middle 90 % and the middle 95 % of the draws, as (low, high)."""

    low_90: float
    high_90: float
    low_95: float
    high_95: float


class Draws(NamedTuple):
    """The conversions of leads in d draws: ``expected`` (d,) by their shifted chances, ``happened`` (d,) with luck."""

    expected: Floats
    happened: Floats


class Shifts(NamedTuple):
    """Common shifts (d,): of all leads, of the slope, and of the list alone."""

    level: Floats
    slope: Floats
    own: Floats


def shifts(spread: Spread, rng: np.random.Generator, n_draws: int = N_DRAWS) -> Shifts:
    """Draw what is common to leads, as a normal with the variances of ``spread``."""
    variances = (spread.common, spread.calibration.slope, spread.composition)
    level, slope, own = (np.sqrt(variance) * rng.standard_normal(n_draws) for variance in variances)
    return Shifts(level, slope, own)


def draw(logit: Floats, spread: Spread, shift: Shifts, rng: np.random.Generator, *, listed: bool) -> Draws:
    """Draw the conversions of n leads; ``listed`` leads are those of the list, and share its own shift."""
    d = len(shift.level)
    if not len(logit):
        return Draws(np.zeros(d), np.zeros(d))
    center, count = grouped(logit)
    moved = shift.level[:, None] + shift.slope[:, None] * (center - spread.calibration.center)
    if listed:
        moved = moved + shift.own[:, None]
    p = expit(center + moved)
    return Draws(p @ count, rng.binomial(count, p).sum(axis=1).astype(np.float64))


def grouped(logit: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Return logits (k,) of groups of n leads, and how many are in each (k,); the mean chance of a group is kept."""
    groups = [group for group in np.array_split(np.sort(logit), min(N_GROUPS, len(logit))) if len(group)]
    p = np.array([expit(group).mean() for group in groups])
    with np.errstate(divide="ignore"):
        center = np.log(p) - np.log1p(-p)
    return center, np.array([len(group) for group in groups])


def middle(drawn: Floats) -> Range:
    """Return where the middle 90 % and 95 % of the draws lie."""
    low, high = zip(*(np.quantile(drawn, ((1 - level) / 2, (1 + level) / 2)) for level in LEVELS), strict=True)
    return Range(float(low[0]), float(high[0]), float(low[1]), float(high[1]))
