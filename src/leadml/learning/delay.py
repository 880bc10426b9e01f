"""How long leads take to convert, and how many ever do: the curve of Kaplan and Meier, with its plateau.

Only ``as_of`` censors: a lead that was lost may still convert, so it stays at risk until then. Leads that never
convert make the curve level off (a cure model without a form; Maller and Zhou, "Survival Analysis with Long-Term
Survivors", 1996). Estimate: Kaplan and Meier, "Nonparametric estimation from incomplete observations" (JASA 53, 1958);
variance: Greenwood, "The natural duration of cancer" (1926); intervals on the log(-log) scale: Kalbfleisch and
Prentice, "The Statistical Analysis of Failure Time Data" (1980).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from leadml.leads.coercion import DAY

Z = 1.959964  # of a two-sided 95 % interval
LEAST_AT_RISK = 50  # leads that must still be watched where the curve ends
LEAST_SHARE_AT_RISK = 0.05  # and at least this share of all
N_EFFECTS = 6  # days at which the effect of groups on the variance is computed

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Groups = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Plateau:
    """The curve where it ends: the ``share`` of leads that converted until then, ``days`` after they came in.

    ``reached``: ``chance`` is below 0.05, the probability that nobody converts in the last ``flat_days`` if they went
    on as in the stretch of equal length before: ``(earlier / (earlier + later)) ^ n``, the lead days watched in the
    two, and the conversions in the first but for the one that ends it. It is the test of Maller and Zhou ("Estimating
    the proportion of immunes in a censored sample", Biometrika 79, 1992), who count leads instead of lead days, which
    is too bold where few are still watched at the end.
    """

    days: float
    share: Share
    flat_days: float
    chance: float

    @property
    def reached(self) -> bool:
        """Whether the curve has levelled off, as far as can be told."""
        return self.chance < 0.05


@dataclass(frozen=True, slots=True)
class DelayCurve:
    """The share of n leads that converted within so many days of coming in.

    ``days`` (k,) rising, the distinct delays of the conversions that were seen, and their ``counts`` (k,); ``shares``
    (k,) at them; ``variances`` (k,) of the log of one minus the share, with the effect of groups; ``watched`` (n,)
    rising, the days until each lead converted or ``as_of``; the curve ends on day ``last``, with too few still watched.
    """

    days: Floats
    counts: NDArray[np.intp]
    shares: Floats
    variances: Floats
    watched: Floats
    last: float

    @property
    def n(self) -> int:
        """The number of leads."""
        return len(self.watched)

    @property
    def n_converted(self) -> int:
        """The number of conversions that were seen."""
        return int(self.counts.sum())

    def at(self, days: float) -> Share:
        """Return the share of leads that convert within so many days."""
        left = 1.0 - self._value(self.shares, days)
        if left in (0.0, 1.0):  # nobody has, or all: the exact bounds of Clopper and Pearson (1934)
            day = days if left else float(self.days[-1])
            bound = 0.025 ** (1.0 / max(self.n - int(np.searchsorted(self.watched, day, side="left")), 1))
            return Share(0.0, 0.0, 1.0 - bound) if left else Share(1.0, bound, 1.0)
        hazard = -np.log(left)
        spread = np.exp(Z * np.sqrt(self._value(self.variances, days)) / hazard)
        return Share(1.0 - left, float(-np.expm1(-hazard / spread)), float(-np.expm1(-hazard * spread)))

    def plateau(self) -> Plateau:
        """Return how the curve ends."""
        seen = self.days[self.days <= self.last]
        newest = float(seen[-1]) if len(seen) else 0.0
        flat = self.last - newest
        start = max(newest - flat, 0.0)
        conversions = self._count(newest) - (self._count(start) if start > 0 else 0) - 1
        earlier, later = self._lead_days(start, newest), self._lead_days(newest, self.last)
        chance = (earlier / (earlier + later)) ** max(conversions, 0) if earlier > 0 else 1.0
        return Plateau(self.last, self.at(self.last), flat, chance)

    def _value(self, column: Floats, days: float) -> float:
        place = int(np.searchsorted(self.days, days, side="right"))
        return float(column[place - 1]) if place else 0.0

    def _count(self, days: float) -> int:
        return int(self.counts[: np.searchsorted(self.days, days, side="right")].sum())

    def _lead_days(self, start: float, end: float) -> float:
        return float((np.clip(self.watched, start, end) - start).sum())


def delay_curve(created: Floats, converted: Floats, *, as_of: float, groups: Groups | None = None) -> DelayCurve | None:
    """Return the curve of leads as they stand at ``as_of``; None without any conversion.

    ``created`` (n,), ``converted`` (n,) and ``as_of`` are seconds since 1970, ``converted`` NaN where a lead has not;
    leads without a date, or that came in after ``as_of``, are left out. ``groups`` (n,) are codes from 0: leads of one
    may convert together, which widens the intervals. A conversion before its lead came in counts as one at once.
    """
    age = (as_of - created) / DAY
    kept = age >= 0  # False where unknown
    age, delay = age[kept], np.maximum((converted[kept] - created[kept]) / DAY, 0.0)
    happened = delay <= age
    if not happened.any():
        return None
    times = np.where(happened, delay, age)
    watched = np.sort(times)
    days, counts = np.unique(delay[happened], return_counts=True)
    at_risk = len(watched) - np.searchsorted(watched, days, side="left")
    left: Floats = np.cumprod(1.0 - counts / at_risk, dtype=np.float64)
    # half a lead is left where all convert, so that the variance is finite
    variances: Floats = np.cumsum(counts / (at_risk * np.maximum(at_risk - counts, 0.5)))
    need = min(max(LEAST_AT_RISK, int(LEAST_SHARE_AT_RISK * len(watched))), len(watched))
    last = max(float(watched[-need]), float(days[0]))
    if groups is not None:
        effect = _group_effect(times, happened, groups[kept], days, counts / at_risk.astype(float) ** 2)
        variances = variances * effect
    return DelayCurve(days, counts, 1.0 - left, variances, watched, last)


def _group_effect(times: Floats, happened: Bools, groups: Groups, days: Floats, steps: Floats) -> Floats:
    """Return by how much groups widen the variance at ``days`` (k,), at least 1.

    The infinitesimal jackknife, to which a bootstrap of whole groups comes down (Efron, "The Jackknife, the Bootstrap
    and Other Resampling Plans", 1982; Therneau and Grambsch, "Modeling Survival Data", 2000, on ``cluster``): the sum
    of squared influences by group over that by lead. It is computed at a few days and drawn straight between them.
    """
    risk = np.cumsum(steps)
    place = np.searchsorted(days, times, side="right")
    passed = np.where(place > 0, risk[np.maximum(place - 1, 0)], 0.0)
    own = np.zeros(len(times))
    rows = np.flatnonzero(happened)
    watched = np.sort(times)
    own[rows] = 1.0 / (len(times) - np.searchsorted(watched, times[rows], side="left"))
    at = np.unique(np.linspace(0, len(days) - 1, N_EFFECTS).astype(int))
    effects = []
    for k in at:
        influence = np.where(times <= days[k], own, 0.0) - np.minimum(passed, risk[k])
        together = np.bincount(groups, weights=influence)
        effects.append(max(1.0, float(together @ together) / float(influence @ influence)))
    return np.asarray(np.interp(days, days[at], effects))
