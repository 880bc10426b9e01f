"""What every request passes: keys, hosts, limits, ids, headers, the log."""

import json
from typing import Any

import pytest
from asking import KEY, LEAD, MakeClient
from starlette.testclient import TestClient

from leadml.serving.gate import Gate

BEARER = {"Authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize("path", ["/v1/score", "/v1/model", "/v1/model/schema", "/metrics", "/openapi.json"])
def test_the_api_asks_for_a_key(make_client: MakeClient, path: str) -> None:
    client = make_client(with_key=True)
    method = "POST" if path == "/v1/score" else "GET"

    for wrong in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}, {"X-API-Key": KEY[:-1]}):
        response = client.request(method, path, headers=wrong)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"
        assert response.json()["type"].endswith("#no-key")
    for right in (BEARER, {"Authorization": f"bearer {KEY}"}, {"X-API-Key": KEY}):
        assert client.request(method, path, headers=right, json=LEAD).status_code == 200


def test_pages_lead_to_the_door(make_client: MakeClient) -> None:
    client = make_client(with_key=True)

    response = client.get("/model?a=b", follow_redirects=False)

    assert response.status_code == 303
    assert response.headers["location"] == "/sign-in?next=%2Fmodel%3Fa%3Db"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_key(make_client: MakeClient, path: str) -> None:
    assert make_client(with_key=True).get(path).status_code == 200


def test_without_a_key_only_the_names_of_this_machine_are_answered(client: TestClient) -> None:
    for name in ("localhost", "127.0.0.1:8000", "LOCALHOST:1", "[::1]:8000"):
        assert client.get("/v1/model", headers={"Host": name}).status_code == 200
    for name in ("evil.example", "localhost.evil.example:80", ""):
        assert client.get("/v1/model", headers={"Host": name}).status_code == 421


def test_names_can_be_set(make_client: MakeClient) -> None:
    client = make_client(with_key=True, hosts=["leads.example"])

    assert client.get("/v1/model", headers={"Host": "leads.example:8443", **BEARER}).status_code == 200
    assert client.get("/v1/model", headers={"Host": "localhost", **BEARER}).status_code == 421
    assert client.get("/readyz", headers={"Host": "127.0.0.1"}).status_code == 200  # asked by a machine nearby


def test_bodies_that_are_too_large(make_client: MakeClient) -> None:
    client = make_client(max_body_mb=1)
    body = b'{"source": "' + b"x" * (1 << 20) + b'"}'
    kind = {"Content-Type": "application/json"}

    told = client.post("/v1/score", content=body, headers=kind)
    chunked = client.post("/v1/score", content=iter([body[:700_000], body[700_000:]]), headers=kind)

    assert told.status_code == chunked.status_code == 413
    assert told.json()["detail"] == "the body must have at most 1 MB; send less at a time"


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_bodies_of_another_kind(client: TestClient, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}

    response = client.post("/v1/score", content=json.dumps(LEAD), headers=headers)

    assert response.status_code == 415
    assert response.headers["accept-post"] == "application/json"


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.crm+json"])
def test_bodies_of_json_by_other_names(client: TestClient, kind: str) -> None:
    assert client.post("/v1/score", content=json.dumps(LEAD), headers={"Content-Type": kind}).status_code == 200


def test_request_ids(client: TestClient) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": "trace-1.2:3"})
    odd = client.get("/healthz", headers={"X-Request-ID": "a b"})

    assert given.headers["x-request-id"] == "trace-1.2:3"
    assert odd.headers["x-request-id"] not in ("", "a b")
    missing = client.get("/v1/nothing")
    assert missing.status_code == 404
    assert missing.json()["request_id"] == missing.headers["x-request-id"]


def test_headers_of_safety(client: TestClient) -> None:
    api, page = client.get("/v1/model"), client.get("/")

    for response in (api, page):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_the_log_holds_no_value_of_a_lead(make_client: MakeClient) -> None:
    client: Any = make_client(with_key=True)
    secret = "Zaphod-Marker"
    lead = {**LEAD, "lead_id": secret, "source": secret, secret: secret, "newsletter": secret}

    client.post(f"/v1/score?as_of={secret}", json=lead, headers=BEARER)
    client.post("/v1/score", json=lead, headers=BEARER)
    client.post("/v1/score", json=[LEAD] * 3, headers=BEARER)
    client.get(f"/{secret}", headers=BEARER)
    client.get(f"/lists/{secret}/leads/1?q={secret}", headers=BEARER)

    lines = client.log()
    assert secret not in json.dumps(lines)
    assert KEY not in json.dumps(lines)
    scored = lines[2]
    assert (scored["status"], scored["leads"], scored["key"], scored["model"]) == (200, 3, "crm", "1")
    assert (scored["method"], scored["path"]) == ("POST", "/v1/score")


def test_what_goes_wrong_inside_stays_inside(make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    client: Any = make_client()

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Zaphod-Marker")

    monkeypatch.setattr(client.app.state.champion.current.scorer, "score_one", fail)
    response = client.post("/v1/score", json=LEAD)

    assert response.status_code == 500
    assert response.json()["title"] == "Something went wrong in the server"
    failure, request = client.log()
    assert failure["error"] == "RuntimeError"
    assert any("score.py" in place for place in failure["at"])
    assert request["status"] == 500
    assert "Zaphod" not in response.text + json.dumps(client.log())


def test_busy_servers_say_so(make_client: MakeClient) -> None:
    client: Any = make_client(max_requests=1)
    gate = client.app.middleware_stack
    while not isinstance(gate, Gate):
        gate = gate.app

    gate.under_way = 1
    response = client.post("/v1/score", json=LEAD)
    gate.under_way = 0

    assert response.status_code == 429
    assert response.headers["retry-after"] == "1"
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/score"), ("POST", "/v1/model"), ("DELETE", "/healthz")])
def test_methods_that_an_address_does_not_have(client: TestClient, method: str, path: str) -> None:
    response = client.request(method, path)

    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["allow"]
