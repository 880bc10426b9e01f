"""``POST /v1/rank``: the worklist that a file would give, with what came with each lead."""

from pathlib import Path
from typing import Any

import pytest
from asking import LEAD, MakeClient
from msgspec.structs import replace
from starlette.testclient import TestClient

from leadml.leads.schema import Roles
from leadml.model.bundle import Bundle, save

PATH = "/v1/rank"
LEADS: list[dict[str, Any]] = [
    {"lead_id": "low", "visits": 0, "owner": "Ann", "value": 9000},
    {"lead_id": "high", "visits": 9, "owner": "Bob", "value": 10, "note": {"by": ["Kim"]}},
    {"lead_id": "won", "visits": 9, "owner": "Bob", "status": "won"},
    {"lead_id": "mid", "visits": 3, "owner": "Bob", "created_at": "2026-10-01"},
    {"lead_id": "old", "visits": 9, "owner": "Ann", "created_at": "2026-01-01"},
    {"lead_id": "mid", "visits": 9, "owner": "Bob", "created_at": "2026-09-01"},
]


@pytest.fixture
def desk(make_client: MakeClient, desk_folder: Path) -> TestClient:
    return make_client(folder=desk_folder)


def ranked(client: TestClient, query: str = "as_of=2026-11-01", leads: Any = LEADS) -> dict[str, Any]:
    answer = client.post(f"{PATH}?{query}", json=leads)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def ids(found: dict[str, Any]) -> list[str]:
    return [lead["lead_id"] for lead in found["leads"]]


def test_the_list(desk: TestClient) -> None:
    found = ranked(desk)

    assert ids(found) == ["high", "mid", "low", "old"]
    assert [lead["rank"] for lead in found["leads"]] == [1, 2, 3, 4]
    first = found["leads"][0]
    assert list(first)[:6] == ["rank", "owner", "slot", "propensity", "expected_value", "lead_id"]
    assert list(first)[-4:] == ["horizon_days", "visits", "value", "note"]
    assert (first["note"], first["visits"]) == ({"by": ["Kim"]}, 9)
    assert first["expected_value"] == pytest.approx(10 * first["probability"])
    assert found["leads"][1]["expected_value"] is None
    alone = desk.post("/v1/score?as_of=2026-11-01", json=LEADS[1]).json()
    assert {name: first[name] for name in alone if name in first and name != "reasons"} == {
        name: value for name, value in alone.items() if name not in ("reasons", "ignored_fields")
    }
    assert first["reasons"] == alone["reasons"]
    assert found["leads"][-1]["reasons"][-1]["text"] == "past the horizon"
    counts = {name: found[name] for name in found if name.startswith("n_")}
    assert counts == {
        "n_leads": 6,
        "n_ranked": 4,
        "n_not_open": 1,
        "n_do_not_contact": 0,
        "n_duplicates": 1,
        "n_merged": 0,
        "n_explored": 0,
        "n_past_horizon": 1,
    }
    assert found["notes"] == ["fields that the model does not know: note"]


def test_capacity_order_and_owner(desk: TestClient) -> None:
    assert ids(ranked(desk, "as_of=2026-11-01&capacity=1")) == ["high"]
    assert ids(ranked(desk, "as_of=2026-11-01&by=expected_value"))[0] == "low"
    mine = ranked(desk, "as_of=2026-11-01&owner=Ann")
    assert ids(mine) == ["low", "old"]
    assert [lead["rank"] for lead in mine["leads"]] == [1, 2]
    assert ids(ranked(desk, "as_of=2026-11-01&owner=Ann&capacity=1")) == ["low"]


@pytest.mark.parametrize("leads", [[], [{}], [LEAD]])
def test_short_lists(client: TestClient, leads: list[Any]) -> None:
    found = ranked(client, "as_of=2026-10-02", leads)
    assert found["n_leads"] == found["n_ranked"] == len(found["leads"]) == len(leads)


def test_the_id_may_be_called_lead_id(make_client: MakeClient, module_bundle: Bundle, tmp_path: Path) -> None:
    for at, own in enumerate([None, "id"]):
        schema = replace(module_bundle.schema, roles=Roles(id=own))
        folder = save(replace(module_bundle, schema=schema), tmp_path / str(at))
        leads = [{"lead_id": "a", "visits": 0}, {"visits": 9}, {"lead_id": "b", "visits": 3}]
        assert ids(ranked(make_client(folder=folder), leads=leads)) == [None, "b", "a"]


def test_what_is_refused(desk: TestClient, client: TestClient) -> None:
    assert desk.post(PATH, json=LEAD).json()["detail"].startswith("the body must be a list of leads, got one lead")
    assert desk.post(PATH, content=b"[", headers={"Content-Type": "application/json"}).status_code == 400
    assert desk.post(PATH, content=b"[]", headers={"Content-Type": "text/csv"}).status_code == 415
    for query in ("capacity=0", "capacity=x", "by=luck", "as_of=soon"):
        assert desk.post(f"{PATH}?{query}", json=LEADS).json()["title"] == "A parameter is wrong"
    for query in ("owner=Ann", "by=expected_value"):
        assert client.post(f"{PATH}?{query}", json=[LEAD]).json()["title"] == "A parameter is wrong"


def test_every_fault_by_its_path(desk: TestClient) -> None:
    leads = [LEAD, {"created_at": "soon", "source": "web"}, {"lead_id": "Total", "newsletter": "perhaps"}]
    answer = desk.post(PATH, json=leads)
    assert answer.status_code == 422
    faults = {fault["path"]: fault["detail"] for fault in answer.json()["errors"]}
    assert sorted(faults) == ["/1/created_at", "/2/lead_id", "/2/newsletter"]
    assert faults["/2/newsletter"] == "must be yes or no, got 'perhaps'"
