"""dvc.yaml: plain commands in the order in which they run, which `make pipeline` runs too."""

import os
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from leadml.cli.main import app

ROOT = Path(__file__).parents[2]
STAGES: dict[str, Any] = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
COMMANDS = [stage["cmd"] for stage in STAGES.values()]
FAKE = '#!/bin/sh\necho "leadml $*" >> ran.txt\n[ "$1" != "$REFUSE" ]\n'


def outputs(stage: dict[str, Any]) -> set[str]:
    told = [*stage.get("outs", ()), *stage.get("metrics", ())]
    return {name for one in told for name in ([one] if isinstance(one, str) else one)}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_stage_is_a_command_of_leadml(command: str) -> None:
    program, name, *arguments = shlex.split(command)
    assert program == "leadml"
    group: Any = typer.main.get_command(app)
    group.commands[name].make_context(name, arguments)  # refuses what is no option of it


def test_stages_stand_in_the_order_in_which_they_run() -> None:
    made: set[str] = set()
    everything = set().union(*map(outputs, STAGES.values()))
    for stage in STAGES.values():
        assert everything & set(stage.get("deps", ())) <= made
        made |= outputs(stage)


def test_models_are_no_output() -> None:
    assert not [name for stage in STAGES.values() for name in outputs(stage) if name.startswith("models")]


def test_the_paths_are_those_of_the_configuration() -> None:
    config = tomllib.loads((ROOT / "leadml.toml").read_text(encoding="utf-8"))
    past = {config["leads"]["path"], config["events"]["path"]}
    assert past <= set(STAGES["check"]["deps"])
    assert past <= set(STAGES["train"]["deps"])
    assert past < outputs(STAGES["sample"])
    assert config["events"]["path"] in STAGES["rank"]["deps"]


def make(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `make pipeline` in a folder that is set up, with a program that only keeps what it was called with."""
    for name in ("Makefile", "dvc.yaml", "pyproject.toml", "uv.lock"):
        (folder / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    for place, text in ((".tools/bin/uv", ""), (".venv/bin/leadml", FAKE), (".venv/.core", "")):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")
    (folder / ".venv/bin/leadml").chmod(0o755)
    told = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    return subprocess.run(
        ["make", "pipeline"], cwd=folder, env=told | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.skipif(sys.platform == "win32", reason="make and sh")
def test_make_runs_the_same_commands(tmp_path: Path) -> None:
    done = make(tmp_path, REFUSE="nothing")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "ran.txt").read_text().splitlines() == COMMANDS
    assert all(f"+ {command}" in done.stderr for command in COMMANDS)


@pytest.mark.skipif(sys.platform == "win32", reason="make and sh")
def test_make_stops_where_a_command_refuses(tmp_path: Path) -> None:
    assert make(tmp_path, REFUSE="check").returncode != 0
    assert (tmp_path / "ran.txt").read_text().splitlines() == COMMANDS[:2]
