"""Pairs of fields on top of a fitted additive model: grids for what two fields are worth together.

They are found and ranked by FAST (Lou, Caruana, Gehrke, Hooker, "Accurate intelligible models with pairwise
interactions", KDD 2013), on what the model leaves unexplained, and boosted on a coarse grid, a few rounds at a time
until leads that were held out say stop. Then each is purified (Lengerich, Tan, Chang, Hooker, Caruana, "Purifying
interaction effects with the functional ANOVA", AISTATS 2020): what a row or column of a grid is worth in the mean is
taken out. It belongs to the fields' own terms, which have learned it already. So any additive model can have pairs,
and its own terms stay as they are.

How many pairs is a setting of a recipe, ``pairs``; which they are is learned with it.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier
from numpy.typing import NDArray

from leadml.learning.design import Design
from leadml.learning.rounding import rounded
from leadml.model.bins import Bins
from leadml.model.pairs import LevelSide, PairTerm, Side, StepSide
from leadml.model.scorecard import Scorecard

Floats = NDArray[np.float64]
PAIRS = "pairs"
MAX_BINS = 8  # of a number in a pair
MAX_LEVELS = 32  # a category with more is in no pair: its grid would be wide and empty
BAGS, FINAL_BAGS = 4, 8
_SMOOTH: Mapping[str, Any] = {"min_samples_leaf": 25, "reg_lambda": 10.0}  # see bench/README.md


@dataclass(frozen=True, slots=True)
class Grid:
    """A pair: its columns of the design matrix, and a number for each code of both sides."""

    columns: tuple[int, int]
    sides: tuple[Side, Side]
    points: Floats

    def find(self, X: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the codes (n,) of both sides for X (n, p)."""
        first, second = (_codes(side, X[:, j]) for side, j in zip(self.sides, self.columns, strict=True))
        return first, second


class Paired:
    """A fitted additive model with pairs on top of it."""

    def __init__(self, own: Any, grids: tuple[Grid, ...]) -> None:
        self.own = own
        self.grids = grids

    def decision_function(self, X: Floats) -> Floats:
        """Return the log-odds (n,) of X (n, p)."""
        logit = np.asarray(self.own.decision_function(X), dtype=np.float64)
        for grid in self.grids:
            logit = logit + grid.points[grid.find(X)]
        return logit


def fit_pairs(
    own: Any,
    design: Design,
    X: Floats,
    y: NDArray[np.bool_],
    n_pairs: int,
    *,
    final: bool,
    random_state: int,
    sample_weight: Floats | None = None,
) -> Paired:
    """Add the ``n_pairs`` strongest pairs to a model that was fitted on X (n, p) and y (n,)."""
    free = [(j, part) for j, part in enumerate(design.parts) if part.way is None]  # a pair could turn a way round
    narrow = [j for j, part in free if part.numeric or len(design.levels[part.name]) <= MAX_LEVELS]
    if len(narrow) < 2:
        return Paired(own, ())
    machine = ExplainableBoostingClassifier(
        feature_types=["continuous" if design.parts[j].numeric else "nominal" for j in narrow],
        interactions=min(n_pairs, len(narrow) * (len(narrow) - 1) // 2),
        exclude="mains",
        max_interaction_bins=MAX_BINS,
        outer_bags=FINAL_BAGS if final else BAGS,
        n_jobs=1,
        random_state=random_state,
        **_SMOOTH,
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected")  # they have points of their own
        machine.fit(X[:, narrow], y, sample_weight, init_score=own.decision_function(X))
    weight = np.ones(len(X)) if sample_weight is None else sample_weight
    grids = []
    for features, scores in zip(machine.term_features_, machine.term_scores_, strict=True):
        bins = [machine.bins_[feature][-1] for feature in features]
        grid = _grid(design, X, (narrow[features[0]], narrow[features[1]]), bins, scores)
        held = np.zeros(grid.points.shape)
        np.add.at(held, grid.find(X), weight)
        grids.append(Grid(grid.columns, grid.sides, purified(grid.points, held)))
    return Paired(own, tuple(grids))


def _grid(design: Design, X: Floats, columns: tuple[int, int], bins: list[Any], scores: Floats) -> Grid:
    """Lay the machine's scores out by the codes of our sides; its own are missing, the bins, unseen."""
    sides: list[Side] = []
    places: list[list[int]] = []
    for j, own in zip(columns, bins, strict=True):
        part = design.parts[j]
        if part.numeric:
            cuts = rounded(own, np.unique(X[:, j][~np.isnan(X[:, j])]))
            sides.append(StepSide(part.name, tuple(float(cut) for cut in cuts)))
            places.append([*range(1, len(cuts) + 2), 0])
        else:
            levels = design.levels[part.name]
            sides.append(LevelSide(part.name, levels))
            n = scores.shape[len(places)]
            places.append([own.get(str(code), n - 1) for code in (*range(1, len(levels) + 2), 0)])
    return Grid(columns, (sides[0], sides[1]), scores[np.ix_(*places)])


def _codes(side: Side, x: Floats) -> NDArray[np.intp]:
    if isinstance(side, StepSide):
        return Bins(side.cuts).find(x)
    return (x.astype(np.intp) - 1) % side.size  # the design's codes begin with missing, a side's end with it


def purified(points: Floats, weight: Floats) -> Floats:
    """Return a grid (a, b) without its weighted row and column means: the least-squares fit of their sum is taken out.

    ``weight`` (a, b) is how many leads each cell holds.
    """
    a, b = points.shape
    rows, columns = np.indices(points.shape).reshape(2, -1)
    basis = np.zeros((points.size, a + b))
    basis[np.arange(points.size), rows] = 1.0
    basis[np.arange(points.size), a + columns] = 1.0
    root = np.sqrt(weight.ravel())
    fit, *_ = np.linalg.lstsq(basis * root[:, None], points.ravel() * root)
    return np.asarray(points - (basis @ fit).reshape(points.shape))


def compile_pairs(paired: Paired, scorecard: Scorecard) -> Scorecard:
    """Return the scorecard of the model below with its pairs."""
    pairs = tuple(PairTerm(*grid.sides, tuple(map(tuple, grid.points.tolist()))) for grid in paired.grids)
    return Scorecard(scorecard.base, scorecard.terms, pairs)
