"""How sure a metric is: bootstrap intervals, and paired comparison of two models.

Percentile intervals (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13) over resampled
leads, or over whole groups where leads of one account belong together (the cluster bootstrap). A replicate is
a weighting of the leads, so nothing is copied or sorted, and one at a time is in memory.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.errors import UsageError
from leadml.learning.metrics import METRICS, NEEDS_CAPACITY, Ranked

N_REPLICATES = 500
FEWEST = 5  # leads of each class, from which resampling them says how sure a metric is


@dataclass(frozen=True, slots=True)
class Estimate:
    """A metric with its 95 % interval; ``low`` and ``high`` are nan where too little was seen to tell."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference, new minus old, with its 95 % interval.

    ``lower_bound`` and ``upper_bound`` are each one-sided at 95 %: the true difference is at least
    ``lower_bound`` with 95 % confidence, and at most ``upper_bound`` with 95 % confidence.
    """

    value: float
    low: float
    high: float
    lower_bound: float
    upper_bound: float


def bootstrap_weights(
    y_true: NDArray[np.bool_],
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    n_replicates: int = N_REPLICATES,
    random_state: int = 0,
) -> Iterator[NDArray[np.float64]]:
    """Yield n_replicates weight vectors (n,): how often each lead, or its group, was drawn.

    y_true (n,) bool; groups (n,) of hashable labels, or None for one group per lead (a lead whose label is
    None or nan is a group of its own, too). A draw with one class only is drawn again, unless y_true itself
    has one class. Raises UsageError where there isn't one label per lead.
    """
    rng = np.random.default_rng(random_state)
    code = _group_codes(groups, y_true.size)
    n_groups = int(code.max()) + 1
    one_class = bool(y_true.all() or not y_true.any())
    for _ in range(n_replicates):
        while True:  # at least 1 - 2/e = 26 % of draws hold both classes, so this soon ends
            drawn = np.bincount(rng.integers(n_groups, size=n_groups), minlength=n_groups)
            weight = (drawn if groups is None else drawn[code]).astype(np.float64)
            n_converted = weight @ y_true
            if one_class or 0 < n_converted < weight.sum():
                break
        yield weight


def replicate(
    samples: Sequence[Ranked],
    metrics: Sequence[str],
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    n_replicates: int = N_REPLICATES,
    random_state: int = 0,
) -> NDArray[np.float64]:
    """Return the metrics on paired replicates, shape (n_replicates, len(samples), len(metrics)).

    The samples are scorings of the same leads, and share each draw. With fewer than 2 groups, or 5 leads of either
    class, there is no telling how far another sample would be from this one, and all values are nan. Deterministic
    for a random_state. Raises UsageError for unknown metrics, or groups or samples of different leads.
    """
    y_true = samples[0].y_true
    if any(not np.array_equal(sample.y_true, y_true) for sample in samples[1:]):
        raise UsageError("samples must be scorings of the same leads, got different y_true.")
    if n_replicates < 1:
        raise UsageError(f"n_replicates must be at least 1, got {n_replicates}.")
    unknown = [name for name in metrics if name not in METRICS]
    if unknown:
        raise UsageError(f"metrics must be among {', '.join(METRICS)}, got {', '.join(unknown)}.")
    values = np.full((n_replicates, len(samples), len(metrics)), nan)
    n_converted = int(np.count_nonzero(y_true))
    if _group_codes(groups, y_true.size).max() < 1 or min(n_converted, y_true.size - n_converted) < FEWEST:
        return values
    functions = [METRICS[name] for name in metrics]
    draws = bootstrap_weights(y_true, groups=groups, n_replicates=n_replicates, random_state=random_state)
    for r, weight in enumerate(draws):
        for s, sample in enumerate(samples):
            tally = sample.tally(weight)
            values[r, s] = [function(tally) for function in functions]
    return values


def evaluate(
    y_true: NDArray[np.bool_],
    logit: NDArray[np.float64],
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    capacity: float | None = None,
    metrics: Sequence[str] | None = None,
    n_replicates: int = N_REPLICATES,
    random_state: int = 0,
) -> dict[str, Estimate]:
    """Return each metric with its 95 % interval.

    y_true (n,) bool, logit (n,) in log-odds, groups (n,) or None, capacity in leads (of these n). metrics
    are names from ``METRICS``; None takes all, those at capacity only where a capacity is given. Replicates
    in which a metric isn't defined are left out of its interval. The interval always holds the value: that
    of a biased metric (calibration_error) is widened to it.
    """
    names = _names(metrics, capacity)
    sample = Ranked(y_true, logit, capacity=capacity)
    values = replicate([sample], names, groups=groups, n_replicates=n_replicates, random_state=random_state)
    tally = sample.tally()
    estimates = {}
    for j, name in enumerate(names):
        value = METRICS[name](tally)
        low, high = quantile(values[:, 0, j], 0.025), quantile(values[:, 0, j], 0.975)
        estimates[name] = Estimate(value, min(low, value), max(high, value))
    return estimates


def compare(
    y_true: NDArray[np.bool_],
    logit_new: NDArray[np.float64],
    logit_old: NDArray[np.float64],
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    capacity: float | None = None,
    metrics: Sequence[str] | None = None,
    n_replicates: int = N_REPLICATES,
    random_state: int = 0,
) -> dict[str, Difference]:
    """Return the difference of each metric, new minus old, on the same leads and the same replicates.

    Arguments as for ``evaluate``; logit_new and logit_old are (n,).
    """
    names = _names(metrics, capacity)
    samples = [Ranked(y_true, logit, capacity=capacity) for logit in (logit_new, logit_old)]
    values = replicate(samples, names, groups=groups, n_replicates=n_replicates, random_state=random_state)
    new, old = (sample.tally() for sample in samples)
    return {
        name: difference(METRICS[name](new) - METRICS[name](old), values[:, 0, j] - values[:, 1, j])
        for j, name in enumerate(names)
    }


def difference(value: float, replicates: NDArray[np.float64]) -> Difference:
    """Return a Difference from its value and its replicates (n_replicates,)."""
    low, high = quantile(replicates, 0.025), quantile(replicates, 0.975)
    lower, upper = quantile(replicates, 0.05), quantile(replicates, 0.95)
    return Difference(value, low, high, lower, upper)


def quantile(replicates: NDArray[np.float64], level: float) -> float:
    """Return a quantile (0 to 1) of the defined replicates; nan where none is."""
    defined = replicates[~np.isnan(replicates)]
    return float(np.quantile(defined, level)) if defined.size else nan


def _group_codes(groups: Sequence[Any] | NDArray[Any] | None, n: int) -> NDArray[np.intp]:
    """Return group numbers (n,) from 0 in order of appearance; a missing label is a group of its own."""
    if groups is None:
        return np.arange(n)
    if len(groups) != n:
        raise UsageError(f"groups must hold one label per lead, {n} in all, got {len(groups)}.")
    labels = groups.tolist() if isinstance(groups, np.ndarray) else groups
    numbers: dict[Any, int] = {}
    keys = (object() if _is_missing(label) else label for label in labels)
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys])


def _is_missing(label: object) -> bool:
    return label is None or (isinstance(label, float) and isnan(label))


def _names(metrics: Sequence[str] | None, capacity: float | None) -> list[str]:
    if metrics is not None:
        return list(metrics)
    return [name for name in METRICS if capacity is not None or name not in NEEDS_CAPACITY]
