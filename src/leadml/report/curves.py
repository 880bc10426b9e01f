"""The curves of a tested model: gains with intervals, calls by depth, grades, and the reliability of probabilities."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.learning.intervals import bootstrap_weights, quantile
from leadml.learning.metrics import Ranked, Tally
from leadml.model.bundle import Interval
from leadml.model.scorecard import expit
from leadml.report.evidence import Depth, Gains, GradeFacts, Reliability
from leadml.report.rates import Rate

Floats = NDArray[np.float64]
Outcomes = NDArray[np.bool_]
SHARES = tuple(i / 100 for i in range(101))
DEPTHS = (0.05, 0.1, 0.2, 0.3, 0.5)
N_BINS = 10
N_COUNTS = 40


class Called:
    """The test leads in the order of the model and of the simple rules, with bootstrap replicates of the gains.

    y (n,) bool, logit (n,), rules: name -> scores (n,). The replicates are those of ``learning.intervals.evaluate``
    with the same seed, so that a capture read off the curve is the capture of the metrics, interval and all.
    """

    def __init__(
        self,
        y: Outcomes,
        logit: Floats,
        rules: Mapping[str, Floats],
        *,
        groups: NDArray[Any] | None,
        capacity: float | None,
        n_replicates: int,
        random_state: int,
    ) -> None:
        self._n, self._y = y.size, y
        self._own = None if capacity is None else min(capacity / y.size, 1.0)
        self._shares = np.array([*SHARES, *([] if self._own is None else [self._own])])
        model = Ranked(y, logit)
        self._model = self._found(model.tally())
        self._rules = {name: self._found(Ranked(y, score).tally())[0] for name, score in rules.items()}
        draws = bootstrap_weights(y, groups=groups, n_replicates=n_replicates, random_state=random_state)
        one_group = groups is not None and len(np.unique(groups)) < 2
        values = [] if one_group else [self._found(model.tally(weight)) for weight in draws]
        self._replicates = np.array(values).reshape(len(values), 2, self._shares.size)

    def _found(self, tally: Tally) -> Floats:
        """Return (2, m): the share of all conversions in the first leads, and the rate of these."""
        found = np.interp(self._shares * tally.n_leads, tally.reached, tally.found)
        calls = np.maximum(self._shares * tally.n_leads, np.finfo(np.float64).tiny)
        return np.stack((found / max(tally.n_conversions, np.finfo(np.float64).tiny), found / calls))

    def _interval(self, what: int, at: int) -> Interval:
        value, replicates = float(self._model[what, at]), self._replicates[:, what, at]
        if not replicates.size:
            return Interval(value, None, None)
        return Interval(value, min(quantile(replicates, 0.025), value), max(quantile(replicates, 0.975), value))

    def gains(self) -> Gains:
        """Return the gains curve at every percent of the leads."""
        model = tuple(self._interval(0, at) for at in range(len(SHARES)))
        rules = {name: tuple(found[: len(SHARES)].tolist()) for name, found in self._rules.items()}
        return Gains(SHARES, model, rules)

    def depths(self) -> tuple[Depth, ...]:
        """Return what calling the first leads would have meant, at some depths and at capacity."""
        places = [SHARES.index(share) for share in DEPTHS]
        depths = [self._depth(at) for at in places]
        if self._own is not None:
            depths.append(self._depth(len(SHARES), is_capacity=True))
        return tuple(sorted(depths, key=lambda depth: depth.share))

    def _depth(self, at: int, *, is_capacity: bool = False) -> Depth:
        share = float(self._shares[at])
        rules = {name: float(found[at]) for name, found in self._rules.items()}
        return Depth(share, share * self._n, self._interval(0, at), self._interval(1, at), rules, is_capacity)


def by_grade(
    y: Outcomes, logit: Floats, probability: Floats, reference: Sequence[float], grades: Mapping[str, int]
) -> tuple[GradeFacts, ...]:
    """Return the test leads by grade, the best first; logit (n,) on the scale of the reference."""
    letters = [*sorted(grades, key=lambda letter: -grades[letter]), "D"]
    cuts = np.asarray(reference)
    score = 1 + np.searchsorted(cuts, logit, side="left")
    floors = sorted(grades[letter] for letter in letters[:-1])
    place = len(floors) - np.searchsorted(floors, score, side="right")
    rows = [place == i for i in range(len(letters))]
    return tuple(
        GradeFacts(letter, Rate(int(own.sum()), int(y[own].sum())), _mean(probability[own]))
        for letter, own in zip(letters, rows, strict=True)
    )


def by_score(y: Outcomes, logit: Floats, reference: Sequence[float]) -> tuple[Rate, ...]:
    """Return the test leads of each score from 1 to 100; logit (n,) on the scale of the reference."""
    score = np.searchsorted(np.asarray(reference), logit, side="left")
    n, converted = (np.bincount(score[rows], minlength=len(reference) + 1) for rows in (slice(None), y))
    return tuple(map(Rate, n.tolist(), converted.tolist()))


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if values.size else None


def reliability(y: Outcomes, logit: Floats) -> Reliability:
    """Return how probabilities and outcomes agree; y (n,) bool, logit (n,).

    The monotone fit is the CORP diagram of Dimitriadis, Gneiting and Jordan, "Stable reliability diagrams for
    probabilistic classifiers" (PNAS 118, 2021). It is drawn only; calibration itself is affine.
    """
    order = np.argsort(logit, kind="stable")
    probability, outcome = expit(logit[order]), y[order]
    edges = _edges(probability)
    bins = tuple((float(probability[a:b].mean()), Rate(int(b - a), int(outcome[a:b].sum()))) for a, b in edges if b > a)
    top = _round_up(max(float(probability[-1]), *(rate.interval.high or 0.0 for _, rate in bins)))
    counts, _ = np.histogram(probability, bins=N_COUNTS, range=(0.0, top))
    return Reliability(bins, _isotonic(probability, outcome), tuple(counts.tolist()), top, float(np.mean(probability)))


def _edges(ordered: Floats) -> Iterable[tuple[int, int]]:
    """Cut sorted values into bins of about equal size; equal values stay together."""
    cuts = [round(i * ordered.size / N_BINS) for i in range(1, N_BINS)]
    starts = sorted({0, *(bisect_left(ordered.tolist(), ordered[cut]) for cut in cuts if cut < ordered.size)})
    return zip(starts, [*starts[1:], ordered.size], strict=True)


def _isotonic(probability: Floats, outcome: Outcomes) -> tuple[tuple[float, float], ...]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0).fit(probability, outcome)
    xs, ys = fitted.X_thresholds_, fitted.y_thresholds_
    return tuple((float(x), float(y)) for x, y in zip(xs, ys, strict=True))


def _round_up(x: float) -> float:
    """Return the next of 0.1, 0.2, ... 1."""
    return min(1.0, float(np.ceil(x * 10 - 1e-9) / 10)) or 0.1
