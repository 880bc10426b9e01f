"""Within how many days a conversion should count, from the delays of past ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY

DAYS = (30, 60, 90, 180, 365)
COVERED = 0.8  # share of conversions that should come within the horizon
MATURED = 0.5  # share of leads that must be older than the horizon
CONVERSIONS = 50  # matured conversions, where that can be had

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Horizon:
    """A number of days, the share of conversions that come within it, and the share of leads that are older."""

    days: int
    covered: float
    matured: float
    n_converted: int

    def __str__(self) -> str:
        """Return the shares in words."""
        come = f"{self.covered:.0%} of conversions come within {self.days} days"
        return f"{come}; {self.matured:.0%} of the leads are older than that"

    @property
    def doubt(self) -> str:
        """What a person should know of it, empty where it is good."""
        if self.covered < COVERED:
            return "many conversions come later, but a longer horizon leaves too few leads"
        few = self.n_converted < CONVERSIONS
        left = f"{self.n_converted:,} {'conversion is' if self.n_converted == 1 else 'conversions are'} left"
        return f"only {left} to learn from" if few else ""

    @property
    def is_good(self) -> bool:
        """Whether it covers enough conversions and leaves enough of them."""
        return self.covered >= COVERED and self.n_converted >= CONVERSIONS


def propose(created: Floats, converted: Floats, as_of: float) -> list[Horizon]:
    """Return the horizons to try, the proposed one first, then shorter ones; empty where none leaves half of the leads.

    Proposed is the shortest good one, else the one that covers most. ``created`` (n,) and ``converted`` (n,) are
    seconds since 1970, NaN where unknown; n leads.
    """
    delays = (converted - created) / DAY
    delays = delays[~np.isnan(delays)]
    if not len(delays):
        return []
    tried = [_horizon(days, created, converted, delays, as_of) for days in DAYS]
    possible = [one for one in tried if one.matured >= MATURED and one.n_converted]
    if not possible:
        return []
    good = [one for one in possible if one.is_good]
    best = good[0] if good else max(possible, key=lambda one: (one.n_converted >= CONVERSIONS, one.covered))
    return [best, *(one for one in reversed(possible) if one.days < best.days)]


def _horizon(days: int, created: Floats, converted: Floats, delays: Floats, as_of: float) -> Horizon:
    ends = created + days * DAY
    matured = ends <= as_of
    return Horizon(
        days, float((delays <= days).mean()), float(matured.mean()), int((matured & (converted <= ends)).sum())
    )
