"""The scikit-learn pipeline for data scientists gives the scorecard's numbers on any frame that the scorer takes."""

from collections.abc import Callable
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.pipeline import Pipeline

from leadml.leads.columns import Coercer
from leadml.leads.schema import Field, Roles, Schema
from leadml.leads.snapshots import Snapshots
from leadml.learning.calibration import Calibration
from leadml.learning.compile import compile_scorecard
from leadml.learning.pipeline import make_pipeline
from leadml.learning.search import fit
from leadml.model.bundle import Bundle
from leadml.model.scorecard import Scorecard, expit
from leadml.model.scorer import Scorer

SCHEMA = Schema(
    (
        Field("visits", "number"),
        Field("source", "category"),
        Field("first_seen", "date"),
        Field("job_title", "job_title"),
        Field("newsletter", "flag"),
    ),
    Roles(created_at="created_at"),
)
N = 400


def _frame() -> pd.DataFrame:
    rng = np.random.default_rng(0)

    def pick(values: list[str | None]) -> list[str | None]:
        return [values[i] for i in rng.integers(len(values), size=N)]

    created = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N), unit="h")
    return pd.DataFrame(
        {
            "visits": np.where(rng.random(N) < 0.2, np.nan, rng.poisson(3, N)),
            "source": pick(["web", "Fair", None]),
            "first_seen": created - pd.to_timedelta(rng.integers(0, 90, N), unit="D"),
            "job_title": pick(["CEO", "Head of Sales", "Trainee", None]),
            "newsletter": rng.choice(["yes", "no"], N),
            "created_at": created,
        }
    )


@pytest.fixture(scope="module")
def made() -> tuple[Pipeline, Scorecard]:
    import pyarrow as pa

    frame = _frame()
    coerced = Coercer(SCHEMA)(pa.Table.from_pandas(frame, preserve_index=False))
    rows = np.arange(N, dtype=np.intp)
    y = np.random.default_rng(1).random(N) < np.where(frame["visits"] > 3, 0.7, 0.3)
    shots = Snapshots(coerced.parts, y, coerced.created, coerced.created, None, rows, dated=True)
    fitted = fit(shots, SCHEMA.parts, rows, "logistic", {"C": 1.0}, final=True, random_state=0)
    calibration = Calibration(0.9, 0.2, 100, "")
    return make_pipeline(SCHEMA, fitted, calibration), compile_scorecard(fitted, calibration, shots)


def test_it_gives_the_probabilities_of_the_scorecard(
    made: tuple[Pipeline, Scorecard], make_bundle: Callable[..., Bundle], tmp_path: Path
) -> None:
    pipeline, scorecard = made
    joblib.dump(pipeline, tmp_path / "pipeline.joblib")
    again = joblib.load(tmp_path / "pipeline.joblib")
    passport = make_bundle().passport
    scorer = Scorer(Bundle(scorecard, SCHEMA, passport))
    frame = _frame()
    mixed = frame.head(60).astype({"source": object, "visits": object}).reset_index(drop=True)
    mixed.loc[:5, "source"] = [7, 7.0, True, "7", None, float("nan")]
    mixed.loc[:2, "visits"] = ["4", None, "n/a"]
    utc = frame.assign(first_seen=frame["first_seen"].dt.tz_localize("UTC"))
    narrow = frame.drop(columns=["job_title", "newsletter"])
    wide = frame.assign(other=pd.Series([[1]] * N)).set_index(np.arange(N)[::-1])
    for table in (frame, mixed, utc, narrow, wide, frame.iloc[[7]], frame[["visits"]]):
        scored = scorer.score(table.drop(columns="other", errors="ignore"), reasons=False)
        probability = again.predict_proba(table)
        assert probability.shape == (len(table), 2)
        np.testing.assert_allclose(probability[:, 1], scored["probability"], rtol=0, atol=1e-12)
        np.testing.assert_allclose(again.decision_function(table), scored["logit"], rtol=0, atol=1e-9)


def test_it_is_a_classifier_of_scikit_learn(made: tuple[Pipeline, Scorecard]) -> None:
    pipeline, _ = made
    frame = _frame()
    probability = pipeline.predict_proba(frame)
    np.testing.assert_allclose(probability.sum(axis=1), 1.0)
    assert probability[:, 1].tolist() == expit(pipeline.decision_function(frame)).tolist()
    assert (pipeline.predict(frame) == (probability[:, 1] > 0.5)).all()
    assert pipeline.classes_.tolist() == [False, True]
    assert pipeline.fit(frame, np.zeros(N)).predict_proba(frame).tolist() == probability.tolist(), (
        "nothing is relearned"
    )


def test_a_value_that_cannot_be_read_counts_as_missing(made: tuple[Pipeline, Scorecard]) -> None:
    pipeline, _ = made
    bad = pd.DataFrame({"visits": ["many", None], "source": ["web", "web"]})
    first, second = pipeline.predict_proba(bad)[:, 1]
    assert first == second
    assert pipeline.predict_proba(pd.DataFrame(index=range(3))).shape == (3, 2)
