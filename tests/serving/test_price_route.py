"""``POST /v1/price``: what a list is worth beside a backlog, as the command says."""

import csv
from pathlib import Path
from typing import Any

import pytest
from asking import MakeClient
from starlette.testclient import TestClient
from tested import with_test

from leadml.leads.dates import parse_moment
from leadml.model.bundle import Bundle, save
from leadml.model.scorer import load_model
from leadml.selling.price import Terms
from leadml.training.price import price_list

MONEY = "margin=1000&contact_cost=150&capacity=40&as_of=2026-11-01"
LEADS = [
    {
        "lead_id": f"L{i}",
        "visits": i % 7,
        "income": 900 * i,
        "source": ("web", "fair")[i % 2],
        "email": f"a{i}@x.example",
    }
    for i in range(150)
]


@pytest.fixture(scope="module")
def folder(desk_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(with_test(desk_bundle), tmp_path_factory.mktemp("price") / "bundle")


@pytest.fixture
def desk(make_client: MakeClient, folder: Path) -> TestClient:
    return make_client(folder=folder)


def priced(client: TestClient, body: Any, more: str = "") -> dict[str, Any]:
    answer = client.post(f"/v1/price?{MONEY}{more}", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_it_is_what_the_command_says(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    for name, rows in (("list", LEADS[50:]), ("backlog", LEADS[:80])):
        with (tmp_path / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(LEADS[0]))
            writer.writeheader()
            writer.writerows(rows)
    told = price_list(
        load_model(str(folder)),
        tmp_path / "list.csv",
        terms=Terms(1000.0, 150.0, 40),
        backlog=tmp_path / "backlog.csv",
        where=["income > 90000", "source = web"],
        as_of=parse_moment("2026-11-01"),
    ).to_dict()
    body = {"list": LEADS[50:], "backlog": LEADS[:80]}
    found = priced(desk, body, "&where=income %3E 90000&where=source = web")
    assert found["price"] > 0
    assert found["n_known"] == 30
    for name in ("price", "per_lead", "expected", "gained", "covered", "spread", "composition"):
        assert found[name] == pytest.approx(told[name]), name
    for name in ("n_rows", "n_new", "n_backlog", "n_entering", "n_displaced", "profit", "conversions", "too_far"):
        assert found[name] == told[name], name
    assert found["surcharge"]["n_leads"] == told["surcharge"]["n_leads"] > 0
    assert found["surcharge"]["surcharge"] == pytest.approx(told["surcharge"]["surcharge"])
    assert (found["list"]["n_leads"], found["backlog"]["n_leads"]) == (100, 80)


def test_a_list_that_is_there_already_and_none_at_all(desk: TestClient) -> None:
    same = priced(desk, {"list": LEADS, "backlog": LEADS})
    assert (same["price"], same["n_new"], same["n_known"]) == (0.0, 0, 150)
    decided = [{**lead, "lead_id": f"X{i}", "status": "lost"} for i, lead in enumerate(LEADS)]
    assert priced(desk, {"list": LEADS, "backlog": decided})["n_known"] == 150, "by e-mail, and decided ones too"
    empty = priced(desk, {"list": [], "backlog": LEADS})
    assert (empty["price"], empty["n_rows"], empty["n_leads"], empty["too_far"]) == (0.0, 0, 0, "")
    assert priced(desk, {"list": []})["backlog"] is None
    assert priced(desk, {"list": [{}], "backlog": None})["n_rows"] == 1


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("margin=0&capacity=5", "margin must be a number above 0"),
        ("capacity=5", "margin must be a number above 0"),
        ("margin=-5&capacity=5", "margin must be a number from 0 on"),
        ("margin=100", "capacity must be given"),
        ("margin=100&capacity=0", "capacity must be a whole number from 1 on"),
        ("margin=100&capacity=5&contact_cost=-1", "contact_cost must be a number from 0 on"),
        ("margin=100&capacity=5&where=shoe_size > 3", "must name a field that the model reads"),
        ("margin=100&capacity=5&where=income > lots", "must compare 'income' with a number"),
        ("margin=100&capacity=5&where=source = moon", "must name a value of 'source' that occurs"),
        ("margin=100&capacity=5&budget=5", "must be a parameter that is known here"),
        ("margin=100&margin=5&capacity=5", "must stand once"),
    ],
)
def test_parameters_that_do_not_fit(desk: TestClient, query: str, told: str) -> None:
    answer = desk.post(f"/v1/price?{query}", json={"list": LEADS})
    assert (answer.status_code, answer.json()["title"]) == (422, "A parameter is wrong")
    assert told in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"/list": "must be a list of leads, got null"}),
        ({"list": {}, "more": 1}, {"/list": "must be a list of leads", "/more": "must be left out"}),
        ({"list": [3]}, {"/list/0": "must be a lead as an object, got a number"}),
        ({"list": [], "backlog": [{"visits": "many"}]}, {"/backlog/0/visits": "must be a number, got a text"}),
        ({"list": [{"last_call": "soon"}]}, {"/list/0/last_call": "must be a date"}),
        ({"list": [], "backlog": [{}, {"last_call": "soon"}]}, {"/backlog/1/last_call": "must be a date"}),
    ],
)
def test_every_fault_has_its_place(desk: TestClient, body: Any, errors: dict[str, str]) -> None:
    answer = desk.post(f"/v1/price?{MONEY}", json=body)
    assert answer.status_code == 422, answer.text
    faults = {one["path"]: one["detail"] for one in answer.json()["errors"]}
    assert faults.keys() == errors.keys()
    assert all(told in faults[path] for path, told in errors.items())


def test_other_refusals(desk: TestClient, make_client: MakeClient, folder: Path) -> None:
    assert desk.post(f"/v1/price?{MONEY}", json=LEADS).json()["detail"].startswith("the body must be {")
    small = make_client(folder=folder, max_leads=10)
    assert "at most 10 leads" in small.post(f"/v1/price?{MONEY}", json={"list": LEADS}).json()["detail"]
    untested = make_client().post(f"/v1/price?{MONEY}", json={"list": LEADS})
    assert (untested.status_code, untested.json()["title"]) == (409, "The model does not carry its test")
