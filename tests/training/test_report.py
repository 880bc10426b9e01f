"""A training writes its report, logs it, and the report is true to the run."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mlflow.artifacts import download_artifacts
from threadpoolctl import threadpool_limits

from leadml.config import Config
from leadml.leads.sample import write_config, write_sample
from leadml.model.bundle import load
from leadml.report.evidence import Evidence, from_json, read
from leadml.report.files import evidence_path
from leadml.training.train import TrainingRun, train

NOW = datetime(2026, 10, 2, tzinfo=UTC)
QUICK = ('training.families=["logistic", "trees"]', "training.replicates=100")


@dataclass(frozen=True)
class Reported:
    folder: Path
    run: TrainingRun
    evidence: Evidence


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="module")
def reported(_migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Reported:
    folder = tmp_path_factory.mktemp("reported")
    shutil.copy(_migrated, folder / "mlflow.db")
    config = Config.load(write_config(folder), overrides=QUICK)
    write_sample(folder / "data", n_leads=3000, n_new=10)
    run = train(config, now=NOW)
    evidence = read(evidence_path(folder / "reports", run.model_version))
    assert evidence is not None
    return Reported(folder, run, evidence)


def test_the_evidence_goes_with_the_bundle(reported: Reported) -> None:
    bundle = load(reported.run.bundle)
    assert bundle.evidence is not None
    assert from_json(bundle.evidence) == reported.evidence
    assert from_json(b"{}") is None


def test_the_report_lies_beside_the_configuration(reported: Reported) -> None:
    assert reported.run.report == reported.folder / "reports" / "report.html"
    for name in ("report.html", "model-card.html", "metrics.json", "curves/gains.csv", "evidence/1.json"):
        assert (reported.folder / "reports" / name).stat().st_size > 0


def test_the_report_is_in_the_mlflow_run(reported: Reported) -> None:
    uri = f"sqlite:///{reported.folder / 'mlflow.db'}"
    logged = Path(download_artifacts(run_id=reported.run.run_id, artifact_path="report", tracking_uri=uri))
    own = reported.folder / "reports"
    names = sorted(str(path.relative_to(own)) for path in own.rglob("*") if path.is_file())
    assert names == sorted(str(path.relative_to(logged)) for path in logged.rglob("*") if path.is_file())
    assert (logged / "report.html").read_bytes() == (own / "report.html").read_bytes()


def test_its_figures_are_those_of_the_run(reported: Reported) -> None:
    run, evidence = reported.run, reported.evidence
    assert evidence.is_of(load(run.bundle).passport)
    assert (evidence.test.rate.n, evidence.test.rate.converted) == (run.test["n"], run.test["n_converted"])
    for percent in (5, 10, 20):
        one, told = evidence.gains.model[percent], run.test[f"capture_at_{percent}pct"]
        assert (one.value, one.low, one.high) == pytest.approx((told["value"], told["low"], told["high"]))
    for name, found in evidence.gains.rules.items():
        assert found[20] == pytest.approx(run.naive[name]["capture_at_20pct"]["value"])
    board = [(row["family"], row["roc_auc"]["value"]) for row in run.leaderboard]
    assert [(one.family, one.test["roc_auc"].value) for one in evidence.leaderboard] == board
    assert [one.family for one in evidence.leaderboard if one.chosen] == [run.family]
    metrics = json.loads((reported.folder / "reports" / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["roc_auc"] == run.test["roc_auc"]


def test_the_price_of_the_glass_box_is_the_difference_on_the_leaderboard(reported: Reported) -> None:
    found = reported.evidence.glass_box
    assert found is not None
    values = {row["family"]: row for row in reported.run.leaderboard}
    for name, one in found.items():
        expected = values["logistic"][name]["value"] - values["trees"][name]["value"]
        assert one.value == pytest.approx(expected, abs=1e-6), name
        assert (one.low or 0.0) <= (one.value or 0.0) <= (one.high or 0.0)


def test_no_row_is_lost_on_the_way(reported: Reported) -> None:
    flow, evidence = reported.evidence.flow, reported.evidence
    assert flow.rows == 3000
    assert flow.matured == flow.rows - flow.rejected - flow.later - flow.young - flow.undecided
    assert flow.matured == evidence.older.rate.n + evidence.test.rate.n + flow.between
    assert sum(one.rate.n for one in evidence.months) == flow.matured
    assert f"{flow.young:,} leads younger than 90 days" in " ".join(reported.run.notes)
    assert evidence.older.last is not None
    assert evidence.test.first is not None
    assert evidence.older.last < evidence.test.first


def test_the_delay_tells_what_the_horizon_costs(reported: Reported) -> None:
    delay, passport = reported.evidence.delay, load(reported.run.bundle).passport
    assert delay is not None
    assert delay.n == reported.evidence.flow.matured + reported.evidence.flow.young
    own = next(one for one in delay.horizons if one.days == 90)
    assert (own.rate.n, own.rate.converted) == (passport.n_leads, passport.n_converted)
    assert (own.in_time.low or 1.0) < 0.85 < (own.in_time.high or 0.0)  # as planted
    assert sum(one.proposed for one in delay.horizons) == 1
    assert 9 < delay.median_days < 20  # 14 is planted


def test_young_months_are_expected_to_come_to_more_than_they_show(reported: Reported) -> None:
    months = reported.evidence.months
    assert sum(one.so_far.n for one in months if one.so_far) == reported.evidence.flow.rows
    young = [one for one in months if one.is_young]
    assert [one.label for one in young] == ["2026-07", "2026-08", "2026-09"]
    assert young[-1].ripe < 0.7
    assert young[0].ripe > 0.95
    for one in young:
        assert one.so_far is not None
        assert (one.so_far.interval.value or 0.0) < (one.best.value or 0.0) < (one.best.high or 0.0)


def test_the_gate_is_told_as_it_was(reported: Reported) -> None:
    checks = [check for check in reported.evidence.checks if check.gate == "signal"]
    assert [check.name for check in checks] == ["log_loss", "roc_auc", "capture_at_20pct"]
    assert all(check.passed for check in checks) == reported.run.promoted
    for check in checks[1:]:
        assert check.value == pytest.approx(reported.run.test[check.name]["value"])


def test_a_second_training_is_judged_against_the_champion_and_keeps_the_evidence_of_the_first(
    reported: Reported, tmp_path: Path
) -> None:
    for name in ("models", "reports", "data"):
        shutil.copytree(reported.folder / name, tmp_path / name, symlinks=True)
    for name in ("mlflow.db", "leadml.toml"):
        shutil.copy(reported.folder / name, tmp_path / name)
    config = Config.load(tmp_path / "leadml.toml", overrides=(*QUICK, "ranking.language=de"))
    run = train(config, now=NOW)
    assert run.model_version == "2"
    found = [read(evidence_path(tmp_path / "reports", version)) for version in ("1", "2")]
    assert found[0] == reported.evidence
    assert found[1] is not None
    assert {check.gate for check in found[1].checks} == {"signal", "champion"}
    assert '<html lang="de">' in (tmp_path / "reports" / "report.html").read_text(encoding="utf-8")
