"""Folders and patterns of files: columns put together, types, lines that name their file. No file is kept."""

import copy
import gzip
import heapq
import json
import pickle
import zipfile
from dataclasses import asdict
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from leadml.errors import Fault, SourceError
from leadml.leads.sources import Line, located, open_batches, open_source, read_table


def write(folder: Path, **files: str | bytes) -> Path:
    folder.mkdir(exist_ok=True, parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def test_columns_are_put_together_and_what_differs_is_noted(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "exports",
        **{
            "2025-02.csv": "Lead ID;CITY;visits\n2;Bonn;4\n",
            "2025-01.csv": "lead_id,city,visits,note\n1,Köln,3,x\n",
            "2025-03.csv": "lead_id,city,source\n3,Ulm,web\n",
        },
    )
    raw = read_table(folder)
    assert raw.table.to_pylist() == [
        {"lead_id": "1", "city": "Köln", "visits": "3", "note": "x", "source": None},
        {"lead_id": "2", "city": "Bonn", "visits": "4", "note": None, "source": None},
        {"lead_id": "3", "city": "Ulm", "visits": None, "note": None, "source": "web"},
    ]
    assert raw.notes == (
        "column 'lead_id' is written 'Lead ID' in 2025-02.csv; they are one column",
        "column 'city' is written 'CITY' in 2025-02.csv; they are one column",
        "column 'visits' is missing in 1 of 3 files: 2025-03.csv",
        "column 'note' is missing in 2 of 3 files: 2025-02.csv, 2025-03.csv",
        "column 'source' is missing in 2 of 3 files: 2025-01.csv, 2025-02.csv",
    )
    source = open_batches(folder, columns=["source", "visits"], dictionary=["source"], numbers=["visits"])
    rows = [row for _, batch in source for row in batch.to_pylist()]
    assert rows == [
        {"source": None, "visits": 3},
        {"source": None, "visits": 4},
        {"source": "web", "visits": None},
    ]
    assert str(source.lines_of([2])[2]) == "2 of 2025-03.csv"
    assert read_table(folder, columns=["source"]).table.to_pydict() == {"source": [None, None, "web"]}
    with pytest.raises(SourceError, match=r"(?s)exports lacks columns.*'visit'.*did you mean 'visits'"):
        read_table(folder, columns=["visit"])


def test_names_that_one_file_tells_apart_stay_apart(tmp_path: Path) -> None:
    folder = write(tmp_path, **{"a.csv": "Name,name,Id\n1,2,3\n", "b.csv": "name,ID\n4,5\n"})
    assert read_table(folder).table.to_pylist() == [
        {"Name": "1", "name": "2", "Id": "3"},
        {"Name": None, "name": "4", "Id": "5"},
    ]


def test_types_that_differ_become_text(tmp_path: Path) -> None:
    tables = [
        {"n": pa.array([1, None]), "d": pa.array([date(2026, 1, 2), None]), "x": pa.array([1.0, 2.5]), "t": ["a", "b"]},
        {"n": pa.array([1.5]), "d": pa.array([datetime(2026, 1, 2, 3)]), "x": pa.array([True])},
        {"n": pa.nulls(1), "d": pa.nulls(1), "x": pa.array([date(2026, 1, 2)])},
    ]
    for at, columns in enumerate(tables):
        pa_parquet.write_table(pa.table(columns), tmp_path / f"{at}.parquet")
    with xlsxwriter.Workbook(tmp_path / "3.xlsx") as book:
        sheet = book.add_worksheet("Leads")
        sheet.write_row(0, 0, ["n", "x", "t"])
        sheet.write_row(1, 0, [7, 3, 4])
    source = open_source(tmp_path)
    assert source.schema.types == [pa.float64(), pa.timestamp("us", "UTC"), pa.string(), pa.string()]
    table = read_table(tmp_path).table
    assert table.schema == source.schema
    assert table["x"].to_pylist() == ["1", "2.5", "true", "2026-01-02", "3"]
    assert table["n"].to_pylist() == [1, None, 1.5, None, 7]
    assert table["t"].to_pylist() == ["a", "b", None, None, "4"]
    batches = [batch for _, batch in open_batches(source, dictionary=["t"], numbers=["n"])]
    assert [row for batch in batches for row in batch.to_pylist()] == table.to_pylist()
    assert {str(batch.schema.field("x").type) for batch in batches} == {"string"}
    (tmp_path / "4.csv").write_text("n,d\n8,2026-05-01\n")
    assert read_table(tmp_path).table["n"].to_pylist() == ["1", None, "1.5", None, "7", "8"]
    assert [row["n"] for _, batch in open_batches(tmp_path, numbers=["n"]) for row in batch.to_pylist()] == [
        1, None, 1.5, None, 7, 8,
    ]  # fmt: skip


def test_a_number_that_does_not_fit_the_other_files_is_refused(tmp_path: Path) -> None:
    pa_parquet.write_table(pa.table({"n": [2**60]}), tmp_path / "a.parquet")
    pa_parquet.write_table(pa.table({"n": [0.5]}), tmp_path / "b.parquet")
    with pytest.raises(
        SourceError, match=r"column 'n' must be double as in the other files, got in a.parquet: .*; write"
    ):
        read_table(tmp_path)


def test_faults_and_rejects_name_file_and_line(tmp_path: Path) -> None:
    folder = write(tmp_path, **{"c.csv.gz": gzip.compress(b"id,note\n6,z\n7\n")})
    write(
        tmp_path,
        **{
            "b.csv": 'note,Id\n"a\nb",4\nx\ny,5,6\n',
            "a.csv": "id,note\n1,x\n2\n",
        },
    )
    with zipfile.ZipFile(folder / "d.zip", "w") as packed:
        packed.writestr("in/1.csv", "id,note\n8,x\n")
        packed.writestr("in/2.csv", "id,note\n9,x\n1\n")
    raw = read_table(folder)
    assert [str(fault) for fault in raw.faults] == [
        "line 3 of a.csv: a row must have 2 cells, got 1 (4 times; this is the first)",
        "line 5 of b.csv: a row must have 2 cells, got 3",
    ]
    shown = [(str(reject.line), reject.first) for reject in raw.rejected]
    assert shown == [
        ("3 of a.csv", ("id", "2")),
        ("4 of b.csv", ("note", "x")),
        ("5 of b.csv", ("note", "y")),
        ("3 of c.csv.gz", ("id", "7")),
        ("3 of d.zip/in/2.csv", ("id", "1")),
    ]
    lines = raw.lines_of(range(5))
    assert [str(lines[row]) for row in range(5)] == [
        "2 of a.csv",
        "2 of b.csv",
        "2 of c.csv.gz",
        "2 of d.zip/in/1.csv",
        "2 of d.zip/in/2.csv",
    ]
    assert raw.table["note"].to_pylist() == ["x", "a\nb", "z", "x", "x"]
    together = list(heapq.merge(sorted(lines.values()), (reject.line for reject in raw.rejected)))
    assert together == sorted([*lines.values(), *(reject.line for reject in raw.rejected)])
    assert [str(line) for line in together[:3]] == ["2 of a.csv", "3 of a.csv", "2 of b.csv"]
    source = open_batches(folder)
    next(iter(source))
    assert [str(reject.line) for reject in source.rejects()][:1] == ["3 of a.csv"]  # what was read so far


def test_a_line_of_a_file_is_a_number_that_shows_its_file() -> None:
    first, second = Line.within(9, "a.csv", 0), Line.within(3, "b.csv", 1)
    assert first < second <= Line.within(3, "b.csv", 1)
    assert second > first
    assert second >= first
    assert second != first
    assert (first == 9, first < 10, first > 3, hash(first)) == (True, True, True, hash(9))
    assert f"{first}" == str(first) == "9 of a.csv"
    assert str(Fault("x", second)) == "line 3 of b.csv: x"
    for again in (copy.deepcopy(first), pickle.loads(pickle.dumps(first)), asdict(Fault("x", first))["line"]):
        assert (str(again), again.order) == ("9 of a.csv", (0,))
    assert json.dumps(first) == "9"
    assert msgspec.json.encode({"line": first}, enc_hook=str) in (b'{"line":9}', b'{"line":"9 of a.csv"}')


def test_what_is_no_table_is_not_read_and_named(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        **{"a.csv": "id\n1\n", ".DS_Store": "", "~$b.xlsx": "", "notes.docx": "", "old/b.csv": "id\n2\n", "x": ""},
    )
    raw = read_table(folder)
    assert raw.table.num_rows == 1
    assert raw.notes == (f"not read in {tmp_path}, as no table: .DS_Store, notes.docx, old/ and 2 more",)
    assert read_table(folder / "*.csv").notes == ()
    deep = read_table(folder / "**" / "*.csv")
    assert (deep.table["id"].to_pylist(), deep.notes) == (["1", "2"], ())
    assert str(deep.lines_of([1])[1]) == "2 of old/b.csv"
    assert read_table(folder / "**").table["id"].to_pylist() == ["1", "2"]
    assert read_table(folder / "o*" / "[a-b].csv").table["id"].to_pylist() == ["2"]


def test_patterns_and_folders_without_tables_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "some", **{"a.docx": ""})
    with pytest.raises(SourceError, match=r"must hold at least one table \(.csv, .*\), got a.docx; check the path"):
        read_table(tmp_path / "some")
    with pytest.raises(SourceError, match=r"\*.csv must hold at least one table .*, got nothing; check the path"):
        read_table(tmp_path / "*.csv")
    write(tmp_path, **{"leads[1].csv": "id\n1\n"})
    assert read_table(tmp_path / "leads[1].csv").table.num_rows == 1  # a file of that name is no pattern
    write(tmp_path / "some", **{"b.csv": ""})
    with pytest.raises(SourceError, match=r"some/b.csv must hold a header and rows, got an empty file"):
        read_table(tmp_path / "some")


def test_notes_of_files_are_said_once_with_their_files(tmp_path: Path) -> None:
    for at in range(5):
        (tmp_path / f"{at}.csv").write_bytes("id,city\n1,Köln\n".encode("cp1252"))
    note = "0.csv, 1.csv, 2.csv and 2 more: the file is not UTF-8; it is read as cp1252 (Western European)"
    assert read_table(tmp_path).notes == (note,)


def test_a_sheet_goes_to_the_workbooks_of_a_folder(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("First").write(0, 0, "x")
        book.add_worksheet("Leads").write_column(0, 0, ["id", "2"])
    (tmp_path / "b.csv").write_text("id\n3\n")
    assert read_table(tmp_path, sheet="Leads").table["id"].to_pylist() == ["2", "3"]


def test_a_folder_says_which_files_it_would_read(tmp_path: Path) -> None:
    write(tmp_path, **{"a.csv": "id\n1\n", "deep/x/b.csv": "id\n1\n"})
    folder, pattern, deep = (open_source(tmp_path / name) for name in (".", "*.csv", "**/*.csv"))
    for name, expected in {
        "a.csv": (True, True, True),
        "new.csv": (True, True, True),
        "new.parquet": (True, False, False),
        "new.docx": (False, False, False),
        "deep/new.csv": (False, False, True),
        "../new.csv": (False, False, False),
    }.items():
        assert tuple(source.reads(tmp_path / name) for source in (folder, pattern, deep)) == expected, name


def test_places_are_seen_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    folder = write(tmp_path / "a [1]", **{"x.csv": "id\n1\n"})
    assert located("x.csv", folder) == str(folder / "x.csv")
    assert read_table(located("*.csv", folder)).table.num_rows == 1
    assert located("/data/*.csv", folder) == "/data/*.csv"
    assert located("sqlite:///crm.db?timeout=3", folder) == f"sqlite:///{folder}/crm.db?timeout=3"
    assert located("sqlite:////data/crm.db", folder) == "sqlite:////data/crm.db"
    assert located("postgresql://host/crm", folder) == "postgresql://host/crm"


@settings(deadline=None, max_examples=40)
@given(
    cuts=st.lists(st.integers(0, 12), max_size=3),
    rows=st.lists(st.tuples(st.text('ab,"\n é', min_size=1, max_size=4), st.integers(0, 99)), max_size=12),
)
def test_a_table_cut_into_files_is_the_table(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], rows: list[tuple[str, int]]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    edges = [0, *sorted(cuts), len(rows)]
    for at, (start, end) in enumerate(pairwise(edges)):
        body = "".join('"{}",{}\n'.format(text.replace('"', '""'), n) for text, n in rows[start:end])
        (folder / f"{at}.csv").write_bytes(f"a,b\n{body}".encode())
    assert read_table(folder).table.to_pylist() == [{"a": text, "b": str(n)} for text, n in rows]
