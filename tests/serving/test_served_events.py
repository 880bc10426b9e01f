"""What leads did, in requests and on the page: scored as `leadml rank` scores them."""

import csv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from asking import MakeClient
from desk_leads import make, row, write_csv
from starlette.testclient import TestClient

from leadml.leads.schema import EventTable, Field, Measure
from leadml.model.bundle import Bundle, save
from leadml.model.feed import open_feed
from leadml.model.scorecard import Scorecard, StepTerm
from leadml.model.scorer import Scorer
from leadml.ranking.lists import rank_file
from leadml.serving.desk.lead import detail
from leadml.serving.desk.listed import IN, open_table
from leadml.serving.desk.ranked import UNREAD_EVENTS
from leadml.serving.settings import EventsAt

LEAD = {"lead_id": "L1", "created_at": "2026-10-10", "visits": 5}
EVENTS: list[dict[str, Any]] = [
    {"at": "2026-10-01", "kind": "call"},
    {"at": "2026-10-05T09:00:00Z", "kind": "Call", "value": 3},
]


@pytest.fixture(scope="module")
def busy(desk_bundle: Bundle) -> Bundle:
    """A model that counts calls, and asks when the last one was."""
    fields = (
        *desk_bundle.schema.fields,
        Field("events.call.count", "number", "interest", measure=Measure("count", "call")),
        Field("events.call.last_days", "number", "interest", measure=Measure("last", "call")),
    )
    terms = (
        *desk_bundle.scorecard.terms,
        StepTerm("events.call.count", (1.0, 2.0), (-0.5, 0.2, 0.9), missing=-0.1, whole=True),
        StepTerm("events.call.last_days", (7.0,), (0.4, -0.3), missing=0.0),
    )
    schema = msgspec.structs.replace(
        desk_bundle.schema, fields=fields, events=EventTable(value="value", kinds=("call",), snapshots=(0,))
    )
    return msgspec.structs.replace(desk_bundle, schema=schema, scorecard=Scorecard(desk_bundle.scorecard.base, terms))


@pytest.fixture
def client(busy: Bundle, tmp_path: Path, make_client: MakeClient) -> TestClient:
    return make_client(folder=save(busy, tmp_path / "model"))


def paths(response: Any) -> list[str]:
    assert response.status_code == 422
    return [error["path"] for error in response.json()["errors"]]


def test_a_lead_comes_with_what_it_did(client: TestClient, busy: Bundle) -> None:
    as_of = datetime(2026, 10, 20, tzinfo=UTC)
    expected = Scorer(busy).score_one(LEAD, events=EVENTS, as_of=as_of)

    one = client.post("/v1/score?as_of=2026-10-20", json={**LEAD, "events": EVENTS}).json()
    many = client.post("/v1/score?as_of=2026-10-20", json=[{**LEAD, "events": EVENTS}, LEAD]).json()

    assert one["logit"] == expected.logit
    assert "ignored_fields" not in one
    assert many[0] == one
    assert many[1]["logit"] == Scorer(busy).score_one(LEAD).logit != one["logit"]


def test_no_events_and_none_told_are_not_the_same(client: TestClient) -> None:
    ways: list[dict[str, Any]] = [{"events": []}, {}, {"events": None}]
    told, untold, null = (client.post("/v1/score", json=LEAD | way).json() for way in ways)

    assert told["logit"] - untold["logit"] == pytest.approx(-0.4)
    assert null["logit"] == untold["logit"]


def test_later_events_do_not_count(client: TestClient) -> None:
    later = [{"at": "2026-10-15", "kind": "call"}]

    scored = [
        client.post("/v1/score", json={**LEAD, "events": events, "as_of": at}).json()["logit"]
        for events, at in (
            ([], "2026-10-20"),
            (later, "2026-10-20"),
            (EVENTS, "2026-09-30"),
            (EVENTS[:1], "2026-10-20"),
        )
    ]

    assert scored[0] == scored[1], "this model has seen leads only as they came in"
    assert scored[2] == scored[0]
    assert scored[3] != scored[0]


def test_explanations_and_lists_have_them(client: TestClient) -> None:
    leads = [{**LEAD, "lead_id": "L2"}, {**LEAD, "events": EVENTS}]

    one = client.post("/v1/score?explain=full", json=leads[1]).json()
    ranked = client.post("/v1/rank", json=leads).json()["leads"]

    assert one["base"] + sum(part["contribution"] for part in one["contributions"]) == pytest.approx(one["logit"])
    assert [lead["lead_id"] for lead in ranked] == ["L1", "L2"]
    assert ranked[0]["logit"] == one["logit"]
    assert ranked[0]["events"] == EVENTS


def test_streams_of_lines_have_them(client: TestClient) -> None:
    body = msgspec.json.encode({**LEAD, "events": EVENTS}) + b"\n"

    answer = client.post("/v1/score/stream", content=body, headers={"Content-Type": "application/x-ndjson"})

    assert answer.json()["logit"] == client.post("/v1/score", json={**LEAD, "events": EVENTS}).json()["logit"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("call", ["/1/events"]),
        ([1, []], ["/1/events/0", "/1/events/1"]),
        ([{"at": "soon", "kind": "call"}, {"kind": ""}], ["/1/events/0/at", "/1/events/1/at", "/1/events/1/kind"]),
        ([{"at": "2026-10-01", "kind": "call", "value": "x"}], ["/1/events/0/value"]),
    ],
)
def test_faults_name_the_event(client: TestClient, events: Any, expected: list[str]) -> None:
    for address in ("/v1/score", "/v1/rank"):
        assert paths(client.post(address, json=[LEAD, {**LEAD, "events": events}])) == expected
    alone = client.post("/v1/score", json={**LEAD, "events": events})
    assert paths(alone) == [path.removeprefix("/1") for path in expected]


def test_a_date_of_the_lead_that_cannot_be_read_is_named_once(client: TestClient) -> None:
    assert paths(client.post("/v1/score", json=[{"created_at": "soon", "events": EVENTS}])) == ["/0/created_at"]


def test_a_model_without_events_ignores_them(make_client: MakeClient) -> None:
    assert make_client().post("/v1/score", json={**LEAD, "events": EVENTS}).json()["ignored_fields"] == ["events"]


def test_the_schema_asks_for_them(client: TestClient) -> None:
    schema = client.get("/v1/model/schema").json()
    example = schema["examples"][0]

    assert schema["properties"]["events"]["items"]["required"] == ["at", "kind"]
    assert example["events"] == [{"at": "2026-10-31", "kind": "call"}]
    assert not any(name.startswith("events.") for name in example)
    assert client.post("/v1/score", json=example).status_code == 200


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Leads, and what they did."""
    events = tmp_path / "events.csv"
    with events.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["lead_id", "at", "kind", "value"])
        writer.writerows([f"L{i:04}", f"2026-09-{1 + i:02}", "call", i] for i in range(20) for _ in range(i % 3))
    return write_csv(tmp_path / "leads.csv", [row(i) for i in range(20)]), events


def test_the_page_ranks_as_the_command_does(busy: Bundle, files: tuple[Path, Path], tmp_path: Path) -> None:
    scorer, (leads, events) = Scorer(busy), files
    expected = rank_file(scorer, leads, None, events=events).table

    told, rows = make(scorer, leads, tmp_path / "list", events=EventsAt("events.csv", str(tmp_path)))

    assert [one["logit"] for one in rows] == expected.column("logit").to_pylist()
    assert [one["lead_id"] for one in rows] == expected.column("lead_id").to_pylist()
    assert not any(name.startswith("events") for name in told.carried)
    assert not any("event" in note for note in told.notes)
    assert not told.lacks_events
    for place in (1, 10, 20):
        shown = detail(open_table(tmp_path / "list"), told, place, scorer)
        assert shown.parts is not None, "its steps are known"
        assert not any(name.startswith("events") for name, _ in shown.cells)
        assert IN + "visits" in shown.lead


def test_events_that_cannot_be_read_are_told(busy: Bundle, files: tuple[Path, Path], tmp_path: Path) -> None:
    scorer, (leads, _) = Scorer(busy), files

    told, rows = make(scorer, leads, tmp_path / "list", events=EventsAt("gone.csv", str(tmp_path)))

    assert [one["logit"] for one in rows] == rank_file(scorer, leads, None).table.column("logit").to_pylist()
    assert told.notes[0] == UNREAD_EVENTS
    assert told.lacks_events
    assert "gone.csv" not in "".join(told.notes)


def test_a_feed_that_is_open_is_taken_as_it_is(busy: Bundle, files: tuple[Path, Path]) -> None:
    scorer, as_of = Scorer(busy), datetime(2026, 11, 1, tzinfo=UTC)
    feed = open_feed(scorer, files[1], as_of=as_of)

    assert open_feed(scorer, feed, as_of=as_of) is feed
    assert (
        rank_file(scorer, files[0], None, as_of=as_of, events=feed).table
        == rank_file(scorer, files[0], None, as_of=as_of, events=files[1]).table
    )
