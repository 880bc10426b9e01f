"""The files of a report, and the command that writes pages again."""

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from reading import parse
from telling import sample
from typer.testing import CliRunner

from leadml.cli.main import app
from leadml.errors import BundleError, OutputError, UsageError
from leadml.model.bundle import save
from leadml.report.evidence import read, to_json
from leadml.report.files import evidence_path, find_evidence, write_files, write_text


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = sample()
    folder = tmp_path_factory.mktemp("project") / "reports"
    files = write_files(folder, told.bundle, told.evidence, "en")
    assert files[0] == folder / "report.html"
    assert sorted(files) == sorted(path for path in folder.rglob("*") if path.is_file())
    return folder


def test_metrics_for_programs_are_those_of_the_passport(reports: Path) -> None:
    told = json.loads((reports / "metrics.json").read_text(encoding="utf-8"))
    test = sample().bundle.passport.test
    assert (told["n"], told["n_converted"], told["promoted"]) == (test.n, test.n_converted, True)
    for name, one in test.metrics.items():
        assert told[name] == {"value": one.value, "low": one.low, "high": one.high}


def test_curves_for_programs_are_tidy(reports: Path) -> None:
    gains = _rows(reports / "curves" / "gains.csv")
    found = [float(row["model"]) for row in gains]
    assert found == sorted(found)
    assert len(gains) == 101
    assert {"share", "model", "low", "high", "lift", "newest first"} <= gains[0].keys()
    twenty = next(row for row in gains if row["share"] == "0.2")
    assert float(twenty["model"]) == pytest.approx(sample().bundle.passport.test.metrics["capture_at_20pct"].value)
    bins = _rows(reports / "curves" / "calibration.csv")
    assert sum(int(row["n"]) for row in bins) == sample().bundle.passport.test.n
    months = _rows(reports / "curves" / "months.csv")
    assert sum(int(row["n"]) for row in months) == sample().bundle.passport.n_leads
    assert _rows(reports / "curves" / "drift.csv")[0]["part"] == "(score)"


def test_evidence_is_read_back_and_nothing_else_is(reports: Path, tmp_path: Path) -> None:
    told = sample()
    path = evidence_path(reports, "7")
    assert read(path) == told.evidence
    assert told.evidence.is_of(told.bundle.passport)
    assert not told.evidence.is_of(msgspec.structs.replace(told.bundle.passport, created="2027-01-01T00:00:00Z"))
    assert read(tmp_path / "none.json") is None
    (tmp_path / "broken.json").write_text('{"format": 1}', encoding="utf-8")
    assert read(tmp_path / "broken.json") is None


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="must be a file that can be written"):
        write_text(tmp_path / "reports" / "report.html", "")


@dataclass(frozen=True)
class Project:
    folder: Path
    config: Path


@pytest.fixture
def project(reports: Path, tmp_path: Path) -> Project:
    """A folder with the model, its evidence and a configuration that names both."""
    told = sample()
    save(told.bundle, tmp_path / "models" / "champion")
    shutil.copytree(reports, tmp_path / "reports")
    config = tmp_path / "leadml.toml"
    config.write_text('[leads]\npath = "x.csv"\noutcome = "status"\nconverted = ["won"]\n', encoding="utf-8")
    return Project(tmp_path, config)


def _run(*words: str) -> Any:
    result = CliRunner().invoke(app, ["report", *words])
    if result.exception is not None and not isinstance(result.exception, (SystemExit, typer.Exit)):
        raise result.exception
    return result


def test_the_command_writes_the_report_in_another_language(project: Project) -> None:
    out = project.folder / "bericht.html"
    result = _run("--config", str(project.config), "--language", "de", "--out", str(out), "--json")
    assert json.loads(result.stdout) == {"model_version": "7", "page": "report", "language": "de", "out": str(out)}
    assert out.read_text(encoding="utf-8") == sample().report("de")


def test_the_command_leaves_the_report_of_the_training_alone(project: Project) -> None:
    _run("--config", str(project.config))
    assert (project.folder / "reports" / "report-7.html").read_text(encoding="utf-8") == sample().report("en")
    _run("--config", str(project.config), "--card")
    written = (project.folder / "reports" / "model-card-7.html").read_text(encoding="utf-8")
    assert written == sample().card("en")


def test_without_evidence_there_is_a_card_but_no_report(project: Project) -> None:
    evidence_path(project.folder / "reports", "7").unlink()
    with pytest.raises(BundleError, match="write its model card with --card"):
        _run("--config", str(project.config))
    out = project.folder / "card.html"
    _run("--config", str(project.config), "--card", "--out", str(out))
    assert parse(out.read_text(encoding="utf-8")).all("h1")


def test_evidence_in_the_bundle_needs_no_folder_of_reports(project: Project) -> None:
    told = sample()
    bundle = msgspec.structs.replace(told.bundle, evidence=to_json(told.evidence))
    assert find_evidence(bundle, None) == told.evidence
    assert find_evidence(told.bundle, None) is None
    assert find_evidence(told.bundle, project.folder / "reports") == told.evidence
    broken = msgspec.structs.replace(told.bundle, evidence=b'{"format": 99}')
    assert find_evidence(broken, project.folder / "reports") == told.evidence
    save(bundle, project.folder / "exported")
    shutil.rmtree(project.folder / "reports")
    out = project.folder / "report.html"
    _run("--config", str(project.config), "--model", str(project.folder / "exported"), "--out", str(out))
    assert out.read_text(encoding="utf-8") == told.report("en")


def test_evidence_of_another_training_is_not_taken(project: Project) -> None:
    other = msgspec.structs.replace(sample().bundle.passport, data_digest="cd" * 32)
    save(msgspec.structs.replace(sample().bundle, passport=other), project.folder / "models" / "other")
    with pytest.raises(BundleError, match="evidence"):
        _run("--config", str(project.config), "--model", str(project.folder / "models" / "other"))


def test_an_unknown_language_is_refused(project: Project) -> None:
    with pytest.raises(UsageError, match="one of en, de"):
        _run("--config", str(project.config), "--language", "fr")
