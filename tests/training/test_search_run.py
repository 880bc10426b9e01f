"""A search and the training that it ends in: what it says, what it leaves behind, and what a champion makes of it."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from mlflow.artifacts import download_artifacts
from sklearn.ensemble import RandomForestClassifier
from sklearn.naive_bayes import GaussianNB
from threadpoolctl import threadpool_limits

from leadml.config import Config
from leadml.errors import UsageError
from leadml.learning.recency import DAYS
from leadml.model.bundle import load
from leadml.tracking.runs import Tracker
from leadml.training.search import SearchRun, search
from leadml.training.train import train

NOW = datetime(2026, 11, 1, tzinfo=UTC)
N = 1500


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with threadpool_limits(1), joblib.parallel_config("threading"):
        yield


def _config(folder: Path, **sections: Any) -> Config:
    leads = {"path": "leads.csv", "created_at": "came", "outcome": "outcome", "converted": ["won"]}
    training = {"families": ["logistic"], "replicates": 100}
    data = {"leads": leads, "training": training, "search": {"trials": 16, "jobs": 1}, **sections}
    return Config.of(data, folder=folder)


def _leads(*, turns: bool) -> pd.DataFrame:
    """One lead a day; the effect of visits stays, or turns round half-way through what is learned from."""
    rng = np.random.default_rng(0)
    visits = rng.normal(0, 1, N)
    effect = np.where(turns & (np.arange(N) < 0.4 * N), -2.0, 2.0)
    won = rng.random(N) < 1 / (1 + np.exp(0.5 - effect * visits))
    came = pd.date_range("2022-01-01", periods=N).astype(str)
    source = rng.choice(["web", "fair"], N)
    return pd.DataFrame({"came": came, "outcome": np.where(won, "won", "lost"), "visits": visits, "source": source})


@dataclass(frozen=True)
class Searched:
    folder: Path
    found: SearchRun
    said: list[tuple[str, float]]


@pytest.fixture(scope="module")
def searched(_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Searched:
    folder = tmp_path_factory.mktemp("searched")
    shutil.copy(_migrated, folder / "mlflow.db")
    said: list[tuple[str, float]] = []
    found = search(
        _config(folder), _leads(turns=True), now=NOW, progress=lambda what, share: said.append((what, share))
    )
    return Searched(folder, found, said)


def test_what_a_search_says(searched: Searched) -> None:
    said = searched.found.to_dict()
    assert json.loads(json.dumps(said, allow_nan=False)).keys() == said.keys()
    assert {"model_version", "verdict", "leaderboard", "search"} <= said.keys()
    assert {"better": True, "n_trials": 16, "n_kept": 0}.items() <= said["search"].items()
    assert said["search"]["sentence"] in said["notes"]
    assert said["search"]["best"]["logistic"]["fold_loss"] <= said["leaderboard"][0]["fold_loss"]
    assert said["promoted"], said["verdict"]


def test_progress_only_goes_forward(searched: Searched) -> None:
    shares = [share for _, share in searched.said]
    assert shares == sorted(shares)
    assert sum(what.startswith("trial ") for what, _ in searched.said) == 16
    assert searched.said[-1] == ("done", 1.0)


def test_the_passport_names_the_half_life(searched: Searched) -> None:
    recipe = load(searched.found.run.bundle).passport.recipe
    assert recipe.settings[DAYS] > 0
    assert recipe.settings == searched.found.run.leaderboard[0]["settings"]


def test_mlflow_has_one_run_per_family_below_one_and_a_table(searched: Searched) -> None:
    uri = f"sqlite:///{searched.folder / 'mlflow.db'}"
    tracker = Tracker(uri)
    runs = tracker.client.search_runs([tracker.experiment_id])
    parent = searched.found.run.run_id
    (child,) = [run for run in runs if run.info.run_id != parent]
    assert child.data.tags["mlflow.parentRunId"] == parent
    assert (child.info.run_name, child.info.status) == ("logistic", "FINISHED")
    assert child.data.params["family"] == "logistic"
    assert child.data.metrics["fold_loss"] == searched.found.best["logistic"]["fold_loss"]
    path = download_artifacts(run_id=parent, artifact_path="search.csv", tracking_uri=uri)
    table = pd.read_csv(path)
    assert len(table) == 16
    assert table["loss"].is_monotonic_increasing
    assert {"number", "family", "settings", "n_parts", "roc_auc", "gain", "error", "seconds"} <= set(table.columns)


def test_a_search_goes_on_and_a_champion_with_a_half_life_is_compared(searched: Searched, tmp_path: Path) -> None:
    shutil.copytree(searched.folder, tmp_path / "again", symlinks=True)
    again = search(_config(tmp_path / "again"), _leads(turns=True), now=NOW)
    assert (again.n_trials, again.n_kept) == (16, 16)
    assert again.run.promoted
    assert again.run.verdict.startswith("Promoted: as good as the champion")
    first, second = (load(run.bundle).scorecard for run in (searched.found.run, again.run))
    assert first == second
    fresh = search(_config(tmp_path / "again"), _leads(turns=True), now=NOW, trials=8, fresh=True)
    assert (fresh.n_trials, fresh.n_kept) == (8, 0)


def test_where_nothing_is_better_it_is_the_default_that_is_trained(migrated_db: Path, tmp_path: Path) -> None:
    config, leads = _config(tmp_path), _leads(turns=False)
    found = search(config, leads, now=NOW)
    assert not found.better
    assert "None is proven better" in found.sentence
    plain = train(config, leads, now=NOW)
    assert plain.family == found.run.family
    assert load(plain.bundle).scorecard == load(found.run.bundle).scorecard


def test_the_budget_is_told_or_that_of_the_configuration(migrated_db: Path, tmp_path: Path) -> None:
    leads = _leads(turns=False)
    assert search(_config(tmp_path), leads, now=NOW, trials=3).n_trials == 3
    config = _config(tmp_path, search={"seconds": 1.0, "storage": "kept/s.db"})
    assert search(config, leads, now=NOW, jobs=1).n_trials > 0
    assert (tmp_path / "kept" / "s.db").is_file()
    assert (tmp_path / "reports" / "search.db").is_file()
    with pytest.raises(UsageError, match="above 0"):
        search(config, leads, now=NOW, seconds=0)


def test_rivals_stand_beside_the_families(migrated_db: Path, tmp_path: Path) -> None:
    rivals = {"my forest": RandomForestClassifier(20, min_samples_leaf=5), "bayes": GaussianNB()}
    run = train(_config(tmp_path), _leads(turns=False), rivals=rivals, now=NOW)
    rows = {row["title"]: row for row in run.leaderboard}
    assert rows.keys() == {"logistic regression", *rivals}
    assert not rows["my forest"]["ships"]
    assert rows["my forest"]["roc_auc"]["value"] > 0.7
    assert run.family == "logistic"
    with pytest.raises(UsageError, match="got a class"):
        train(_config(tmp_path), _leads(turns=False), rivals={"x": GaussianNB}, now=NOW)
