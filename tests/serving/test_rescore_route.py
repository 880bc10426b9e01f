"""``POST /v1/rescore``: a lead before and after its answers, and why."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from asking import LEAD, MakeClient

from leadml.model.bundle import Bundle, save

PATH = "/v1/rescore?as_of=2026-11-01"
ANSWERS: dict[str, Any] = {"visits": 9, "job_title": None}


def test_before_after_and_why(make_client: MakeClient) -> None:
    client = make_client()
    lead = {**LEAD, "visits": 1}
    found = client.post(PATH, json={"lead": lead, "answers": ANSWERS})
    assert found.status_code == 200, found.text
    told = found.json()
    assert told["before"] == client.post("/v1/score?as_of=2026-11-01", json=lead).json()
    assert told["after"] == client.post("/v1/score?as_of=2026-11-01", json={**lead, "visits": 9}).json()
    assert told["change"] == told["after"]["logit"] - told["before"]["logit"]
    assert sum(one["change"] for one in told["why"]) == pytest.approx(told["change"], abs=1e-9)
    assert [(one["field"], one["before"], one["after"]) for one in told["why"]] == [("visits", "1", "9")]
    assert told["why"][0]["text"].startswith("visits 9 (was 1): +")


def test_a_list(make_client: MakeClient) -> None:
    client = make_client()
    pairs = [{"lead": {"visits": i}, "answers": {"visits": i + 1}} for i in range(150)]
    told = client.post(PATH, json=pairs).json()
    assert len(told) == 150
    counted = [
        line for line in client.get("/metrics").text.splitlines() if line.startswith("leadml_leads_scored_total")
    ]
    assert sum(float(line.rpartition(" ")[2]) for line in counted) == 150
    refused = make_client(max_leads=149).post(PATH, json=pairs)
    assert refused.status_code == 422
    assert "at most 149 leads" in refused.json()["detail"]


def test_what_the_model_does_not_know_of_a_lead_is_said(make_client: MakeClient) -> None:
    told = make_client().post(PATH, json={"lead": {"colour": "red"}, "answers": {"visits": 3}}).json()
    assert told["ignored_fields"] == ["colour"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"lead": {"visits": "many"}, "answers": {}}, {"/lead/visits": "must be a number, got a text"}),
        ({"lead": {}, "answers": {"visits": "many"}}, {"/answers/visits": "must be a number, got a text"}),
        ({"lead": {}, "answers": {"vists": 3}}, {"/answers/vists": "did you mean 'visits'?"}),
        ({"lead": {}, "answers": {"lead_id": "L2"}}, {"/answers/lead_id": "must be a field of the model"}),
        ({"lead": {}}, {"/answers": "must be an object, got nothing"}),
        ({"lead": [], "answers": {}, "more": 1}, {"/lead": "got a list", "/more": "must be left out"}),
        ([{"lead": {}, "answers": {}}, 3], {"/1": "must be {"}),
        (
            [{"lead": {"last_call": "soon"}, "answers": {"visits": 3}}, {"lead": {}, "answers": {"last_call": "soon"}}],
            {"/0/lead/last_call": "must be a date", "/1/answers/last_call": "must be a date"},
        ),
    ],
)
def test_every_fault_has_its_place(make_client: MakeClient, body: Any, errors: dict[str, str]) -> None:
    refused = make_client().post(PATH, json=body)
    assert refused.status_code == 422, refused.text
    found = {one["path"]: one["detail"] for one in refused.json()["errors"]}
    assert found.keys() == errors.keys()
    assert all(words in found[path] for path, words in errors.items()), found


@pytest.mark.parametrize(("body", "status"), [(b"[", 400), (b"3", 422), (b"null", 422)])
def test_bodies_that_are_none(make_client: MakeClient, body: bytes, status: int) -> None:
    answer = make_client().post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert make_client().post("/v1/rescore?asof=1", json={}).status_code == 422


def test_refused_fields_stand_once(make_client: MakeClient) -> None:
    answer = make_client(unknown_fields="refuse").post(PATH, json={"lead": {"colour": 1}, "answers": {"colour": 1}})
    assert [one["path"] for one in answer.json()["errors"]] == ["/lead/colour", "/answers/colour"]


def test_what_is_not_asked_yet_counts_as_the_average(
    make_client: MakeClient, module_bundle: Bundle, tmp_path: Path
) -> None:
    schema = msgspec.structs.replace(module_bundle.schema, answers=("income", "job_title"))
    client = make_client(folder=save(msgspec.structs.replace(module_bundle, schema=schema), tmp_path / "bundle"))
    body = {"lead": {"visits": 9}, "answers": {"job_title": "CEO"}}
    told = client.post(f"{PATH}&first=call", json=body).json()
    assert told["before"]["authority"] == told["after"]["ability"] == 0.0
    assert client.post(PATH, json=body).json()["before"]["authority"] != 0.0
    ranked = client.post("/v1/rank?first=call", json=[body["lead"]]).json()
    assert ranked["leads"][0]["logit"] == told["before"]["logit"]
    assert "job title" in ranked["leads"][0]["ask"]
    refused = make_client().post(f"{PATH}&first=call", json=body)
    assert refused.status_code == 422
    assert "set leads.answers" in refused.json()["detail"]
