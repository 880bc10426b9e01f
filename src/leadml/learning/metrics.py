"""The metrics of a lead model.

How to add a metric: write a function ``name(tally: Tally) -> float`` and enter it in ``METRICS`` (and in
``NEEDS_CAPACITY`` if it does). It returns nan where it isn't defined (one class only, no weight) and never
warns. ``tests/learning/test_metrics.py`` runs its general tests over every entry.

Every metric here depends on a sample only through the weight of the conversions and of all leads at each
distinct logit. ``Ranked`` sorts once; a ``Tally`` holds these two columns for one weighting of the leads, so
a bootstrap replicate costs no sort, and ties need no care anywhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite, nan
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from leadml.errors import UsageError
from leadml.learning.calibration import fit_intercept, fit_slope

N_BINS = 10


class Ranked:
    """A scored sample, sorted once: its m distinct logits, best first.

    y_true (n,) bool; logit (n,) float64, finite (any score will do for the metrics of rank); capacity, the
    number of these n leads that can be worked (fractions are fine), or None. Raises UsageError otherwise.
    """

    def __init__(self, y_true: NDArray[np.bool_], logit: NDArray[np.float64], *, capacity: float | None = None) -> None:
        if y_true.ndim != 1 or y_true.shape != logit.shape or y_true.size == 0:
            raise UsageError(
                f"y_true and logit must have one shape (n,) with n > 0, got {y_true.shape} and {logit.shape}."
            )
        if y_true.dtype != np.bool_:
            raise UsageError(f"y_true must be bool, got {y_true.dtype}.")
        if not np.isfinite(logit).all():
            raise UsageError("logit must be finite, got nan or infinity.")
        if capacity is not None and not capacity > 0:
            raise UsageError(f"capacity must be above 0, got {capacity}.")
        ascending, position = np.unique(logit, return_inverse=True)
        self.y_true = y_true
        self.logit = ascending[::-1].astype(np.float64)  # (m,) distinct, descending
        self.capacity_share = nan if capacity is None else min(capacity / y_true.size, 1.0)
        self._position = (ascending.size - 1) - position  # (n,) each lead's place in self.logit

    def tally(self, sample_weight: NDArray[np.float64] | None = None) -> "Tally":
        """Return the counts at each distinct logit; sample_weight (n,) not negative, None for 1 each."""
        weight = np.ones(self.y_true.size) if sample_weight is None else sample_weight
        if weight.shape != self.y_true.shape or not weight.min() >= 0:
            raise UsageError(
                f"sample_weight must have shape {self.y_true.shape} and no negative or missing value, "
                f"got shape {weight.shape} with minimum {weight.min()}."
            )
        return Tally(self, self._sums(weight * self.y_true), self._sums(weight))

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(self._position, weights=values, minlength=self.logit.size)
        return np.asarray(sums, dtype=np.float64)

    @cached_property
    def losses(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The log loss (m,) of a lead at each logit, if it converts and if it doesn't."""
        return np.logaddexp(0, -self.logit), np.logaddexp(0, self.logit)

    @cached_property
    def probability(self) -> NDArray[np.float64]:
        """The probability (m,) at each logit."""
        return np.asarray(expit(self.logit), dtype=np.float64)


@dataclass(frozen=True)
class Tally:
    """The weight of conversions (m,) and of all leads (m,) at each distinct logit of ``ranked``."""

    ranked: Ranked
    conversions: NDArray[np.float64]
    weight: NDArray[np.float64]

    @cached_property
    def reached(self) -> NDArray[np.float64]:
        """The weight of the leads reached (m + 1,) after none, one, ... all of the distinct logits."""
        return np.concatenate(([0.0], np.cumsum(self.weight)))

    @cached_property
    def found(self) -> NDArray[np.float64]:
        """The weight of the conversions found (m + 1,), likewise; over ``reached`` it is the gains curve."""
        return np.concatenate(([0.0], np.cumsum(self.conversions)))

    @property
    def n_leads(self) -> float:
        """The weight of all leads."""
        return float(self.reached[-1])

    @property
    def n_conversions(self) -> float:
        """The weight of all conversions."""
        return float(self.found[-1])

    def found_in(self, share: float) -> float:
        """Return the conversions expected in the first ``share`` of the leads (0 to 1; nan gives nan).

        In a random order of tied leads the expected gains curve is straight, so the interpolated curve is
        exact for ties that straddle the cut, and for a cut within a lead.
        """
        return float(np.interp(share * self.n_leads, self.reached, self.found))


def roc_auc(tally: Tally) -> float:
    """Return the chance that a conversion ranks above a non-conversion; a tie counts one half."""
    lost = tally.weight - tally.conversions
    won_pairs = float(lost @ (tally.found[:-1] + tally.conversions / 2))
    return _ratio(won_pairs, tally.n_conversions * (tally.n_leads - tally.n_conversions))


def average_precision(tally: Tally) -> float:
    """Return the mean precision at each conversion, in steps as scikit-learn does it."""
    reached = np.maximum(tally.reached[1:], np.finfo(np.float64).tiny)
    return _ratio(float(tally.conversions @ (tally.found[1:] / reached)), tally.n_conversions)


def log_loss(tally: Tally) -> float:
    """Return the mean negative log-likelihood in nats; 0 is perfect."""
    converted, lost = tally.ranked.losses
    loss = tally.conversions @ converted + (tally.weight - tally.conversions) @ lost
    return _ratio(float(loss), tally.n_leads)


def brier(tally: Tally) -> float:
    """Return the mean squared error of the probability (Brier 1950); 0 is perfect."""
    probability = tally.ranked.probability
    lost = (tally.weight - tally.conversions) @ probability**2
    return _ratio(float(tally.conversions @ (1 - probability) ** 2 + lost), tally.n_leads)


def calibration_slope(tally: Tally) -> float:
    """Return the slope of a logistic regression of y on the logit; below 1 the logits are too spread out.

    Cox, "Two further applications of a model for binary regression" (Biometrika 45, 1958). nan where one
    cut separates the classes, as the slope is then infinite.
    """
    slope, _ = fit_slope(tally.ranked.logit, tally.conversions, tally.weight)
    return slope if isfinite(slope) else nan


def calibration_intercept(tally: Tally) -> float:
    """Return the logit shift that makes the mean probability right; above 0 probabilities are too low.

    Also called calibration in the large: Cox's intercept with the slope fixed at 1 (Steyerberg, "Clinical
    Prediction Models", 2019, ch. 15).
    """
    return fit_intercept(tally.ranked.logit, tally.conversions, tally.weight)


def calibration_error(tally: Tally) -> float:
    """Return the expected calibration error: the mean distance of probability and rate over 10 bins.

    Bins are of equal weight (Naeini, Cooper and Hauskrecht, AAAI 2015). Tied leads stay together, in the bin
    of their mean rank. It is never negative and grows with noise: compare it at equal sample sizes only.
    """
    gap = tally.conversions - tally.weight * tally.ranked.probability
    gap = np.concatenate(([0.0], np.cumsum(gap)))
    mean_rank = (tally.reached[:-1] + tally.reached[1:]) / 2
    inner = np.searchsorted(mean_rank, tally.n_leads * np.arange(1, N_BINS) / N_BINS)
    edges = np.concatenate(([0], inner, [mean_rank.size]))
    return _ratio(float(np.abs(np.diff(gap[edges])).sum()), tally.n_leads)


def capture(tally: Tally, share: float) -> float:
    """Return the share of all conversions found in the first ``share`` of the leads."""
    return _ratio(tally.found_in(share), tally.n_conversions)


def lift(tally: Tally, share: float) -> float:
    """Return the conversion rate of the first ``share`` of the leads, in multiples of the base rate."""
    return capture(tally, share) / share


def capture_at_capacity(tally: Tally) -> float:
    """Return the share of all conversions found within capacity; nan without a capacity."""
    return capture(tally, tally.ranked.capacity_share)


def precision_at_capacity(tally: Tally) -> float:
    """Return the conversion rate of the leads within capacity; nan without a capacity."""
    share = tally.ranked.capacity_share
    return _ratio(tally.found_in(share), share * tally.n_leads)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else nan


Metric = Callable[[Tally], float]

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        "roc_auc": roc_auc,
        "average_precision": average_precision,
        "log_loss": log_loss,
        "brier": brier,
        "calibration_slope": calibration_slope,
        "calibration_intercept": calibration_intercept,
        "calibration_error": calibration_error,
        "lift_at_5pct": lambda tally: lift(tally, 0.05),
        "lift_at_10pct": lambda tally: lift(tally, 0.10),
        "lift_at_20pct": lambda tally: lift(tally, 0.20),
        "capture_at_5pct": lambda tally: capture(tally, 0.05),
        "capture_at_10pct": lambda tally: capture(tally, 0.10),
        "capture_at_20pct": lambda tally: capture(tally, 0.20),
        "capture_at_capacity": capture_at_capacity,
        "precision_at_capacity": precision_at_capacity,
    }
)

NEEDS_CAPACITY = frozenset({"capture_at_capacity", "precision_at_capacity"})
