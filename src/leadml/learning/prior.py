"""Logistic regression that begins at the base rate: its coefficients have a prior, whose width the outcomes choose.

The coefficients of ``LinearBasis`` are drawn from a normal distribution with one standard deviation, the *width*,
around 0, or around ``TOLD`` in the direction that a number was declared to have; the intercept is free. With few
outcomes there is no choosing a width on folds. So each is weighed by the evidence, the probability of the outcomes
given the width (Laplace's approximation), times an exponential prior, and the coefficients are averaged (MacKay, "The
evidence framework applied to classification networks", Neural Computation 4, 1992). An average of scorecards is a
scorecard: near the base rate while little is known, an ordinary ridge regression where much is.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline, make_pipeline

from leadml.learning.design import Design
from leadml.learning.linear import make_basis

Floats = NDArray[np.float64]
WIDTHS = tuple(0.01 * 2.0**i for i in range(8))  # in log-odds, of a level or of a number's standard deviation
TYPICAL = 0.1  # the mean of the prior of the width
TOLD = 0.1  # the prior mean of a number whose direction is declared, per standard deviation
TOLERANCE = 1e-12  # of Newton's decrement, per unit of weight
MAX_STEPS, SHORTEST = 100, 1e-6


class PriorRegression(BaseEstimator):  # type: ignore[misc]
    """The mean of logistic regressions over the widths of their prior; ``mean`` (q,) is where it is centred.

    After ``fit``: ``coef_`` (1, q) and ``intercept_`` (1,); ``weights_`` of ``WIDTHS``.
    """

    def __init__(self, mean: tuple[float, ...]) -> None:
        self.mean = mean

    def fit(self, Z: sparse.csr_matrix, y: NDArray[np.bool_], sample_weight: Floats | None = None) -> "PriorRegression":
        """Fit columns Z (n, q) and y (n,) of both classes; row i counts sample_weight[i] times."""
        weight = np.ones(len(y)) if sample_weight is None else sample_weight
        says_nothing = np.asarray(abs(Z).sum(axis=0)).ravel() == 0
        known = _Known(Z, y.astype(np.float64), weight, np.where(says_nothing, 0.0, self.mean))
        rate = float(np.average(y, weights=weight))
        at = np.append(known.mean, np.log(rate / (1 - rate)))
        found, logs = [], []
        for width in WIDTHS:  # each begins where the narrower one ended
            at, evidence = known.fit(width, at)
            found.append(at)
            logs.append(evidence + np.log(width) - width / TYPICAL)  # the widths are even on a logarithmic scale
        share = np.exp(np.array(logs) - max(logs))
        self.weights_ = share / share.sum()
        mean = self.weights_ @ np.array(found)
        self.coef_, self.intercept_ = mean[None, :-1], mean[-1:]
        return self

    def decision_function(self, Z: sparse.csr_matrix) -> Floats:
        """Return the log-odds (n,)."""
        return np.asarray(Z @ self.coef_[0] + self.intercept_[0])


@dataclass(frozen=True, slots=True)
class _Known:
    """Columns (n, q), outcomes and weights (n,), and the prior mean (q,)."""

    Z: sparse.csr_matrix
    y: Floats
    weight: Floats
    mean: Floats

    def fit(self, width: float, at: Floats) -> tuple[Floats, float]:
        """Return the likeliest coefficients, the intercept last (q + 1,), and the log of the evidence of a width.

        By Newton's method from ``at``, a step being halved where it leads up; the loss is convex.
        """
        loss, logit = self._loss(width, at)
        for _ in range(MAX_STEPS):
            gradient, factor = self._slope(width, at, logit)
            step = linalg.cho_solve(factor, gradient)
            if gradient @ step < TOLERANCE * self.weight.sum():
                break
            share = 1.0
            new, new_logit = self._loss(width, at - step)
            while new > loss and share > SHORTEST:
                share /= 2
                new, new_logit = self._loss(width, at - share * step)
            at, loss, logit = at - share * step, new, new_logit
        determinant = 2 * np.log(np.diag(factor[0])).sum()
        return at, -loss - len(self.mean) * np.log(width) - determinant / 2

    def _loss(self, width: float, at: Floats) -> tuple[float, Floats]:
        logit = np.asarray(self.Z @ at[:-1] + at[-1])
        away = at[:-1] - self.mean
        fit = self.weight @ (np.logaddexp(0.0, logit) - self.y * logit)
        return float(fit + away @ away / (2 * width**2)), logit

    def _slope(self, width: float, at: Floats, logit: Floats) -> tuple[Floats, tuple[Floats, bool]]:
        """Return the gradient (q + 1,), and the Hessian factorised."""
        probability = expit(logit)
        residual, curvature = self.weight * (probability - self.y), self.weight * probability * (1 - probability)
        gradient = np.append(self.Z.T @ residual + (at[:-1] - self.mean) / width**2, residual.sum())
        cross = self.Z.T @ curvature
        hessian = np.empty((len(at), len(at)))
        hessian[:-1, :-1] = (self.Z.T @ self.Z.multiply(curvature[:, None]).tocsr()).toarray()
        hessian[:-1, :-1] += np.eye(len(self.mean)) / width**2
        hessian[:-1, -1] = hessian[-1, :-1] = cross
        hessian[-1, -1] = curvature.sum()
        return gradient, linalg.cho_factor(hessian, lower=True)


def make_prior(design: Design) -> Pipeline:
    """Return an unfitted pipeline, to be fitted by ``fit_linear``."""
    mean = [(0.0,) * n if n else (TOLD * way, 0.0) for n, way in zip(design.codes, design.ways, strict=True)]
    return make_pipeline(make_basis(design), PriorRegression(tuple(m for part in mean for m in part)))
