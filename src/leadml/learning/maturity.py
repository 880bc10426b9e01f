"""The conversion rate of leads that are still young: what they will come to, with how sure that is.

Converted so far is too little, as more will come: divided by the share of conversions that come by such an age, it is
right on average (the chain ladder of insurers; Mack, "Distribution-free calculation of the standard error of chain
ladder reserve estimates", ASTIN Bulletin 23, 1993). That share is estimated from conversions alone, each of which could
only be seen within its lead's age (Lagakos, Barraj and De Gruttola, "Nonparametric analysis of truncated survival
data", Biometrika 75, 1988; Kalbfleisch and Lawless, JASA 84, 1989). So it stays right where the rate drifts, which the
curve of Kaplan and Meier would not; it is taken for granted that the delay itself does not change.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY
from leadml.learning.delay import Share, Z

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Groups = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Ripening:
    """The share of the conversions within ``horizon_days`` that have come by an age.

    ``days`` (k,) rising, the delays of conversions that were seen; ``shares`` (k,) from each of them on, in the end 1;
    ``variances`` (k,) that each adds to the variance of the log of every share before it.
    """

    horizon_days: float
    days: Floats
    shares: Floats
    variances: Floats

    def at(self, ages: Floats) -> Floats:
        """Return the share (n,) by ages (n,) in days."""
        place = np.searchsorted(self.days, ages, side="right")
        shares = np.where(place > 0, self.shares[np.maximum(place - 1, 0)], 0.0)
        return np.asarray(np.where(ages >= self.horizon_days, 1.0, shares))

    def within(self, days: float) -> Share:
        """Return the share by an age with its interval, by the delta method on the logit."""
        value = float(self.at(np.array([days]))[0])
        if value in (0.0, 1.0):
            return Share(value, 0.0 if value == 0 else 1.0, 1.0)
        variance = float(self.variances[self.days > days].sum())
        odds, spread = value / (1 - value), float(np.exp(Z * sqrt(variance) / (1 - value)))
        return Share(value, odds / spread / (1 + odds / spread), odds * spread / (1 + odds * spread))

    def quantile(self, share: float) -> float:
        """Return the days within which a share of the conversions come."""
        return float(self.days[np.searchsorted(self.shares, share * (1 - 1e-12), side="left")])

    def variance_of_sum(self, ages: Floats) -> float:
        """Return the variance of the sum of the shares at ages (n,), from what is not known of the shares."""
        ages = np.sort(ages)
        sums = np.concatenate(([0.0], np.cumsum(self.at(ages))))
        younger = sums[np.searchsorted(ages, self.days, side="left")]
        return float(younger**2 @ self.variances)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Leads that came in together: ``rate`` is what they will come to, None while nothing can be said.

    ``ripe`` is the share of their conversions that should have come by now.
    """

    n: int
    n_converted: int
    ripe: float
    rate: Share | None


def ripening(
    created: Floats, converted: Floats, *, as_of: float, horizon_days: float, groups: Groups | None = None
) -> Ripening | None:
    """Return how conversions within the horizon come in; None where no lead that converted is as old as that.

    Arguments are those of ``delay_curve``. Of a group's conversions only one is taken to tell something new, which
    is the most that groups can widen the intervals by.
    """
    age, delay = (as_of - created) / DAY, np.maximum((converted - created) / DAY, 0.0)
    seen = (age >= 0) & (delay <= np.minimum(age, horizon_days))
    if not (seen & (age >= horizon_days)).any():
        return None
    delays, ages = np.sort(delay[seen]), np.sort(age[seen])
    days, counts = np.unique(delays, return_counts=True)
    at_risk = np.searchsorted(delays, days, side="right") - np.searchsorted(ages, days, side="left")
    steps = 1.0 - counts / at_risk
    later = np.append(steps[1:], 1.0)  # the share at a day is the product over the days after it
    shares = np.cumprod(later[::-1])[::-1]
    variances = counts / (at_risk * np.maximum(at_risk - counts, 0.5))
    if groups is not None:
        sizes = np.bincount(groups[seen])
        variances = variances * float(sizes @ sizes) / float(sizes.sum())
    return Ripening(horizon_days, days, shares, variances)


def cohort(ages: Floats, converted: Bools, ripe: Ripening, *, groups: Groups | None = None) -> Cohort:
    """Return what leads (n,) come to, by their ages in days and which have converted within the horizon so far.

    The interval has both doubts in it, of the conversions and of the shares: those rates ``p`` for which the
    conversions lie within ``Z`` standard errors of ``p`` times the expected share, ``p * A - p^2 * B`` the variance of
    the one and ``p^2 * V`` of the other (Fieller, JRSS B 16, 1954). Where all are mature it is Wilson's interval (JASA
    22, 1927). ``groups`` (n,) widen it by their design effect (Rao and Scott, Biometrics 48, 1992).
    """
    share = ripe.at(ages)
    n, seen, total = len(ages), int(converted.sum()), float(share.sum())
    if total <= 0.0:
        return Cohort(n, seen, 0.0, None)
    value = min(seen / total, 1.0)
    effect = _design_effect(converted - value * share, groups)
    doubt = Z * Z * effect
    square = total**2 + doubt * float(share @ share) - Z * Z * ripe.variance_of_sum(ages)
    linear = 2 * seen * total + doubt * total
    root = sqrt(max(linear**2 - 4 * square * seen**2, 0.0))
    low = 2.0 * seen**2 / (linear + root)
    high = (linear + root) / (2 * square) if square > 0 else 1.0
    return Cohort(n, seen, total / n, Share(value, min(low, value), min(max(high, value), 1.0)))


def _design_effect(residual: Floats, groups: Groups | None) -> float:
    own = float(residual @ residual)
    if groups is None or own == 0.0:
        return 1.0
    _, codes = np.unique(groups, return_inverse=True)
    together = np.bincount(codes, weights=residual)
    return max(1.0, float(together @ together) / own)
