"""Past leads that the configuration takes from a workbook, a folder or a database."""

import csv
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import xlsxwriter

from leadml import Config
from leadml.errors import DataError, SourceError, UsageError
from leadml.training.read import REJECTED, labelled, raw_table, read

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
HEADER = ["lead_id", "created_at", "status", "source"]
ROWS = [["L1", "2026-01-01", "won", "web"], ["L2", "2026-01-02", "lost", "fair"], ["L3", "2026-01-03", "won", "web"]]


def config(folder: Path, leads: str, events: str = "") -> Config:
    roles = 'id = "lead_id"\ncreated_at = "created_at"\noutcome = "status"\nconverted = ["won"]\nlost = ["lost"]'
    (folder / "leadml.toml").write_text(f"[leads]\n{leads}\n{roles}\n{events}", encoding="utf-8")
    return Config.load(folder / "leadml.toml")


def test_a_database_beside_the_configuration(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection:
        connection.execute(f"CREATE TABLE leads ({','.join(HEADER)})")
        connection.executemany("INSERT INTO leads VALUES (?,?,?,?)", ROWS)
        connection.commit()
    told = config(tmp_path, 'path = "sqlite:///crm.db"\nquery = "SELECT * FROM leads"')
    assert read(told, None, now=NOW, skip_faulty=False).leads.status.tolist() == [1, 0, 1]
    with pytest.raises(SourceError, match=r"crm.db must be read with a query, got none; .*its tables are leads"):
        raw_table(config(tmp_path, 'path = "sqlite:///crm.db"'), None)


def test_a_sheet_of_a_workbook(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        book.add_worksheet("Other").write(0, 0, "x")
        sheet = book.add_worksheet("Leads")
        for at, row in enumerate([HEADER, *ROWS]):
            sheet.write_row(at + 2, 0, row)
    for key in ('sheet = "Leads"', "sheet = 2\nheader_row = 3"):
        told = config(tmp_path, f'path = "leads.xlsx"\n{key}')
        assert read(told, None, now=NOW, skip_faulty=False).leads.table.num_rows == 3
    with pytest.raises(UsageError, match="query must go with a database URL"):
        raw_table(config(tmp_path, 'path = "leads.xlsx"\nquery = "SELECT 1"'), None)


def test_faults_and_rejected_rows_of_a_folder_name_their_file(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    bad = ["L4", "soon", "won", "web"]
    for name, rows in {
        "a.csv": [*ROWS[:1], bad, ["L9"]],
        "b.csv": [ROWS[1], [*bad[:2], "lost", "x"], *ROWS[2:]],
    }.items():
        with (tmp_path / "in" / name).open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, *rows])
    told = config(tmp_path, 'path = "in/*.csv"')
    with pytest.raises(DataError, match=r"line 3 of a.csv, column 'created_at': must be a date"):
        read(told, None, now=NOW, skip_faulty=False)
    intake = read(told, None, now=NOW, skip_faulty=True)
    assert intake.leads.table["lead_id"].to_pylist() == ["L1", "L2", "L3"]
    with (tmp_path / REJECTED).open(newline="") as file:
        lines = [row["line"] for row in csv.DictReader(file)]
    assert list(dict.fromkeys(lines)) == ["3 of a.csv", "4 of a.csv", "3 of b.csv"]


def test_events_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("\n".join(map(",".join, [HEADER, *ROWS])), encoding="utf-8")
    (tmp_path / "events").mkdir()
    for at in (1, 2):
        (tmp_path / "events" / f"{at}.csv").write_text(f"lead_id,at,kind\nL1,2026-02-0{at},visit\n")
    told = config(tmp_path, 'path = "leads.csv"', '[events]\npath = "events"')
    leads = read(told, None, now=NOW, skip_faulty=False).leads
    assert labelled(told, leads, NOW).labels.as_of == datetime(2026, 2, 2, tzinfo=UTC).timestamp()
