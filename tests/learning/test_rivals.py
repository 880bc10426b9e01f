"""Rivals: any classifier on the same folds and parts; never chosen, and one clear message where it fails."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from leadml.errors import UsageError
from leadml.leads.parts import Column, Levels
from leadml.leads.schema import Part
from leadml.leads.snapshots import Snapshots
from leadml.learning.design import fit_design
from leadml.learning.experiment import Experiment, run_experiment
from leadml.learning.rivals import RivalModel, rival_families
from leadml.learning.search import fit

MakeShots = Callable[..., tuple[Snapshots, tuple[Part, ...]]]
N = 900
RIVALS: dict[str, Any] = {
    "forest": RandomForestClassifier(20, min_samples_leaf=10),
    "nearest": KNeighborsClassifier(50),
    "bayes": GaussianNB(),
    "margin": LinearSVC(C=0.01),
    "boosting": HistGradientBoostingClassifier(max_iter=10),
    "pipeline": make_pipeline(StandardScaler(), LogisticRegression()),
}


class Broken(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    def __init__(self, when: str = "fit") -> None:
        self.when = when

    def fit(self, X: Any, y: Any) -> "Broken":
        if self.when == "fit":
            raise RuntimeError("no luck")
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X: Any) -> Any:
        return {"nan": np.full((len(X), 2), np.nan), "shape": np.ones(len(X))}[self.when]


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def leads(make_shots: MakeShots) -> tuple[Snapshots, tuple[Part, ...]]:
    rng = np.random.default_rng(0)
    visits, source = rng.poisson(3, N).astype(float), rng.choice(3, N)
    y = rng.random(N) < 1 / (1 + np.exp(1.2 - 0.6 * (visits - 3) - 1.0 * (source == 1)))
    visits[::9] = np.nan
    columns: dict[str, Column] = {"visits": visits, "source": Levels(source - 1, ("web", "fair"))}
    return make_shots(columns, y)


def _run(leads: tuple[Snapshots, tuple[Part, ...]], rivals: dict[str, Any], seed: int = 0) -> Experiment:
    return run_experiment(
        *leads,
        families=["logistic"],
        n_replicates=100,
        random_state=seed,
        rivals=rivals,
        progress=lambda _what, _share: None,
    )


@pytest.fixture(scope="module")
def beside(leads: tuple[Snapshots, tuple[Part, ...]]) -> Experiment:
    return _run(leads, RIVALS)


def test_rivals_stand_on_the_leaderboard_and_never_ship(beside: Experiment) -> None:
    rows = {row.family: row for row in beside.leaderboard}
    assert rows.keys() == {"logistic", *RIVALS}
    for name in RIVALS:
        assert (rows[name].title, rows[name].ships, rows[name].settings) == (name, False, {})
        assert 0.55 < rows[name].test["roc_auc"].value < 0.9, name
        assert 0.55 < rows[name].fold_roc_auc < 0.9, name
    assert rows["logistic"].ships
    assert beside.candidate.trial.family == "logistic"


def test_rivals_change_nothing_else(leads: tuple[Snapshots, tuple[Part, ...]], beside: Experiment) -> None:
    alone = _run(leads, {})
    assert alone.candidate.test_logit.tolist() == beside.candidate.test_logit.tolist()
    assert alone.metrics == beside.metrics


def test_the_same_seed_gives_the_same_rival(leads: tuple[Snapshots, tuple[Part, ...]]) -> None:
    tree = {"tree": RandomForestClassifier(5)}
    losses = [_run(leads, tree, seed).leaderboard[-1].fold_loss for seed in (1, 1, 2)]
    assert losses[0] == losses[1] != losses[2]
    assert tree["tree"].random_state is None, "what was given stays as it was"


def test_the_encoding_is_scaled_numbers_and_a_column_per_level(leads: tuple[Snapshots, tuple[Part, ...]]) -> None:
    shots, parts = leads
    seen: list[Any] = []

    class Watching(DecisionTreeClassifier):  # type: ignore[misc]
        def fit(self, X: Any, y: Any) -> Any:
            seen.append(X)
            return super().fit(X, y)

    rows = np.arange(N, dtype=np.intp)
    fitted = fit(
        shots, parts, rows, "w", {}, final=True, random_state=0, families=rival_families({"w": Watching(max_depth=2)})
    )
    assert isinstance(fitted.estimator, RivalModel)
    (X,) = seen
    n_levels = fit_design(parts, shots.parts, rows).n_codes(parts[1])
    assert X.shape == (N, 2 + n_levels)
    visits = shots.parts["visits"]
    assert isinstance(visits, np.ndarray)
    missing = np.isnan(visits)
    assert X[:, 1].tolist() == missing.astype(float).tolist()
    assert (X[missing, 0] == 0).all()
    assert X[~missing, 0].mean() == pytest.approx(0, abs=1e-9)
    assert X[~missing, 0].std() == pytest.approx(1)
    assert set(np.unique(X[:, 2:])) == {0.0, 1.0}
    assert (X[:, 2:].sum(axis=1) == 1).all()


@pytest.mark.parametrize(
    ("rivals", "words"),
    [
        ({"logistic": GaussianNB()}, "'logistic' must have a name of its own"),
        ({"x": GaussianNB}, r"got a class; write GaussianNB\(\)"),
        ({"x": LinearRegression()}, "must be a scikit-learn classifier .* got LinearRegression"),
        ({"x": "forest"}, "must be a scikit-learn classifier .* got str"),
        ({"x": None}, "got NoneType"),
        ({"x": Broken()}, "'x' must learn from numbers and two classes, got RuntimeError: no luck; mend it"),
        ({"x": Broken("nan")}, "'x' must score .* finite numbers"),
        ({"x": Broken("shape")}, r"must be finite numbers of shape \(\d+, 2\), got shape"),
    ],
)
def test_what_is_wrong_with_a_rival_is_one_message(
    leads: tuple[Snapshots, tuple[Part, ...]], rivals: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        _run(leads, rivals)
