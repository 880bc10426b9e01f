"""Scoring and ranking leads of every kind of source: the same numbers, lines that name their file, outputs apart."""

import csv
import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pyarrow.parquet as pa_parquet
import pytest
import xlsxwriter

from leadml.errors import DataError, OutputError, SourceError, UsageError
from leadml.leads.sources import opening
from leadml.leads.sources.source import Options, Source
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.model.stream import open_leads, score_file
from leadml.ranking.lists import rank_file

HEADER = ["lead_id", "created_at", "visits", "source", "note"]
ROWS = [[f"L{at}", f"2026-10-0{at}", str(at), "web" if at % 2 else "fair", f"a\nb{at}"] for at in range(1, 7)]


@pytest.fixture
def scorer(module_bundle: Bundle) -> Scorer:
    return Scorer(module_bundle)


def write(path: Path, rows: list[list[str]]) -> Path:
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def logits(path: Path) -> list[tuple[str, str]]:
    return [(row["lead_id"], row["logit"]) for row in read(path)]


def test_every_source_is_scored_as_the_csv_is(scorer: Scorer, tmp_path: Path) -> None:
    leads = write(tmp_path / "leads.csv", ROWS)
    score_file(scorer, leads, tmp_path / "csv.csv", keep=["note"])
    expected = logits(tmp_path / "csv.csv")
    (tmp_path / "leads.csv.gz").write_bytes(gzip.compress(leads.read_bytes()))
    write(tmp_path / "parts" / "1.csv", ROWS[:2])
    write(tmp_path / "parts" / "2.csv", ROWS[2:])
    with xlsxwriter.Workbook(tmp_path / "leads.xlsx") as book:
        sheet = book.add_worksheet("Leads")
        for at, row in enumerate([HEADER, *ROWS], start=2):
            sheet.write_row(at, 0, row)
    with closing(sqlite3.connect(tmp_path / "crm.db")) as connection:
        connection.execute(f"CREATE TABLE leads ({','.join(HEADER)})")
        connection.executemany("INSERT INTO leads VALUES (?,?,?,?,?)", ROWS)
        connection.commit()
    places: dict[str, str | None] = {
        str(tmp_path / "leads.csv.gz"): None,
        str(tmp_path / "parts"): None,
        str(tmp_path / "parts" / "*.csv"): None,
        str(tmp_path / "leads.xlsx"): None,
        f"sqlite:///{tmp_path}/crm.db": "SELECT * FROM leads ORDER BY lead_id",
    }
    for place, query in places.items():
        summary = score_file(scorer, place, tmp_path / "out.csv", query=query, keep=["note"])
        assert logits(tmp_path / "out.csv") == expected, place
        assert [row["note"] for row in read(tmp_path / "out.csv")] == [row[4] for row in ROWS]
        assert (summary.n_scored, summary.n_rejected, summary.rejected_path) == (6, 0, None)
        score_file(scorer, place, tmp_path / "out.parquet", query=query, keep=["note", "visits"])
        assert pa_parquet.read_table(tmp_path / "out.parquet").num_rows == 6
        ranked = rank_file(scorer, place, None, query=query).table
        assert sorted(ranked["lead_id"].to_pylist()) == [lead for lead, _ in expected]
    assert score_file(scorer, tmp_path / "leads.xlsx", tmp_path / "o.csv", sheet="Leads", header_row=3).notes == ()
    assert rank_file(scorer, tmp_path / "leads.xlsx", None, sheet=1, header_row=3).summary.n_ranked == 6
    with pytest.raises(UsageError, match="query must go with a database URL"):
        rank_file(scorer, leads, None, query="SELECT 1")


def test_rejected_rows_of_several_files_name_file_and_line(scorer: Scorer, tmp_path: Path) -> None:
    many = ["L9", "2026-10-09", "many", "web", "x"]
    write(tmp_path / "in" / "b.csv", [ROWS[0], ["L8"], many])
    write(tmp_path / "in" / "a.csv", [*ROWS[:3], many, ["L7", "too few"]])
    summary = score_file(scorer, tmp_path / "in", tmp_path / "scored.csv")
    rejected = read(tmp_path / "scored.rejected.csv")
    assert [(row["line"], row["lead_id"], row["column"]) for row in rejected] == [
        ("8 of a.csv", "L9", "visits"),
        ("9 of a.csv", "L7", ""),
        ("4 of b.csv", "L8", ""),
        ("5 of b.csv", "L9", "visits"),
    ]
    assert (summary.n_scored, summary.n_rejected) == (4, 4)


def test_columns_that_only_some_files_have_are_kept_in_parquet(scorer: Scorer, tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.csv", ROWS[:2])
    (tmp_path / "in" / "b.csv").write_text("Lead ID,visits,extra\nL7,3,x\n")
    score_file(scorer, tmp_path / "in", tmp_path / "o.parquet", keep=["note", "extra", "visits", "source"])
    table = pa_parquet.read_table(tmp_path / "o.parquet")
    assert table["lead_id"].to_pylist() == ["L1", "L2", "L7"]
    assert table["extra"].to_pylist() == [None, None, "x"]
    assert table["source"].to_pylist() == ["web", "fair", None]


def test_results_are_kept_apart_from_what_is_read(scorer: Scorer, tmp_path: Path) -> None:
    leads = write(tmp_path / "in" / "a.csv", ROWS)
    for place in (tmp_path / "in", tmp_path / "in" / "*.csv"):
        with pytest.raises(OutputError, match=r"a.csv must be another file than the leads, got the same; name another"):
            score_file(scorer, place, leads)
        with pytest.raises(OutputError, match=r"got one that would be read with .*in.*; name another output"):
            score_file(scorer, place, tmp_path / "in" / "scored.csv")
        with pytest.raises(OutputError, match=r"another file"):
            rank_file(scorer, place, tmp_path / "in" / "ranked.csv")
    assert score_file(scorer, tmp_path / "in" / "a*.csv", tmp_path / "in" / "scored.csv").n_scored == 6


def test_what_cannot_be_read_leaves_nothing(scorer: Scorer, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none.db"
    with pytest.raises(SourceError, match="got no such file"):
        score_file(scorer, url, tmp_path / "o.csv", query="SELECT 1")
    write(tmp_path / "in" / "a.csv", ROWS)
    (tmp_path / "in" / "b.csv.gz").write_bytes(gzip.compress(b'lead_id,visits\nL1,"2\n3,4\n'))
    with pytest.raises(SourceError, match=r"(?s)b.csv.gz cannot be read as a table.*line 2: a quoted cell"):
        score_file(scorer, tmp_path / "in", tmp_path / "o.csv")
    (tmp_path / "in" / "b.csv.gz").unlink()
    (tmp_path / "in" / "a.csv").write_text("x\n1\n")
    with pytest.raises(DataError, match=r"in must have columns that the model reads .*, got none of them"):
        score_file(scorer, tmp_path / "in", tmp_path / "o.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_file_is_looked_at_once(scorer: Scorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    leads = write(tmp_path / "leads.csv", ROWS)
    looked: list[Path] = []
    text = opening._BY_ENDING[".csv"]

    def counted(path: Path, options: Options) -> Source:
        looked.append(path)
        return text(path, options)

    monkeypatch.setitem(opening._BY_ENDING, ".csv", counted)
    open_leads(scorer, leads, keep=())
    assert looked == [leads]
