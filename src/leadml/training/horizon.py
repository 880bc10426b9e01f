"""Within how many days a conversion should count, and what each choice costs, from the delays of past ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.learning.delay import Share, delay_curve
from leadml.learning.maturity import Ripening, ripening

DAYS = (30, 60, 90, 180, 365)
COVERED = 0.8  # share of conversions that should come within the horizon
MATURED = 0.5  # share of leads that must be older than the horizon
CONVERSIONS = 50  # matured conversions, where that can be had

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Horizon:
    """A number of days and what it costs.

    ``in_time`` is the share of all conversions that come within it, also of those that are yet to come; ``matured`` is
    the share of leads that are older, ``n_leads`` of them, of which ``n_converted`` converted in time: what is left to
    learn from.
    """

    days: int
    in_time: Share
    matured: float
    n_leads: int
    n_converted: int

    def __str__(self) -> str:
        """Return the shares in words."""
        come = f"{self.in_time.value:.0%} of conversions come within {self.days} days"
        return f"{come}; {self.matured:.0%} of the leads are older than that"

    @property
    def cost(self) -> str:
        """What a table of horizons says of it."""
        left = f"{counted(self.n_leads, 'lead')} and {counted(self.n_converted, 'conversion')} to learn from"
        return f"{self.days} days: {self.in_time.value:.0%} of conversions come in time; {left}"

    @property
    def doubt(self) -> str:
        """What a person should know of it, empty where it is good."""
        if self.in_time.value < COVERED:
            return "many conversions come later, but a longer horizon leaves too few leads"
        few = self.n_converted < CONVERSIONS
        left = f"{self.n_converted:,} {'conversion is' if self.n_converted == 1 else 'conversions are'} left"
        return f"only {left} to learn from" if few else ""

    @property
    def is_good(self) -> bool:
        """Whether it covers enough conversions and leaves enough of them."""
        return self.in_time.value >= COVERED and self.n_converted >= CONVERSIONS


def counted(n: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def costs(
    ripe: Ripening, created: Floats, converted: Floats, *, as_of: float, also: Iterable[int] = ()
) -> list[Horizon]:
    """Return what each horizon that ``ripe`` reaches costs, the shortest first; ``also`` are further days.

    ``created`` (n,) and ``converted`` (n,) are those of the leads, in seconds since 1970.
    """
    known = created <= as_of
    age, delay = (as_of - created[known]) / DAY, (converted[known] - created[known]) / DAY
    found = []
    for days in sorted({*(days for days in DAYS if days < ripe.horizon_days), *also}):
        matured = age >= days
        in_time = matured & (delay <= days)
        found.append(Horizon(days, ripe.within(days), float(matured.mean()), int(matured.sum()), int(in_time.sum())))
    return found


def best(horizons: Sequence[Horizon]) -> Horizon | None:
    """Return the shortest good horizon, else the one that covers most; None where none leaves half of the leads."""
    possible = [one for one in horizons if one.matured >= MATURED and one.n_converted]
    good = [one for one in possible if one.is_good]
    if good:
        return good[0]
    return max(possible, key=lambda one: (one.n_converted >= CONVERSIONS, one.in_time.value), default=None)


def propose(created: Floats, converted: Floats, as_of: float) -> tuple[list[Horizon], list[Horizon]]:
    """Return (the horizons to try, the proposed one first, then shorter ones; all horizons with their costs).

    ``created`` (n,) and ``converted`` (n,) are seconds since 1970, NaN where unknown; n leads. Nothing is tried where
    no horizon leaves half of the leads.
    """
    curve = delay_curve(created, converted, as_of=as_of)
    ripe = None if curve is None else ripening(created, converted, as_of=as_of, horizon_days=curve.last)
    if ripe is None:
        return [], []
    every = costs(ripe, created, converted, as_of=as_of)
    first = best(every)
    if first is None:
        return [], every
    return [first, *(one for one in reversed(every) if one.days < first.days and one.n_converted)], every
