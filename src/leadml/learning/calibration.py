"""Affine calibration of the logit, and the two logistic fits behind it.

``calibrated = slope * logit + intercept`` (Platt, "Probabilistic outputs for support vector machines", 1999).
An affine map folds into the base and the points of a scorecard, so the sum of contributions stays exact.

How much is fitted depends on how many conversions there are to fit it on:

==================  ===========================================================
conversions         what is fitted
==================  ===========================================================
100 or more         slope on all rows, within [0.3, 3]; intercept on the newest
20 to 99            intercept only
fewer than 20       nothing
==================  ===========================================================

The fits take counts per distinct logit: ``conversions`` (m,) and ``weight`` (m,), the weight of the converted
rows and of all rows at ``logit`` (m,). One row per lead, with weight 1, is the simplest such table.
"""

from dataclasses import dataclass, replace
from math import copysign, inf, isnan, log, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from leadml.errors import UsageError

SLOPE_BOUNDS = (0.3, 3.0)
CONVERSIONS_FOR_SLOPE = 100
CONVERSIONS_FOR_INTERCEPT = 20
NEWEST_CONVERSIONS = 100

_MAX_STEPS = 200
_MAX_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Calibration:
    """An affine map of logits; ``n_conversions`` were seen, and ``how`` says in words what was fitted."""

    slope: float
    intercept: float
    n_conversions: int
    how: str

    def apply(self, logit: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the calibrated logits (n,) of raw logits (n,)."""
        return self.slope * logit + self.intercept


def fit_calibration(
    y_true: NDArray[np.bool_],
    logit: NDArray[np.float64],
    *,
    time: NDArray[Any],
    sample_weight: NDArray[np.float64] | None = None,
) -> Calibration:
    """Fit the calibration of pooled out-of-fold logits.

    y_true (n,) bool, logit (n,) in log-odds, time (n,) anything that sorts (datetime64 or numbers; where
    there are no dates, ``np.arange(n)`` for rows in time order). sample_weight (n,) is what each row counts, by
    default one. Without a single lost lead nothing can be fitted, and the map is the identity. Raises UsageError
    where shapes differ, or a logit or time is missing.
    """
    _check_rows(y_true, logit, time)
    weight = np.ones(y_true.size) if sample_weight is None else sample_weight
    n_conversions = round(float(weight[y_true].sum()))
    if y_true.all() and y_true.size:
        return Calibration(1.0, 0.0, n_conversions, "not calibrated: no lead was lost")
    if n_conversions < CONVERSIONS_FOR_INTERCEPT:
        how = f"not calibrated: {n_conversions} conversions, {CONVERSIONS_FOR_INTERCEPT} are needed"
        return Calibration(1.0, 0.0, n_conversions, how)

    slope, how = 1.0, f"intercept fitted on {n_conversions:,} conversions"
    if n_conversions >= CONVERSIONS_FOR_SLOPE:
        slope, how = _bounded_slope(y_true, logit, weight)
    newest = _newest(y_true, time)
    intercept = fit_intercept(slope * logit[newest], (y_true * weight)[newest], weight[newest])
    if n_conversions >= CONVERSIONS_FOR_SLOPE:
        how += f", intercept on the newest {round(float(weight[newest & y_true].sum())):,}"
    return Calibration(slope, intercept, n_conversions, how)


def levelled(
    calibration: Calibration,
    y_true: NDArray[np.bool_],
    logit: NDArray[np.float64],
    *,
    time: NDArray[Any],
    sample_weight: NDArray[np.float64] | None = None,
) -> Calibration:
    """Return a calibration of out-of-fold logits with the intercept of the model that it is for.

    y_true (n,), raw logit (n,), time (n,) and sample_weight (n,) are those of the leads that this model learned from.
    It knows part of what the newest of them say of the level: to add the whole intercept of models that had not seen
    them would count that twice. Its slope must come from leads that it has not seen, but the mean of its probabilities
    need not.
    """
    if calibration.n_conversions < CONVERSIONS_FOR_INTERCEPT or y_true.all():
        return calibration
    newest = _newest(y_true, time)
    weight = (np.ones(y_true.size) if sample_weight is None else sample_weight)[newest]
    return replace(
        calibration, intercept=fit_intercept(calibration.slope * logit[newest], weight * y_true[newest], weight)
    )


def fit_intercept(logit: NDArray[np.float64], conversions: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return the shift at which the mean probability equals the conversion rate; nan with one class.

    This is the maximum-likelihood intercept of a logistic regression with slope fixed at 1. Newton's
    method inside a bracket: a step that leaves it is replaced by halving, so logits of any size are fine.
    """
    converted, total = float(conversions.sum()), float(weight.sum())
    if not 0 < converted < total:
        return nan
    level = log(converted / (total - converted))
    low, high = level - float(logit.max()), level - float(logit.min())
    shift = min(max(0.0, low), high)
    for _ in range(_MAX_STEPS):
        probability = expit(logit + shift)
        excess = float(weight @ probability) - converted
        curvature = float(weight @ (probability * (1 - probability)))
        step = excess / curvature if curvature > 0 else copysign(inf, excess)
        if excess == 0 or abs(step) <= 1e-12 * (1 + abs(shift)):
            break
        low, high = (low, shift) if excess > 0 else (shift, high)
        shift = shift - step if low < shift - step < high else (low + high) / 2
    return shift


def fit_slope(
    logit: NDArray[np.float64], conversions: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float]:
    """Return the maximum-likelihood ``(slope, intercept)`` of a logistic regression on the logit.

    The slope is infinite (with its sign) where one cut separates the classes, and nan with one class or
    one distinct logit; the intercept is then nan. Albert and Anderson (Biometrika 71, 1984) show that these
    are the only cases without a finite answer. Newton's method with step halving; the loss is convex.
    """
    slope = _degenerate_slope(logit, conversions, weight)
    if slope is not None:
        return slope, nan
    converted, total = float(conversions.sum()), float(weight.sum())
    centre = float(weight @ logit) / total
    scale = float(np.abs(logit - centre).max())
    x = (logit - centre) / scale  # within [-1, 1]: no product overflows
    a, b = log(converted / (total - converted)), 0.0
    loss = _loss(a, b, x, conversions, weight)
    for _ in range(_MAX_STEPS):
        da, db, decrement = _newton_step(a, b, x, conversions, weight)
        if decrement < 1e-12 * total:  # quadratic convergence: this last step squares the error
            a, b = a + da, b + db
            break
        for _ in range(_MAX_HALVINGS):
            new_loss = _loss(a + da, b + db, x, conversions, weight)
            if new_loss <= loss:
                break
            da, db = da / 2, db / 2
        a, b, loss = a + da, b + db, new_loss
    return b / scale, a - b / scale * centre


def _newton_step(
    a: float, b: float, x: NDArray[np.float64], conversions: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Return the steps of a and b, and the Newton decrement (twice the loss still to be gained)."""
    probability = expit(a + b * x)
    expected = weight * probability
    residual = conversions - expected
    curvature = expected * (1 - probability)
    total = float(curvature.sum())
    mean = float(curvature @ x) / total
    deviation = x - mean  # centred, so that the two steps decouple without cancellation
    spread = float(curvature @ (deviation * deviation))
    gradient, cross = float(residual.sum()), float(residual @ deviation)
    db = cross / spread if spread > 0 else 0.0
    return gradient / total - mean * db, db, gradient * gradient / total + cross * db


def _loss(
    a: float, b: float, x: NDArray[np.float64], conversions: NDArray[np.float64], weight: NDArray[np.float64]
) -> float:
    logit = a + b * x
    softplus = np.maximum(logit, 0) + np.log1p(np.exp(-np.abs(logit)))
    return float(weight @ softplus - conversions @ logit)


def _degenerate_slope(
    logit: NDArray[np.float64], conversions: NDArray[np.float64], weight: NDArray[np.float64]
) -> float | None:
    converted, lost = logit[conversions > 0], logit[weight > conversions]
    if converted.size == 0 or lost.size == 0:
        return nan
    above, below = converted.min() >= lost.max(), converted.max() <= lost.min()
    if above and below:
        return nan
    return inf if above else -inf if below else None


def _bounded_slope(
    y_true: NDArray[np.bool_], logit: NDArray[np.float64], weight: NDArray[np.float64]
) -> tuple[float, str]:
    """Return the slope within its bounds and how it came about."""
    fitted, _ = fit_slope(logit, y_true * weight, weight)
    if isnan(fitted):
        return 1.0, "slope 1, as all logits are equal"
    low, high = SLOPE_BOUNDS
    slope = min(max(fitted, low), high)
    how = f"slope fitted on {round(float(weight[y_true].sum())):,} conversions"
    return slope, how if slope == fitted else f"{how} and held at its bound {slope:g}"


def _newest(y_true: NDArray[np.bool_], time: NDArray[Any]) -> NDArray[np.bool_]:
    """Mark the newest rows (n,) that hold 100 conversions; all rows where they would hold no lost lead."""
    times = np.sort(time[y_true])
    newest: NDArray[np.bool_] = time >= times[max(0, times.size - NEWEST_CONVERSIONS)]
    if times.size < NEWEST_CONVERSIONS or y_true[newest].all():
        return np.ones(y_true.size, dtype=bool)
    return newest


def _check_rows(y_true: NDArray[np.bool_], logit: NDArray[np.float64], time: NDArray[Any]) -> None:
    if not y_true.shape == logit.shape == time.shape or y_true.ndim != 1:
        raise UsageError(
            f"y_true, logit and time must have one shape (n,), got {y_true.shape}, {logit.shape} and {time.shape}."
        )
    if not np.isfinite(logit).all():
        raise UsageError("logit must be finite, got nan or infinity.")
    if np.not_equal(time, time).any():  # NaT and nan
        raise UsageError("time must be known for every row, got missing times; leave such rows out.")
