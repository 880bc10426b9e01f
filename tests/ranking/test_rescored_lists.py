"""Files of leads scored again, by the command and from Python."""

import csv
import json
from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest
import typer
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner, Result

from leadml.cli.rank import rank
from leadml.cli.rescore import rescore
from leadml.errors import DataError, LeadmlError, OutputError, UsageError
from leadml.model.bundle import Bundle, save

app = typer.Typer()
app.command()(rescore)
app.command()(rank)
LEADS = """\
lead_id,created_at,visits,source,owner,note
L1,2026-10-01,1,web,Ann,
L2,2026-10-02,9,fair,Bob,=1+1
L3,2026-10-02,,fair,Bob,
L3,2026-10-03,2,fair,Bob,again
odd,2026-10-03,many,fair,Bob,
"""
ANSWERS = """\
lead_id,visits,job_title,remark
L1,9,,first call
L1,,CEO,second call
L3,0,,
nobody,3,,
L2,lots,,
,4,,
L2,,,
odd,3,,
"""


@pytest.fixture
def folder(module_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save(module_bundle, tmp_path / "models" / "champion")
    (tmp_path / "leads.csv").write_text(LEADS)
    (tmp_path / "answers.csv").write_text(ANSWERS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_table_of_answers(folder: Path) -> None:
    result = run("rescore", "leads.csv", "--answers", "answers.csv", "--out", "again.csv", code=3)
    rows = read(folder / "again.csv")
    assert {row["lead_id"] for row in rows} == {"L1", "L2", "L3"}
    assert len(rows) == 4, "both rows of L3"
    first = rows[0]
    assert first["lead_id"] == "L1"
    assert int(first["rank"]) == 1 < int(first["rank_before"])
    assert (first["visits"], first["job_title"]) == ("9", "CEO")
    assert first["why"].startswith("visits 9 (was 1): +")
    assert float(first["probability"]) > float(first["probability_before"])
    assert [row["note"] for row in rows if row["lead_id"] == "L2"] == ["'=1+1"]
    assert "3 of 4 leads have new answers; the chance of 3 changed." in result.stdout
    assert "remark" in result.stderr
    rejected = read(folder / "again.answers.rejected.csv")
    assert [(row["line"], row["lead_id"], row["column"]) for row in rejected] == [
        ("5", "nobody", ""),
        ("6", "L2", "visits"),
        ("7", "", "lead_id"),
        ("9", "odd", ""),
    ]
    assert [row["lead_id"] for row in read(folder / "again.rejected.csv")] == ["odd"]


def test_answers_of_fields_that_the_file_lacks_are_columns_too(folder: Path) -> None:
    run("rescore", "leads.csv", "--lead", "L1", "--answer", "job_title=CEO", "--out", "again.csv", code=3)
    (row,) = read(folder / "again.csv")
    assert row["job_title"] == "CEO"
    assert "CEO (was not known)" in row["why"]


def test_a_rescored_list_is_a_list_of_leads_again(folder: Path) -> None:
    run("rank", "leads.csv", "--out", "ranked.csv", code=3)
    run("rescore", "ranked.csv", "--lead", "L1", "--answer", "visits=9", "--out", "again.csv", "--all")
    rows = read(folder / "again.csv")
    assert [row["lead_id"] for row in rows] == ["L1", "L2", "L3"]
    assert "input_rank" not in rows[0]
    assert rows[0]["slot"] == "ranked"
    assert [row["change"] for row in rows[1:]] == ["0", "0"]
    run("rescore", "again.csv", "--lead", "L1", "--answer", "visits=1", "--out", "back.xlsx")
    head, line = CalamineWorkbook.from_path(folder / "back.xlsx").get_sheet_by_index(0).to_python()
    assert line[head.index("lead_id")] == "L1"
    run("rank", "again.csv", "--out", "ranked.csv")
    assert [row["lead_id"] for row in read(folder / "ranked.csv")] == ["L1", "L2", "L3"]


def test_parquet_and_json(folder: Path) -> None:
    arguments = ("rescore", "leads.csv", "--lead", "L1", "--answer", "visits=9")
    run(*arguments, "--out", "again.parquet", code=3)
    (row,) = pa_parquet.read_table(folder / "again.parquet").to_pylist()
    assert sum(one["change"] for one in row["why"]) == pytest.approx(row["change"])
    told = json.loads(run(*arguments, "--json", code=3).stdout)
    assert told["n_answered"] == told["n_changed"] == 1
    assert told["leads"][0]["after"]["lead_id"] == "L1"
    shown = run(*arguments, code=3).stdout
    assert "L1: " in shown
    assert "visits 9 (was 1)" in shown
    assert "nothing that the model counts has changed" in run(*arguments[:-1], "visits=1", code=3).stdout


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ((), UsageError, "must have --answers FILE, or --lead ID"),
        (("--answers", "answers.csv", "--lead", "L1"), UsageError, "give one of them"),
        (("--lead", "L1"), UsageError, "--lead must come with --answer"),
        (("--lead", "L1", "--answer", "visits"), UsageError, "must be like budget=20000, got 'visits'"),
        (("--lead", "L1", "--answer", "vists=1"), DataError, "did you mean 'visits'"),
        (("--lead", "L1", "--answer", "visits=many"), DataError, "must be a number, got 'many'"),
        (("--answers", "leads.md"), LeadmlError, "must exist"),
        (("--answers", "answers.csv", "--out", "leads.csv"), OutputError, "must be another file than the leads"),
        (("--answers", "odd.csv"), DataError, "must have a column with the answers to a field of the model"),
        (("--answers", "no_id.csv"), DataError, "must have the column 'lead_id' with the ids of the leads"),
    ],
)
def test_refusals(folder: Path, arguments: tuple[str, ...], kind: type[LeadmlError], words: str) -> None:
    (folder / "odd.csv").write_text("lead_id,vists\nL1,3\n")
    (folder / "no_id.csv").write_text("visits\n3\n")
    error = CliRunner().invoke(app, ["rescore", "leads.csv", *arguments]).exception
    assert isinstance(error, kind), repr(error)
    assert words in str(error)


def test_a_list_made_of_a_list_keeps_the_lot(folder: Path) -> None:
    lines = "".join(f"L{i},2026-10-01,{i % 7},web\n" for i in range(40))
    (folder / "leads.csv").write_text("lead_id,created_at,visits,source\n" + lines)
    run("rank", "leads.csv", "--out", "ranked.csv", "--capacity", "10", "--explore", "0.3")
    drawn = {row["lead_id"]: row["propensity"] for row in read(folder / "ranked.csv") if row["slot"] == "explore"}
    assert len(drawn) == 3
    lead = next(iter(drawn))
    run("rescore", "ranked.csv", "--lead", lead, "--answer", "visits=6", "--all", "--out", "again.csv")
    run("rank", "again.csv", "--out", "last.csv")
    rows = read(folder / "last.csv")
    assert {row["lead_id"]: row["propensity"] for row in rows if row["slot"] == "explore"} == drawn
    assert not [name for name in rows[0] if name.startswith("input_")], "what the earlier list said is said anew"
    run("rank", "again.csv", "--out", "half.csv", "--capacity", "5", "--explore", "0.2", "--seed", "1")
    twice = {row["lead_id"]: float(row["propensity"]) for row in read(folder / "half.csv")}
    assert min(twice.values()) < 1.0
    for lead, chance in twice.items():
        assert chance <= float(drawn.get(lead, 1))


def test_all_leads_are_written_and_the_one_asked_for_is_shown(folder: Path) -> None:
    result = run(
        *("rescore", "leads.csv", "--lead", "L1", "--answer", "job_title=Clerk", "--all", "--out", "a.csv"), code=3
    )
    assert "L1: " in result.stdout
    assert "job title Clerk (was not known)" in result.stdout
    assert "L2: " not in result.stdout


def test_a_number_that_can_be_meant_in_two_ways_is_asked_back(folder: Path) -> None:
    arguments = ["rescore", "leads.csv", "--lead", "L1", "--answer"]
    error = CliRunner().invoke(app, [*arguments, "visits=10.000"]).exception
    assert "got '10.000' for 'visits'; write 10000 or 10.0000" in str(error)
    error = CliRunner().invoke(app, ["rank", "leads.csv", "--where", "visits > 10.000"]).exception
    assert "cannot be meant in two ways" in str(error)
    error = CliRunner().invoke(app, ["rank", "leads.csv", "--where", "visits > 1 or source = web"]).exception
    assert "must be one condition" in str(error)
