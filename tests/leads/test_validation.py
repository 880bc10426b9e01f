"""A table of past leads: typed, or refused with every fault at once, each with its line."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from leadml.errors import DataError, Fault
from leadml.leads.declared import Columns
from leadml.leads.labels import CONVERTED, LOST, OPEN
from leadml.leads.raw import InMemory
from leadml.leads.schema import Axis, Outcomes, Roles
from leadml.leads.sources import read_table
from leadml.leads.validation import Examined, LeadTable, examine, validate

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC).timestamp()
ROLES = Roles(id="lead_id", created_at="created_at", outcome="status", converted_at="won_at", value="worth")
COLUMNS = Columns(ROLES, Outcomes(("won",), ("lost",), ("new",)))
HEADER = "lead_id,created_at,status,won_at,worth,visits,source"
GOOD = """\
L1,2026-01-01,won,2026-02-01,100,3,web
L2,2026-01-02,lost,,,0,fair
L3,2026-01-03,new,,,,web
"""


def look(
    folder: Path, rows: str, columns: Columns = COLUMNS, *, header: str = HEADER, horizon: int | None = 90
) -> Examined:
    path = folder / "leads.csv"
    path.write_text(f"{header}\n{rows}", encoding="utf-8")
    return examine(read_table(path), columns, now=NOW, horizon_days=horizon)


def faults(found: Examined) -> list[tuple[int | None, str | None, str, int]]:
    return [(fault.line, fault.column, fault.message, fault.count) for fault in found.faults]


def typed(table: Mapping[str, object], columns: Columns) -> LeadTable:
    return validate(InMemory(pa.table(dict(table))), columns, now=NOW)


def test_good_leads_are_typed(tmp_path: Path) -> None:
    found = look(tmp_path, GOOD)
    assert not found.faults
    assert found.leads is not None
    assert found.leads.status.tolist() == [CONVERTED, LOST, OPEN]
    assert found.leads.created[0] == datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    assert np.isnan(found.leads.converted[1:]).all()
    assert [(field.name, field.kind) for field in found.leads.schema.fields] == [
        ("visits", "number"),
        ("source", "category"),
    ]


def test_every_fault_is_reported_at_once(tmp_path: Path) -> None:
    bad = """\
L4,soon,won,2026-02-01,100,3,web
L1,2026-01-02,lost,,,0,fair
,2026-01-03,new,,,1,web
L5,,new,,,1,web
L6,2026-01-05,won,2025-12-01,1,1,web
L7,2027-01-05,lost,,1,1,web
L8,2026-01-05,won,2027-01-05,1,1,web
L9,2026-01-06,won,,1,1,web
L10,2026-01-06,stuck,,1,1,web
L11,2026-01-06,lost,,cheap,1,web
L12,2026-01-06,lost,,1,inf,web
L13,2026-01-06,lost,,1
L1,2026-01-06,lost,,1,1,web
"""
    found = look(tmp_path, GOOD + bad, Columns(ROLES, COLUMNS.outcomes, kinds={"visits": "number"}))
    assert {(line, column, message.split("; ")[0], n) for line, column, message, n in faults(found)} == {
        (5, "created_at", "must be a date such as 2026-01-31 or 2026-01-31T09:30:00Z, got 'soon'", 1),
        (6, "lead_id", "must be unique, got 'L1' 3 times", 2),
        (7, "lead_id", "must be given, got nothing", 1),
        (8, "created_at", "must be a date, got nothing", 1),
        (9, "won_at", "must not lie before created_at, got 2025-12-01 for 2026-01-05", 1),
        (10, "created_at", "must not lie ahead of today, got 2027-01-05", 1),
        (11, "won_at", "must not lie ahead of today, got 2027-01-05", 1),
        (12, "won_at", "must be given for a converted lead, got nothing", 1),
        (13, "status", "must be one of the listed outcomes, got 'stuck'", 1),
        (14, "worth", "must be a number, got 'cheap'", 1),
        (15, "visits", "must be a finite number, got inf", 1),
        (16, None, "a row must have 7 cells, got 5", 1),
    }
    assert {row for row, _, _ in found.rows} == {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
    assert found.leads is not None
    assert any("'stuck' (1)" in note and "converted, lost or open" in note for note in found.leads.notes)


def test_all_faults_are_in_the_refusal(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_text(f"{HEADER}\n{GOOD}L1,soon,lost,,,1,web\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        validate(read_table(path), COLUMNS, now=NOW)
    message = str(caught.value)
    assert message.startswith("the leads must be free of faults to learn from, got 2; mend them")
    assert "line 5, column 'created_at': must be a date" in message
    assert "line 5, column 'lead_id': must be unique" in message
    assert len(caught.value.faults) == 2


def test_lines_are_right_below_quoted_line_breaks(tmp_path: Path) -> None:
    rows = 'L1,2026-01-01,lost,,,1,"a\nb\n\nc"\nL2,2026-01-01,lost,,,"many\ntimes",web\nL3,2026-01-01,lost,,,few,web\n'
    found = look(tmp_path, rows, Columns(ROLES, COLUMNS.outcomes, kinds={"visits": "number"}))
    assert [(line, n) for line, _, _, n in faults(found)] == [(6, 2)]


def test_a_table_without_leads(tmp_path: Path) -> None:
    found = look(tmp_path, "")
    assert [fault.message for fault in found.faults] == [
        "the table must have at least one lead, got none that can be read"
    ]
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="got an empty file"):
        read_table(path)


def test_ragged_rows_only(tmp_path: Path) -> None:
    found = look(tmp_path, "L1,2026-01-01\nL2\n")
    assert [fault.line for fault in found.faults] == [None, 2, 3]


@pytest.mark.parametrize("name", ["Lead_ID", "LEAD ID", "leadid", " lead_id"])
def test_a_missing_role_offers_the_nearest_column(name: str) -> None:
    table = pa.table({name: ["L1"], "status": ["won"], "visits": [1]})
    found = examine(InMemory(table), Columns(Roles(id="lead_id", outcome="status"), Outcomes(("won",))), now=NOW)
    assert [(fault.column, fault.message) for fault in found.faults] == [
        ("lead_id", f"must be in the table, as leads.id names it; did you mean {name!r}?")
    ]


def test_what_is_nowhere_near_lists_the_columns() -> None:
    table = pa.table({"status": ["won"], **{f"q{i}": [i] for i in range(40)}})
    found = examine(InMemory(table), Columns(Roles(owner="zzzz", outcome="status"), Outcomes(("won",))), now=NOW)
    assert "the table has status, q0" in found.faults[0].message
    assert "and 21 more" in found.faults[0].message


def test_every_name_in_the_configuration_must_be_in_the_table(tmp_path: Path) -> None:
    axes: dict[str, Axis] = {"sauce": "interest", "visits": "interest"}
    columns = Columns(
        Roles(id="lead_id", created_at="created", outcome="status"),
        COLUMNS.outcomes,
        kinds={"viists": "number", "sauce": "category"},
        axes=axes,
        words={"nope": {"en": "x"}},
        ignore=("sours",),
        protected=("age",),
        known_at={"visits": "reviewed"},
    )
    found = look(tmp_path, GOOD + "L1,2026-01-03,new,,,,web\n", columns, horizon=None)
    assert {fault.column for fault in found.table_faults} == {
        "created",
        "viists",
        "sauce",
        "nope",
        "sours",
        "age",
        "reviewed",
    }
    by_column = {fault.column: fault.message for fault in found.table_faults}
    assert "leads.created_at names it; did you mean 'created_at'?" in by_column["created"]
    assert "leads.kinds and leads.axes names it; did you mean 'source'?" in by_column["sauce"]
    assert [fault.column for fault in found.row_faults] == ["lead_id"]  # the rows are looked at all the same


def test_two_columns_of_one_name() -> None:
    table = pa.Table.from_arrays([pa.array(["won"]), pa.array([1]), pa.array([2])], names=["status", "x", "x"])
    found = examine(InMemory(table), Columns(Roles(outcome="status"), Outcomes(("won",))), now=NOW)
    assert found.faults == (Fault("must be the name of one column, got 2; rename all but one", column="x"),)


def test_a_table_without_any_field() -> None:
    with pytest.raises(DataError, match="must have a column to learn from, got none"):
        typed({"status": ["won"], "note": [None]}, Columns(Roles(outcome="status"), Outcomes(("won",))))


def test_a_date_without_a_time_is_not_before_the_same_day(tmp_path: Path) -> None:
    found = look(tmp_path, "L1,2026-01-01T15:00,won,2026-01-01,,1,web\n")
    assert not found.faults
    found = look(tmp_path, "L1,2026-01-01T00:00,won,2025-12-31T23:59,,1,web\n")
    assert [fault.column for fault in found.faults] == ["won_at"]


def test_time_zones_count(tmp_path: Path) -> None:
    rows = "L1,2026-01-01T01:00:00+02:00,won,2025-12-31T23:30:00Z,,1,web\nL2,2026-01-02,lost,,,1,web\n"
    found = look(tmp_path, rows)
    assert not found.faults
    assert found.leads is not None
    assert found.leads.converted[0] - found.leads.created[0] == 30 * 60


def test_a_conversion_date_on_a_lost_lead_is_told(tmp_path: Path) -> None:
    found = look(tmp_path, "L1,2026-01-01,lost,2026-01-05,,1,web\n" + GOOD.replace("L1", "L9"))
    assert not found.faults
    assert found.leads is not None
    assert found.leads.status[0] == LOST
    assert any("1 leads have a won_at but no converted status" in note for note in found.leads.notes)


def test_ids_of_every_sort() -> None:
    columns = Columns(Roles(id="id", outcome="s"), Outcomes(("won",)))

    def ids(*values: object) -> list[tuple[int, str]]:
        table = pa.table({"id": pa.array(values), "s": ["won"] * len(values), "x": range(len(values))})
        return [(row, why) for row, _, why in examine(InMemory(table), columns, now=NOW).rows]

    assert ids("L 1", "L  1", "l 1", "na", "007", "7") == []  # as they are written
    assert ids("", " ", None, "x") == [(row, "must be given, got nothing") for row in range(3)]
    assert ids(1.0, float("nan"), 1.0) == [(1, "must be given, got nothing"), (2, "must be unique, got '1' 2 times")]
    assert ids("a@b.de", "a@b.de") == [(1, "must be unique, got '***@b.de' 2 times")]


def test_many_duplicates_are_found_quickly() -> None:
    n = 60_000
    table = pa.table({"id": [i // 2 for i in range(n)], "s": ["won"] * n, "x": [1] * n})
    start = time.process_time()
    found = examine(InMemory(table), Columns(Roles(id="id", outcome="s"), Outcomes(("won",))), now=NOW)
    assert time.process_time() - start < 3
    assert [fault.count for fault in found.faults] == [n // 2]


def test_without_a_horizon_a_converted_lead_needs_no_date(tmp_path: Path) -> None:
    row = "L1,2026-01-01,won,,,1,web\n"
    assert not look(tmp_path, row, horizon=None).faults
    assert look(tmp_path, row, horizon=90).faults


def test_without_lost_values_every_other_is_lost_and_that_is_said(tmp_path: Path) -> None:
    found = look(tmp_path, GOOD + "L4,2026-01-01,stuck,,,1,web\n", Columns(ROLES, Outcomes(("won",), None, ("new",))))
    assert not found.faults
    assert found.leads is not None
    assert found.leads.status.tolist() == [CONVERTED, LOST, OPEN, LOST]
    assert any("every other value counts as lost: 'lost' (1), 'stuck' (1)" in note for note in found.leads.notes)


def test_an_outcome_that_no_lead_has_is_told() -> None:
    leads = typed({"s": ["Closed Won", "lost"], "x": [1, 2]}, Columns(Roles(outcome="s"), Outcomes(("closed-won",))))
    assert any(
        "no lead has an outcome of leads.converted (closed-won); did you mean 'closed won'?" in n for n in leads.notes
    )


def test_what_has_a_role_or_is_set_aside_is_no_field() -> None:
    columns = Columns(
        Roles(id="id", created_at="at", outcome="s", owner="owner", group="account"),
        Outcomes(("won",)),
        ignore=("note",),
        protected=("age",),
        known_at={"quality": "reviewed"},
        kinds={"zip": "category"},
        axes={"zip": "ability"},
    )
    names = ("id", "owner", "account", "note", "age", "quality", "zip")
    table = {name: ["1", "2"] for name in names} | {
        "s": ["won", ""],
        "at": ["2026-01-01"] * 2,
        "reviewed": ["2026-01-02", ""],
    }
    leads = typed(table | {"title": ["CEO", "CFO"]}, columns)
    assert [(f.name, f.kind, f.axis) for f in leads.schema.fields] == [
        ("quality", "number", "other"),
        ("zip", "category", "ability"),
        ("title", "job_title", "authority"),
    ]
    assert list(leads.known) == ["quality"]


def test_every_unused_column_is_told_with_the_reason() -> None:
    table = {"s": ["won", "x"], "name": ["Ann", "Ben"], "blank": [None, ""], "x": [1, 2]}
    leads = typed(table, Columns(Roles(outcome="s"), Outcomes(("won",))))
    told = "\n".join(leads.notes)
    assert "column 'name' is not used: personal data" in told
    assert "column 'blank' is not used: every value is missing" in told


def test_no_address_is_told(tmp_path: Path) -> None:
    rows = "L1,a.b@acme.de,a.b@acme.de,a.b@acme.de,a.b@acme.de,a.b@acme.de,web\n"
    found = look(tmp_path, rows, Columns(ROLES, COLUMNS.outcomes, kinds={"visits": "number"}))
    assert {fault.column for fault in found.faults} == {"created_at", "status", "won_at", "worth", "visits"}
    assert found.leads is not None
    assert "a.b@" not in str([found.faults, found.rows, found.leads.notes])


def test_rows_can_be_taken(tmp_path: Path) -> None:
    leads = look(tmp_path, GOOD).leads
    assert leads is not None
    some = leads.take(np.array([2, 0], dtype=np.intp))
    assert some.table.column("lead_id").to_pylist() == ["L3", "L1"]
    assert some.status.tolist() == [OPEN, CONVERTED]
    assert len(some.created) == len(some.converted) == some.coerced.n_rows == 2
    assert np.array_equal(some.coerced.parts["visits"], [np.nan, 3.0], equal_nan=True)  # type: ignore[arg-type]
