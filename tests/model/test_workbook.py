"""Workbooks: every value as it was, nothing a formula, and what makes a list pleasant to work with."""

import datetime as dt
import math
import re
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from xlsxwriter.utility import xl_col_to_name

from leadml.errors import OutputError
from leadml.leads.schema import AXES, LANGUAGES, Language, Roles
from leadml.model import workbook
from leadml.model.axes import SCORES
from leadml.model.bundle import Bundle
from leadml.model.cells import TEXT_MOST, clean, excel_cells
from leadml.model.guide import COLUMNS, Facts, Legend, sections
from leadml.model.layout import grade_colours, layout
from leadml.model.output import open_output, write_table
from leadml.model.scorer import Scorer
from leadml.model.stream import score_file
from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
BARS = "{http://schemas.microsoft.com/office/spreadsheetml/2009/9/main}dataBar"
NASTY = "=+-@\t\r\n'\"<>&_x004f_\x00\x01\x0b\x1f\x7f\ufffe\uffff/r 1é😀"

TRAPS = ["_x0041_", "_x0041_x0042_", "_x005F_x0041_", "<r>a</r>", "<r>_x0041_</r>", "<r>", "#N/A", "TRUE", "1", "=1"]


@pytest.fixture
def scorer(module_bundle: Bundle) -> Scorer:
    roles = Roles("lead_id", "created_at", "status", value="deal", owner="owner")
    return Scorer(
        msgspec.structs.replace(module_bundle, schema=msgspec.structs.replace(module_bundle.schema, roles=roles))
    )


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    rows = [
        f'00{i},2026-10-0{i % 9 + 1},{"new" if i % 5 else ""},{i % 9},"Ann, {i % 3}",{i * 1000},"=1+{i}",+49 170 {i}'
        for i in range(60)
    ]
    path = tmp_path / "leads.csv"
    path.write_text("\n".join(["lead_id,created_at,status,visits,owner,deal,=note,phone", *rows]) + "\n")
    return path


def rows_of(path: Path, sheet: int = 0) -> list[list[Any]]:
    book = CalamineWorkbook.from_path(path)
    return book.get_sheet_by_index(sheet).to_python(skip_empty_area=False)


def xml_of(path: Path, name: str = "worksheets/sheet1") -> ElementTree.Element:
    with zipfile.ZipFile(path) as file:
        return ElementTree.fromstring(file.read(f"xl/{name}.xml"))


def same(left: Any, right: Any) -> bool:
    if isinstance(left, float) and isinstance(right, (int, float)):
        return math.isclose(left, right, rel_tol=1e-15, abs_tol=0)  # Excel's files hold 16 digits here
    return bool(left == right)


def test_a_ranked_list_holds_every_value(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    out = tmp_path / "ranked.xlsx"
    ranking = rank_file(scorer, leads, out, plan=Plan(40))
    header, *rows = rows_of(out)
    assert header == ranking.table.column_names
    assert header[-2:] == ["=note", "phone"]
    assert len(rows) == 40
    for row, lead in zip(rows, ranking.table.to_pylist(), strict=True):
        for value, (name, expected) in zip(row, lead.items(), strict=True):
            wanted = float(expected) if name in ("visits", "deal") else expected  # numbers
            assert same(value, ("unknown" if name in SCORES else "") if wanted is None else wanted), name
    assert [row[0] for row in rows] == list(range(1, 41))
    assert all(row[5].startswith("00") for row in rows)  # ids keep their zeros
    assert rows[0][header.index("reasons")].startswith("+ ")


def test_scoring_writes_the_same_in_batches(
    scorer: Scorer, leads: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_file(scorer, leads, tmp_path / "one.xlsx", keep=["=note"], as_of=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    monkeypatch.setattr(workbook, "_AT_ONCE", 7)
    score_file(scorer, leads, tmp_path / "more.xlsx", keep=["=note"], as_of=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    assert rows_of(tmp_path / "one.xlsx") == rows_of(tmp_path / "more.xlsx")
    assert rows_of(tmp_path / "one.xlsx")[1][-1] == "=1+0"


def test_worklists_follow_the_list(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    files = rank_file(scorer, leads, tmp_path / "r.xlsx", worklists=tmp_path / "lists").summary.worklists
    assert {path.suffix for path in files.values()} == {".xlsx"}
    assert len(rows_of(files["Ann, 1"])) == 21


def test_no_cell_is_a_formula_or_a_link(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    text = (
        leads.read_text() + '0061,2026-10-01,new,1,http://x.example,1,"=HYPERLINK(""http://x.example"")",mailto:a@b.c\n'
    )
    leads.write_text(text)
    rank_file(scorer, leads, tmp_path / "r.xlsx")
    for sheet in ("worksheets/sheet1", "worksheets/sheet2"):
        root = xml_of(tmp_path / "r.xlsx", sheet)
        assert root.find(f".//{MAIN}f") is None
        assert root.find(f".//{MAIN}hyperlinks") is None
        assert {cell.get("t") for cell in root.iter(f"{MAIN}c")} <= {None, "inlineStr"}
    with zipfile.ZipFile(tmp_path / "r.xlsx") as file:
        assert not any("_rels/sheet" in name for name in file.namelist())


def test_markup_of_the_writer_in_a_text_is_text(tmp_path: Path) -> None:
    trap = "<r></t></is></c><c><f>1+1</f></c><c t='inlineStr'><is><t></r>"
    write_table(tmp_path / "o.xlsx", {trap: pa.array([trap, "<r>", "</r>"])})
    assert rows_of(tmp_path / "o.xlsx") == [[trap], [trap], ["<r>"], ["</r>"]]
    assert xml_of(tmp_path / "o.xlsx").find(f".//{MAIN}f") is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.sampled_from(NASTY)) | st.text() | st.lists(st.sampled_from(TRAPS)).map("".join)))
@example(TRAPS)
def test_texts_come_back(texts: list[str]) -> None:
    columns = {"text": pa.array(texts, pa.string()), "row": pa.array(range(len(texts)), pa.int64())}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "o.xlsx"
        write_table(path, columns)
        got = [row[0] for row in rows_of(path)[1:]]
        assert xml_of(path).find(f".//{MAIN}f") is None
    assert [str(value) for value in got] == [clean(text) for text in texts]
    assert all(isinstance(value, str) for value in got)


@given(st.text() | st.text(st.sampled_from(NASTY)), st.sampled_from([1, TEXT_MOST - 1, TEXT_MOST, TEXT_MOST + 9]))
def test_cleaned_texts_fit_a_cell(text: str, times: int) -> None:
    long = (text * (times // max(len(text), 1) + 1))[:times]
    cleaned = clean(long)
    assert len(cleaned.encode("utf-16-le")) // 2 <= TEXT_MOST
    assert not re.search("[\x00-\x08\x0b-\x1f\ufffe\uffff]", cleaned)
    assert clean(cleaned) == cleaned
    if len(long.encode("utf-16-le")) // 2 > TEXT_MOST + times:
        assert cleaned.endswith("…")


def test_what_a_cell_cannot_hold_is_shown() -> None:
    cells = excel_cells(pa.array(["a\x00b", "a\r\nb\rc", "é" * 40_000, "😀" * 20_000, None, ""]))
    assert cells[:2] == ["a\ufffdb", "a\nb\nc"]
    assert cells[2] == "é" * 32_766 + "…"
    assert cells[3] == "😀" * 16_383 + "…"
    assert cells[4:] == [None, None]


def test_numbers_and_truths() -> None:
    assert excel_cells(pa.array([1.5, None, math.nan, math.inf, -math.inf])) == [1.5, None, None, "inf", "-inf"]
    most = 10**15 - 1
    assert excel_cells(pa.array([most, -most, most + 1, 2**53 + 1, None])) == [
        most, -most, str(most + 1), str(2**53 + 1), None]  # fmt: skip
    assert excel_cells(pa.array([2**64 - 1], pa.uint64())) == [str(2**64 - 1)]
    assert excel_cells(pa.array([Decimal("1.25"), None])) == [1.25, None]
    assert excel_cells(pa.array([Decimal("12345678901234567.25")])) == ["12345678901234567.25"]
    assert excel_cells(pa.array([True, None])) == [True, None]
    assert excel_cells(pa.array([["a", "b"], None])) == ['["a", "b"]', None]
    assert excel_cells(pa.array([b"x", None])) == ["x", None]
    assert excel_cells(pa.nulls(2)) == [None, None]
    assert excel_cells(pa.DictionaryArray.from_arrays(pa.array([1, None, 1]), ["a", "b"])) == ["b", None, "b"]


@given(st.lists(st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(9999, 12, 31))))
def test_dates_are_dates(moments: list[dt.datetime]) -> None:
    moments = [moment.replace(microsecond=0) for moment in moments]
    columns = {
        "day": pa.array([moment.date() for moment in moments], pa.date32()),
        "us": pa.array(moments, pa.timestamp("us")),
        "utc": pa.array(moments, pa.timestamp("s", "UTC")),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "o.xlsx"
        write_table(path, columns)
        rows = rows_of(path)[1:]
    for row, moment in zip(rows, moments, strict=True):
        assert row[0] == moment.date()
        for value in row[1:]:
            assert abs(dt.datetime.combine(value, dt.time()) - moment if type(value) is dt.date else value - moment) < (
                dt.timedelta(milliseconds=2)
            )


def test_dates_that_excel_does_not_have_are_text() -> None:
    days = pa.array([dt.date(1899, 12, 31), dt.date(1900, 2, 28), dt.date(1900, 3, 1), None])
    assert excel_cells(days) == ["1899-12-31", "1900-02-28", 61.0, None]
    assert excel_cells(days.cast(pa.date64())) == ["1899-12-31", "1900-02-28", 61.0, None]


def test_the_look_of_the_sheet(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.xlsx"
    header = rank_file(scorer, leads, out).table.column_names
    root = xml_of(out)
    pane = root.find(f".//{MAIN}pane")
    assert pane is not None
    assert (pane.get("ySplit"), pane.get("xSplit"), pane.get("state")) == (
        "1",
        str(header.index("lead_id") + 1),
        "frozen",
    )
    last = len(rows_of(out))
    filters = root.find(f"{MAIN}autoFilter")
    assert filters is not None
    assert filters.get("ref") == f"A1:{xl_col_to_name(len(header) - 1)}{last}"
    page = root.find(f"{MAIN}pageSetup")
    assert page is not None
    assert (page.get("orientation"), page.get("fitToHeight")) == ("landscape", "0")
    names = {name.get("name"): name.text for name in xml_of(out, "workbook").iter(f"{MAIN}definedName")}
    assert names["_xlnm.Print_Titles"] == "Leads!$1:$1"
    assert names["_xlnm.Print_Area"] == f"Leads!$A$1:$W${last}"
    letters = [rule.text for rule in root.iter(f"{MAIN}formula")]
    assert letters == ['"A"', '"B"', '"C"', '"D"']
    wrapped = header.index("reasons")
    spans = ((range(int(col.get("min", "")) - 1, int(col.get("max", ""))), col) for col in root.iter(f"{MAIN}col"))
    columns = {at: col for span, col in spans for at in span}
    assert float(columns[wrapped].get("width", "")) > 50
    folded = {header[at] for at, col in columns.items() if col.get("hidden") and at < len(header)}
    assert folded == {*("slot", "propensity", "logit", *AXES, "base", "model_version", "as_of", "horizon_days")}
    assert columns[header.index("expected_value")].get("collapsed") == "1"


def test_bars_have_one_scale(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    out = tmp_path / "r.xlsx"
    table = rank_file(scorer, leads, out).table
    bars = [
        ([float(text) for element in bar.iter() if element.tag.endswith("}f") and (text := element.text)], bar.attrib)
        for bar in xml_of(out).iter(BARS)
    ]
    most = bars[4][0][1]
    assert [scale for scale, _ in bars] == [[0.0, 1.0], *[[1.0, 100.0]] * 3, *[[-most, most]] * 4]
    largest = max(
        abs(x) for name in ("interest", "ability", "authority", "other") for x in table.column(name).to_pylist()
    )
    assert largest <= most < largest + 0.5
    assert (bars[1][1]["axisPosition"], bars[4][1]["axisPosition"]) == ("none", "middle")
    assert all(attributes["gradient"] == "0" for _, attributes in bars)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_guide_explains_this_list(module_bundle: Bundle, leads: Path, tmp_path: Path, language: Language) -> None:
    scorer = Scorer(module_bundle, language=language)
    rank_file(scorer, leads, tmp_path / "r.xlsx", as_of=dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC), plan=Plan(7))
    book = CalamineWorkbook.from_path(tmp_path / "r.xlsx")
    assert book.sheet_names == ["Leads", "About" if language == "en" else "Erklärung"]
    words = {str(row[0]): str(row[1]) for row in rows_of(tmp_path / "r.xlsx", 1)}
    assert set(COLUMNS[language]) - {"day", "duplicates"} <= set(words)
    assert words["Leads"] == "7"
    assert module_bundle.passport.model_version in words.values()
    assert "2026-11-01 08:00 UTC" in words.values()
    assert "90" in words["probability"]
    assert words["A"].startswith("Score 90 ")
    assert not any("{" in text for text in words.values())


def test_the_guide_says_only_what_is_true() -> None:
    assert set(COLUMNS["en"]) == set(COLUMNS["de"])
    plain = sections(Legend(), Facts(3), ["slot", "probability"], has_others=False)
    rows = dict(plain[1].rows)
    assert "explore" not in rows["slot"]
    assert "within" not in rows["probability"]
    assert [section.of_grades for section in plain] == [False] * 3
    explored = sections(Legend("de"), Facts(3, explores=True), ["slot"], has_others=True)
    assert "explore: ausgelost" in dict(explored[1].rows)["slot"]
    graded = sections(Legend("en", {"top": 95, "B": 1}), Facts(3), ["grade"], has_others=False)[2]
    assert graded.rows == [("top", "Score 95 to 100"), ("B", "Score 1 to 94")]  # no score is left for D


def test_any_grades_have_colours() -> None:
    assert list(grade_colours(["A", "B", "C", "D"])) == ["A", "B", "C", "D"]
    many = grade_colours(["1", "2", "3", "4", "5", "D"])
    assert many["3"] == many["5"] != many["D"]
    assert len({str(colour) for colour in grade_colours(["A", "D"]).values()}) == 2
    assert len(grade_colours(["D"])) == 1


def test_leads_to_explore_show_their_slot() -> None:
    columns = {
        "slot": pa.array(["ranked", "explore"]),
        "lead_id": pa.array(["a", "b"]),
        "horizon_days": pa.array([9, 9]),
    }
    plan = layout(columns, "en")
    plan.notice([["ranked"], ["a"], [9]])
    assert plan.columns()[0][1] == {"level": 1, "hidden": True}
    plan.notice([["explore"], ["b"], [9]])
    assert plan.columns()[0][1] == {}
    assert plan.columns()[-1][1] == {"collapsed": True}  # beside the last column, which is folded


def test_input_columns_are_never_taken_for_ours(tmp_path: Path) -> None:
    """A column of the input may be called as one that only ranking adds."""
    columns = {"lead_id": pa.array(["a"]), "horizon_days": pa.array([90]), "rank": pa.array(["first"])}
    styles = layout(columns, "en").styles
    assert [style.own for style in styles] == [True, True, False]
    write_table(tmp_path / "o.xlsx", columns)
    assert rows_of(tmp_path / "o.xlsx")[1] == ["a", 90, "first"]


def test_too_many_leads_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "ROWS_MOST", 5)
    path = tmp_path / "o.xlsx"
    write_table(path, {"a": pa.array(range(5))})
    before = path.read_bytes()
    with open_output(tmp_path / "other.xlsx") as write:
        write({"a": pa.array([1, 2, 3])})
        with pytest.raises(OutputError, match=r"at most 5 leads.*\.csv or \.parquet"):
            write({"a": pa.array([1, 2, 3])})
    with pytest.raises(OutputError, match="at most 5 leads"):
        write_table(path, {"a": pa.array(range(6))})
    assert path.read_bytes() == before
    monkeypatch.setattr(workbook, "COLUMNS_MOST", 1)
    with pytest.raises(OutputError, match="2 columns"):
        write_table(path, {"a": pa.array([1]), "b": pa.array([1])})
    assert sorted(file.name for file in tmp_path.iterdir()) == ["o.xlsx", "other.xlsx"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    spill = tmp_path / "spill"
    spill.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spill))

    def stop() -> None:
        with open_output(tmp_path / "o.xlsx") as write:
            write({"a": pa.array(["x"] * 10_000)})
            raise error

    with pytest.raises((KeyboardInterrupt, OSError)):
        stop()
    assert list(spill.iterdir()) == []
    write_table(tmp_path / "o.xlsx", {"a": pa.array(["x"])})
    assert list(spill.iterdir()) == []
    assert sorted(file.name for file in tmp_path.iterdir()) == ["o.xlsx", "spill"]


def test_a_full_disk_at_the_end_is_an_output_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    def full(_: object) -> None:
        raise FileCreateError(OSError(28, "No space left on device"))

    monkeypatch.setattr(Workbook, "close", full)
    with pytest.raises(OutputError, match="No space left"):
        write_table(tmp_path / "o.xlsx", {"a": pa.array([1])})
    assert list(tmp_path.iterdir()) == []


def test_an_empty_list(scorer: Scorer, leads: Path, tmp_path: Path) -> None:
    leads.write_text("lead_id,visits\n")
    rank_file(scorer, leads, tmp_path / "r.xlsx")
    assert len(rows_of(tmp_path / "r.xlsx")) == 1
    with open_output(tmp_path / "none.xlsx"):
        pass
    assert rows_of(tmp_path / "none.xlsx") == []


def test_widths_fit_the_head() -> None:
    columns = {"n": pa.array([1, 2]), "short": pa.array(["x"] * 2), "long": pa.array(["word " * 40] * 2)}
    assert [style.width for style in layout(columns, "en").styles] == [8, 8, 50]
    reasons = pa.array(["+ a reason of some length; " * 7] * 9 + ["+ x"])
    plan = layout({"lead_id": pa.array(["a"] * 10), "reasons": reasons, "horizon_days": pa.array([9] * 10)}, "en")
    assert plan.usual_lines == plan.lines(["a", reasons[0].as_py(), 9]) == 3


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """What is held per row would show: the writer keeps one row, and we one part of a batch."""
    columns = {"lead_id": pa.array([f"L{i}" for i in range(4000)]), "x": pa.array(np.arange(4000.0))}
    output = workbook.WorkbookOutput(tmp_path / "o.xlsx", Legend())
    for _ in range(3):
        output.write(columns)
    assert len(output._leads.table) <= 1
    assert len(output._leads.row_info) == 1
    output.drop()


def test_columns_of_numbers_can_be_added_up(tmp_path: Path) -> None:
    legend = Legend(numbers={"budget": None, "umsatz": "decimal_comma", "lead_id": None})
    columns = {
        "lead_id": pa.array(["007", "008"]),
        "budget": pa.array(["1500", "n/a"]),
        "umsatz": pa.array(["1.234,5", "12 €"]),
        "zip": pa.array(["01067", "10115"]),
        "input_budget": pa.array(["1234567890123456", "-2.5"]),
    }
    write_table(tmp_path / "list.xlsx", columns, legend)
    rows = CalamineWorkbook.from_path(tmp_path / "list.xlsx").get_sheet_by_index(0).to_python()[1:]
    assert rows == [
        ["007", 1500.0, 1234.5, "01067", "1234567890123456"],
        ["008", "n/a", "12 €", "10115", -2.5],
    ]
