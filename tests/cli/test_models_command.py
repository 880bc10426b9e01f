"""``leadml models``, as its users meet it."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from leadml.cli.models import app
from leadml.errors import BundleError, UsageError
from leadml.model.bundle import Bundle, load
from leadml.model.store import Store
from leadml.tracking import registry
from leadml.tracking.runs import Tracker

MakeBundle = Callable[..., Bundle]
CONFIG = """
[leads]
path = "leads.csv"
outcome = "status"
converted = ["won"]
"""


class House:
    """A project folder with its configuration, store and MLflow database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "leadml.toml"
        self.config.write_text(CONFIG)
        self.store = Store(folder / "models")
        self.tracker = Tracker(f"sqlite:///{folder}/mlflow.db")

    def call(self, *arguments: str) -> Any:
        return CliRunner().invoke(app, [*arguments, "--config", str(self.config)])

    def json(self, *arguments: str) -> Any:
        done = self.call(*arguments, "--json")
        assert done.exit_code == 0, done.exception
        return json.loads(done.stdout)


@pytest.fixture
def house(tmp_path: Path, migrated_db: Path) -> House:
    return House(tmp_path)


@pytest.fixture
def full(house: House, make_bundle: MakeBundle) -> House:
    house.store.save(make_bundle)
    house.store.save(lambda version: make_bundle(version, roc_auc=0.8, promoted=False))
    return house


def test_an_empty_list_says_what_to_do(house: House) -> None:
    done = house.call("list")
    assert done.exit_code == 0
    assert "no models yet" in done.stdout
    assert "Next: leadml train" in done.stderr
    assert house.json("list") == {"champion": None, "versions": [], "notes": []}


def test_the_list_in_a_pipe_is_separated_by_tabs(full: House) -> None:
    full.call("promote", "1")
    done = full.call("list")
    header, first, second = (line.split("\t") for line in done.stdout.splitlines())
    assert header == ["version", "family", "created", "ROC AUC", "lift at 10 %", "gate", "verdict"]
    assert first == [
        "1 *",
        "logistic",
        "2026-11-01",
        "0.710 (0.670 to 0.750)",
        "2.4 (1.9 to 2.9)",
        "passed",
        "The model has signal.",
    ]
    assert (second[0], second[5]) == ("2", "not passed")


def test_the_list_as_json(full: House) -> None:
    full.call("promote", "2")
    listed = full.json("list")
    assert listed["champion"] == 2
    assert [row["champion"] for row in listed["versions"]] == [False, True]
    assert listed["versions"][1]["roc_auc"]["value"] == 0.8
    assert listed["notes"] == []


def test_the_list_on_a_terminal_is_a_table(full: House) -> None:
    main, child = pty.openpty()
    code = "from leadml.cli.models import app; app()"
    subprocess.run(
        [sys.executable, "-c", code, "list", "--config", str(full.config)],
        stdout=child,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "COLUMNS": "160", "TERM": "xterm"},
        check=True,
    )
    os.close(child)
    said = os.read(main, 100_000).decode()
    os.close(main)
    assert "lift at 10 %" in said
    assert "0.710 (0.670 to 0.750)" in said
    assert "\t" not in said


def test_the_list_reports_a_disagreement(full: House) -> None:
    full.call("promote", "1")
    full.store.promote(2)
    done = full.call("list")
    assert "run `leadml models promote 2`" in done.stderr
    assert full.json("list")["notes"] == [registry.disagreement(full.store, full.tracker)]


def test_the_list_works_without_mlflow(full: House) -> None:
    full.config.write_text(CONFIG + '[tracking]\nuri = "htp://nowhere"\n')
    done = full.call("list")
    assert done.exit_code == 0
    assert "MLflow's alias could not be compared: MLflow at htp://nowhere" in done.stderr
    assert len(done.stdout.splitlines()) == 3


def test_the_list_shows_damage_and_a_champion_that_is_gone(full: House) -> None:
    full.call("promote", "2")
    (full.store.path(1) / "manifest.json").unlink()
    full.store.path(2).rename(full.folder / "away")
    done = full.call("list")
    assert done.exit_code == 0
    assert "manifest.json must be there" in done.stdout
    assert "version 2 must be there to serve, but is not" in done.stderr


def test_show_takes_the_champion_or_a_version(full: House) -> None:
    assert isinstance(full.call("show").exception, BundleError)
    full.call("promote", "1")
    done = full.call("show")
    assert "1 (serves)" in done.stdout
    assert "1,000, of which 180 converted" in done.stdout
    assert "roc_auc" in done.stdout
    shown = full.json("show", "2")
    assert (shown["version"], shown["champion"]) == (2, False)
    assert shown["passport"]["recipe"]["family"] == "logistic"


def test_promote_and_rollback(full: House) -> None:
    assert full.json("promote", "1") == {"champion": 1, "previous": None, "alias_problem": None}
    done = full.call("promote", "2")
    assert "Version 2 serves now; before it, version 1 did." in done.stdout
    assert "Next: leadml rank LEADS" in done.stderr
    assert "serves, as before" in full.call("promote", "2").stdout
    assert full.json("rollback") == {"champion": 1, "previous": 2, "alias_problem": None}
    assert (full.store.champion(), registry.champion(full.tracker)) == (1, 1)
    assert isinstance(full.call("rollback").exception, BundleError)


def test_promotion_without_mlflow_still_serves(full: House) -> None:
    full.config.write_text(CONFIG + '[tracking]\nuri = "htp://nowhere"\n')
    done = full.call("promote", "2")
    assert done.exit_code == 0
    assert full.store.champion() == 2
    assert "MLflow's alias could not follow: MLflow at htp://nowhere" in done.stderr
    assert "then run `leadml models promote 2`" in done.stderr


def test_export(full: House) -> None:
    out = full.folder / "handover" / "model"
    done = full.call("export", "2", "--out", str(out))
    assert f"Next: leadml score LEADS --model {out}" in done.stderr
    assert load(out).passport.model_version == "2"
    assert isinstance(full.call("export", "2", "--out", str(out)).exception, UsageError)
    other = full.folder / "other"
    assert full.json("export", "1", "--out", str(other)) == {"version": 1, "bundle": str(other)}


@pytest.mark.parametrize("command", ["list", "show", "promote", "rollback", "export"])
def test_each_command_has_help_with_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"])
    assert done.exit_code == 0
    assert f"Example: leadml models {command}" in " ".join(done.stdout.split())


def test_an_unknown_version_names_those_there_are(full: House) -> None:
    done = full.call("promote", "9")
    assert isinstance(done.exception, BundleError)
    assert "version 9 must be one of 1, 2" in str(done.exception)
