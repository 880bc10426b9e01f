"""The explainable boosting machine (Lou, Caruana, Gehrke 2012) without pairs, compiled to a scorecard."""

import warnings
from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier
from numpy.typing import NDArray

from leadml.learning.design import Design
from leadml.learning.rounding import rounded
from leadml.model.scorecard import CategoryTerm, Scorecard, StepTerm, Term

Floats = NDArray[np.float64]
MAX_BINS = 64
SEARCH_BAGS, FINAL_BAGS = 1, 8


def make_additive(design: Design, settings: dict[str, Any], *, final: bool, random_state: int) -> Any:
    """Return an unfitted machine; ``final`` averages eight bags instead of one."""
    kinds = ["continuous" if part.numeric else "nominal" for part in design.parts]
    return ExplainableBoostingClassifier(
        feature_names=[part.name for part in design.parts],
        feature_types=kinds,
        interactions=0,
        max_bins=MAX_BINS,
        outer_bags=FINAL_BAGS if final else SEARCH_BAGS,
        n_jobs=2 if final else 1,
        random_state=random_state,
        monotone_constraints=list(design.ways) if any(design.ways) else None,
        **settings,
    )


def fit_additive(machine: Any, X: Floats, y: NDArray[np.bool_], sample_weight: Floats | None = None) -> Any:
    """Fit the machine on X (n, p) and y (n,), and round its cut points so that they can be worded."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Missing values detected")  # they have points of their own
        machine.fit(X, y, sample_weight)
    for j, bins in enumerate(machine.bins_):
        if not isinstance(bins[0], dict):
            values = np.unique(X[:, j][~np.isnan(X[:, j])])
            bins[0] = np.asarray(rounded(bins[0], values), dtype=np.float64)
    return machine


def compile_additive(machine: Any, design: Design, X: Floats) -> Scorecard:
    """Return the scorecard whose logit is the machine's decision function; X (n, p) are the training rows."""
    by_part = {
        features[0]: scores for features, scores in zip(machine.term_features_, machine.term_scores_, strict=True)
    }
    terms: list[Term] = []
    for j, part in enumerate(design.parts):
        if j not in by_part:
            continue
        missing, *points, unseen = (float(score) for score in by_part[j])
        bins = machine.bins_[j][0]
        if part.numeric:
            x = X[:, j][~np.isnan(X[:, j])]
            whole = bool((x == np.floor(x)).all())
            terms.append(StepTerm(part.name, tuple(float(c) for c in bins), tuple(points), missing, whole))
        else:
            terms.append(_category(part.name, design.levels[part.name], bins, [missing, *points, unseen]))
    return Scorecard(float(machine.intercept_[0]), tuple(terms))


def _category(name: str, levels: tuple[str, ...], bins: dict[str, int], scores: list[float]) -> CategoryTerm:
    """Take each code's score by the machine's own index; a code it never saw has the unseen score, its last."""
    by_code = [scores[bins[str(code)]] if str(code) in bins else scores[-1] for code in range(len(levels) + 2)]
    return CategoryTerm(name, levels, tuple(by_code[1:-1]), by_code[0], by_code[-1])
