"""How leads came on a list: read, checked, guessed; and a list of leadml is read back without its own columns."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest

from leadml.config import Config
from leadml.errors import ConfigError
from leadml.leads.declared import Columns
from leadml.leads.guesses.portrait import portraits
from leadml.leads.guesses.roles import guess_roles
from leadml.leads.listed import Listed, written
from leadml.leads.raw import InMemory
from leadml.leads.schema import Outcomes, Roles
from leadml.leads.validation import Examined, examine
from leadml.serving.desk.ready import OWN

NOW = datetime(2026, 11, 1, tzinfo=UTC).timestamp()
COLUMNS = Columns(Roles(outcome="status", slot="slot", propensity="propensity"), Outcomes(("won",), ("lost",)))


def _look(slot: Sequence[object], propensity: Sequence[object], **more: Sequence[object]) -> Examined:
    n = len(slot)
    table = pa.table({
        "status": ["won", "lost"] * (n // 2) + ["won"] * (n % 2),
        "visits": list(range(n)),
        "slot": slot,
        "propensity": propensity,
        **more,
    })  # fmt: skip
    return examine(InMemory(table), COLUMNS, now=NOW)


def test_how_leads_came_on_a_list_is_read_and_is_no_field() -> None:
    found = _look(["ranked", " Explore ", None, ""], ["1", "0.05", None, ""])
    assert found.leads is not None
    assert not found.faults
    assert [field.name for field in found.leads.schema.fields] == ["visits"]
    listed = found.leads.listed
    assert listed is not None
    assert listed.explored.tolist() == [False, True, False, False]
    np.testing.assert_array_equal(listed.propensity, [1.0, 0.05, np.nan, np.nan])
    assert listed.on_list.tolist() == [True, True, False, False]
    part = found.leads.take(np.array([1, 2])).listed
    assert isinstance(part, Listed)
    assert part.explored.tolist() == [True, False]


def test_what_cannot_be_is_a_fault() -> None:
    found = _look(
        ["ranked", "drawn", "explore", "explore", "explore", None, "explore"], [0, 0.1, 1.2, None, -1, 0.5, 0.5]
    )
    assert [(fault.line, fault.column, fault.message) for fault in found.faults] == [
        (1, "propensity", "must be above 0 and at most 1, got 0; mend it"),
        (2, "slot", "must be ranked or explore, or empty for a lead on no list, got 'drawn'; mend it"),
        (4, "propensity", "must be given where slot is, got nothing; take both from the list"),
        (6, "slot", "must be given where propensity is, got nothing; take both from the list"),
    ]
    assert found.faults[0].count == 3
    (fault,) = _look(["ranked", "explore"], ["1", "often"]).faults
    assert fault.column == "propensity"
    assert "number" in fault.message


@pytest.mark.parametrize(("given", "other"), [("slot", "propensity"), ("propensity", "slot")])
def test_one_of_the_two_columns_is_refused(given: str, other: str) -> None:
    leads = {"path": "leads.csv", "outcome": "status", "converted": ["won"], given: "x"}
    with pytest.raises(ConfigError, match=rf"leads\.{other} must be given with leads\.{given}, .*; name the column"):
        Config.of({"leads": leads})


def test_both_columns_are_guessed_where_their_content_fits() -> None:
    def guess(**columns: Sequence[object]) -> dict[str, str]:
        table = pa.table(columns)
        status = np.zeros(len(table), dtype=np.int8)
        return {role: one.column for role, one in guess_roles(table, portraits(table), status).found.items()}

    slot, chance = ["ranked", "explore", None, "ranked"], [1.0, 0.02, None, 1.0]
    assert guess(slot=slot, propensity=chance) == {"slot": "slot", "propensity": "propensity"}
    assert guess(slot=["a", "b", "a", "c"], propensity=chance) == {}
    assert guess(slot=slot, propensity=[1.0, 20.0, None, 0.0]) == {}
    assert guess(slot=slot) == {}
    assert guess(propensity=chance) == {}


def test_what_leadml_wrote_on_a_list_is_no_field() -> None:
    own: dict[str, Sequence[object]] = {name: [0.5, 0.25] for name in OWN - {"slot", "propensity", "lead_id", "owner"}}
    assert written({*own, "slot", "propensity"}) == OWN - {"lead_id", "owner"}
    found = _look(["ranked", "explore"], [1, 0.1], **own)
    assert found.leads is not None
    assert [field.name for field in found.leads.schema.fields] == ["visits"]
    assert {one.why for one in found.leads.columns if one.use == "ignored"} == {"written by leadml with the list"}
    alone = _look(["ranked", "explore"], [1, 0.1], score=[50, 60])
    assert alone.leads is not None
    assert "score" in [field.name for field in alone.leads.schema.fields]
