"""The whole learning line on a small sample: what it says, promotes, refuses, and leaves behind."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import joblib
import made_up
import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from mlflow.artifacts import download_artifacts
from threadpoolctl import threadpool_limits

from leadml.config import Config
from leadml.errors import TrainingRefused
from leadml.leads.sample import make_sample
from leadml.model.bundle import load
from leadml.model.scorer import Scorer
from leadml.model.store import Store
from leadml.tracking.runs import Tracker
from leadml.training.train import TrainingRun, train

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LEADS = made_up.LEADS | {
    "value": "deal_value",
    "owner": "owner",
    "group": "account_id",
    "do_not_contact": "opted_out",
    "protected": ["age"],
    "ignore": ["lead_quality"],
}


def _config(folder: Path, leads: dict[str, Any] | None = None, **sections: Any) -> Config:
    quick = {"families": ["logistic"], "replicates": 100}
    data = {"leads": leads or LEADS, "label": {"horizon_days": 90}, "training": quick, **sections}
    return Config.of(data, folder=folder)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    """Small models on several threads only wait for each other."""
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def table() -> pa.Table:
    return make_sample(3000, events=False).leads


@dataclass(frozen=True)
class Trained:
    folder: Path
    run: TrainingRun
    said: list[tuple[str, float]]


@pytest.fixture(scope="module")
def trained(table: pa.Table, _migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("trained")
    shutil.copy(_migrated, folder / "mlflow.db")
    said: list[tuple[str, float]] = []
    run = train(_config(folder), table, now=NOW, progress=lambda what, share: said.append((what, share)))
    return Trained(folder, run, said)


@pytest.fixture
def again(trained: Trained, tmp_path: Path) -> Path:
    """A folder of its own in which version 1 is the champion."""
    shutil.copytree(trained.folder / "models", tmp_path / "models", symlinks=True)
    shutil.copy(trained.folder / "mlflow.db", tmp_path / "mlflow.db")
    return tmp_path


def _statuses(folder: Path) -> list[str]:
    tracker = Tracker(f"sqlite:///{folder / 'mlflow.db'}")
    return [run.info.status for run in tracker.client.search_runs([tracker.experiment_id])]


def test_what_a_run_says(trained: Trained) -> None:
    said = trained.run.to_dict()
    assert json.loads(json.dumps(said, allow_nan=False)).keys() == said.keys()
    assert {"model_version", "family", "promoted", "verdict", "test", "leaderboard", "run_id", "bundle"} <= said.keys()
    assert (said["model_version"], said["family"], said["promoted"]) == ("1", "logistic", True), said["verdict"]
    assert said["verdict"].startswith("Promoted: ")
    assert said["bundle"] == str(trained.folder / "models" / "versions" / "1")
    test = said["test"]
    assert test["n"] > 0
    assert 0 < test["base_rate"] < 1
    for name in ("roc_auc", "average_precision", "log_loss", "brier", "lift_at_10pct"):
        assert test[name]["low"] <= test[name]["value"] <= test[name]["high"]
    assert {"family", "ships", "settings", "fold_loss", "roc_auc"} <= said["leaderboard"][0].keys()
    assert "newest first" in said["naive"]
    assert any("have not matured and are left out" in note for note in said["notes"])
    assert any("lie in neither the older nor the newest part" in note for note in said["notes"])


def test_progress_only_goes_forward(trained: Trained) -> None:
    shares = [share for _, share in trained.said]
    assert shares == sorted(shares)
    assert (trained.said[0], trained.said[-1]) == (("reading leads", 0.0), ("done", 1.0))


def test_the_bundle_is_the_champion_and_its_passport_tells_the_truth(trained: Trained, table: pa.Table) -> None:
    store = Store(trained.folder / "models")
    assert store.champion() == 1
    passport = load(trained.run.bundle).passport
    created = table.column("created_at").to_pandas().astype("datetime64[s]")
    matured = created[created <= np.datetime64("2026-10-01") - np.timedelta64(90, "D")]
    assert passport.as_of in ("2026-09-30", "2026-10-01")
    assert passport.trained_until is not None
    assert abs(pd.Timestamp(passport.trained_until).tz_localize(None) - matured.max()) < timedelta(days=2)
    assert abs(passport.n_leads - len(matured)) < 20
    assert (passport.horizon_days, passport.promoted) == (90, True)
    assert passport.test.metrics["roc_auc"].value == trained.run.test["roc_auc"]["value"]
    assert len(passport.reference) == 99
    fields = {part.split(".")[0] for part in passport.recipe.fields}
    assert not fields & {"age", "lead_quality", "status", "won_at", "account_id", "deal_value", "lead_id", "owner"}


def test_mlflow_has_the_run_and_its_pipeline_gives_the_probabilities(trained: Trained, table: pa.Table) -> None:
    uri = f"sqlite:///{trained.folder / 'mlflow.db'}"
    assert _statuses(trained.folder) == ["FINISHED"]
    path = download_artifacts(run_id=trained.run.run_id, artifact_path="pipeline.joblib", tracking_uri=uri)
    frame = table.to_pandas().head(300)
    probability = joblib.load(path).predict_proba(frame)[:, 1]
    scored = Scorer(load(trained.run.bundle)).score(frame, reasons=False)
    np.testing.assert_allclose(probability, scored["probability"], rtol=0, atol=1e-12)


def test_training_again_on_the_same_leads_is_promoted(again: Path, table: pa.Table) -> None:
    run = train(_config(again), table, now=NOW)
    assert (run.model_version, run.promoted) == ("2", True), run.verdict
    assert run.verdict.startswith("Promoted: as good as the champion")
    assert Store(again / "models").champion() == 2
    first, second = (load(again / "models" / "versions" / n) for n in "12")
    assert first.scorecard == second.scorecard, "the same leads and seed make the same scorecard"


def _worse(table: pa.Table) -> dict[str, Any]:
    """Leave the challenger only a few weak fields."""
    kept = {*LEADS["protected"], *(str(value) for value in LEADS.values()), "source", "company_size", "lead_quality"}
    return {**LEADS, "ignore": [name for name in table.column_names if name not in kept] + ["lead_quality"]}


def _other_trained_until(folder: Path, until: str) -> None:
    """Put an older date into the champion's passport, as if it had been trained then."""
    store = Store(folder / "models")
    old = store.load(1)
    store.save(lambda n: msgspec.structs.replace(
        old, passport=msgspec.structs.replace(old.passport, model_version=n, trained_until=until)
    ))  # fmt: skip
    store.promote(2)


def test_a_worse_challenger_is_not_promoted_and_lacking_fields_are_named(again: Path, table: pa.Table) -> None:
    _other_trained_until(again, "2025-01-01T00:00:00Z")
    leads = {**LEADS, "ignore": ["lead_quality", "pricing_page_visits"]}
    narrow = table.drop_columns(["demo_requested"])
    run = train(_config(again, leads), narrow, now=NOW)
    gone = "The champion was compared without demo_requested, pricing_page_visits"
    assert gone in run.verdict
    weak = train(_config(again, _worse(table)), table, now=NOW)
    assert not weak.promoted
    assert weak.verdict.startswith("Not promoted: ")
    assert Store(again / "models").champion() in (2, 3)
    assert load(weak.bundle).passport.promoted is False


def test_a_damaged_champion_stops_nothing_and_is_not_replaced_unseen(again: Path, table: pa.Table) -> None:
    (again / "models" / "versions" / "1" / "scorecard.json").write_text("{}")
    run = train(_config(again), table, now=NOW)
    assert not run.promoted
    assert "can't be compared with the champion" in run.verdict
    assert "leadml models promote" in run.verdict
    assert Store(again / "models").champion() == 1
    assert load(run.bundle).passport.model_version == "2"


@pytest.mark.parametrize(
    "at", ["opening MLflow", "logistic regression", "comparing with the champion", "learning from", "logging to MLflow"]
)
def test_ctrl_c_changes_nothing_that_serves(again: Path, table: pa.Table, at: str) -> None:
    def interrupt(what: str, _share: float) -> None:
        if what.startswith(at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(_config(again), table, now=NOW, progress=interrupt)
    store = Store(again / "models")
    assert store.champion() == 1
    for version in store.versions():
        assert store.load(version).passport.model_version == str(version), "a version is whole or not there"
    folders = (again / "models" / "versions").iterdir()
    assert [path.name for path in folders if path.name.startswith(".")] == []
    statuses = _statuses(again)
    assert statuses == (["FINISHED"] if at == "opening MLflow" else ["KILLED", "FINISHED"])


def _simple(n: int = 600, *, rate: float = 0.25, signal: bool = True) -> pd.DataFrame:
    """Leads with one number that tells something, one a day in the order in which they came in."""
    rng = np.random.default_rng(0)
    y = rng.random(n) < rate
    return pd.DataFrame(
        {
            "outcome": np.where(y, "won", "lost"),
            "visits": np.where(y & signal, rng.poisson(5, n), rng.poisson(2, n)),
            "source": rng.choice(["web", "fair"], n),
        }
    )


PLAIN = {"path": "leads.csv", "outcome": "outcome", "converted": ["won"]}


def test_without_dates_and_without_a_horizon(migrated_db: Path, tmp_path: Path) -> None:
    frame = _simple()
    frame.loc[::50, "outcome"] = None
    run = train(_config(tmp_path, PLAIN, label={}), frame, now=NOW)
    assert run.promoted, run.verdict
    assert any("taken to be in time order" in note for note in run.notes)
    assert any("12 open leads are left out" in note for note in run.notes)
    passport = load(run.bundle).passport
    assert (passport.trained_until, passport.horizon_days, passport.as_of) == (None, None, None)
    later = train(_config(tmp_path, PLAIN, label={}), frame, now=NOW)
    assert later.promoted, later.verdict


def test_with_dates_but_no_horizon(migrated_db: Path, tmp_path: Path) -> None:
    frame = _simple().assign(came=pd.date_range("2025-01-01", periods=600).astype(str))
    run = train(_config(tmp_path, {**PLAIN, "created_at": "came"}, label={}), frame, now=NOW)
    assert run.promoted, run.verdict
    assert load(run.bundle).passport.trained_until == "2026-08-23T00:00:00Z"


def test_noise_is_no_signal_and_not_promoted(migrated_db: Path, tmp_path: Path) -> None:
    run = train(_config(tmp_path, PLAIN, label={}), _simple(signal=False), now=NOW)
    assert not run.promoted
    assert "no signal" in run.verdict
    assert run.bundle.is_dir()
    assert Store(tmp_path / "models").champion() is None


def _dated(n: int, **columns: Any) -> pd.DataFrame:
    frame = _simple(n, rate=0.4).assign(came=pd.date_range("2025-01-01", periods=n, freq="12h"))
    frame["won_at"] = (frame["came"] + timedelta(days=3)).where(frame["outcome"] == "won")
    return frame.assign(**columns)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (_simple(200, rate=0.01), "at least 5 conversions among the matured leads, got"),
        (_simple().assign(outcome="won"), "must be leads that did not convert"),
        (_simple().assign(outcome="lost"), "at least 5 conversions .* got 0"),
        (_simple().assign(visits=1, source="web"), "at least one field that varies"),
        (_simple().assign(outcome=None), "must be leads whose outcome is final, got none"),
    ],
)
def test_leads_that_cannot_carry_a_model_are_refused(
    migrated_db: Path, tmp_path: Path, frame: pd.DataFrame, words: str
) -> None:
    kinds = {"kinds": {"visits": "number", "source": "category"}}
    with pytest.raises(TrainingRefused, match=words):
        train(_config(tmp_path, {**PLAIN, **kinds}, label={}), frame, now=NOW)
    assert not (tmp_path / "models").exists()
    assert _statuses(tmp_path) == ["FAILED"]


def test_a_horizon_that_is_too_long_is_refused_with_the_longest_that_fits(migrated_db: Path, tmp_path: Path) -> None:
    leads = {**PLAIN, "created_at": "came", "converted_at": "won_at"}
    frame = _dated(600)  # 300 days
    with pytest.raises(TrainingRefused, match=r"the longest that fits is \d+") as refusal:
        train(_config(tmp_path, leads, label={"horizon_days": 200}), frame, now=NOW)
    days = int(str(refusal.value).rsplit(" ", 1)[1])
    run = train(_config(tmp_path, leads, label={"horizon_days": days}), frame, now=NOW)
    assert load(run.bundle).passport.horizon_days == days
    with pytest.raises(TrainingRefused, match="got none"):
        train(_config(tmp_path, leads, label={"horizon_days": 3000}), frame, now=NOW)
