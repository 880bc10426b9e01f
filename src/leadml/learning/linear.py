"""Logistic regression on one-hot levels and scaled numbers, and its compilation to a scorecard."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

from leadml.learning.design import Design
from leadml.model.scorecard import CategoryTerm, LinearTerm, Scorecard, Term

Floats = NDArray[np.float64]
RANGE = (0.01, 0.99)  # numbers are clipped to these quantiles: a wild value must not carry a score away
NARROW = 500  # columns up to which Newton's method is quicker than L-BFGS, and far more exact
N_MARKS = 8  # ranges in which a number is worded
TINY = 1e-200  # a spread that is none: slopes must stay finite
FEW_COUNTS = 12  # a whole number with no more values is worded one by one


class LinearBasis(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """The columns of a linear model: clipped and scaled numbers with missing indicators, one-hot codes.

    ``n_codes``: per column of X the number of codes of a category, 0 for a number. ``ways``: per column 1 where a
    number may only rise with the log-odds, -1 where it may only fall, else 0. ``span``: the quantiles to which numbers
    are clipped. ``held``: the columns of numbers that count as one value.
    """

    def __init__(
        self,
        n_codes: tuple[int, ...],
        ways: tuple[int, ...] | None = None,
        span: tuple[float, float] = RANGE,
        held: tuple[int, ...] = (),
    ) -> None:
        self.n_codes = n_codes
        self.ways = ways
        self.span = span
        self.held = held

    def fit(self, X: Floats, y: object = None, sample_weight: Floats | None = None) -> "LinearBasis":
        """Learn the range, mean and scale of each number of X (n, p), of which row i counts sample_weight[i] times."""
        del y
        weight = np.ones(len(X)) if sample_weight is None else sample_weight
        self.ranges_ = {j: _scale(X[:, j], weight, self.span) for j, n in enumerate(self.n_codes) if n == 0}
        return self

    def transform(self, X: Floats) -> sparse.csr_matrix:
        """Return the basis (n, q) as a sparse matrix."""
        blocks = []
        for j, n in enumerate(self.n_codes):
            if n:
                rows = np.arange(len(X))
                ones = np.ones(len(X))
                blocks.append(sparse.csr_matrix((ones, (rows, X[:, j].astype(np.intp))), shape=(len(X), n)))
            else:
                low, high, mean, std = self.ranges_[j]
                missing = np.isnan(X[:, j])
                known = np.full(len(X), mean) if j in self.held else np.where(missing, mean, X[:, j])
                scaled = (np.clip(known, low, high) - mean) / std
                blocks.append(sparse.csr_matrix(np.column_stack([np.where(missing, 0.0, scaled), missing])))
        return sparse.hstack(blocks, format="csr")


def _scale(x: Floats, weight: Floats, span: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return (low, high, mean, standard deviation) of the known values, after clipping."""
    there = ~np.isnan(x)
    known, weight = x[there], weight[there]
    low, high = (float(q) for q in np.quantile(known, span, method="inverted_cdf", weights=weight))
    if low == high:  # nearly constant: keep what varies
        low, high = float(known.min()), float(known.max())
    peak = max(abs(low), abs(high)) or 1.0
    unit = np.clip(known, low, high) / peak  # of numbers of any size, the squares are numbers too
    mean = float(np.average(unit, weights=weight))
    std = float(np.sqrt(np.average((unit - mean) ** 2, weights=weight))) * peak
    return low, high, mean * peak, std if std > TINY else 1.0


def make_basis(design: Design) -> LinearBasis:
    """Return the unfitted basis of a design."""
    return LinearBasis(design.codes, design.ways)


def make_linear(design: Design, settings: dict[str, Any], *, random_state: int) -> Pipeline:
    """Return an unfitted pipeline; ``settings``: C, the inverse strength of the L2 penalty."""
    basis = make_basis(design)
    solver = "newton-cholesky" if sum(n or 2 for n in design.codes) <= NARROW else "lbfgs"
    return make_pipeline(
        basis,
        LogisticRegression(C=settings["C"], solver=solver, max_iter=5000, tol=1e-6, random_state=random_state),
    )


def fit_linear(pipeline: Pipeline, X: Floats, y: NDArray[np.bool_], sample_weight: Floats | None = None) -> Pipeline:
    """Fit the pipeline on X (n, p) and y (n,); a line against the way its number may go is held level."""
    weights = {f"{name}__sample_weight": sample_weight for name, _ in pipeline.steps}
    basis: LinearBasis = pipeline[0]
    while True:
        pipeline.fit(X, y, **({} if sample_weight is None else weights))
        wrong = _wrong(basis, pipeline[-1].coef_[0])
        if not wrong:
            return pipeline
        basis.held = (*basis.held, *wrong)


def _wrong(basis: LinearBasis, weights: Floats) -> list[int]:
    """Return the columns of numbers whose weight goes against their way."""
    starts = np.cumsum([0, *(n or 2 for n in basis.n_codes)])
    return [j for j, way in enumerate(basis.ways or ()) if j not in basis.held and way * weights[starts[j]] < 0]


def compile_linear(pipeline: Pipeline, design: Design, X: Floats) -> Scorecard:
    """Return the scorecard whose logit is the pipeline's decision function; X (n, p) are the training rows."""
    basis: LinearBasis = pipeline[0]
    weights = pipeline[-1].coef_[0]
    terms: list[Term] = []
    at = 0
    for j, part in enumerate(design.parts):
        n = basis.n_codes[j]
        if n:
            missing, *points, unseen = (float(w) for w in weights[at : at + n])
            terms.append(CategoryTerm(part.name, design.levels[part.name], tuple(points), missing, unseen))
        else:
            terms.append(_linear_term(part.name, basis.ranges_[j], weights[at : at + 2], X[:, j]))
        at += n or 2
    return Scorecard(float(pipeline[-1].intercept_[0]), tuple(terms))


def _linear_term(name: str, scale: tuple[float, float, float, float], weights: Floats, x: Floats) -> LinearTerm:
    low, high, mean, std = scale
    known = np.unique(x[~np.isnan(x)])
    whole = bool((known == np.floor(known)).all())
    slope, missing = float(weights[0]) / std, float(weights[1])
    return LinearTerm(name, slope, low, high, mean, missing, _marks(x, known, low, high, whole=whole), whole)


def _marks(x: Floats, known: Floats, low: float, high: float, *, whole: bool) -> tuple[float, ...]:
    """Return where the wording of a number changes: at each of a few counts, else at quantiles in two digits."""
    inside = known[(known > low) & (known <= high)]
    if whole and inside.size <= FEW_COUNTS:
        return tuple(float(mark) for mark in inside)
    quantiles = np.quantile(x[~np.isnan(x)], np.linspace(0, 1, N_MARKS + 1)[1:-1], method="lower")
    return tuple(sorted({float(f"{mark:.2g}") for mark in quantiles if mark > known[0]}))
