"""The fitted model as a scikit-learn pipeline, for data scientists: typed leads in, probabilities out."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.pipeline import Pipeline

from leadml.leads.columns import Coercer
from leadml.leads.schema import Schema
from leadml.learning.calibration import Calibration
from leadml.learning.design import Design
from leadml.learning.search import Fitted, decision
from leadml.model.scorecard import expit
from leadml.model.scorer import series_array

Floats = NDArray[np.float64]


class LeadEncoder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns a frame of leads (n rows) into the design matrix (n, p), by the coercion that scoring uses."""

    def __init__(self, schema: Schema, design: Design) -> None:
        self.schema = schema
        self.design = design

    def fit(self, X: pd.DataFrame, y: object = None) -> "LeadEncoder":
        """Learn nothing: the design was chosen in training."""
        del X, y
        return self

    def transform(self, X: pd.DataFrame) -> Floats:
        """Return the design matrix; a value that cannot be read counts as missing."""
        roles = self.schema.roles
        names = dict.fromkeys([*(field.name for field in self.schema.fields), roles.created_at])
        columns = {name: series_array(X[name]) for name in names if name is not None and name in X.columns}
        table = pa.table(columns or {"": pa.nulls(len(X))})
        return self.design.matrix(Coercer(self.schema)(table).parts)

    def __sklearn_is_fitted__(self) -> bool:
        return True


class Calibrated(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A fitted estimator with an affine calibration of its logit (Platt)."""

    def __init__(self, estimator: Any, slope: float, intercept: float) -> None:
        self.estimator = estimator
        self.slope = slope
        self.intercept = intercept
        self.classes_ = np.array([False, True])

    def fit(self, X: Floats, y: object = None) -> "Calibrated":
        """Learn nothing: estimator and calibration are fitted."""
        del X, y
        return self

    def decision_function(self, X: Floats) -> Floats:
        """Return the calibrated logit (n,)."""
        return self.slope * decision(self.estimator, X) + self.intercept

    def predict_proba(self, X: Floats) -> Floats:
        """Return the probabilities (n, 2) of not converting and of converting."""
        probability = expit(self.decision_function(X))
        return np.column_stack([1.0 - probability, probability])

    def predict(self, X: Floats) -> NDArray[np.bool_]:
        """Return whether each lead (n,) is likelier to convert than not."""
        return np.asarray(self.decision_function(X) > 0)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def make_pipeline(schema: Schema, fitted: Fitted, calibration: Calibration) -> Pipeline:
    """Return the whole way from a frame of leads to calibrated probabilities."""
    model = Calibrated(fitted.estimator, calibration.slope, calibration.intercept)
    return Pipeline([("leads", LeadEncoder(schema, fitted.design)), ("model", model)])
