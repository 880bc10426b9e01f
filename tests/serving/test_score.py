"""``POST /v1/score``: one lead, lists, what is asked for beside, and what is wrong."""

from typing import Any

import pytest
from asking import LEAD, MakeClient
from starlette.testclient import TestClient

from leadml.model.bundle import Bundle
from leadml.model.scorer import Scorer

COLUMNS = [
    *("lead_id", "probability", "logit", "score", "grade"),
    *("interest_score", "ability_score", "authority_score", "interest", "ability", "authority", "other", "base"),
    *("summary", "reasons", "model_version", "as_of", "horizon_days"),
]


def test_one_lead(client: TestClient, module_bundle: Bundle) -> None:
    response = client.post("/v1/score", json=LEAD)

    scored = response.json()
    alone = Scorer(module_bundle).score_one(LEAD)
    assert response.status_code == 200
    assert list(scored) == COLUMNS
    assert (scored["lead_id"], scored["logit"], scored["grade"]) == ("L1", alone.logit, alone.grade)
    assert (scored["interest_score"], scored["summary"]) == (alone.interest_score, alone.summary)
    unknown = client.post("/v1/score", json={"visits": 3}).json()
    assert (unknown["authority_score"], unknown["summary"]) == (None, "means and authority are not known")
    assert [reason["text"] for reason in scored["reasons"]] == [reason.text for reason in alone.reasons]


def test_a_list_in_its_order(client: TestClient) -> None:
    leads = [{**LEAD, "lead_id": f"L{i}", "visits": i} for i in range(30)]

    scored = client.post("/v1/score?as_of=2026-10-02", json=leads)

    assert [one["lead_id"] for one in scored.json()] == [lead["lead_id"] for lead in leads]
    alone = [client.post("/v1/score?as_of=2026-10-02", json=lead).content for lead in leads]
    assert scored.content == b"[" + b",".join(alone) + b"]"  # to the byte


def test_a_long_list_is_scored_beside_other_requests(client: TestClient) -> None:
    leads = [{**LEAD, "lead_id": str(i)} for i in range(2000)]

    scored = client.post("/v1/score", json=leads).json()

    assert [one["lead_id"] for one in scored] == [str(i) for i in range(2000)]


@pytest.mark.parametrize("leads", [[], [{}], [{}, LEAD]])
def test_leads_may_lack_everything(client: TestClient, leads: list[Any]) -> None:
    scored = client.post("/v1/score", json=leads).json()

    assert len(scored) == len(leads)
    assert all(one["probability"] > 0 for one in scored)


def test_full_explanations_add_up(client: TestClient) -> None:
    for body in (LEAD, [LEAD, {}]):
        answer = client.post("/v1/score?explain=full", json=body).json()
        for one in answer if isinstance(answer, list) else [answer]:
            total = one["base"] + sum(part["contribution"] for part in one["contributions"])
            assert total == pytest.approx(one["logit"], abs=1e-9)
            assert set(one["contributions"][0]) == {"field", "part", "axis", "contribution", "text", "missing"}


def test_fields_that_the_model_does_not_know_are_reported(client: TestClient) -> None:
    odd = {**LEAD, "colour": "red", "more": {"a": [1, {"b": 2}]}}

    assert client.post("/v1/score", json=odd).json()["ignored_fields"] == ["colour", "more"]
    scored = client.post("/v1/score", json=[LEAD, odd, {"colour": 1}]).json()
    assert [one.get("ignored_fields") for one in scored] == [None, ["colour", "more"], ["colour"]]


def test_fields_that_the_model_does_not_know_can_be_refused(make_client: MakeClient) -> None:
    client = make_client(unknown_fields="refuse")

    response = client.post("/v1/score", json=[LEAD, {"colour": "red", "a/b": 1}])

    assert response.status_code == 422
    assert [error["path"] for error in response.json()["errors"]] == ["/1/colour", "/1/a~1b"]
    assert client.post("/v1/score", json=LEAD).status_code == 200


def test_every_fault_is_listed_with_its_path(client: TestClient) -> None:
    leads = [{"visits": "5", "source": [1]}, LEAD, {"visits": True, "last_call": 5, "email": {}}, "lead"]

    response = client.post("/v1/score", json=leads)

    problem = response.json()
    assert response.status_code == problem["status"] == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert {error["path"]: error["detail"] for error in problem["errors"]} == {
        "/0/visits": "must be a number, got a text",
        "/0/source": "must be a text, a number, true or false, got a list",
        "/2/visits": "must be a number, got true or false",
        "/2/last_call": "must be a date as a text, such as 2026-01-31, got a number",
        "/2/email": "must be a text, got an object",
        "/3": "must be a lead as an object, got a text",
    }


def test_values_that_cannot_be_read_are_listed_too(client: TestClient) -> None:
    one = client.post("/v1/score", json={"newsletter": "perhaps", "last_call": "soon"}).json()
    two = client.post("/v1/score", json=[LEAD, {"newsletter": "perhaps", "created_at": "soon"}]).json()

    assert {error["path"] for error in one["errors"]} == {"/newsletter", "/last_call"}
    assert {error["path"] for error in two["errors"]} == {"/1/newsletter", "/1/created_at"}


def test_texts_are_read_as_cells_of_a_file_where_that_is_set(make_client: MakeClient, client: TestClient) -> None:
    texts = {name: str(value) for name, value in LEAD.items()}

    assert client.post("/v1/score", json=texts).status_code == 422
    loose = make_client(types="text").post("/v1/score?as_of=2026-10-02", json=texts)
    assert loose.json() == client.post("/v1/score?as_of=2026-10-02", json=LEAD).json()


def test_a_lead_may_say_when_it_is_looked_at(client: TestClient) -> None:
    bodies: list[Any] = [{**LEAD, "as_of": "2026-05-01"}, [LEAD, {**LEAD, "as_of": "2026-05-01"}]]

    one, two = (client.post("/v1/score?as_of=2026-06-01", json=body).json() for body in bodies)

    assert one["as_of"] == "2026-05-01T00:00:00Z"
    assert [answer["as_of"] for answer in two] == ["2026-06-01T00:00:00Z", "2026-05-01T00:00:00Z"]
    refused = client.post("/v1/score", json=[LEAD, {"as_of": "soon"}])
    assert [error["path"] for error in refused.json()["errors"]] == ["/1/as_of"]


@pytest.mark.parametrize(
    ("address", "parameter", "told"),
    [
        ("/v1/score?asof=2026-10-01", "asof", "did you mean as_of?"),
        ("/v1/score?x=1", "x", "as_of, explain"),
        ("/v1/score?as_of=2026-10-01&as_of=2026-10-02", "as_of", "2 times"),
        ("/v1/rank?capcity=3", "capcity", "did you mean capacity?"),
        ("/v1/score/stream?reason=false", "reason", "did you mean reasons?"),
        ("/v1/model?version=3", "version", "none is known"),
        ("/v1/model/schema?version=3", "version", "none is known"),
    ],
)
def test_parameters_that_nobody_knows(client: TestClient, address: str, parameter: str, told: str) -> None:
    kind = "application/x-ndjson" if "stream" in address else "application/json"
    method = "GET" if "model" in address else "POST"
    response = client.request(method, address, content=b"[{}]", headers={"Content-Type": kind})

    assert response.status_code == 422
    assert [error["parameter"] for error in response.json()["errors"]] == [parameter]
    assert told in response.json()["detail"]


def test_a_byte_order_mark_is_named(client: TestClient) -> None:
    body, headers = b"\xef\xbb\xbf[{}]", {"Content-Type": "application/json"}

    response = client.post("/v1/score", content=body, headers=headers)

    assert response.status_code == 400
    assert "without a byte order mark" in response.json()["detail"]


def test_an_address_with_a_slash_too_many_is_not_there(client: TestClient) -> None:
    response = client.post("/v1/score/", json=LEAD, follow_redirects=False)

    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("query", "parameter"), [("as_of=soon", "as_of"), ("explain=all", "explain"), ("as_of=99999-01-01", "as_of")]
)
def test_parameters_that_do_not_fit(client: TestClient, query: str, parameter: str) -> None:
    response = client.post(f"/v1/score?{query}", json=LEAD)

    assert response.status_code == 422
    assert response.json()["errors"][0]["parameter"] == parameter


def test_lists_that_are_too_long(make_client: MakeClient) -> None:
    client = make_client(max_leads=3)

    assert client.post("/v1/score", json=[{}] * 3).status_code == 200
    response = client.post("/v1/score", json=[{}] * 4)
    assert response.status_code == 422
    assert "at most 3 leads" in response.json()["detail"]
