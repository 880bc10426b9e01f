"""How far the chances of a whole list may be off together, in log-odds: four reasons, each with a variance.

- *Calibration*: intercept and slope of the probabilities are known only as well as the test's conversions tell them,
  by the Fisher information of the test leads by score; the intercept that ships stands on no more than the newest
  conversions (``learning.calibration``).
- *Periods*: rates move from month to month beyond chance (the moment estimator of DerSimonian and Laird, "Meta-analysis
  in clinical trials", Controlled Clinical Trials 7, 1986, on the months of the newest year).
- *Ageing*: the list is called later than the leads from which the level of the rates is known; the trend over the
  months goes on for as long, or what the model was off by on its test, whichever is more.
- *Composition*: a list of a rare kind stands on few leads. Each level of a term is known to ``1 / (n r (1 - r))``, by
  its leads and their rate; what counts is the square of how much more, or less, of it the list has than the past leads.
  A list that looks like these adds nothing. Levels without past leads vary as the term's levels do. To that comes the
  square of what the scorecard itself is off by for such leads among those it learned from: as it holds back, it gives
  no level all that it has.

A real list is off by one number more or less in common: that is why the luck of single leads alone gives intervals that
are far too narrow.
"""

from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError
from leadml.model.scorecard import expit

Floats = NDArray[np.float64]
NEWEST = 12  # periods in which the variation is looked for
LONGEST = 24  # periods over which the trend is
LEVEL_SPREAD = 0.2  # log-odds by which the levels of a term differ at least, where their points hardly do
CALIBRATED_ON = 100  # conversions from which the level of the rates is known, the newest


class Facts(Protocol):
    """What is known of a term from training, by code: leads, conversions, points, and conversions by the scorecard."""

    @property
    def part(self) -> str: ...  # noqa: D102
    @property
    def importance(self) -> float: ...  # noqa: D102
    @property
    def leads(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def converted(self) -> tuple[int, ...]: ...  # noqa: D102
    @property
    def points(self) -> tuple[float, ...]: ...  # noqa: D102
    @property
    def expected(self) -> tuple[float, ...]: ...  # noqa: D102


class Calibration(NamedTuple):
    """How well the level of the logits is known: ``logit + a + b * (logit - center)``.

    ``a`` and ``b`` are independent, with these variances; ``misfit`` is what ``a`` was on the test.
    """

    center: float
    intercept: float
    slope: float
    misfit: float


class Spread(NamedTuple):
    """The variances of what is common to leads: see the module. ``composition`` is that of the list alone."""

    calibration: Calibration
    periods: float
    ageing: float
    composition: float

    def at(self, logit: float) -> float:
        """Return the standard deviation, in log-odds, of leads with this mean logit."""
        known = self.calibration
        return sqrt(self.common + self.composition + known.slope * (logit - known.center) ** 2)

    @property
    def common(self) -> float:
        """The variance that list and backlog share, at the centre."""
        return self.calibration.intercept + self.periods + self.ageing


def calibration(by_score: Sequence[tuple[int, int]], reference: Sequence[float]) -> Calibration:
    """Return how well the level is known, from (leads, conversions) of the test by score, from 1.

    The logit of a score lies between the quantiles of the reference on either side. Raises UsageError without leads.
    """
    n, converted = np.asarray(by_score, dtype=np.float64).reshape(-1, 2).T
    if not n.sum():
        raise UsageError("the test must hold leads, got none; train again with this version")
    edges = np.asarray(reference, dtype=np.float64)
    logit = np.concatenate((edges[:1], (edges[1:] + edges[:-1]) / 2, edges[-1:]))[: len(n)]
    p = expit(logit)
    weight = n * p * (1 - p)
    center = float(np.average(logit, weights=weight))
    spread, ripe = float(weight @ (logit - center) ** 2), min(1.0, CALIBRATED_ON / max(converted.sum(), 1))
    return Calibration(
        center,
        1 / (ripe * float(weight.sum())),
        1 / spread if spread > 0 else 0.0,
        float((converted - n * p).sum() / weight.sum()),
    )


def composition(terms: Sequence[Facts], counts: Sequence[NDArray[np.intp]]) -> float:
    """Return the variance by what a list is made of; ``counts`` has its leads by code (k,), for each term."""
    pairs = [(term, count) for term, count in zip(terms, counts, strict=True) if count.sum()]
    return float(sum(_of_term(*pair) for pair in pairs) + sum(_held_back(*pair) for pair in pairs) ** 2)


def _of_term(term: Facts, count: NDArray[np.intp]) -> float:
    n, converted = np.asarray(term.leads, dtype=np.float64), np.asarray(term.converted, dtype=np.float64)
    past, points = n / max(n.sum(), 1), np.asarray(term.points)
    rate = (converted + converted.sum() / max(n.sum(), 1)) / (n + 1)
    prior = max(float(past @ (points - past @ points) ** 2), LEVEL_SPREAD**2)
    return float(((count / count.sum() - past) ** 2 / (n * rate * (1 - rate) + 1 / prior)).sum())


def _held_back(term: Facts, count: NDArray[np.intp]) -> float:
    """Return by how many log-odds leads of a list did better in training than the scorecard says, beside the others."""
    if not term.expected:
        return 0.0
    n, converted, expected = (np.asarray(of) for of in (term.leads, term.converted, term.expected))
    converted = np.minimum(
        n, converted * expected.sum() / max(converted.sum(), 1)
    )  # only what levels differ by: not the level of all
    off = np.log((converted + 1) / (expected + 1)) - np.log((n - converted + 1) / (n - expected + 1))
    return float((count / count.sum() - n / max(n.sum(), 1)) @ off)


def log_odds(periods: Sequence[tuple[int, int]]) -> tuple[Floats, Floats]:
    """Return the log-odds (k,) of periods and their variances (k,); half is added to each of (leads, conversions)."""
    n, converted = np.asarray(periods, dtype=np.float64).reshape(-1, 2).T
    won, lost = converted + 0.5, n - converted + 0.5
    return np.log(won / lost), 1 / won + 1 / lost


def between(periods: Sequence[tuple[int, int]]) -> float:
    """Return by how much the log-odds of the newest periods vary beyond chance, as a variance; 0 where none is seen."""
    y, variance = log_odds(periods[-NEWEST:])
    if len(y) < 3:
        return 0.0
    weight = 1 / variance
    q = float(weight @ (y - np.average(y, weights=weight)) ** 2)
    return max(0.0, (q - len(y) + 1) / float(weight.sum() - (weight**2).sum() / weight.sum()))


def trend(periods: Sequence[tuple[int, int]]) -> float:
    """Return by how much the log-odds rise from one period to the next, over the newest ones; 0 where too few."""
    y, variance = log_odds(periods[-LONGEST:])
    if len(y) < 3:
        return 0.0
    weight, at = 1 / variance, np.arange(len(y), dtype=np.float64)
    at -= np.average(at, weights=weight)
    return float((weight * at) @ y / (weight @ at**2))


def age(periods: Sequence[tuple[int, int]], *, since_last: float) -> float:
    """Return how many periods old the newest conversions are on average; the last period is ``since_last`` old."""
    total, weighted = 0, 0.0
    for back, (_, converted) in enumerate(reversed(periods)):
        taken = min(converted, CALIBRATED_ON - total)
        total, weighted = total + taken, weighted + taken * back
        if total >= CALIBRATED_ON:
            break
    return since_last + weighted / total if total else since_last


def ageing(known: Calibration, periods: Sequence[tuple[int, int]], old: float) -> float:
    """Return the variance by what changed since the level was known, ``old`` periods ago."""
    return max((trend(periods) * old) ** 2, known.misfit**2 - known.intercept, 0.0)
