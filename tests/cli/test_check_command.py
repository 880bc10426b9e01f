"""``leadml check`` as a person and a script meet it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from leadml.cli.check import check
from leadml.leads.sample import make_sample, write_config, write_sample

app = typer.Typer()
app.command()(check)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_config(tmp_path)
    write_sample(tmp_path / "data", make_sample(1500))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def test_the_page(folder: Path) -> None:
    page = run().stdout
    for told in ("data/leads.csv: 1,500 leads", "Fields", "Roles", "Not used", "Next: `leadml train`"):
        assert told in page
    assert "budget" in page
    assert "number, ability" in page
    assert ".example" not in page  # no address
    assert "Duplicates" in page


def test_json_says_the_same(folder: Path) -> None:
    answer = json.loads(run("--json").stdout)
    columns = {one["name"]: one for one in answer["columns"]}
    assert columns["budget"]["kind"] == "number"
    assert columns["budget"]["axis"] == "ability"
    assert 0.3 < columns["budget"]["missing"] < 0.5
    assert columns["lead_id"]["role"] == "id"
    assert {one["name"] for one in answer["fields"]} == {n for n, one in columns.items() if one["use"] == "field"}
    assert answer["refusal"] is None


def test_what_was_detected_is_said(folder: Path) -> None:
    path = folder / "data" / "leads.csv"
    lines = path.read_text().splitlines()
    header = lines[0].split(",")
    at = header.index("budget")
    for i in range(1, len(lines)):
        cells = lines[i].split(",")
        cells[at] = f"{cells[at]} €" if cells[at].isdigit() else cells[at]
        lines[i] = ",".join(cells)
    path.write_text("\n".join(lines) + "\n")
    found = {one["name"]: one for one in json.loads(run("--json").stdout)["columns"]}
    assert "in €" in found["budget"]["why"]
    assert found["budget"]["kind"] == "number"


def test_faults_are_exit_1(folder: Path) -> None:
    result = run("--set", "leads.owner=nobody", code=1)
    assert "column 'nobody': must be in the table" in result.stderr
    assert "training would refuse" in result.stdout


def test_a_proven_leak_is_refused(folder: Path) -> None:
    result = run("--set", "leads.ignore=[]", code=1)
    assert "training would refuse" in result.stdout
    assert "proven leak: 'lead_quality' is filled in for" in " ".join(result.output.split())
    (leak,) = json.loads(run("--set", "leads.ignore=[]", "--json", code=1).stdout)["leaks"]
    assert (leak["field"], leak["verdict"]) == ("lead_quality", "proven")
    assert set(leak["evidence"]) == {"test", "figure", "sentence", "facts"}
    assert json.loads(run("--json").stdout)["leaks"] == []
