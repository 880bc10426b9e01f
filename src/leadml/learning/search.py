"""The search for a recipe: every family and its settings, compared on rolling time folds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from leadml.errors import TrainingRefused
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import fit_slope
from leadml.learning.candidates import FAMILIES, Settings
from leadml.learning.design import Design, fit_design
from leadml.learning.metrics import Ranked, roc_auc
from leadml.learning.splits import Split, rolling_folds

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Progress = Callable[[str, float], None]  # what is being done, and the share done


@dataclass(frozen=True, slots=True)
class Trial:
    """One family with one choice of settings, as it did on the folds.

    ``loss``: mean over the folds of the log loss after the best affine map of the logits, so that only the
    shape of the score counts (calibration comes later). ``logit`` and ``rows`` (m,) are its out-of-fold
    predictions, in time order of the folds.
    """

    family: str
    settings: Settings
    loss: float
    roc_auc: float
    logit: Floats = field(repr=False)
    rows: Rows = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fitted:
    """An estimator, the design of its matrix, and the rows (n,) it learned from."""

    family: str
    settings: Settings
    design: Design
    estimator: Any
    rows: Rows

    def logit(self, shots: Snapshots, rows: Rows) -> Floats:
        """Return the uncalibrated logit (n,) of some snapshots."""
        return decision(self.estimator, self.design.matrix(shots.parts, rows))


def decision(estimator: Any, X: Floats) -> Floats:
    """Return the estimator's log-odds (n,)."""
    return np.asarray(estimator.decision_function(X), dtype=np.float64)


def fit(
    shots: Snapshots,
    parts: Sequence[Part],
    rows: Rows,
    family: str,
    settings: Settings,
    *,
    final: bool,
    random_state: int,
) -> Fitted:
    """Fit one family on some rows."""
    design = fit_design(parts, shots.parts, rows)
    if not design.parts:
        raise TrainingRefused(
            "the table must have at least one field that varies among the leads to learn from, got none; see "
            "`leadml train`'s notes for the columns that were left out, and check leads.ignore"
        )
    X = design.matrix(shots.parts, rows)
    estimator = FAMILIES[family].fit(
        design, X, shots.y[rows], settings, final=final, random_state=random_state
    )
    return Fitted(family, settings, design, estimator, rows)


def search(
    shots: Snapshots,
    parts: Sequence[Part],
    rows: Rows,
    families: Sequence[str],
    *,
    random_state: int,
    progress: Progress,
) -> list[Trial]:
    """Try all settings of some families on rolling folds of some rows; the best trial comes first."""
    folds = rolling_folds(shots, rows)
    plan = [(family, settings) for family in families for settings in FAMILIES[family].settings]
    trials = []
    for i, (family, settings) in enumerate(plan):
        progress(f"{FAMILIES[family].title} {worded(settings)}", i / len(plan))
        trials.append(try_out(shots, parts, folds, family, settings, random_state=random_state))
    return sorted(trials, key=lambda trial: trial.loss)


def try_out(
    shots: Snapshots,
    parts: Sequence[Part],
    folds: Sequence[Split],
    family: str,
    settings: Settings,
    *,
    random_state: int,
) -> Trial:
    """Fit one family on each fold's older part and predict its newer part."""
    logits, losses, aucs = [], [], []
    for fold in folds:
        fitted = fit(shots, parts, fold.train, family, settings, final=False, random_state=random_state)
        logit, y = fitted.logit(shots, fold.test), shots.y[fold.test]
        logits.append(logit)
        losses.append(shape_loss(y, logit))
        aucs.append(roc_auc(Ranked(y, logit).tally()))
    tested = np.concatenate([fold.test for fold in folds])
    return Trial(family, settings, float(np.mean(losses)), float(np.mean(aucs)), np.concatenate(logits), tested)


def shape_loss(y: NDArray[np.bool_], logit: Floats) -> float:
    """Return the log loss after the best affine map with a slope that is not negative."""
    slope, intercept = fit_slope(logit, y.astype(float), np.ones(len(y)))
    if not np.isfinite(slope) or not np.isfinite(intercept) or slope < 0:
        rate = y.mean()
        slope, intercept = 0.0, float(np.log(rate / (1 - rate)))
    mapped = slope * logit + intercept
    return float(np.mean(np.logaddexp(0.0, mapped) - y * mapped))


def best_of(trials: Sequence[Trial], *, ships: bool | None = None) -> Trial:
    """Return the best trial, or the best that ships as a scorecard."""
    fitting = [trial for trial in trials if ships is None or FAMILIES[trial.family].ships == ships]
    return min(fitting, key=lambda trial: trial.loss)


def worded(settings: Mapping[str, Any]) -> str:
    """Return settings as text: ``C=0.1``."""
    return ", ".join(f"{name}={value}" for name, value in settings.items())
