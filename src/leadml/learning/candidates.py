"""The families that compete, simplest first. To add one: an entry in ``FAMILIES``; the tests run over every entry.

A family that ships compiles its fitted estimator to a scorecard; the others are yardsticks on the leaderboard.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from threadpoolctl import threadpool_limits

from leadml.learning.additive import compile_additive, fit_additive, make_additive
from leadml.learning.blend import compile_blend, fit_blend
from leadml.learning.design import Design
from leadml.learning.linear import compile_linear, fit_linear, make_linear
from leadml.learning.prior import make_prior
from leadml.model.scorecard import Scorecard

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]
Settings = dict[str, Any]


class Fit(Protocol):
    """Fits X (n, p) and y (n,); ``final`` asks for the best that the settings can give, not the quickest.

    ``sample_weight`` (n,) is how many leads each row counts as; None for one each.
    """

    def __call__(  # noqa: D102
        self,
        design: Design,
        X: Floats,
        y: Labels,
        settings: Settings,
        *,
        final: bool,
        random_state: int,
        sample_weight: Floats | None = None,
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Family:
    """A model family: the settings that are tried, simplest first, and how one is fitted and compiled.

    ``fit`` returns an estimator with ``decision_function``; ``compile(estimator, design, X)`` its scorecard, and
    is None for a yardstick.
    """

    title: str
    settings: tuple[Settings, ...]
    fit: Fit
    compile: Callable[[Any, Design, Floats], Scorecard] | None

    @property
    def ships(self) -> bool:
        """Whether a scorecard can be made of it."""
        return self.compile is not None


def _fit_prior(
    design: Design,
    X: Floats,
    y: Labels,
    settings: Settings,
    *,
    final: bool,
    random_state: int,
    sample_weight: Floats | None = None,
) -> Any:
    del settings, final, random_state  # there is nothing to set
    return fit_linear(make_prior(design), X, y, sample_weight)


def _fit_logistic(
    design: Design,
    X: Floats,
    y: Labels,
    settings: Settings,
    *,
    final: bool,
    random_state: int,
    sample_weight: Floats | None = None,
) -> Any:
    del final
    return fit_linear(make_linear(design, settings, random_state=random_state), X, y, sample_weight)


def _fit_ebm(
    design: Design,
    X: Floats,
    y: Labels,
    settings: Settings,
    *,
    final: bool,
    random_state: int,
    sample_weight: Floats | None = None,
) -> Any:
    return fit_additive(make_additive(design, settings, final=final, random_state=random_state), X, y, sample_weight)


def _fit_trees(
    design: Design,
    X: Floats,
    y: Labels,
    settings: Settings,
    *,
    final: bool,
    random_state: int,
    sample_weight: Floats | None = None,
) -> Any:
    del final
    categorical = ~design.numeric
    trees = HistGradientBoostingClassifier(
        categorical_features=categorical if categorical.any() else None, random_state=random_state, **settings
    )
    with threadpool_limits(1, user_api="openmp"):  # on a busy machine, threads mostly wait for each other
        return trees.fit(X, y, sample_weight)


# chosen on rolling folds of the older parts of the public sets and of the sample; see bench/README.md
_SMOOTH: Settings = {"min_samples_leaf": 50, "reg_lambda": 10.0, "smoothing_rounds": 300}

FAMILIES: Mapping[str, Family] = {
    "prior": Family(
        "logistic regression from a prior",
        ({},),
        _fit_prior,
        compile_linear,
    ),
    "logistic": Family(
        "logistic regression",
        ({"C": 0.01}, {"C": 0.03}, {"C": 0.1}, {"C": 0.3}, {"C": 1.0}),
        _fit_logistic,
        compile_linear,
    ),
    "ebm": Family(
        "explainable boosting machine",
        ({**_SMOOTH, "reg_lambda": 100.0}, _SMOOTH, {}),
        _fit_ebm,
        compile_additive,
    ),
    "blend": Family(
        "mean of the two",
        ({"C": 0.1, **_SMOOTH}, {"C": 0.3, **_SMOOTH}),
        fit_blend,
        compile_blend,
    ),
    "trees": Family(
        "boosted trees (yardstick)",
        ({}, {"learning_rate": 0.03, "max_leaf_nodes": 8, "l2_regularization": 10.0, "max_iter": 200}),
        _fit_trees,
        None,
    ),
}
