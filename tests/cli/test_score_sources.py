"""The commands score and rank with leads that are no CSV file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
import xlsxwriter
from typer.testing import CliRunner, Result

from leadml.cli.asked import rows_of
from leadml.cli.rank import rank
from leadml.cli.score import score
from leadml.errors import SourceError, UsageError
from leadml.model.bundle import Bundle, save

app = typer.Typer()
app.command()(score)
app.command()(rank)
TABLE: list[list[Any]] = [
    ["lead_id", "created_at", "visits", "source"],
    ["L1", "2026-10-01", 3, "web"],
    ["L2", "2026-10-02", 9, "x"],
]


@pytest.fixture
def folder(module_bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    save(module_bundle, tmp_path / "models" / "champion")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_sheet_and_its_header_are_named(folder: Path) -> None:
    with xlsxwriter.Workbook(folder / "leads.xlsx") as book:
        book.add_worksheet("Other").write(0, 0, "x")
        sheet = book.add_worksheet("Leads")
        for at, row in enumerate(TABLE):
            sheet.write_row(at + 1, 0, row)
    for name in ("Leads", "2"):
        result = run("score", "leads.xlsx", "--out", "scored.csv", "--sheet", name, "--header-row", "2")
        assert (result.exit_code, "2 leads scored" in result.stdout) == (0, True), result.output
    error = run("rank", "leads.xlsx", "--sheet", "Lead").exception
    assert isinstance(error, SourceError)
    assert "did you mean 'Leads'?" in str(error)


def test_a_database_is_queried_and_its_password_never_shown(folder: Path) -> None:
    with closing(sqlite3.connect("crm.db")) as connection:
        connection.execute("CREATE TABLE leads (lead_id, created_at, visits, source)")
        connection.executemany("INSERT INTO leads VALUES (?, ?, ?, ?)", TABLE[1:])
        connection.commit()
    result = run("rank", "sqlite:///crm.db", "--query", "SELECT * FROM leads")
    assert result.exit_code == 0, result.output
    assert "leadml rank sqlite:///crm.db --out ranked.xlsx" in result.stdout
    error = run("rank", "sqlite:///crm.db").exception
    assert isinstance(error, SourceError)
    assert "must be read with a query, got none" in str(error)
    result = run("score", "postgresql://seller:s3cret@127.0.0.1:1/crm", "--out", "o.csv", "--query", "SELECT 1")
    assert isinstance(result.exception, SourceError)
    assert "s3cret" not in str(result.exception) + result.output


def test_a_folder_of_leads(folder: Path) -> None:
    for at, row in enumerate(TABLE[1:]):
        (folder / "in").mkdir(exist_ok=True)
        lines = [",".join(map(str, cells)) for cells in (TABLE[0], row)]
        (folder / "in" / f"{at}.csv").write_text("\n".join(lines) + "\n")
    (folder / "in" / "notes.docx").write_text("")
    result = run("score", "in", "--out", "scored.csv")
    assert "2 leads scored" in result.stdout
    assert "note: not read in in, as no table: notes.docx" in result.stderr
    assert run("score", "in/*.csv", "--out", "scored.csv").exit_code == 0
    error = run("score", "in", "--out", "scored.csv", "--sheet", "Leads").exception
    assert isinstance(error, UsageError)
    assert (rows_of("in"), rows_of("in/0.csv"), rows_of("sqlite:///crm.db"), rows_of("none.csv")) == (4, 2, 0, 0)
