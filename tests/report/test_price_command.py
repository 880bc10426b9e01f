"""The command price, as a person and a script meet it."""

import json
from pathlib import Path

import msgspec
import pyarrow.csv as pa_csv
import pytest
import typer
from telling import sample
from typer.testing import CliRunner, Result

from leadml.cli.price import price
from leadml.errors import UsageError
from leadml.leads.sample import make_sample, new_leads
from leadml.model.bundle import save
from leadml.report.evidence import to_json

app = typer.Typer()
app.command()(price)
MONEY = ("--margin", "900", "--contact-cost", "20", "--as-of", "2026-10-11")
ROOM = (*MONEY, "--capacity", "60")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, told = tmp_path_factory.mktemp("price"), sample()
    save(msgspec.structs.replace(told.bundle, evidence=to_json(told.evidence)), folder / "models" / "champion")
    leads = new_leads(make_sample(3000, events=False), 600, seed=5, events=False).leads
    tables = {
        "list": leads.slice(0, 300),
        "backlog": leads.slice(200, 400),
        "thin": leads.slice(0, 300).select(["lead_id", "email", "country"]),
    }
    for name, table in tables.items():
        pa_csv.write_csv(table, folder / f"{name}.csv")
    return folder


@pytest.fixture
def folder(made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(made)
    return made


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_a_price_in_words(folder: Path) -> None:
    said = run("list.csv", *ROOM, "--backlog", "backlog.csv", "--out", "called.csv", "--where", "budget > 20000").stdout
    for part in ("Pay at most", "of the backlog", "with 95% confidence", "The fair surcharge is", "Next: called.csv"):
        assert part in " ".join(said.split())
    assert (folder / "called.csv").exists()


def test_a_list_that_is_there_already(folder: Path) -> None:
    said = run("list.csv", *ROOM, "--backlog", "list.csv").stdout
    assert "worth nothing to you. All of its" in said
    assert "Next: do not buy it" in said
    poor = ("--margin", "1", "--contact-cost", "2", "--capacity", "5")
    never = run("list.csv", *poor, "--where", "budget > 1e12").stdout
    assert "None of its new leads is worth a call" in never
    assert "No lead of the list meets budget > 1e12" in never


def test_a_thin_list_is_warned_of(folder: Path) -> None:
    result = run("thin.csv", *ROOM)
    assert "too far to tell: the list carries only" in " ".join(result.stderr.split())
    assert "It lacks, or has fewer values of: " in result.stdout
    assert "Pay at most" in result.stdout


def test_json(folder: Path) -> None:
    told = json.loads(run("list.csv", *ROOM, "--backlog", "backlog.csv", "--json").stdout)
    assert told["price"] > 0
    assert told["n_known"] + told["n_new"] == told["n_leads"]
    assert set(told["profit"]) == {"low_90", "high_90", "low_95", "high_95"}
    assert told["backlog"]["n_leads"] == 400
    assert told["surcharge"] is None
    assert (told["margin"], told["capacity"]) == (900.0, 60)


def test_rows_that_cannot_be_read(folder: Path) -> None:
    text = (folder / "list.csv").read_text(encoding="utf-8").splitlines()
    first = text[1].split(",")
    first[next(i for i, name in enumerate(text[0].split(",")) if name.strip('"') == "visits")] = "many"
    (folder / "odd.csv").write_text("\n".join([text[0], ",".join(first), *text[2:]]), encoding="utf-8")
    assert "1 row could not be read" in run("odd.csv", *ROOM, code=3).stderr


def test_the_capacity_is_asked_for(folder: Path) -> None:
    result = CliRunner().invoke(app, ["list.csv", *MONEY])
    assert isinstance(result.exception, UsageError)
    assert "add --capacity" in str(result.exception)
    (folder / "given.toml").write_text(
        '[leads]\npath = "x.csv"\noutcome = "status"\nconverted = ["won"]\n[ranking]\ncapacity = 7\n', encoding="utf-8"
    )
    told = json.loads(run("list.csv", *MONEY, "--config", "given.toml", "--model", "models/champion", "--json").stdout)
    assert told["capacity"] == 7
