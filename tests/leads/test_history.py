"""The history of leads: values as they were at a moment, as a plain search has them, and nothing of what came later."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.errors import DataError
from leadml.leads.coercion import DAY
from leadml.leads.columns import Coercer
from leadml.leads.declared import Columns, HistoryTable
from leadml.leads.history.beside import put_history_beside
from leadml.leads.history.bind import bind
from leadml.leads.history.reading import Changes, history_table
from leadml.leads.history.replay import replayed
from leadml.leads.parts import Column, Levels
from leadml.leads.raw import InMemory
from leadml.leads.schema import Field, Outcomes, Roles, Schema
from leadml.leads.snapshots import Labelled, snapshots
from leadml.leads.validation import Examined, LeadTable, examine

START = 1_767_225_600.0  # 2026-01-01
LEADS = ("a", "b", "c", "d")
FIELDS = (Field("stage", "category"), Field("income", "number"), Field("since", "date"), Field("title", "job_title"))
SCHEMA = Schema(FIELDS, Roles(id="id", created_at="created"))
VALUES = {
    "stage": ["new", " New", "Demo", "won", "n/a", None],
    "income": ["1", "1.50", "2e3", "", None],
    "since": ["2025-12-01", "2026-01-05T10:00:00", None],
    "title": ["CEO", "Head of Sales", "Owner", None],
}
NOW: dict[str, list[Any]] = {
    "id": list(LEADS),
    "created": ["2026-01-10"] * 4,
    "stage": ["won", "lost", None, "Demo"],
    "income": [1.0, None, 3.5, 4.0],
    "since": ["2025-11-11", None, "2025-10-10", "2025-12-12"],
    "title": ["CEO", None, "Owner", "Intern"],
}
Change = tuple[str, str, float, str | None, str | None]  # lead, field, at, value, old


@st.composite
def change(draw: st.DrawFn) -> Change:
    name = draw(st.sampled_from(tuple(VALUES)))
    value = st.sampled_from(VALUES[name])
    at = st.one_of(st.integers(0, 9).map(lambda days: START + days * DAY), st.integers(0, 9).map(lambda s: START + s))
    return draw(st.sampled_from((*LEADS, "other"))), name, draw(at), draw(value), draw(value)


CHANGES = st.lists(change(), max_size=25)
MOMENTS = st.integers(-1, 11).map(lambda days: START + days * DAY)


def read(changes: Sequence[Change], *, old: bool, fields: tuple[str, ...] | None = tuple(VALUES)) -> Changes:
    micros = pa.array([round(one[2] * 1e6) for one in changes], pa.int64())
    texts = {"lead_id": 0, "field": 1, "value": 3, "before": 4}
    columns: dict[str, pa.Array] = {
        name: pa.array([one[at] for one in changes], pa.string()) for name, at in texts.items()
    }
    table = pa.table({**columns, "changed_at": micros.cast(pa.timestamp("us", "UTC"))})
    return history_table(table, HistoryTable(old_value="before" if old else None, fields=fields))


def at_moment(changes: Sequence[Change], moment: float, *, old: bool) -> dict[str, Column]:
    """Return the parts of the four leads at a moment."""
    table = pa.table(NOW)
    parts = Coercer(SCHEMA)(table).parts
    own = bind(read(changes, old=old), SCHEMA).of(pa.array(LEADS))
    return replayed(parts, table, own, np.full(len(LEADS), moment), schema=SCHEMA)


def told(parts: dict[str, Column]) -> dict[str, Any]:
    """Return parts as plain values."""
    return {
        name: [column.levels[code] if code >= 0 else None for code in column.codes]
        if isinstance(column, Levels)
        else column.tobytes()
        for name, column in parts.items()
    }


def to_the_bit(parts: dict[str, Column]) -> dict[str, Any]:
    return {
        name: (column.codes.tobytes(), column.levels) if isinstance(column, Levels) else column.tobytes()
        for name, column in parts.items()
    }


def searched(changes: Sequence[Change], moment: float, *, old: bool) -> dict[str, list[Any]]:
    """Return the table of leads as it was, found by looking at every change."""
    table = {name: [*column] for name, column in NOW.items()}
    for name in VALUES:
        for row, lead in enumerate(LEADS):
            own = sorted((one for one in changes if one[:2] == (lead, name)), key=lambda one: one[2])  # stable
            known = [one for one in own if one[2] <= moment]
            if known:
                table[name][row] = known[-1][3]
            elif not old:
                table[name][row] = None
            elif own:
                table[name][row] = own[0][4]
    return table


@given(CHANGES, MOMENTS, st.booleans())
def test_every_value_is_what_a_plain_search_finds(changes: list[Change], moment: float, old: bool) -> None:
    wanted = searched(changes, moment, old=old)
    texts = {name: pa.array([None if v is None else str(v) for v in column]) for name, column in wanted.items()}
    assert told(at_moment(changes, moment, old=old)) == told(Coercer(SCHEMA)(pa.table(texts)).parts)


def later_than(moment: float, more: Sequence[Change]) -> list[Change]:
    return [(lead, name, moment + 1e-6 + (at - START), value, old) for lead, name, at, value, old in more]


def in_step(changes: Sequence[Change], more: Sequence[Change], moment: float) -> Iterator[Change]:
    """Yield later changes that say of the value before what it was, as a history does that is kept without a gap."""
    then = searched(changes, moment, old=True)
    for lead, name, at, value, _ in more:
        row = LEADS.index(lead) if lead in LEADS else -1
        before = then[name][row] if row >= 0 else None
        yield lead, name, at, value, None if before is None else str(before)


@given(CHANGES, CHANGES, MOMENTS)
def test_what_is_changed_later_changes_nothing(changes: list[Change], more: list[Change], moment: float) -> None:
    later = later_than(moment, more)
    assert to_the_bit(at_moment(changes, moment, old=False)) == to_the_bit(
        at_moment([*changes, *later], moment, old=False)
    )
    with_old = [*changes, *in_step(changes, later, moment)]
    assert to_the_bit(at_moment(changes, moment, old=True)) == to_the_bit(at_moment(with_old, moment, old=True))


@given(st.data())
def test_only_changes_of_one_moment_depend_on_the_order_of_the_table(data: st.DataObject) -> None:
    changes, moment = data.draw(CHANGES), data.draw(MOMENTS)
    apart = [(one[0], one[1], one[2] + place * 1e-3, *one[3:]) for place, one in enumerate(changes)]
    shuffled = data.draw(st.permutations(apart))
    assert to_the_bit(at_moment(apart, moment, old=True)) == to_the_bit(at_moment(shuffled, moment, old=True))


def test_the_later_row_of_one_moment_wins() -> None:
    changes: list[Change] = [("a", "stage", START, "new", "x"), ("a", "stage", START, "demo", "new")]
    assert told(at_moment(changes, START, old=True))["stage"][0] == "demo"
    assert told(at_moment(changes, START - 1, old=True))["stage"][0] == "x"


def test_a_date_that_was_not_yet_when_the_lead_came_in() -> None:
    changes: list[Change] = [("a", "since", START, "2026-01-11", None), ("b", "since", START, "2026-01-09", None)]
    age = at_moment(changes, START + DAY, old=False)["since.age_days"]
    assert isinstance(age, np.ndarray)
    assert np.array_equal(age, [np.nan, 1, np.nan, np.nan], equal_nan=True)


def test_nothing_is_known_at_no_moment() -> None:
    changes: list[Change] = [("a", "stage", START, "new", "x")]
    assert told(at_moment(changes, np.nan, old=True))["stage"] == [None] * 4


ROLES = Roles(id="id", created_at="created", outcome="outcome", converted_at="won")
LEAD_TABLE = {
    "id": [f"L{i}" for i in range(40)],
    "created": ["2026-01-10"] * 40,
    "outcome": ["won", "lost"] * 20,
    "won": ["2026-01-20", None] * 20,
    "stage": ["closed", "closed"] * 20,
    "rating": ["hot", "cold"] * 20,
    "income": ["1", "2"] * 20,
    "known": ["2026-01-15"] * 40,
}


def leads_with(changes: Sequence[Change], columns: Columns | None = None, **how: Any) -> Examined:
    columns = columns or Columns(ROLES, Outcomes(("won",), ("lost",)), ignore=("known",))
    found = examine(InMemory(pa.table(LEAD_TABLE)), columns, now=START + 300 * DAY)
    return put_history_beside(found, read(changes, **({"old": False, "fields": None} | how)), now=START + 300 * DAY)


def of(found: Examined) -> LeadTable:
    assert found.leads is not None
    assert not found.faults
    return found.leads


JUDGED: list[Change] = [(f"L{i}", "rating", START + 20 * DAY, "hot" if i % 2 == 0 else "cold", None) for i in range(40)]
STAGED: list[Change] = [(f"L{i}", "stage", START + 5 * DAY, "new", None) for i in range(40)]


def labelled(leads: LeadTable) -> Labelled:
    return snapshots(leads, horizon_days=30, as_of=START + 200 * DAY)


def test_snapshots_have_what_was_known() -> None:
    found = labelled(of(leads_with([*JUDGED, *STAGED]))).snapshots
    assert set(told(dict(found.parts))["rating"]) == {None}
    assert set(told(dict(found.parts))["stage"]) == {"new"}
    assert set(told(dict(labelled(of(leads_with(STAGED))).snapshots.parts))["rating"]) == {"hot", "cold"}


@given(st.lists(change(), max_size=25).map(lambda more: [one for one in more if one[1] in ("stage", "income")]))
def test_later_changes_change_no_part_and_no_label(more: list[Change]) -> None:
    later = [
        (f"L{LEADS.index(one[0]) if one[0] in LEADS else 9}", *one[1:2], START + 9 * DAY + 1e-6, *one[3:])
        for one in more
    ]
    how = ("stage", "income")
    one, other = labelled(of(leads_with(STAGED, fields=how))), labelled(of(leads_with([*STAGED, *later], fields=how)))
    assert to_the_bit(dict(one.snapshots.parts)) == to_the_bit(dict(other.snapshots.parts))
    for name in ("y", "times", "ends", "rows"):
        assert np.array_equal(getattr(one.snapshots, name), getattr(other.snapshots, name))


def test_known_at_counts_where_the_table_does() -> None:
    columns = Columns(ROLES, Outcomes(("won",), ("lost",)), known_at={"rating": "known"})
    changes: list[Change] = [("L0", "rating", START, "warm", "cold")]
    found = labelled(of(leads_with(changes, columns, old=True))).snapshots
    assert told(dict(found.parts))["rating"] == ["warm", *[None] * 39]


def test_notes_on_what_does_not_fit() -> None:
    odd: list[Change] = [("x", "stage", START, "new", None), ("L1", "outcome", START, "won", None)]
    odd += [("L1", "colour", START, "red", None)] * 2
    notes = "\n".join(of(leads_with([*JUDGED, *STAGED[:10], *odd])).table_notes)
    assert "50 changes in the history set back 'rating', 'stage': each lead counts with" in notes
    assert "1 of 54 changes are of no lead in the table and do not count" in notes
    assert "changes in the history of what is no field are not used: 'colour' (2, no column), 'outcome' (1)" in notes
    assert "column 'stage': 30 leads have a value but no change in the history" in notes
    assert "column 'stage': for 10 of 10 leads the table does not say what their newest change says" in notes
    assert "column 'rating' is filled in with the conversion or after it, for 20 of the 20 converted leads" in notes
    assert "column 'rating': for" not in notes
    only = "\n".join(of(leads_with([("x", "colour", START, "red", None)])).table_notes)
    assert "check history.lead_id" in only
    assert "history.field must name fields as the table of leads does" in only
    assert of(leads_with([("x", "colour", START, "red", None)])).history is None


def test_a_history_that_begins_too_late() -> None:
    late: list[Change] = [("L1", "stage", START + 10 * DAY, "new", "cold")]
    notes = "\n".join(of(leads_with(late, old=True)).table_notes)
    assert "the history begins on 2026-01-11, after 40 of 40 leads came in" in notes
    assert "begins" not in "\n".join(of(leads_with(late)).table_notes)  # nothing is known before, and none is taken
    assert "begins" not in "\n".join(of(leads_with(STAGED, old=True)).table_notes)


def test_faults_of_a_history() -> None:
    table = {
        "lead_id": ["L1", " ", "L1", "L2", "L1", "L2", "x"],
        "field": ["income", "income", "", "income", "income", "income", "income"],
        "value": ["many", "1", "1", "many", "1", "2", "3"],
        "changed_at": ["2026-01-01", "2026-01-01", "2026-01-01", "2026-01-02", "soon", "2027-12-01", None],
    }
    found = leads_with(STAGED)
    changes = history_table(pa.table(table), HistoryTable(fields=("income", "Stage", "outcome")))
    found = put_history_beside(found, changes, now=START + 300 * DAY)
    by_place = {(int(fault.line or 0), fault.column): (fault.count, fault.message) for fault in found.row_faults}
    assert {place: count for place, (count, _) in by_place.items()} == {
        (1, "value"): 2,
        (2, "lead_id"): 1,
        (3, "field"): 1,
        (5, "changed_at"): 1,
        (6, "changed_at"): 1,
        (7, "changed_at"): 1,
    }
    assert by_place[1, "value"][1] == "of 'income' must be a number, got 'many'"
    assert by_place[6, "changed_at"][1] == "must not lie ahead of today, got 2027-12-01"
    assert [(fault.column, fault.message.split("; ")[1]) for fault in found.table_faults] == [
        ("Stage", "did you mean 'stage'?"),
        ("outcome", "take it out there"),
    ]
    assert found.leads is not None
    assert "4 changes could not be read and are left out" in found.leads.table_notes
    with pytest.raises(DataError, match="must have this column"):
        history_table(pa.table({"lead_id": ["a"]}), HistoryTable())


def test_values_that_are_not_stored_as_text() -> None:
    """A Parquet file may hold numbers in one column of values and nothing, or texts, in the other."""
    at = pa.array([START, START + 1]).cast(pa.int64()).cast(pa.timestamp("s"))
    base = {"lead_id": ["a", "b"], "field": pa.array(["income"] * 2).dictionary_encode(), "changed_at": at}
    schema = Schema((Field("income", "number", format="decimal_comma"),), SCHEMA.roles)
    for old in (pa.nulls(2), pa.array(["", "7,5"]), pa.array([2, 7])):
        table = pa.table(base | {"value": [1234.5, 1.0], "old_value": old})
        changes = history_table(table, HistoryTable(old_value="old_value"))
        own = bind(changes, schema).of(pa.array(["a", "b"]))
        nothing: dict[str, Column] = {"income": np.full(2, np.nan)}
        found = replayed(nothing, pa.table(base), own, np.full(2, START + 1), schema=schema)["income"]
        assert not changes.faults
        assert isinstance(found, np.ndarray)
        assert found.tolist() == [1234.5, 1.0]


def test_an_empty_history() -> None:
    nothing = at_moment([], START, old=True)
    assert told(nothing) == told(Coercer(SCHEMA)(pa.table(NOW)).parts)
