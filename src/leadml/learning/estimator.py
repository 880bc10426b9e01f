"""The scorecard learner as a scikit-learn classifier, for pipelines, cross-validation and searches over a grid."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.model_selection import check_cv
from sklearn.utils import assert_all_finite, check_consistent_length, check_random_state, column_or_1d
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_feature_names_in, _check_sample_weight, check_is_fitted, validate_data

from leadml.leads.parts import Column
from leadml.leads.schema import Axis, Kind
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import CONVERSIONS_FOR_INTERCEPT, Calibration, fit_calibration
from leadml.learning.compile import compile_scorecard, spellings
from leadml.learning.design import fit_design
from leadml.learning.inputs import as_table, guess_schema, read_parts
from leadml.learning.pairs import PAIRS
from leadml.learning.search import Fitted, fit
from leadml.learning.space import SETTINGS
from leadml.model.scorecard import Scorecard, expit

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]


class ScorecardClassifier(ClassifierMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """A binary classifier that is a scorecard: its logit is a base and one contribution per term, exactly.

    X (n, p) is an array of numbers or a pandas frame; NaN and None are missing. In a frame, numbers are numbers,
    categoricals are categories, and what text is (a category, yes and no, a job title, a country, ...) is guessed as
    ``leadml check`` guesses it. ``transform`` gives the contributions, so it can feed another estimator.

    Parameters: ``family`` is "prior", "logistic", "ebm" (explainable boosting) or "blend" (the mean of these). ``C``
    is the inverse strength of the penalty of the logistic part; ``min_samples_leaf``, ``reg_lambda`` and
    ``smoothing_rounds`` are the machine's. ``pairs`` is how many pairs of columns come on top: the strongest. ``quick``
    fits the machine once instead of averaging eight. ``calibrate``
    maps the logit by slope and intercept, from predictions of the parts that ``cv`` leaves out (as in scikit-learn;
    default 5 stratified folds): slope from 100 rows of the second class, intercept from 20. ``kinds`` and ``axes``
    map columns of X to kinds and axes; the columns of an array are ``x0``, ``x1``, ...

    Attributes after ``fit``: ``classes_`` (2,), of which the second is scored; ``scorecard_``, which gives the same
    numbers without scikit-learn; ``schema_``, how X is read; ``calibration_``; ``n_features_in_``;
    ``feature_names_in_`` where all columns have names.

    ``fit`` raises ValueError, as scikit-learn's estimators do, where X, y or a parameter cannot be used.

    >>> ScorecardClassifier(C=1.0).fit([[0.0], [1.0], [2.0], [3.0]], ["lost", "lost", "won", "won"]).predict([[3.0]])
    array(['won'], dtype='<U4')
    """

    def __init__(
        self,
        family: str = "logistic",
        *,
        C: float = 0.1,
        min_samples_leaf: int = 50,
        reg_lambda: float = 10.0,
        smoothing_rounds: int = 300,
        pairs: int = 0,
        quick: bool = False,
        calibrate: bool = False,
        cv: Any = None,
        kinds: Mapping[str, Kind] | None = None,
        axes: Mapping[str, Axis] | None = None,
        random_state: Any = None,
    ) -> None:
        self.family = family
        self.C = C
        self.min_samples_leaf = min_samples_leaf
        self.reg_lambda = reg_lambda
        self.smoothing_rounds = smoothing_rounds
        self.pairs = pairs
        self.quick = quick
        self.calibrate = calibrate
        self.cv = cv
        self.kinds = kinds
        self.axes = axes
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "ScorecardClassifier":
        """Learn from X (n, p) and y (n,) of two classes; sample_weight (n,) is what each row counts."""
        self._check_settings()
        table = self._table(X, reset=True)
        positive = self._positive(table, y)
        weight = _weight(sample_weight, len(positive))
        rows = np.arange(len(positive)) if weight is None else np.flatnonzero(weight > 0)
        _check_classes(positive[rows])
        self.schema_ = guess_schema(table, self.kinds, self.axes)
        shots = _snapshots(read_parts(table, self.schema_), positive)
        self.calibration_ = Calibration(1.0, 0.0, int(positive[rows].sum()), "not calibrated")
        if not fit_design(self.schema_.parts, shots.parts, rows).parts:  # nothing varies: the rate is all there is
            rate = float(np.average(positive, weights=weight))
            self.scorecard_ = Scorecard(float(np.log(rate / (1 - rate))), ())
            return self
        seed = int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))
        fitted = self._learn(shots, rows, weight, seed)
        if self.calibrate:
            self.calibration_ = self._calibrated(shots, weight, seed)
        self.scorecard_ = compile_scorecard(fitted, self.calibration_, shots, spellings(table, self.schema_))
        return self

    def decision_function(self, X: Any) -> Floats:
        """Return the log-odds (n,) of the second class."""
        parts, n = self._parts(X)
        return self.scorecard_.logit(parts) if self.scorecard_.terms else np.full(n, self.scorecard_.base)

    def predict_proba(self, X: Any) -> Floats:
        """Return the probabilities (n, 2) of the two classes."""
        probability = expit(self.decision_function(X))
        return np.column_stack([1.0 - probability, probability])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likelier class of each row (n,)."""
        second = self.decision_function(X) > 0
        return np.asarray(self.classes_[second.astype(np.intp)])

    def transform(self, X: Any) -> Floats:
        """Return the contributions (n, terms) in log-odds; with the base they add up to the decision function."""
        parts, n = self._parts(X)
        return self.scorecard_.contributions(parts) if self.scorecard_.terms else np.empty((n, 0))

    def contributions(self, X: Any) -> pd.DataFrame:
        """Return the contributions (n, terms) as a frame, one column per term, with the index of X."""
        values = np.asarray(self.transform(X))
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(values, index=index, columns=list(self.get_feature_names_out()))

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the terms: a column's, or where it has several parts, one with each part."""
        check_is_fitted(self)
        given = dict(zip(self._names(), _check_feature_names_in(self, input_features), strict=True))
        fields = {part.name: part.field for part in self.schema_.parts}
        names = [(term.part, fields[term.part]) for term in self.scorecard_.terms]
        return np.array([given[field] + part.removeprefix(field) for part, field in names], dtype=object)

    def _check_settings(self) -> None:
        if self.family not in SETTINGS:
            raise ValueError(f"family must be one of {', '.join(SETTINGS)}, got {self.family!r}")
        for name, least in (
            ("C", 0),
            ("reg_lambda", -1),
            ("min_samples_leaf", 0),
            ("smoothing_rounds", -1),
            ("pairs", -1),
        ):
            if not getattr(self, name) > least:
                raise ValueError(f"{name} must be {'above' if least == 0 else 'at least'} 0, got {getattr(self, name)}")

    def _table(self, X: Any, *, reset: bool) -> pa.Table:
        """Return X as a table, after scikit-learn's checks of its shape, numbers and names."""
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, reset=reset, skip_check_array=True)
            if not len(X):
                raise ValueError(
                    "X must have at least 1 row, got a frame with 0 sample(s) and a minimum of 1 is required"
                )
        else:
            X = validate_data(self, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
        return as_table(X, self._names())

    def _names(self) -> list[str]:
        names = getattr(self, "feature_names_in_", None)
        return [f"x{j}" for j in range(self.n_features_in_)] if names is None else list(names)

    def _positive(self, table: pa.Table, y: Any) -> NDArray[np.bool_]:
        """Set ``classes_`` and return which rows (n,) are of the second."""
        if y is None:
            raise ValueError("ScorecardClassifier requires y to be passed, but the target y is None")
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_consistent_length(table, y)
        found = type_of_target(y, input_name="y", raise_unknown=True)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if found != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {found}.")
        return np.asarray(codes == 1)

    def _learn(self, shots: Snapshots, rows: Rows, weight: Floats | None, seed: int) -> Fitted:
        return fit(
            shots,
            self.schema_.parts,
            rows,
            self.family,
            {name: getattr(self, name) for name in (*SETTINGS[self.family], PAIRS)},
            final=not self.quick,
            random_state=seed,
            sample_weight=None if weight is None else weight[rows],
        )

    def _calibrated(self, shots: Snapshots, weight: Floats | None, seed: int) -> Calibration:
        """Fit the calibration on the rows that each fold leaves out."""
        counts = np.ones(len(shots)) if weight is None else weight
        if counts[shots.y].sum() < CONVERSIONS_FOR_INTERCEPT:
            return self.calibration_
        tested, logits = [], []
        for train, test in check_cv(self.cv, shots.y, classifier=True).split(np.zeros((len(shots), 1)), shots.y):
            old, new = (rows[counts[rows] > 0] for rows in (np.asarray(train), np.asarray(test)))
            if 0 < shots.y[old].sum() < len(old) and fit_design(self.schema_.parts, shots.parts, old).parts:
                tested.append(new)
                logits.append(self._learn(shots, old, weight, seed).logit(shots, new))
        if not tested:
            return self.calibration_
        rows = np.concatenate(tested)
        at_once = np.zeros(len(rows))  # rows in no order of time
        return fit_calibration(shots.y[rows], np.concatenate(logits), time=at_once, sample_weight=counts[rows])

    def _parts(self, X: Any) -> tuple[dict[str, Column], int]:
        check_is_fitted(self)
        table = self._table(X, reset=False)
        return read_parts(table, self.schema_), table.num_rows

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "scorecard_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags


def _weight(sample_weight: Any, n: int) -> Floats | None:
    if sample_weight is None:
        return None
    rows = np.empty((n, 0))
    return np.asarray(_check_sample_weight(sample_weight, rows, dtype=np.float64, ensure_non_negative=True))


def _check_classes(positive: NDArray[np.bool_]) -> None:
    if positive.all() or not positive.any():
        raise ValueError("y must hold two classes among the rows that count, got 1 class; give rows of both")


def _snapshots(parts: dict[str, Column], positive: NDArray[np.bool_]) -> Snapshots:
    order = np.arange(len(positive))
    at = order.astype(np.float64)
    return Snapshots(parts, positive, at, at, None, order.astype(np.intp), dated=False)
