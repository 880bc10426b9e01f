"""``leadml init`` as a process: the file, what is printed where, and what it will not overwrite."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from leadml.config import Config

EXPORTS = Path(__file__).parents[1] / "crm_exports"


def init(folder: Path, *arguments: str, code: int = 0) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-W", "error::UserWarning", "-m", "leadml", "init", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an export in ``data/``."""
    (tmp_path / "data").mkdir()
    shutil.copy(EXPORTS / "salesforce.csv", tmp_path / "data" / "leads.csv")
    return tmp_path


def test_it_writes_a_file_and_says_where_to_look(folder: Path) -> None:
    done = init(folder, "data/leads.csv")
    config = Config.load(folder / "leadml.toml")
    assert config.leads.path == "data/leads.csv"
    assert config.leads.outcome == "Status"
    assert "an export of Salesforce" in done.stdout
    assert "Look at:\n" in done.stdout
    assert done.stdout.endswith("Next: look at the marked lines, then `leadml check`.\n")
    assert done.stderr == ""


def test_a_configuration_is_not_overwritten(folder: Path) -> None:
    (folder / "leadml.toml").write_text("mine\n")
    assert "use --force" in init(folder, "data/leads.csv", code=2).stderr
    assert (folder / "leadml.toml").read_text() == "mine\n"
    init(folder, "data/leads.csv", "--force")
    assert Config.load(folder / "leadml.toml").leads.id == "Id"


def test_paths_are_seen_from_the_configuration(folder: Path) -> None:
    done = init(folder, "data/leads.csv", "--out", "setup/leads.toml")
    config = Config.load(folder / "setup" / "leads.toml")
    assert config.leads.path == "../data/leads.csv"
    assert config.at(config.leads.path).exists()
    assert "--config setup/leads.toml" in done.stdout


def test_json_and_standard_output(folder: Path) -> None:
    told = json.loads(init(folder, "data/leads.csv", "--json").stdout)
    assert told["crm"] == "Salesforce"
    assert told["config"] == "leadml.toml"
    assert told["marks"]
    printed = init(folder, "data/leads.csv", "--stdout").stdout
    assert printed == (folder / "leadml.toml").read_text(encoding="utf-8")
    failed = json.loads(init(folder, "data/none.csv", "--json", "--force", code=1).stdout)
    assert failed["exit_code"] == 1


def test_options_of_reading_are_kept(folder: Path) -> None:
    with sqlite3.connect(folder / "crm.db") as crm:
        crm.execute("CREATE TABLE leads (lead_id, status, visits)")
        rows = [(f"L{i}", ("won", "lost", "new")[i % 3], i % 7) for i in range(60)]
        crm.executemany("INSERT INTO leads VALUES (?, ?, ?)", rows)
    crm.close()
    init(folder, "sqlite:///crm.db", "--query", "SELECT * FROM leads", "--out", "here/leadml.toml")
    config = Config.load(folder / "here" / "leadml.toml")
    assert config.leads.path == "sqlite:///../crm.db"
    assert config.leads.query == "SELECT * FROM leads"


def test_refusals_are_one_message(folder: Path) -> None:
    (folder / "plain.csv").write_text("a,b\n1,2\n")
    refused = init(folder, "plain.csv", code=1)
    assert refused.stderr.startswith("error: a column must say what became of each lead")
    assert not (folder / "leadml.toml").exists()
