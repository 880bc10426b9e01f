"""The commands score and rank, as a person and a script meet them."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from leadml.cli.rank import rank
from leadml.cli.score import score
from leadml.errors import BundleError, LeadmlError, SourceError, UsageError
from leadml.model.bundle import Bundle, save

app = typer.Typer()
app.command()(score)
app.command()(rank)
LEADS = "lead_id,created_at,visits,source\nL1,2026-10-01,3,web\nL2,2026-10-02,9,other\n"


@pytest.fixture
def folder(module_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a champion, the leads, and nothing else; the working directory."""
    save(module_bundle, tmp_path / "models" / "champion")
    (tmp_path / "leads.csv").write_text(LEADS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output + repr(result.exception)
    return result


def refused(*arguments: str) -> LeadmlError:
    error = CliRunner().invoke(app, list(arguments)).exception
    assert isinstance(error, LeadmlError), repr(error)
    return error


def printed(result: Result) -> dict[str, Any]:
    lines = result.stdout.strip().splitlines()
    assert len(lines) == 1
    loaded: dict[str, Any] = json.loads(lines[0])
    return loaded


def test_score(folder: Path) -> None:
    result = run("score", "leads.csv", "--out", "scored.csv", "--keep", "visits,source")
    assert "2 leads scored" in result.stdout
    assert "Next:" in result.stdout
    assert "income" in result.stderr  # a column that is missing
    header, *rows = (folder / "scored.csv").read_text().splitlines()
    assert header.endswith("horizon_days,visits,source")
    assert len(rows) == 2


def test_score_json(folder: Path) -> None:
    answer = printed(
        run("score", "leads.csv", "--out", "scored.csv", "--json", "--no-reasons", "--as-of", "2026-11-01")
    )
    assert answer["n_scored"] == 2
    assert answer["model_version"] == "1"
    assert answer["rejected_path"] is None
    assert ",,1,2026-11-01T00:00:00Z,90" in (folder / "scored.csv").read_text()


def test_rejected_rows_are_exit_3(folder: Path) -> None:
    (folder / "leads.csv").write_text(LEADS + "L3,2026-10-03,many,web\n")
    result = run("score", "leads.csv", "--out", "scored.csv", code=3)
    assert "scored.rejected.csv" in result.stderr
    assert "must be a number, got 'many'" in result.stderr
    assert printed(run("rank", "leads.csv", "--out", "ranked.csv", "--json", code=3))["n_rejected"] == 1


def test_rank(folder: Path) -> None:
    result = run("rank", "leads.csv", "--out", "ranked.csv", "--capacity", "1", "--as-of", "2026-10-10")
    assert "1 of 2 leads ranked" in result.stdout
    assert (folder / "ranked.csv").read_text().splitlines()[1].startswith("1,,ranked,1,,L2,")


def test_rank_without_out_shows_the_top(folder: Path) -> None:
    result = run("rank", "leads.csv", "--language", "de")
    assert "L2" in result.stdout
    assert "--out ranked.xlsx" in result.stdout
    answer = printed(run("rank", "leads.csv", "--json"))
    assert [lead["lead_id"] for lead in answer["leads"]] == ["L2", "L1"]
    assert sorted(path.name for path in folder.iterdir()) == ["leads.csv", "models"]


def test_the_top_shows_the_axes_and_fits_a_terminal(folder: Path) -> None:
    (folder / "leads.csv").write_text(
        "lead_id,visits,income,job_title\n" + "L" * 30 + ",9,,Head of Sales\nL2,,90000,\n"
    )
    head, first, told, why, second, *_ = run("rank", "leads.csv").stdout.splitlines()
    assert head.split() == ["rank", "grade", "chance", "interest", "ability", "authority", "lead", "owner"]
    assert first.split()[:6] == ["1", "B", "48%", "87", "unknown", "86"]
    assert told.strip() == "keen and probably decides; the means are not known"
    assert why.strip().startswith("+ visited the pricing page 4 or more times; + ")
    assert second.split()[3:6] == ["unknown", "74", "unknown"]
    assert max(map(len, (head, first, told, second))) <= 100


def test_a_model_by_folder(folder: Path, tmp_path: Path) -> None:
    run("score", "leads.csv", "--out", "scored.csv", "--model", str(folder / "models" / "champion"))


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (("--model", "nowhere"), BundleError, "must be a model folder"),
        (("--language", "fr"), UsageError, "en, de"),
        (("--as-of", "soon"), UsageError, "must be a date"),
        (("--keep", "vists"), SourceError, "did you mean 'visits'"),
        (("--out", "o.doc"), UsageError, "must end in"),
    ],
)
def test_refusals(folder: Path, arguments: tuple[str, ...], kind: type[LeadmlError], words: str) -> None:
    error = refused("score", "leads.csv", "--out", "scored.csv", *arguments)
    assert isinstance(error, kind)
    assert words in str(error)
    assert not (folder / "scored.csv").exists()


def test_a_file_that_is_not_there(folder: Path) -> None:
    assert "did you mean 'leads.csv'" in str(refused("rank", "lead.csv"))


@pytest.mark.parametrize("command", ["score", "rank"])
def test_help_has_an_example(command: str) -> None:
    result = run(command, "--help")
    assert f"Example: leadml {command}" in result.output
