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

    @property
    def is_good(self) -> bool:
        """Whether it covers enough conversions and leaves enough of them."""
        return self.covered >= COVERED and self.n_converted >= CONVERSIONS


def propose(created: Floats, converted: Floats, as_of: float) -> Horizon | None:
    """Return the shortest good horizon, else the one that covers most; None where none leaves half of the leads.

    ``created`` (n,) and ``converted`` (n,) are seconds since 1970, NaN where unknown; n leads.
    """
    delays = (converted - created) / DAY
    delays = delays[~np.isnan(delays)]
    if not len(delays):
        return None
    tried = [_horizon(days, created, converted, delays, as_of) for days in DAYS]
    possible = [one for one in tried if one.matured >= MATURED and one.n_converted]
    good = [one for one in possible if one.is_good]
    return (
        good[0] if good else max(possible, key=lambda one: (one.n_converted >= CONVERSIONS, one.covered), default=None)
    )


def _horizon(days: int, created: Floats, converted: Floats, delays: Floats, as_of: float) -> Horizon:
    ends = created + days * DAY
    matured = ends <= as_of
    return Horizon(
        days, float((delays <= days).mean()), float(matured.mean()), int((matured & (converted <= ends)).sum())
    )
