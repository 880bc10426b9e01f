"""What check says of each column: true figures, masked people, and oddities that are there."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadml.leads.declared import Columns
from leadml.leads.profile import ColumnProfile, mask, profile
from leadml.leads.raw import InMemory
from leadml.leads.sample import make_sample
from leadml.leads.schema import Identity, Outcomes, Roles
from leadml.leads.validation import examine

NOW = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
ROLES = Roles(id="id", created_at="created", outcome="status")


def look(**values: Sequence[object]) -> dict[str, ColumnProfile]:
    n = len(next(iter(values.values())))
    days = np.datetime64("2025-01-01") + np.arange(n) % 300
    table = pa.table(
        {
            "id": [f"L{i}" for i in range(n)],
            "created": sorted(str(day) for day in days),
            "status": ["won" if i % 4 == 0 else "lost" for i in range(n)],
            **{name: pa.array(some) for name, some in values.items()},
        }
    )
    told = Columns(ROLES, Outcomes(("won",), ("lost",)), identity=Identity())
    found = examine(InMemory(table), told, now=NOW)
    assert found.leads is not None
    return {one.column.name: one for one in profile(found.leads)}


def test_figures_are_true() -> None:
    found = look(visits=[*map(str, range(10)), None, "n/a"], source=["web"] * 8 + ["fair"] * 2 + ["", None])
    assert found["visits"].missing == pytest.approx(2 / 12)
    assert found["visits"].examples.startswith("0 to 9; the middle half")
    assert found["source"].missing == pytest.approx(2 / 12)
    assert found["source"].levels == 2
    assert found["source"].examples == "web 80%, fair 20%"
    assert found["status"].examples == "3 converted, 9 lost"
    assert found["created"].examples == "2025-01-01 to 2025-01-12"


def test_people_are_masked() -> None:
    names = ["Anna Schmidt", "Bob Jones"] * 6
    found = look(full_name=names, contact=[f"person{i}@acme.example" for i in range(12)], note=names)
    told = " ".join(one.examples for one in found.values())
    assert found["full_name"].examples == "A***, B***"
    assert found["contact"].examples == "corporate 100%"
    assert "person" not in told


@given(st.text(min_size=2))
def test_a_mask_shows_one_letter_and_a_domain(text: str) -> None:
    shown = mask(text)
    assert shown.startswith(text.partition("@")[0][:1] + "***")
    assert len(shown) <= 40
    if "@" not in text:
        assert len(shown) <= 4


def odd(name: str, **values: Sequence[object]) -> str:
    return "; ".join(look(**values)[name].oddities)


def test_spellings_of_one_level() -> None:
    n = 30
    assert "'healthcare' and 'health care'" in odd("x", x=["Healthcare"] * n + ["Health care"] * n + ["Retail"] * n)
    assert not odd("x", x=["zone 12"] * n + ["zone 13"] * n)


def test_a_placeholder_far_from_the_rest() -> None:
    assert "999 stands 80% of the time" in odd("x", x=[999] * 80 + list(range(20)))
    assert not odd("x", x=[0] * 80 + list(range(20)))


def test_a_slip_far_outside() -> None:
    assert "1 values lie far outside the rest, such as 1,000,000,000" in odd("x", x=[*range(200), 1_000_000_000])


def test_what_never_changes() -> None:
    assert "nearly always 'web'" in odd("x", x=["web"] * 999 + ["fair"])
    assert "nearly always 3" in odd("x", x=[3] * 999 + [4])


def test_a_column_that_began_late() -> None:
    values = [None] * 300 + ["a", "b"] * 150
    assert "known for 0% of the oldest third of leads, but 100% of the newest" in odd("x", x=values)


def test_every_column_of_the_sample_has_a_profile() -> None:
    table = make_sample(2000, events=False).leads
    columns = Columns(
        Roles(id="lead_id", created_at="created_at", outcome="status", converted_at="won_at", owner="owner"),
        Outcomes(("won",), ("lost",), ("new", "working")),
    )
    leads = examine(InMemory(table), columns, now=NOW).leads
    assert leads is not None
    found = profile(leads)
    assert [one.column.name for one in found] == table.column_names
    assert all(0 <= one.missing <= 1 for one in found)
    assert all(one.examples for one in found)


def test_what_is_protected_is_not_shown_and_accounts_are_masked() -> None:
    n = 40
    table = pa.table(
        {
            "id": [f"L{i}" for i in range(n)],
            "status": ["won", "lost"] * (n // 2),
            "age": list(range(n)),
            "firm": [f"{chr(65 + i % 26)}older {'x' * (i // 26)} GmbH" for i in range(n)],
            "account": [f"A{i % 30}" for i in range(n)],
            "rating": ["hot", "cold"] * (n // 2),
            "x": list(range(n)),
        }
    )
    roles = Roles(id="id", outcome="status", group="account")
    told = Columns(roles, Outcomes(("won",), ("lost",)), ignore=("rating", "firm"), protected=("age",))
    leads = examine(InMemory(table), told, now=NOW).leads
    assert leads is not None
    found = {one.column.name: one.examples for one in profile(leads)}
    assert found["age"] == "not shown"
    assert "older" not in found["firm"]
    assert found["account"] == "A0, A1"
    assert found["rating"] in ("hot, cold", "cold, hot")
