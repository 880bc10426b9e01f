"""``leadml sample``: writes the sample, and never over leads that are there."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from leadml.cli.sample import sample

app = typer.Typer()
app.command()(sample)
SMALL = ("--leads", "30", "--new", "5")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0
    return result


def test_it_writes_the_sample() -> None:
    assert run(*SMALL).stdout == "30 past leads and 5 new ones are in data.\n"
    assert len(Path("data/leads.csv").read_text(encoding="utf-8").splitlines()) == 31
    assert len(Path("data/new_leads.csv").read_text(encoding="utf-8").splitlines()) == 6


def test_the_seed_makes_other_leads() -> None:
    run(*SMALL)
    run(*SMALL, "--dir", "again")
    run(*SMALL, "--dir", "other", "--seed", "8")
    first, again, other = (Path(name, "leads.csv").read_bytes() for name in ("data", "again", "other"))
    assert first == again
    assert first != other


@pytest.mark.parametrize("name", ["leads.csv", "events.csv"])
def test_what_is_there_is_kept(name: str) -> None:
    Path("data").mkdir()
    Path("data", name).write_text("mine\n", encoding="utf-8")
    assert "is kept" in run(*SMALL).stdout
    assert [path.name for path in Path("data").iterdir()] == [name]
    assert Path("data", name).read_text(encoding="utf-8") == "mine\n"
    assert json.loads(run(*SMALL, "--json").stdout)["written"] is False


def test_unless_it_is_to_be_replaced() -> None:
    run(*SMALL)
    Path("data/leads.csv").write_text("mine\n", encoding="utf-8")
    answer = json.loads(run(*SMALL, "--force", "--json").stdout)
    assert answer["written"] is True
    assert Path(answer["files"]["leads"]).read_text(encoding="utf-8") != "mine\n"
