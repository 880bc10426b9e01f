"""Snapshots: what has matured, in time order, as it was known, and what was left out in words."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from leadml.errors import TrainingRefused
from leadml.leads.declared import Columns
from leadml.leads.parts import Levels
from leadml.leads.raw import InMemory
from leadml.leads.schema import Outcomes, Roles
from leadml.leads.snapshots import Labelled, newest, snapshots, subset
from leadml.leads.validation import LeadTable, validate

ROLES = Roles(id="id", created_at="at", outcome="s", converted_at="won", group="account")
OUTCOMES = Outcomes(("won",), ("lost",), ("new",))
TABLE: dict[str, list[Any]] = {
    "id": ["a", "b", "c", "d", "e", "f"],
    "at": ["2026-03-01", "2026-01-01", "2026-01-01", "2026-02-01", "2026-06-01", "2026-01-15"],
    "s": ["won", "lost", "won", "new", "lost", "won"],
    "won": ["2026-03-05", None, "2026-01-31", None, None, "2026-06-10"],
    "account": ["x", "unknown", "x", None, "unknown", "y"],
    "visits": [1, 2, 3, 4, 5, 6],
    "quality": ["hot", "cold", "hot", "cold", "cold", "hot"],
    "rated": ["2026-02-28", "2026-01-01", "2026-01-05", None, "2026-06-01", "2026-01-15T10:00"],
}


def leads(changes: Mapping[str, object] | None = None, columns: Columns | None = None) -> LeadTable:
    columns = columns or Columns(ROLES, OUTCOMES, ignore=("rated",))
    now = datetime(2026, 12, 1, tzinfo=UTC).timestamp()
    return validate(InMemory(pa.table(TABLE | dict(changes or {}))), columns, now=now)


def at(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


def ids(labelled: Labelled) -> str:
    return "".join(TABLE["id"][row] or "" for row in labelled.snapshots.rows)


def test_matured_leads_in_time_order() -> None:
    found = snapshots(leads(), horizon_days=30, as_of=at("2026-06-15"))
    assert ids(found) == "bcfda"  # equal dates keep the order of the file
    assert found.snapshots.y.tolist() == [False, True, False, False, True]
    assert found.snapshots.times.tolist() == sorted(found.snapshots.times)
    assert found.snapshots.dated
    assert np.array_equal(found.snapshots.ends - found.snapshots.times, np.full(5, 30 * 86_400.0))
    visits = found.snapshots.parts["visits"]
    assert isinstance(visits, np.ndarray)
    assert visits.tolist() == [2, 3, 6, 4, 1]
    told = "\n".join(found.notes)
    assert "1 leads younger than 30 days on 2026-06-15 have not matured" in told
    assert "1 leads converted after 30 days and count as not converted in time" in told
    assert "1 leads are still open after 30 days and count as not converted" in told


def test_the_same_table_earlier() -> None:
    found = snapshots(leads(), horizon_days=30, as_of=at("2026-02-10"))
    assert ids(found) == "bc"
    told = "\n".join(found.notes)
    assert "2 leads came in after 2026-02-10 and are left out" in told
    assert "2 leads younger than 30 days" in told


def test_an_earlier_look_knows_nothing_that_came_later() -> None:
    """Cutting the file at a day, and looking at the whole file as of that day, give the same snapshots."""
    day = "2026-03-20"
    whole = snapshots(leads(), horizon_days=45, as_of=at(day))
    known = [won if won is not None and won <= day else None for won in TABLE["won"]]
    states = [s if s != "won" or k else "new" for s, k in zip(TABLE["s"], known, strict=True)]
    cut = snapshots(leads({"won": known, "s": states}), horizon_days=45, as_of=at(day))
    assert ids(whole) == ids(cut)
    assert whole.snapshots.y.tolist() == cut.snapshots.y.tolist()


def test_without_a_horizon_open_leads_are_left_out_and_that_is_said() -> None:
    found = snapshots(leads())
    assert ids(found) == "bcfae"
    assert found.snapshots.y.tolist() == [False, True, True, True, False]
    assert any("the 1 open leads are left out" in note and "over-represented" in note for note in found.notes)


def test_without_a_horizon_later_conversions_are_not_known_either() -> None:
    found = snapshots(leads(), as_of=at("2026-05-01"))
    assert ids(found) == "bca"  # f converts in June: still open
    assert any("1 leads came in after 2026-05-01" in note for note in found.notes)
    assert any("the 2 open leads are left out" in note for note in found.notes)


def test_by_default_a_table_is_looked_at_on_its_newest_date() -> None:
    assert newest(leads()) == at("2026-06-10")
    assert snapshots(leads(), horizon_days=30).labels.as_of == at("2026-06-10")


def test_groups_keep_together_and_the_unknown_stays_apart() -> None:
    found = snapshots(leads(), horizon_days=5, as_of=at("2026-12-01"))
    groups = found.snapshots.groups
    assert groups is not None
    by_id = dict(zip(ids(found), groups.tolist(), strict=True))
    assert by_id["a"] == by_id["c"]
    assert len({by_id[one] for one in "abdef"}) == 5  # "unknown" is no account
    assert snapshots(leads(columns=Columns(Roles(outcome="s"), OUTCOMES))).snapshots.groups is None


def test_values_are_blank_until_they_are_known() -> None:
    columns = Columns(ROLES, OUTCOMES, known_at={"quality": "rated", "visits": "rated"})
    found = snapshots(leads(columns=columns), horizon_days=5, as_of=at("2026-12-01"))
    order = ids(found)
    quality, visits = found.snapshots.parts["quality"], found.snapshots.parts["visits"]
    assert isinstance(quality, Levels)
    known = {one for one, code in zip(order, quality.codes, strict=True) if code >= 0}
    assert known == set("abe")  # c was rated later, f in the course of the day, of d nobody knows when
    assert isinstance(visits, np.ndarray)
    assert {one for one, value in zip(order, visits, strict=True) if not np.isnan(value)} == known


def test_a_table_without_dates_is_in_time_order() -> None:
    found = snapshots(leads(columns=Columns(Roles(outcome="s"), OUTCOMES, ignore=("at", "won"))))
    assert ids(found) == "abcef"
    assert found.snapshots.times.tolist() == [0, 1, 2, 4, 5]
    assert not found.snapshots.dated
    assert np.isnan(found.labels.as_of)
    assert any("the rows are taken to be in time order" in note for note in found.notes)


def test_a_horizon_needs_both_dates() -> None:
    table = leads(columns=Columns(Roles(outcome="s", created_at="at"), OUTCOMES))
    with pytest.raises(TrainingRefused, match=r"must come with leads.created_at and leads.converted_at; name both"):
        snapshots(table, horizon_days=30)


def test_nothing_matured() -> None:
    found = snapshots(leads(), horizon_days=3000)
    assert len(found.snapshots) == found.snapshots.n_converted == 0


def test_a_part_of_the_snapshots() -> None:
    shots = snapshots(leads(), horizon_days=30, as_of=at("2026-06-15")).snapshots
    part = subset(shots, np.array([4, 0], dtype=np.intp))
    assert isinstance(part["visits"], np.ndarray)
    assert part["visits"].tolist() == [1, 2]
