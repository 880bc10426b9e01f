"""The other learners. To add one: a function from a task to logits and what was chosen, and an entry in ``LEARNERS``.

A learner's package is imported where it is used, as it may be installed in another environment than leadml. All use
two cores.
"""

import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from bench.others.task import Floats, Labels, Task, logit_of
from bench.others.tuning import Model, Score, Settings, tuned

CORES = 2
PATIENCE, MOST_ROUNDS = 50, 2000
RESERVE = 0.9  # of the budget, for what keeps to one by itself: the rest is for its last fit


@dataclass(frozen=True)
class Learner:
    """What it is called, the package that must be there, what it does with a task, and what it gets, in words."""

    title: str
    package: str
    answer: Callable[[Task], tuple[Floats, str]]
    gets: str


def _scored(estimator: Any) -> Score:
    return lambda X: np.asarray(estimator.predict_proba(X)[:, 1], dtype=np.float64)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw evenly on the scale of logarithms."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _whole(rng: np.random.Generator, low: int, high: int) -> int:
    return round(_between(rng, low, high))


def _logistic(task: Task) -> tuple[Floats, str]:
    def fit(X: pd.DataFrame, y: Labels, settings: Settings, _watched: object) -> tuple[Score, None]:
        from bench.learning import plain_linear

        return _scored(plain_linear(X, **settings).fit(X, y)), None

    return tuned(Model(fit, {}, lambda rng: {"C": _between(rng, 1e-4, 10)}, {}), task)


def _boosting(task: Task) -> tuple[Floats, str]:
    def fit(X: pd.DataFrame, y: Labels, settings: Settings, _watched: object) -> tuple[Score, None]:
        from bench.learning import plain_trees

        return _scored(plain_trees(X, **settings).fit(X, y)), None

    def draw(rng: np.random.Generator) -> Settings:
        return {
            "learning_rate": _between(rng, 0.01, 0.2),
            "max_iter": _whole(rng, 20, 500),
            "max_leaf_nodes": _whole(rng, 3, 63),
            "min_samples_leaf": _whole(rng, 5, 200),
            "l2_regularization": _between(rng, 1e-3, 100),
            "early_stopping": False,
        }

    return tuned(Model(fit, {}, draw, {}), task)


def _ebm(task: Task) -> tuple[Floats, str]:
    machine = import_module("interpret.glassbox").ExplainableBoostingClassifier
    kinds = ["nominal" if name in task.texts else "continuous" for name in task.X.columns]

    def fit(X: pd.DataFrame, y: Labels, settings: Settings, _watched: object) -> tuple[Score, None]:
        estimator = machine(feature_types=kinds, n_jobs=CORES, random_state=0, **{"outer_bags": 2} | settings)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Missing values detected")
            return _scored(estimator.fit(X, y)), None

    def draw(rng: np.random.Generator) -> Settings:
        return {
            "interactions": int(rng.integers(1, 21)),
            "max_bins": int(rng.choice([32, 128, 1024])),
            "smoothing_rounds": int(rng.choice([75, 300, 1000])),
            "min_samples_leaf": _whole(rng, 2, 100),
            "reg_lambda": _between(rng, 0.1, 300),
        }

    return tuned(Model(fit, {}, draw, {"outer_bags": 14}, share=0.6), task)


def _lightgbm(task: Task) -> tuple[Floats, str]:
    lightgbm = import_module("lightgbm")
    known = {name: pd.CategoricalDtype(list(task.X[name].unique())) for name in task.texts}

    def fit(
        X: pd.DataFrame, y: Labels, settings: Settings, watched: tuple[pd.DataFrame, Labels] | None
    ) -> tuple[Score, int | None]:
        estimator = lightgbm.LGBMClassifier(
            **{"n_estimators": MOST_ROUNDS} | settings, n_jobs=CORES, random_state=0, verbose=-1
        )
        extra: Settings = {}
        if watched is not None:
            stop = lightgbm.early_stopping(PATIENCE, verbose=False)
            extra = {"eval_set": [(watched[0].astype(known), watched[1])], "callbacks": [stop]}
        estimator.fit(X.astype(known), y, **extra)
        score = _scored(estimator)
        return lambda leads: score(leads.astype(known)), estimator.best_iteration_ if watched else None

    def draw(rng: np.random.Generator) -> Settings:
        return {
            "learning_rate": _between(rng, 0.01, 0.2),
            "num_leaves": _whole(rng, 3, 63),
            "min_child_samples": _whole(rng, 5, 200),
            "reg_lambda": _between(rng, 1e-3, 100),
            "colsample_bytree": float(rng.uniform(0.3, 1)),
            "subsample": float(rng.uniform(0.5, 1)),
            "subsample_freq": 1,
        }

    return tuned(Model(fit, {}, draw, {}, rounds="n_estimators"), task)


def _catboost(task: Task) -> tuple[Floats, str]:
    catboost, texts = import_module("catboost"), task.texts

    def plain(X: pd.DataFrame) -> pd.DataFrame:
        return X.astype(dict.fromkeys(texts, object))

    def fit(
        X: pd.DataFrame, y: Labels, settings: Settings, watched: tuple[pd.DataFrame, Labels] | None
    ) -> tuple[Score, int | None]:
        estimator = catboost.CatBoostClassifier(
            **settings, thread_count=CORES, random_seed=0, verbose=False, allow_writing_files=False
        )
        extra: Settings = {}
        if watched is not None:
            extra = {"eval_set": (plain(watched[0]), watched[1].astype(int)), "early_stopping_rounds": PATIENCE}
        estimator.fit(plain(X), y.astype(int), cat_features=texts, **extra)
        score = _scored(estimator)
        return lambda leads: score(plain(leads)), estimator.tree_count_ if watched else None

    def draw(rng: np.random.Generator) -> Settings:
        return {
            "learning_rate": _between(rng, 0.02, 0.3),
            "depth": int(rng.integers(2, 9)),
            "l2_leaf_reg": _between(rng, 1, 100),
            "random_strength": _between(rng, 0.1, 10),
        }

    return tuned(Model(fit, {}, draw, {}, rounds="iterations", share=0.7), task)


class Rolling:
    """The folds of a task as a splitter of scikit-learn's kind."""

    shuffle = False

    def __init__(self, task: Task) -> None:
        self._folds = task.folds

    def split(self, X: object, y: object = None, groups: object = None) -> Iterator[Any]:
        """Return pairs of row numbers."""
        del X, y, groups
        return iter(self._folds)

    def get_n_splits(self, X: object = None, y: object = None, groups: object = None) -> int:
        """Return their number."""
        del X, y, groups
        return len(self._folds)


def _flaml(task: Task) -> tuple[Floats, str]:
    automl = import_module("flaml").AutoML()
    kinds = dict.fromkeys(task.texts, "category")
    automl.fit(
        task.X.astype(kinds),
        task.y.astype(int),
        task="classification",
        metric="log_loss",
        time_budget=RESERVE * task.seconds,
        eval_method="cv",
        split_type=Rolling(task),
        n_jobs=CORES,
        seed=0,
        verbose=0,
    )
    probability = automl.predict_proba(task.X_new.astype(kinds))[:, 1]
    return logit_of(probability), f"{automl.best_estimator}; of {len(automl.config_history)} improvements"


def _autogluon(task: Task) -> tuple[Floats, str]:
    predictor_class = import_module("autogluon.tabular").TabularPredictor
    leads = task.X.assign(**{"(outcome)": task.y.astype(int)})
    newest = round(0.2 * len(leads))
    with tempfile.TemporaryDirectory() as folder:
        predictor = predictor_class(
            label="(outcome)", problem_type="binary", eval_metric="log_loss", path=folder, verbosity=0
        )
        predictor.fit(
            leads.iloc[:-newest],
            tuning_data=leads.iloc[-newest:],
            time_limit=0.6 * task.seconds,  # its refit on all leads comes after it
            refit_full=True,
            set_best_to_refit_full=True,
            num_cpus=CORES,
            num_gpus=0,
        )
        probability = predictor.predict_proba(task.X_new)[1].to_numpy()
        return logit_of(probability), f"{predictor.model_best}; of {len(predictor.model_names()) // 2} models"


SEARCH = "default settings and random ones on the rolling folds, chosen by log loss"
LEARNERS = {
    "logistic": Learner("logistic regression", "sklearn", _logistic, f"{SEARCH}: C"),
    "boosting": Learner("HistGradientBoosting", "sklearn", _boosting, f"{SEARCH}: six settings"),
    "ebm": Learner(
        "EBM with pairs", "interpret", _ebm, f"{SEARCH}: five settings, two bags; the last fit with its default of 14"
    ),
    "lightgbm": Learner("LightGBM", "lightgbm", _lightgbm, f"{SEARCH}: six settings, stopped early on each fold"),
    "catboost": Learner("CatBoost", "catboost", _catboost, f"{SEARCH}: four settings, stopped early on each fold"),
    "flaml": Learner("FLAML", "flaml", _flaml, "its own search by log loss on the same folds"),
    "autogluon": Learner(
        "AutoGluon",
        "autogluon.tabular",
        _autogluon,
        "its default preset by log loss, tuned on the newest fifth of the older leads, refitted on all of them",
    ),
}
