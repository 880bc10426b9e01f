"""Excel workbooks: which sheet and header are read, types of columns, errors. No file is kept."""

import base64
import csv
import gzip
import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from leadml.errors import SourceError, UsageError
from leadml.leads.sources import open_batches, read_table, workbook

FORMULA = "="
Rows = Sequence[Sequence[Any]]


def write(path: Path, *sheets: tuple[str, Rows], hidden: Sequence[str] = ()) -> Path:
    with xlsxwriter.Workbook(path) as book:
        formats = {
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            time: book.add_format({"num_format": "hh:mm:ss"}),
            timedelta: book.add_format({"num_format": "[h]:mm"}),
        }
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for at, row in enumerate(rows):
                for place, value in enumerate(row):
                    if type(value) in formats:
                        sheet.write_datetime(at, place, value, formats[type(value)])
                    elif isinstance(value, str) and value.startswith(FORMULA):
                        sheet.write_formula(at, place, value, None, value[1:])
                    elif isinstance(value, str):
                        sheet.write_string(at, place, value)
                    elif value is not None:
                        sheet.write(at, place, value)
    return path


EMPTY: Rows = []
TABLE: Rows = [["id", "city"], ["1", "Köln"], ["2", "Bonn"]]


def test_columns_have_the_type_of_all_their_cells(tmp_path: Path) -> None:
    rows: Rows = [
        ["id", "visits", "at", "ok", "mixed", "text", "long", "none", "day"],
        [1, 3, date(2026, 1, 2), True, 1, "a\nb", timedelta(days=1, hours=12), None, date(2026, 3, 1)],
        [2, 0.5, datetime(2026, 1, 2, 3, 4, 5), False, "x", "007", timedelta(hours=6), None, None],
        [3, None, None, None, date(2026, 1, 2), None, None, None, None],
        [4, 1e15, date(1999, 12, 31), True, True, " ", timedelta(hours=36), None, None],
        [5, -1, date(1999, 12, 31), True, 2.5, "é", timedelta(hours=30), None, None],
        [6, -1, date(1999, 12, 31), True, time(9, 30), "é", timedelta(hours=30), None, None],
    ]
    table = read_table(write(tmp_path / "leads.xlsx", ("Leads", rows))).table
    assert dict(zip(table.column_names, table.schema.types, strict=True)) == {
        "id": pa.float64(),
        "visits": pa.float64(),
        "at": pa.timestamp("us"),
        "ok": pa.bool_(),
        "mixed": pa.string(),
        "text": pa.string(),
        "long": pa.float64(),
        "none": pa.string(),
        "day": pa.timestamp("us"),
    }
    assert table["at"].to_pylist()[:2] == [datetime(2026, 1, 2), datetime(2026, 1, 2, 3, 4, 5)]
    assert table["mixed"].to_pylist() == ["1", "x", "2026-01-02", "true", "2.5", "09:30:00"]
    assert table["text"].to_pylist() == ["a\nb", "007", None, " ", "é", "é"]
    assert table["long"].to_pylist()[:2] == [1.5, 0.25]


def test_a_type_that_changes_far_down_is_the_same_as_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = [3, 2.5, date(2026, 1, 2), datetime(2026, 1, 2, 3), True, timedelta(hours=36), None, "x", 7]
    rows: Rows = [["a", "b"], *([value, value if isinstance(value, int) else 1] for value in values)]
    path = write(tmp_path / "leads.xlsx", ("Leads", rows))
    whole = read_table(path).table
    monkeypatch.setattr("leadml.leads.sources.sheet._AT_ONCE", 1)
    apart = read_table(path).table
    assert apart.to_pylist() == whole.to_pylist()
    assert apart.schema == whole.schema
    assert whole["a"].to_pylist() == ["3", "2.5", "2026-01-02", "2026-01-02T03:00:00", "true", "1.5", None, "x", "7"]


def test_the_first_visible_sheet_with_cells_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    sheets: list[tuple[str, Rows]] = [
        ("Empty", EMPTY),
        ("Secret", [["s"], ["0"]]),
        ("Leads", TABLE),
        ("2", [["two"], ["x"]]),
    ]
    path = write(tmp_path / "leads.xlsx", *sheets, hidden=["Secret"])
    raw = read_table(path)
    assert raw.table.column_names == ["id", "city"]
    assert raw.notes == ("of the sheets 'Empty', 'Leads', '2' the first with a table is read; sheet names another",)
    assert read_table(path, sheet="Leads").notes == ()
    assert read_table(path, sheet="Secret").table.column_names == ["s"]
    assert read_table(path, sheet="2").table.column_names == ["two"]  # a name comes before a number
    assert read_table(path, sheet=2).table.column_names == ["id", "city"]
    assert read_table(path, sheet="3").table.column_names == ["two"]
    refused: dict[str | int, str] = {
        "Lead": r"must have the sheet 'Lead', got 'Empty', .*'2' \(did you mean 'Leads'\?\); name one of them",
        "leads": r"did you mean 'Leads'",
        "?": r"got 'Empty', 'Secret', 'Leads', '2'; name one of them",
        4: r"must have the sheet 4, got 3 sheets: 'Empty', 'Leads', '2'; name one",
        0: r"must have the sheet 0",
        "Empty": r"sheet 'Empty' must hold a header and rows, got no filled row",
    }
    for sheet, message in refused.items():
        with pytest.raises(SourceError, match=message):
            read_table(path, sheet=sheet)
    nothing = write(tmp_path / "nothing.xlsx", ("A", EMPTY), ("B", EMPTY))
    with pytest.raises(SourceError, match=r"must have a visible sheet with cells, got none"):
        read_table(nothing)


def test_a_header_below_titles_is_found_and_lines_stay_right(tmp_path: Path) -> None:
    rows: Rows = [
        ["Leads of March"],
        [],
        ["exported by", "Anna"],
        ["on", date(2026, 3, 1)],
        ["id", "city", "source", "visits"],
        [1, "Köln", "web", 3],
        [],
        ["x", "Bonn", "web", 4],
    ]
    path = write(tmp_path / "leads.xlsx", ("Leads", rows))
    raw = read_table(path)
    assert raw.table.column_names == ["id", "city", "source", "visits"]
    assert raw.table["id"].to_pylist() == ["1", "x"]
    assert raw.lines_of([0, 1]) == {0: 6, 1: 8}
    assert raw.notes == ("the column names of sheet 'Leads' are taken from row 5; header_row names another",)
    source = open_batches(path, columns=["visits"])
    assert [batch.to_pydict() for _, batch in source] == [{"visits": [3.0, 4.0]}]
    assert source.lines_of([1]) == {1: 8}
    given = read_table(path, header_row=6)
    assert given.table.column_names == ["1", "Köln", "web", "3"]
    assert given.notes == ()
    with pytest.raises(SourceError, match=r"must have column names in row 7, got an empty row; mend header_row"):
        read_table(path, header_row=7)
    with pytest.raises(SourceError, match=r"must hold a header and rows, got no filled row"):
        read_table(path, header_row=9)
    with pytest.raises(UsageError, match=r"header_row must be at least 1, got 0"):
        read_table(path, header_row=0)


@pytest.mark.parametrize(
    ("rows", "header"),
    [
        ([["id", "city"], ["1", "Köln"]], 1),
        ([["only"], ["a"], ["b"]], 1),
        ([["id", None, "city"], [1, "x", "Köln"]], 1),  # a column without a name
        ([[1, 2, 3], [4, 5, 6]], 1),  # no row of texts: the first
        ([["Contact", None, None, "Deal"], ["id", "city", "mail", "value"], [1, "Köln", "a@b.de", 3]], 2),
        ([[2024, "x", "x", "x"], ["a", "b", "c", "d"], [1, 2, 3, 4]], 2),
        ([["id", "city"]], 1),
    ],
)
def test_which_row_is_the_header(tmp_path: Path, rows: Rows, header: int) -> None:
    path = write(tmp_path / "leads.xlsx", ("Leads", rows))
    raw = read_table(path)
    assert raw.table.num_rows == len(rows) - header
    assert bool(raw.notes) == (header > 1)


def test_columns_without_name_or_values_and_tables_that_begin_elsewhere(tmp_path: Path) -> None:
    rows: Rows = [
        [],
        [None, "id", None, " city ", None, "empty"],
        [None, 1, None, "Köln", 7],
        [None, 2, None, "Bonn", None],
    ]
    raw = read_table(write(tmp_path / "leads.xlsx", ("Leads", rows)))
    assert raw.table.to_pydict() == {
        "id": [1.0, 2.0],
        "city": ["Köln", "Bonn"],
        "column_5": [7.0, None],
        "empty": [None, None],
    }
    double = write(tmp_path / "double.xlsx", ("Leads", [["id", "a", "a"], [1, 2, 3]]))
    with pytest.raises(SourceError, match=r"(?s)name each column once.*line 1, column 'a'.*places 2, 3"):
        read_table(double)


def test_cells_with_errors_are_missing_and_counted(tmp_path: Path) -> None:
    rows: Rows = [["id", "value", "note"], [1, "=#DIV/0!", "#N/A"], [2, 5, 't="e"'], [3, "=#REF!", "=text"]]
    raw = read_table(write(tmp_path / "leads.xlsx", ("First", [["a"], ["=#N/A"]]), ("Leads", rows)), sheet="Leads")
    assert raw.table.to_pydict() == {"id": [1, 2, 3], "value": [None, 5, None], "note": [None, 't="e"', "text"]}
    assert raw.notes == ("cells of sheet 'Leads' with an error such as #N/A count as missing: 3",)


def test_merged_headers_and_formulas_have_the_values_that_were_saved(tmp_path: Path) -> None:
    path = tmp_path / "leads.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 1, "name")
        sheet.write_row(0, 2, ["city", "visits"])
        sheet.write_row(1, 0, ["Anna", "Maier", "Köln"])
        sheet.write_formula(1, 3, "=1+2", None, 3)
    assert read_table(path).table.to_pylist() == [{"name": "Anna", "column_2": "Maier", "city": "Köln", "visits": 3}]


ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Leads">
<table:table-row><table:table-cell office:value-type="string"><text:p>id</text:p></table:table-cell>
<table:table-cell office:value-type="string"><text:p>at</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="float" office:value="7"><text:p>7</text:p></table:table-cell>
<table:table-cell office:value-type="date" office:date-value="2026-01-02"><text:p>x</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""


# id and city, 7 and Köln: written by LibreOffice 7 (soffice --convert-to xls), gzip, base64
XLS = (
    "H4sIAAAAAAACA+1XX2xTZRQ/323X3Zax3Q2muEGtJMpghQxNdEZxhYJKxIwgKjEkUrp2Vsq6dDWRZGon8iaJhgdfSAzJ3iSoMdEHTejefNDoCw"
    "8aTQYPRoMPV6MSErbr75z73e1StqQtRKP0NOc7X8/355z7nT/f+b79pnP2zMc9F6kKHqEAzTthCvl4Cmh6fywiQ/PmHcfx2E4T/lMwpynbMAj7"
    "tQDZ5q3armFNm/D/hH1UwK9EMdpFY6BFOkb1wB3wGP9+tayZr3FerdCU37h8zt+cxwPA6vjnXM/xHwGuALYBVwLbgR3uFUCdwC7gKuBqYLf4BN"
    "GdwDXAu7S8Xk0Zo+jfrf/fA7q+mWP+NQibsGKohT5f+RWbXGx/ER7xUXBG/OIS8CCNs28kU/l07J+CHaJDSrEOFTjpNvQUnQa3nT4U7hfSbhPv"
    "AyQoNqg9+oCREN1PSrte2nbi9Z/Jmu+Fs5Wi9IN4+TsSBIpaVZJSlKccHUYezGFGD33J8fWGzODoUNtlhGfdzGg02EbTHGNPZMYyxVR+VmJnmv"
    "50Yr44rcSYz8uF/0dtfKNOPt12/Gmc3VLn3O/Ot6v5G5fhx5fhb1qGH76Bf8pAXJXJYWqVA0I7yyGhXeWg0FXlVqGryy3OIfHfE8jCU0HxKdqT"
    "SY1MvI3wVPjNKBNItP+kosv0Aidpe5+ICtmcjDmKvaLdjw/QCpvD6DyCwaQphaRvVlQCbYKiv1lu2jeR/k2kdfMKMv816pUrI+BeH7kR7JzOlY"
    "6BPPVXfszBnWFSMujeGWmzG7h43t2aGnyxuAnIui4BtWHPEWjPIdspGlvYbnNy7eVLD/YMvSj88uJThO7lY6S4msLITHCTrOiX9k2Z611Mx4X3"
    "lrT3Yf1oluGnoQ2+ft/Cvj8PbfT1zyCRhKEVyUkbkBZXa9pCx2cOzQ55VNGzGDHpNflsUufMDv2l7S5ZaE3D0v24mx5Uh/BUFW9OLl/3uiX9T+"
    "EfT3gd56dkLKrHlIzx/r/SXu7ZT7pnZ5va0uwBHRSwB2Rd0O4Tfti2ligTDIrIOl7DZcFjRhd9GnJzLdGjchZE63i/xVqCYRRuMmr6N1JeaRKp"
    "FqJw8wcibg1jme4BVdyhx7lmeDqXLhYmCtlSbNer6Uw+9vBDm/enDmfy+Yx4yo5cNjt4M7WT8qzSIMw7JO6wxL40e+L9368Ov2R98K5J/Rs++Y"
    "4PfVK7OI8P6voqoQ9mj66zDuhaa0TXW+PaaX6ZIzE19wf0Og9u6JdGz09O/qj8/Xr0Z45x4esLp7f0Wqfeg/7xq+d2csap4h3UdZ6XSiyfrnt1"
    "gmCI+b7Z0Dp6tSd/8/bx8ecyxYlcYez6b2U32nr/lgEANeHWw618/4n9q2J4qTXsExWdH56H9CIdQcXFehypW/8ueIuh3y5OHe+qiZAXp0nIPY"
    "oYG4YOLzckP+B7g9Wypge4eyFPDKMezDRsvwjk1/v+W6vfam4F8Qy9gu8/irqUbb8bXpAVmzCnhHq1AM7y0Kflt9Rx/uuAZxfk74SEtOiQEQ+s"
    "T5/BBr4/5pN/u7///wbjdGZdABYAAA=="
)


def test_opendocument_and_old_workbooks(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "leads.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest:manifest xmlns:manifest='x'/>")
        archive.writestr("content.xml", ODS.replace("\n", ""))
    assert read_table(tmp_path / "leads.ods").table.to_pylist() == [{"id": 7.0, "at": datetime(2026, 1, 2)}]
    (tmp_path / "leads.xls").write_bytes(gzip.decompress(base64.b64decode(XLS)))
    assert read_table(tmp_path / "leads.xls").table.to_pylist() == [{"id": 7.0, "city": "Köln"}]
    (tmp_path / "renamed.xls").write_bytes(write(tmp_path / "leads.xlsx", ("Leads", TABLE)).read_bytes())
    assert read_table(tmp_path / "renamed.xls").table.num_rows == 2  # a new workbook with the old ending


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must be a workbook, got an empty file"),
        (b"id,city\n1,Bonn\n", "got text; rename it to end in .csv"),
        (b"\xff\xfei\0d\0", "got other bytes"),
        (b"\n<html><table>", "got a web page or XML; open it and save it as .xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "got one with a password, or an old one; save it without one"),
        (b"PK\x03\x04", r"got a damaged one \(File is not a zip file\); save it again"),
    ],
)
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "leads.xlsx").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_table(tmp_path / "leads.xlsx")


def test_damaged_workbooks_are_one_error(tmp_path: Path) -> None:
    whole = write(tmp_path / "leads.xlsx", ("Leads", TABLE)).read_bytes()
    path = tmp_path / "damaged.xlsx"
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + b"\0\0\0\0" + whole[at + 4 :])
        try:
            assert read_table(path).table.num_columns
        except SourceError as error:
            assert str(path) in str(error)  # noqa: PT017 - some damage does no harm
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "no workbook")
    with pytest.raises(SourceError, match=r"must be a workbook, got a damaged one \(.*\); save it again"):
        read_table(path)
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 600)
    with pytest.raises(SourceError, match=r"must be a workbook, got a damaged one"):
        read_table(tmp_path / "old.xls")


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(far) as book:
        sheet = book.add_worksheet("Leads")
        sheet.write_row(0, 0, ["id", "city"])
        sheet.write(1_048_575, 16_383, "x")
    with pytest.raises(
        SourceError, match=r"cells close together, got one in column XFD and one in row 1,048,576; delete"
    ):
        read_table(far)
    path = write(tmp_path / "leads.xlsx", ("Leads", TABLE))
    monkeypatch.setattr(workbook, "FREE_BYTES", 1)
    monkeypatch.setattr(workbook, "MAX_RATIO", 2)
    with pytest.raises(SourceError, match=r"must unpack to at most 2.1 GB, got 0.0 GB, \d+ times its size; export"):
        read_table(path)
    monkeypatch.undo()
    monkeypatch.setattr(workbook, "MAX_BYTES", 1000)
    with pytest.raises(SourceError, match=r"must unpack to at most 0.0 GB"):
        read_table(path)


CELL = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8) | st.sampled_from(
    ["a\nb", "1", ""]
)
WRITTEN = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs"]), min_size=1, max_size=5)


@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_texts_are_read_as_from_csv(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 4))
    row = st.lists(CELL, min_size=width, max_size=width).filter(any)
    rows = data.draw(st.lists(row, min_size=1, max_size=8))
    if data.draw(st.booleans()):
        rows[0][0] = data.draw(WRITTEN)
    table = [[f"c{at}" for at in range(width)], *rows]
    folder = tmp_path_factory.getbasetemp()
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(table)
    (folder / "same.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
    with xlsxwriter.Workbook(folder / "same.xlsx") as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate(table):
            for place, cell in enumerate(cells):
                sheet.write_string(at, place, cell)
    left = read_table(folder / "same.xlsx", header_row=1).table
    assert left.to_pylist() == read_table(folder / "same.csv").table.to_pylist()


@settings(deadline=None, max_examples=50)
@given(numbers=st.lists(st.none() | st.integers(-(10**12), 10**12).map(lambda n: n / 1000), min_size=1, max_size=9))
def test_numbers_are_read_as_written(tmp_path_factory: pytest.TempPathFactory, numbers: list[float | None]) -> None:
    path = tmp_path_factory.getbasetemp() / "numbers.xlsx"
    write(path, ("Leads", [["id", "x"], *([f"L{at}", number] for at, number in enumerate(numbers))]))
    assert read_table(path).table["x"].to_pylist() == numbers


def test_a_cover_page_is_passed_over(tmp_path: Path) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(tmp_path / "leads.xlsx")
    cover, data = book.add_worksheet("Cover"), book.add_worksheet("Data")
    cover.write_column(0, 0, ["Leads of Acme", "as of 1 November", "confidential", "do not share"])
    for row, cells in enumerate([["id", "source", "status"], ["1", "web", "won"], ["2", "fair", "lost"]]):
        data.write_row(row, 0, cells)
    book.close()
    raw = read_table(tmp_path / "leads.xlsx")
    assert raw.table.column_names == ["id", "source", "status"]
    assert "the first with a table is read" in raw.notes[0]
    assert read_table(tmp_path / "leads.xlsx", sheet="Cover").table.num_columns == 1
