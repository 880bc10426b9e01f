"""The families that compete. To add one: an entry in ``FAMILIES``; the tests run over every entry.

A family that ships compiles its fitted estimator to a scorecard; the others are yardsticks on the leaderboard.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.learning.additive import compile_additive, fit_additive, make_additive
from leadml.learning.design import Design
from leadml.learning.linear import compile_linear, make_linear
from leadml.model.scorecard import Scorecard

Floats = NDArray[np.float64]
Settings = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Family:
    """A model family.

    ``settings``: those that are tried. ``fit(design, X, y, settings, final, random_state)`` returns a fitted
    estimator with ``decision_function``; ``compile(estimator, design, X)`` the scorecard, None for a yardstick.
    """

    title: str
    settings: tuple[Settings, ...]
    fit: Callable[[Design, Floats, NDArray[np.bool_], Settings, bool, int], Any]
    compile: Callable[[Any, Design, Floats], Scorecard] | None

    @property
    def ships(self) -> bool:
        """Whether a scorecard can be made of it."""
        return self.compile is not None


def _fit_logistic(
    design: Design, X: Floats, y: NDArray[np.bool_], settings: Settings, final: bool, random_state: int
) -> Any:
    del final
    return make_linear(design, settings, random_state=random_state).fit(X, y)


def _fit_ebm(
    design: Design, X: Floats, y: NDArray[np.bool_], settings: Settings, final: bool, random_state: int
) -> Any:
    return fit_additive(make_additive(design, settings, final=final, random_state=random_state), X, y)


def _fit_trees(
    design: Design, X: Floats, y: NDArray[np.bool_], settings: Settings, final: bool, random_state: int
) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    del final
    categorical = ~design.numeric
    trees = HistGradientBoostingClassifier(
        categorical_features=categorical if categorical.any() else None, random_state=random_state, **settings
    )
    return trees.fit(X, y)


FAMILIES: Mapping[str, Family] = {
    "logistic": Family(
        "logistic regression",
        ({"C": 0.01}, {"C": 0.03}, {"C": 0.1}, {"C": 0.3}, {"C": 1.0}),
        _fit_logistic,
        compile_linear,
    ),
    "ebm": Family(
        "explainable boosting machine",
        ({}, {"min_samples_leaf": 50, "learning_rate": 0.01}),
        _fit_ebm,
        compile_additive,
    ),
    "trees": Family(
        "boosted trees (yardstick)",
        ({}, {"learning_rate": 0.03, "max_leaf_nodes": 8, "l2_regularization": 10.0, "max_iter": 200}),
        _fit_trees,
        None,
    ),
}
