"""Leads in memory rank exactly as the same leads in a file."""

import csv
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadml.errors import DataError, Fault, UsageError
from leadml.leads.schema import Field, Identity, Roles
from leadml.leads.sources import Source
from leadml.leads.sources.records import RecordsSource
from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer
from leadml.ranking.lists import Ranking, rank_file
from leadml.ranking.memory import rank_leads
from leadml.ranking.plan import Plan

AS_OF = datetime(2026, 11, 1, tzinfo=UTC)
Lead = Mapping[str, object]


@pytest.fixture(scope="module")
def scorer(module_bundle: Bundle) -> Scorer:
    roles = Roles("lead_id", "created_at", "status", value="deal", owner="owner", do_not_contact="opted_out")
    schema = msgspec.structs.replace(module_bundle.schema, roles=roles, identity=Identity(email=("email",)))
    return Scorer(msgspec.structs.replace(module_bundle, schema=schema))


def ids(ranking: Ranking) -> list[str | None]:
    found: list[str | None] = ranking.table.column("lead_id").to_pylist()
    return found


def choice(*values: object) -> st.SearchStrategy[object]:
    return st.sampled_from([*values, None])


LEADS = st.fixed_dictionaries(
    {
        "lead_id": choice("a", "b", "c", "7", "007"),
        "created_at": choice("2026-10-01", "2026-10-05 09:30", "2026-01-01"),
        "status": choice("new", "won", "strange"),
        "visits": choice("0", "3", "9", "2.5"),
        "income": choice("20000", "1e5", " 50000 "),
        "source": choice("web", "Web", "fair", "7"),
        "country": choice("Germany", "DE", "Fiji"),
        "job_title": choice("Head of Sales", "Intern"),
        "email": choice("pat@gmail.com", "Pat@Gmail.com", "b@firm.de"),
        "last_call": choice("2026-09-28", "2026-10-30"),
        "owner": choice("Ann", "Bob"),
        "deal": choice("100", "9000"),
        "opted_out": choice("no", "yes"),
        "comment": choice("x", 'a, "b"', "=1"),
    }
)


def written(rows: list[dict[str, object]], path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(LEADS, min_size=1, max_size=25),
    st.fixed_dictionaries(
        {
            "plan": st.builds(
                Plan,
                st.sampled_from([1, 2, 5]),
                st.sampled_from(["probability", "expected_value"]),
                contact_cost=st.sampled_from([0.0, 30.0]),
                explore=st.sampled_from([0.0, 0.4]),
                days=st.sampled_from([1, 2]),
            )
            | st.just(Plan()),
            "reasons": st.booleans(),
        }
    ),
)
def test_the_same_as_a_file(
    scorer: Scorer, tmp_path: Path, rows: list[dict[str, object]], asked: dict[str, Any]
) -> None:
    path = written(rows, tmp_path / "leads.csv")
    file = rank_file(scorer, path, None, as_of=AS_OF, **asked)
    memory = rank_leads(scorer, rows, as_of=AS_OF, **asked)
    assert memory.table.equals(file.table)
    assert memory.places.tolist() == file.places.tolist()
    assert asdict(replace(memory.summary, seconds=0)) == asdict(replace(file.summary, seconds=0))


def test_values_of_json_rank_as_their_texts(scorer: Scorer, tmp_path: Path) -> None:
    leads: list[Lead] = [
        {"lead_id": 7, "visits": 9, "newsletter": True, "owner": "Ann", "deal": 10},
        {"lead_id": "x", "visits": 2.5, "newsletter": None, "status": "new", "deal": 9000.5},
        {"lead_id": "y", "visits": None, "newsletter": False, "source": 7, "status": "won"},
    ]
    texts: list[dict[str, object]] = [
        {"lead_id": "7", "visits": "9", "newsletter": "true", "owner": "Ann", "deal": "10", "status": "", "source": ""},
        {"lead_id": "x", "visits": "2.5", "status": "new", "deal": "9000.5"},
        {"lead_id": "y", "newsletter": "false", "source": "7", "status": "won"},
    ]
    memory = rank_leads(scorer, leads, as_of=AS_OF, keep=())
    file = rank_file(scorer, written(texts, tmp_path / "leads.csv"), None, as_of=AS_OF, keep=())
    assert memory.table.equals(file.table)
    assert ids(memory) == ["7", "x"]
    assert memory.places.tolist() == [0, 1]


def test_one_owner(scorer: Scorer) -> None:
    leads: list[Lead] = [
        {"lead_id": "a", "visits": 9, "owner": "Ann"},
        {"lead_id": "b", "visits": 9, "owner": "Bob"},
        {"lead_id": "c", "visits": 5, "owner": " Bob "},
        {"lead_id": "d", "visits": 1},
    ]
    ranking = rank_leads(scorer, leads, owner="Bob", as_of=AS_OF)
    assert ids(ranking) == ["b", "c"]
    assert ranking.table.column("rank").to_pylist() == [1, 2]
    assert ranking.places.tolist() == [1, 2]
    assert (ranking.summary.n_leads, ranking.summary.n_ranked) == (4, 2)
    assert sum(ranking.summary.grades.values()) == 2
    assert ids(rank_leads(scorer, leads, owner="Bob", plan=Plan(1), as_of=AS_OF)) == ["b"]
    assert ids(rank_leads(scorer, leads, owner="", as_of=AS_OF)) == ["d"]
    assert ids(rank_leads(scorer, leads, owner="Zoe", as_of=AS_OF)) == []
    with pytest.raises(UsageError, match="'owner' of the owner"):
        rank_leads(scorer, [{"lead_id": "a", "visits": 1}], owner="Ann")
    with pytest.raises(UsageError, match="capacity must be at least 1"):
        rank_leads(scorer, leads, plan=Plan(0))


def test_every_value_that_cannot_be_read_is_told(scorer: Scorer) -> None:
    leads: list[Lead] = [
        {"lead_id": "a", "visits": "many"},
        {"lead_id": "b", "visits": 1},
        {"lead_id": "c", "visits": "x", "created_at": "soon", "opted_out": "perhaps"},
        {"lead_id": "Total", "visits": 9},
    ]
    with pytest.raises(DataError) as caught:
        rank_leads(scorer, leads)
    places = sorted((fault.line or 0, str(fault.column)) for fault in caught.value.faults)
    assert places == [(1, "visits"), (3, "created_at"), (3, "opted_out"), (3, "visits"), (4, "lead_id")]
    assert Fault("must be a number, got 'many'", 1, "visits") in caught.value.faults


@pytest.mark.parametrize("leads", [[], [{}], [{"lead_id": "a", "note": "b"}]])
def test_leads_without_a_field(scorer: Scorer, leads: list[Lead]) -> None:
    ranking = rank_leads(scorer, leads, owner=None, as_of=AS_OF)
    assert ranking.table.num_rows == ranking.summary.n_leads == len(leads)
    assert "visits" in ranking.summary.absent
    assert ("note" in ranking.table.column_names) == any("note" in lead for lead in leads)
    assert "visits" not in ranking.table.column_names


def test_lists_and_texts_of_lists_are_read_alike(module_bundle: Bundle) -> None:
    fields = (Field("tags", "list", "interest", levels=("vip",), format="bars"), *module_bundle.schema.fields)
    schema = msgspec.structs.replace(module_bundle.schema, fields=fields)
    leads: list[Lead] = [{"tags": ["vip", "new"], "visits": 1}, {"tags": "vip|new", "visits": 1}, {"visits": 1}]
    separators = {"tags": "|"}
    column = RecordsSource(leads, separators=separators).read(("tags",)).column("tags").to_pylist()
    assert column == ["vip|new", "vip|new", None]
    ranking = rank_leads(Scorer(msgspec.structs.replace(module_bundle, schema=schema)), leads, as_of=AS_OF)
    assert ranking.table.num_rows == 3


def test_records_are_a_source() -> None:
    source: Source = RecordsSource([{"a": 1}, {"b": "1,5", "a": "x"}, {"b": 2.5}], commas=["b"])
    assert source.columns == ("a", "b")
    table = source.read(source.columns)
    assert table.column("a").to_pylist() == ["1", "x", None]
    assert table.column("b").to_pylist() == [None, "1,5", "2,5"]
    assert source.schema == table.schema
    (batch,) = source.batches(("b",), {"b"}, (), 1)
    assert batch.column(0).to_pylist() == [None, "1,5", "2,5"]
    assert source.lines_of([0, 2]) == {0: 1, 2: 3}
    assert not list(source.rejects())
    assert not source.reads(Path("leads.csv"))
