"""Rivals: any scikit-learn classifier beside the families, on the same folds and parts; it never ships.

A rival reads a dense matrix of numbers: each number scaled to mean 0 and standard deviation 1 over the leads it learns
from, 0 where missing, with a column of 0 and 1 that says where; each category as one column of 0 and 1 per level of at
least 10 leads, and one each for missing and for every other level.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone, is_classifier

from leadml.errors import UsageError
from leadml.learning.candidates import FAMILIES, Family, Settings
from leadml.learning.design import Design
from leadml.learning.linear import LinearBasis

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]
WHOLE = (0.0, 1.0)  # numbers are not clipped within what was learned from
SURE = 1e-6  # probabilities are kept this far from 0 and 1, where a logit would be infinite


def rival_families(rivals: Mapping[str, Any]) -> dict[str, Family]:
    """Return classifiers, by their names on the leaderboard, as families that do not ship.

    Raises UsageError where one is no classifier that gives probabilities or a decision function, or its name is a
    family's.
    """
    for name, classifier in rivals.items():
        if name in FAMILIES:
            raise UsageError(f"rival {name!r} must have a name of its own, got that of a family; rename it")
        if isinstance(classifier, type):
            raise UsageError(f"rival {name!r} must be a classifier, got a class; write {classifier.__name__}()")
        if not _is_classifier(classifier):
            what = type(classifier).__name__
            raise UsageError(
                f"rival {name!r} must be a scikit-learn classifier with predict_proba or decision_function, got {what}"
            )
    return {name: Family(name, ({},), _Learner(name, classifier), None) for name, classifier in rivals.items()}


def _is_classifier(classifier: Any) -> bool:
    try:
        return bool(is_classifier(classifier)) and (
            hasattr(classifier, "predict_proba") or hasattr(classifier, "decision_function")
        )
    except Exception:  # what has no tags is no estimator, in whatever way that shows
        return False


class _Learner:
    """Fits a copy of a classifier; whatever it raises becomes one UsageError."""

    def __init__(self, name: str, classifier: Any) -> None:
        self._name = name
        self._classifier = classifier

    def __call__(
        self,
        design: Design,
        X: Floats,
        y: Labels,
        settings: Settings,
        *,
        final: bool,
        random_state: int,
        sample_weight: Floats | None = None,
    ) -> "RivalModel":
        del settings, final, sample_weight  # it has none of these
        basis = LinearBasis(design.codes, span=WHOLE).fit(X)
        try:
            classifier = clone(self._classifier)
            drawn = {name: random_state for name, value in classifier.get_params().items() if _is_unset(name, value)}
            classifier.set_params(**drawn).fit(basis.transform(X).toarray(), y)
        except Exception as error:
            raise _failed(self._name, "learn", error) from error
        return RivalModel(self._name, basis, classifier)


class RivalModel:
    """A fitted rival behind the interface of a family's estimator."""

    def __init__(self, name: str, basis: LinearBasis, classifier: Any) -> None:
        self.name = name
        self.basis = basis
        self.classifier = classifier

    def decision_function(self, X: Floats) -> Floats:
        """Return the log-odds (n,) of X (n, p), or what the classifier has in their place."""
        encoded = self.basis.transform(X).toarray()
        try:
            if not hasattr(self.classifier, "predict_proba"):
                return _checked(self.classifier.decision_function(encoded), (len(X),))
            probability = _checked(self.classifier.predict_proba(encoded), (len(X), 2))[:, 1]
        except Exception as error:
            raise _failed(self.name, "score", error) from error
        inside = np.clip(probability, SURE, 1 - SURE)
        return np.asarray(np.log(inside / (1 - inside)))


def _is_unset(name: str, value: object) -> bool:
    return value is None and name.rsplit("__", maxsplit=1)[-1] == "random_state"


def _checked(output: Any, shape: tuple[int, ...]) -> Floats:
    result = np.asarray(output, dtype=np.float64)
    if result.shape != shape or not np.isfinite(result).all():
        raise ValueError(f"its output must be finite numbers of shape {shape}, got shape {result.shape}")
    return result


def _failed(name: str, what: str, error: Exception) -> UsageError:
    return UsageError(
        f"rival {name!r} must {what} from numbers and two classes, got {type(error).__name__}: {error}; mend it, or "
        "leave it out"
    )
