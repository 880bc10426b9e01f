"""``leadml search``: what it prints, and a search that is killed in the middle goes on."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

CONFIG = """
[leads]
path = "leads.csv"
outcome = "outcome"
converted = ["won"]
[training]
families = ["logistic", "ebm"]
replicates = 100
[search]
trials = 12
"""
KEPT = "reports/search.db"


@pytest.fixture
def folder(tmp_path: Path, migrated_db: Path) -> Path:
    rng = np.random.default_rng(0)
    visits = rng.poisson(3, 900)
    won = rng.random(900) < 1 / (1 + np.exp(1.5 - 0.6 * (visits - 3)))
    rows = [f"{v},{'won' if w else 'lost'}" for v, w in zip(visits, won, strict=True)]
    (tmp_path / "leads.csv").write_text("visits,outcome\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "leadml.toml").write_text(CONFIG, encoding="utf-8")
    return tmp_path


def _leadml(folder: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "leadml", "search", *options]
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def _n_kept(folder: Path) -> int:
    import sqlite3

    if not (folder / KEPT).is_file():
        return 0
    database = sqlite3.connect(folder / KEPT)
    try:
        return int(database.execute("select count(*) from trials").fetchone()[0])
    except sqlite3.OperationalError:  # its tables are being made
        return 0
    finally:
        database.close()


def test_a_killed_search_goes_on_where_it_was(folder: Path) -> None:
    process = _leadml(folder, "--jobs", "2", "--trials", "2000")
    deadline = time.monotonic() + 120
    while _n_kept(folder) < 3:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = _n_kept(folder)
    assert kept >= 3
    process = _leadml(folder, "--jobs", "1", "--trials", str(kept + 2), "--json")
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    told = json.loads(out)
    assert told["search"]["n_kept"] == kept
    assert told["search"]["n_trials"] == kept + 2
    assert {"model_version", "promoted", "leaderboard", "notes"} <= told.keys()

    process = _leadml(folder, "--jobs", "1", "--fresh", "--trials", "4")
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert "The best of 4 recipes, by family:" in out
    assert "4 recipes were tried; the lowest loss on the time folds is" in out
    assert "Next: `leadml models list`" in out


def test_ctrl_c_is_told_and_promotes_nothing(folder: Path) -> None:
    process = _leadml(folder, "--jobs", "1", "--trials", "2000")
    deadline = time.monotonic() + 120
    while _n_kept(folder) < 1:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "error: stopped; nothing was promoted" in err
    assert not (folder / "models").exists()
    assert _n_kept(folder) >= 1


def test_a_wrong_budget_is_wrong_usage(folder: Path) -> None:
    process = _leadml(folder, "--seconds", "0")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "--seconds" in err
