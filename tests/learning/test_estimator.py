"""The scikit-learn classifier: scikit-learn's own checks, its tools, and parity with the scorecard."""

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_limits

from leadml import ScorecardClassifier
from leadml.learning.candidates import FAMILIES
from leadml.learning.inputs import as_table, read_parts
from leadml.learning.space import SETTINGS
from leadml.model.scorecard import CategoryTerm

N = 600
WEIGHTS = (
    "the machine draws rows to stop early on, and bins numbers by the rows that there are: a row of weight 2 is not two"
)


WRONG: Any = {"visits": "will"}


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def _may_fail(estimator: ScorecardClassifier) -> dict[str, str]:
    return {} if estimator.family == "logistic" else {"check_sample_weight_equivalence_on_dense_data": WEIGHTS}


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [
        ScorecardClassifier(),
        ScorecardClassifier(calibrate=True),
        ScorecardClassifier("ebm", quick=True),
        ScorecardClassifier("blend", quick=True),
    ],
    expected_failed_checks=_may_fail,
)
def test_scikit_learns_own_checks(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.fixture(scope="module")
def leads() -> tuple[pd.DataFrame, NDArray[Any]]:
    """A frame with numbers and text, some missing, and outcomes that they tell something about."""
    rng = np.random.default_rng(0)
    visits = rng.poisson(3, N).astype(float)
    source = rng.choice(["web", "Fair ", "list"], N)
    title = rng.choice(["CEO", "Head of Sales", "Intern"], N)
    frame = pd.DataFrame(
        {
            "visits": np.where(rng.random(N) < 0.1, np.nan, visits),
            "source": pd.Series(source, dtype=object).mask(rng.random(N) < 0.1, None).to_numpy(),
            "job_title": title,
            "newsletter": rng.choice([True, False], N),
            "region": pd.Categorical(rng.choice(["north", "south"], N)),
        },
        index=np.arange(N) + 1000,
    )
    logit = -1 + 0.6 * (visits - 3) + 1.0 * (source == "Fair ") + 0.8 * (title == "CEO")
    return frame, np.where(rng.random(N) < 1 / (1 + np.exp(-logit)), "won", "lost")


@pytest.mark.parametrize("family", list(SETTINGS))
@pytest.mark.parametrize("calibrate", [False, True])
def test_it_is_its_scorecard(leads: tuple[pd.DataFrame, NDArray[Any]], family: str, calibrate: bool) -> None:
    X, y = leads
    model = ScorecardClassifier(family, quick=True, calibrate=calibrate, random_state=0).fit(X, y)
    assert model.classes_.tolist() == ["lost", "won"]
    parts = read_parts(as_table(X, list(X.columns)), model.schema_)
    probability = 1 / (1 + np.exp(-model.scorecard_.logit(parts)))
    assert model.predict_proba(X)[:, 1] == pytest.approx(probability, abs=1e-12)
    given = model.contributions(X)
    assert given.index.equals(X.index)
    assert given.sum(axis=1).to_numpy() + model.scorecard_.base == pytest.approx(model.decision_function(X), abs=1e-9)
    assert given.mean().to_numpy() == pytest.approx(0, abs=1e-9)
    assert (model.predict(X) == np.where(model.decision_function(X) > 0, "won", "lost")).all()
    assert roc_auc_score(y, model.decision_function(X)) > 0.7
    assert (model.calibration_.slope != 1) is calibrate


def test_columns_are_read_as_leadml_reads_them(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    model = ScorecardClassifier().fit(*leads)
    kinds = {field.name: field.kind for field in model.schema_.fields}
    assert kinds == {
        "visits": "number",
        "source": "category",
        "job_title": "job_title",
        "newsletter": "flag",
        "region": "category",
    }
    names = list(model.get_feature_names_out())
    assert {"visits", "source", "job_title.seniority", "newsletter", "region"} <= set(names)
    source = model.scorecard_.terms[names.index("source")]
    assert isinstance(source, CategoryTerm)
    assert (source.levels, source.labels) == (("fair", "list", "web"), ("Fair", "list", "web"))


def test_kinds_and_axes_can_be_told() -> None:
    rng = np.random.default_rng(1)
    region = rng.choice(4, N).astype(float)
    y = rng.random(N) < np.array([0.1, 0.7, 0.1, 0.7])[region.astype(int)]
    X = np.column_stack([region, rng.normal(0, 1, N)])
    as_number, told = ScorecardClassifier(C=1.0), ScorecardClassifier(C=1.0, kinds={"x0": "category"})
    assert roc_auc_score(y, told.fit(X, y).decision_function(X)) > 0.75
    assert roc_auc_score(y, as_number.fit(X, y).decision_function(X)) < 0.7
    axes = ScorecardClassifier(axes={"x1": "ability"}).fit(X, y).schema_.parts
    assert [part.axis for part in axes] == ["other", "ability"]


def test_the_defaults_are_settings_that_training_tries() -> None:
    for family, names in SETTINGS.items():
        own = {name: getattr(ScorecardClassifier(), name) for name in names}
        assert own in FAMILIES[family].settings, family


def test_numbers_and_texts_in_one_array(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    array = X[["visits", "source"]].to_numpy(dtype=object)
    model = ScorecardClassifier().fit(array, y)
    assert [field.kind for field in model.schema_.fields] == ["number", "category"]
    frame = ScorecardClassifier().fit(X[["visits", "source"]], y)
    assert model.decision_function(array) == pytest.approx(frame.decision_function(X[["visits", "source"]]), abs=1e-12)


def test_cross_validation_grids_and_clones(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    model = ScorecardClassifier(random_state=0)
    assert cross_val_score(model, X, y, cv=3, scoring="roc_auc").min() > 0.65
    assert "test_score" in cross_validate(model, X, y, cv=TimeSeriesSplit(3))
    grid = GridSearchCV(model, {"C": [1e-6, 0.1], "family": ["logistic"]}, scoring="neg_log_loss", cv=3).fit(X, y)
    assert grid.best_params_ == {"C": 0.1, "family": "logistic"}
    again = clone(grid.best_estimator_)
    assert not hasattr(again, "scorecard_")
    assert again.fit(X, y).scorecard_ == grid.best_estimator_.scorecard_
    assert CalibratedClassifierCV(model, cv=3).fit(X, y).predict_proba(X).shape == (N, 2)


def test_in_pipelines_before_and_behind_others(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), make_column_selector(dtype_include="number")),
            ("texts", OneHotEncoder(sparse_output=False, handle_unknown="ignore"), ["job_title", "region"]),
        ]
    )
    behind = make_pipeline(columns, ScorecardClassifier()).fit(X, y)
    assert roc_auc_score(y, behind.predict_proba(X)[:, 1]) > 0.65
    framed = make_pipeline(clone(columns).set_output(transform="pandas"), ScorecardClassifier()).fit(X, y)
    assert "texts__job_title_CEO" in framed[-1].feature_names_in_
    assert framed.decision_function(X) == pytest.approx(behind.decision_function(X), abs=1e-9)
    before = make_pipeline(ScorecardClassifier(), LogisticRegression()).fit(X, y)
    assert before[0].get_feature_names_out().tolist() == before[:-1].get_feature_names_out().tolist()
    assert roc_auc_score(y, before.predict_proba(X)[:, 1]) > 0.7
    renamed = make_pipeline(FunctionTransformer(lambda frame: frame[["visits"]]), ScorecardClassifier()).fit(X, y)
    assert renamed[-1].get_feature_names_out().tolist() == ["visits"]


def test_set_output_gives_a_frame_of_contributions(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    model = ScorecardClassifier().set_output(transform="pandas").fit(X, y)
    given = model.transform(X)
    assert isinstance(given, pd.DataFrame)
    assert list(given.columns) == list(model.get_feature_names_out())
    pd.testing.assert_frame_equal(given, model.contributions(X))
    assert isinstance(ScorecardClassifier().fit(X, y).transform(X), np.ndarray)


def test_it_survives_a_pickle(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    model = ScorecardClassifier("blend", quick=True, random_state=1).fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert again.decision_function(X).tolist() == model.decision_function(X).tolist()


def test_a_row_of_weight_two_is_two_rows(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    X = X[["visits", "newsletter"]]
    weight = np.random.default_rng(3).choice(3, N)
    rows = np.repeat(np.arange(N), weight)
    once = ScorecardClassifier().fit(X, y, sample_weight=weight)
    twice = ScorecardClassifier().fit(X.iloc[rows], y[rows])
    assert once.transform(X) == pytest.approx(twice.transform(X), abs=1e-7)


def test_where_nothing_varies_the_rate_is_all() -> None:
    X, y = np.full((40, 2), 7.0), np.arange(40) % 4 == 0
    model = ScorecardClassifier(calibrate=True).set_output(transform="pandas").fit(X, y)
    assert model.predict_proba([[1.0, np.nan]]).tolist() == pytest.approx(np.array([[0.75, 0.25]]))
    assert model.transform(X).shape == (40, 0)
    assert list(model.get_feature_names_out()) == []


def test_pairs_are_shared_by_their_columns() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(0, 1, (1500, 3))
    y = X[:, 0] * X[:, 1] > 0
    model = ScorecardClassifier(pairs=1, random_state=0).fit(X, y)
    assert [pair.parts for pair in model.scorecard_.pairs] == [("x0", "x1")]
    assert model.score(X, y) > 0.8
    assert ScorecardClassifier().fit(X, y).score(X, y) < 0.6
    total = model.scorecard_.base + model.transform(X).sum(axis=1)
    np.testing.assert_allclose(total, model.decision_function(X), rtol=0, atol=1e-9)


def test_cv_may_leave_rows_untested(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    model = ScorecardClassifier(calibrate=True, cv=TimeSeriesSplit(3)).fit(X, y)
    tested = N - N // 4
    assert model.calibration_.n_conversions == int((y[-tested:] == "won").sum())


@pytest.mark.parametrize(
    ("model", "change", "words"),
    [
        (ScorecardClassifier("trees"), {}, "family must be one of prior, logistic, ebm, blend, got 'trees'"),
        (ScorecardClassifier(C=0), {}, "C must be above 0, got 0"),
        (ScorecardClassifier("ebm", reg_lambda=-1), {}, "reg_lambda must be at least 0, got -1"),
        (ScorecardClassifier(pairs=-1), {}, "pairs must be at least 0, got -1"),
        (ScorecardClassifier(kinds={"vists": "number"}), {}, "kinds must name columns of X, got 'vists'; X has visits"),
        (ScorecardClassifier(kinds=WRONG), {}, "must be one of number, .* got 'will'"),
        (ScorecardClassifier(axes=WRONG), {}, "must be one of interest, .* got 'will'"),
        (ScorecardClassifier(kinds={"source": "number"}), {}, r"row 0, column 'source' must be a number, .* more such"),
        (ScorecardClassifier(), {"visits": np.inf}, "column 'visits' must be a finite number, got inf"),
    ],
)
def test_what_cannot_be_used_is_a_value_error(
    leads: tuple[pd.DataFrame, NDArray[Any]], model: ScorecardClassifier, change: dict[str, Any], words: str
) -> None:
    X, y = leads
    X = X.assign(source=X["source"].fillna("web"), **change)
    with pytest.raises(ValueError, match=words):
        model.fit(X, y)


def test_frames_without_rows_or_with_one_name_twice_are_refused(leads: tuple[pd.DataFrame, NDArray[Any]]) -> None:
    X, y = leads
    with pytest.raises(ValueError, match="at least 1 row"):
        ScorecardClassifier().fit(X.head(0), y[:0])
    with pytest.raises(ValueError, match="unique column names"):
        ScorecardClassifier().fit(X.set_axis(["visits", "visits", *X.columns[2:]], axis=1), y)
    with pytest.raises(ValueError, match=r"two classes .* got 1 class"):
        ScorecardClassifier().fit(X, y, sample_weight=(y == "won").astype(float))
