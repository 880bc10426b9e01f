"""The program as a process: what it prints where, and its exit codes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from leadml.cli.console import progress
from leadml.leads.sample import make_sample, write_config, write_sample
from leadml.model.store import Store

QUICK = '\n[training]\nfamilies = ["logistic"]\nreplicates = 100\n'


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the configuration of a small sample."""
    folder = tmp_path_factory.mktemp("sample")
    path = write_config(folder)
    path.write_text(path.read_text() + QUICK)
    write_sample(folder / "data", make_sample(4000), n_new=60)
    return folder


@pytest.fixture
def folder(sample: Path, migrated_db: Path) -> Path:
    """The same, fresh, beside a migrated database."""
    shutil.copytree(sample, migrated_db.parent, dirs_exist_ok=True)
    return migrated_db.parent


def leadml(folder: Path, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error::UserWarning", "-m", "leadml", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


def answer(done: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    """Return the one JSON object on standard output."""
    result: dict[str, Any] = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    return result


def test_train_then_rank(folder: Path) -> None:
    run = answer(leadml(folder, "train", "--json"))
    assert {"model_version", "family", "promoted", "verdict", "test", "leaderboard", "run_id", "bundle"} <= run.keys()
    assert {"n", "base_rate"} <= run["test"].keys()
    for name in ("roc_auc", "average_precision", "log_loss", "brier", "lift_at_10pct"):
        assert run["test"][name].keys() == {"value", "low", "high"}
    assert run["promoted"] is True
    told = leadml(folder, "rank", "data/new_leads.csv", "--out", "ranked.csv")
    assert "50 of 60 leads ranked" in told.stdout  # ranking.capacity
    assert "Next:" in told.stdout
    first = (folder / "ranked.csv").read_text().splitlines()[1]
    assert first.startswith("1,")


def test_demo_uses_what_is_there(folder: Path) -> None:
    done = leadml(folder, "demo", "--dir", ".")
    assert "found in the first 20 % of calls" in done.stdout
    assert "past rate of the source" in done.stdout
    assert "The first 10 of the 50 leads to call now" in done.stdout
    assert (folder / "ranked.csv").exists()


def test_exit_codes(folder: Path) -> None:
    assert "did you mean 'leads'" in leadml(folder, "train", "--set", "lead.id=x", code=2).stderr
    assert "must be in the table" in leadml(folder, "train", "--set", "leads.owner=rep", code=1).stderr
    refused = answer(leadml(folder, "check", "--set", "label.horizon_days=600", "--json", code=1))
    assert "longest that fits" in refused["refusal"]
    assert "No such command" in leadml(folder, "trian", code=2).stderr
    failed = answer(leadml(folder, "score", "nowhere.csv", "--out", "o.csv", "--json", code=1))
    assert failed["exit_code"] == 1
    assert "error" in failed


def test_faulty_rows_are_refused_or_left_out_and_written(folder: Path) -> None:
    leads = folder / "data" / "leads.csv"
    lines = leads.read_text().splitlines()
    lines[3] = lines[3].replace(",lost,", ",gone,").replace(",won,", ",gone,").replace(",working,", ",gone,")
    leads.write_text("\n".join(lines) + "\n")
    assert "line 4, column 'status'" in leadml(folder, "train", code=1).stderr
    told = leadml(folder, "train", "--skip-faulty", code=3)
    assert "1 rows were left out" in told.stderr
    assert (folder / "reports" / "leads.rejected.csv").read_text().splitlines()[1].startswith("4,")


def test_ctrl_c_promotes_nothing(folder: Path) -> None:
    command = [sys.executable, "-m", "leadml", "train"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, env=environment)
    maps, end = Path(f"/proc/{process.pid}/maps"), time.monotonic() + 60
    while maps.exists() and "scipy" not in maps.read_text() and time.monotonic() < end:
        time.sleep(0.05)  # until the command is under way, however busy the machine
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told == "error: stopped; nothing was promoted and no half-written file was left\n"
    assert Store(folder / "models").versions() == []
    assert not (folder / "models" / "champion").exists()


def test_the_version_and_help() -> None:
    assert leadml(Path.cwd(), "--version").stdout.startswith("leadml ")
    assert "rank" in leadml(Path.cwd(), "--help").stdout


def test_a_long_work_says_in_a_file_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter((0.0, 4.0, 11.0, 11.0, 15.0))
    monkeypatch.setattr("leadml.cli.console.time.monotonic", lambda: next(clock))
    with progress() as say:
        for share in (0.1, 0.5, 0.7):
            say("trying recipes", share)
    assert capsys.readouterr().err == " 50% trying recipes ...\n"
    with progress(quiet=True) as say:
        say("trying recipes", 0.9)
    assert capsys.readouterr().err == ""
