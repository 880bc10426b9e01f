"""Training from a handful of conversions: what it makes, says and leaves behind, and from when on it chooses."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from leadml.config import Config
from leadml.errors import DataError, TrainingRefused
from leadml.model.bundle import load
from leadml.model.scorer import Scorer
from leadml.report.evidence import from_json
from leadml.training.check import check
from leadml.training.train import TrainingRun, train

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def table(n: int, won: list[int]) -> pd.DataFrame:
    """Return n leads in time order, of which those in these rows converted."""
    rng = np.random.default_rng(n)
    outcome = np.where(np.isin(np.arange(n), won), "won", "lost")
    source = rng.choice(["web", "fair"], n)
    return pd.DataFrame({"outcome": outcome, "visits": rng.poisson(3, n), "source": source})


def config(folder: Path, **leads: Any) -> Config:
    told = {"path": "leads.csv", "outcome": "outcome", "converted": ["won"], "kinds": {"visits": "number"}}
    return Config.of({"leads": told | leads, "training": {"replicates": 100}}, folder=folder)


@pytest.fixture
def folder(migrated_db: Path) -> Path:
    return migrated_db.parent


def plain(run: TrainingRun) -> dict[str, Any]:
    """Return what --json prints; no number may be undefined."""
    found: dict[str, Any] = json.loads(json.dumps(run.to_dict(), allow_nan=False))
    return found


def test_five_conversions_make_a_model_near_the_base_rate(folder: Path) -> None:
    frame = table(60, [5, 15, 25, 35, 50])
    run = train(config(folder), frame, now=NOW)
    told = plain(run)
    assert (run.family, run.promoted) == ("prior", False)
    assert "only 1 of the 24 leads tested converted, and it takes 5." in run.verdict
    assert "`leadml models promote VERSION` lets it serve" in run.verdict
    assert any(note.startswith("cold start: the older part holds 4 conversions") for note in run.notes)
    assert [row["family"] for row in told["leaderboard"]] == ["prior"]
    assert told["leaderboard"][0]["fold_loss"] is None
    assert told["test"]["log_loss"]["value"] > 0
    assert told["test"]["log_loss"]["low"] is told["test"]["log_loss"]["high"] is None, "one conversion tells no more"
    scored = Scorer(load(run.bundle)).score(frame)
    assert scored["probability"].mean() == pytest.approx(5 / 60, abs=0.02)
    assert scored["score"].min() < 20
    assert scored["score"].max() > 80


def test_a_test_without_a_conversion_says_so_and_has_no_metric_of_order(folder: Path) -> None:
    run = train(config(folder), table(60, [1, 5, 9, 13, 17]), now=NOW)
    test = plain(run)["test"]
    assert "none of the 24 leads tested converted" in run.verdict
    assert test["n_converted"] == 0
    assert test["roc_auc"] == test["capture_at_20pct"] == {"value": None, "low": None, "high": None}
    assert run.report is not None
    page = run.report.read_text(encoding="utf-8")
    assert "Cold start: 5 conversions are all there is to learn from" in page
    assert "none of them converted" in page
    assert "nan" not in page.split("</style>")[-1].lower().replace("finan", "")


def test_the_evidence_knows_a_cold_start(folder: Path) -> None:
    run = train(config(folder), table(60, [5, 15, 25, 35, 50]), now=NOW)
    evidence = load(run.bundle).evidence
    assert evidence is not None
    read = from_json(evidence)
    assert read is not None
    assert read.cold


def test_with_four_conversions_or_without_the_prior_it_refuses(folder: Path) -> None:
    with pytest.raises(TrainingRefused, match="at least 5 conversions among the matured leads, got 4 in 60"):
        train(config(folder), table(60, [5, 15, 25, 35]), now=NOW)
    only = Config.of(
        {"leads": {"path": "x", "outcome": "outcome", "converted": ["won"]}, "training": {"families": ["logistic"]}},
        folder=folder,
    )
    few = table(60, [5, 15, 25, 35, 50])
    with pytest.raises(TrainingRefused, match="enough to choose a model on"):
        train(only, few, now=NOW)
    assert "enough to choose a model on" in str(check(only, few, now=NOW).refusal)
    assert check(config(folder), few, now=NOW).refusal is None


def test_from_twenty_conversions_on_the_families_compete(folder: Path) -> None:
    quick = Config.of(
        {
            "leads": {"path": "x", "outcome": "outcome", "converted": ["won"]},
            "training": {"families": ["prior", "logistic"], "replicates": 100},
        },
        folder=folder,
    )
    run = train(quick, table(400, list(range(3, 400, 10))), now=NOW)
    assert {row["family"] for row in run.leaderboard} == {"prior", "logistic"}
    assert run.family == "prior"  # there is no signal: the simplest stays
    assert not any("cold start" in note for note in run.notes)


def test_a_declared_way_is_in_the_model(folder: Path) -> None:
    run = train(config(folder, rising=["visits"]), table(60, [5, 15, 25, 35, 50]), now=NOW)
    bundle = load(run.bundle)
    assert {field.name: field.way for field in bundle.schema.fields} == {"visits": "rising", "source": None}
    scored = Scorer(bundle).score(pd.DataFrame({"visits": [0, 3, 6], "source": ["web"] * 3}))
    assert scored["logit"].is_monotonic_increasing


def test_only_a_number_that_is_there_can_rise(folder: Path) -> None:
    few = table(60, [5, 15, 25, 35, 50])
    with pytest.raises(DataError, match=r"is a category, and must be a number to be falling; .* leads.falling"):
        train(config(folder, falling=["source"]), few, now=NOW)
    with pytest.raises(DataError, match=r"as leads.rising names it; did you mean 'visits'"):
        train(config(folder, rising=["visit"]), few, now=NOW)
