"""What /metrics tells."""

import re
from pathlib import Path
from typing import Any

import msgspec
from asking import LEAD, MakeClient
from starlette.testclient import TestClient


def metrics(client: TestClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_requests_and_leads_are_counted(client: TestClient) -> None:
    client.post("/v1/score", json=[LEAD] * 3)
    client.post("/v1/score", json=LEAD)
    client.post("/v1/score", json={"visits": "x"})
    client.get("/lists/nothing/leads/1")

    found = metrics(client)

    assert found['leadml_requests_total{path="/v1/score",status="200"}'] == 2
    assert found['leadml_requests_total{path="/v1/score",status="422"}'] == 1
    assert found['leadml_request_seconds_count{path="/v1/score"}'] == 3
    assert sum(n for name, n in found.items() if name.startswith("leadml_leads_scored_total")) == 4
    assert sum(n for name, n in found.items() if name.startswith("leadml_scores_total")) == 4
    assert found['leadml_model_info{family="logistic",version="1"}'] == 1
    assert found["leadml_model_refused"] == 0
    assert found["leadml_model_age_seconds"] > 0
    assert not any("nothing" in name for name in found)


def test_the_share_of_the_best_grade(client: TestClient) -> None:
    assert "leadml_grade_a_share" not in metrics(client)
    best = {"visits": 9, "source": "web", "newsletter": True, "income": 90_000, "job_title": "Head", "last_call": None}
    grades = [client.post("/v1/score", json=lead).json()["grade"] for lead in (best, {}, {"visits": 0})]

    share = metrics(client)["leadml_grade_a_share"]

    assert "A" in grades
    assert share == grades.count("A") / 3


def test_leads_of_today_are_summed_over_the_workers(make_client: MakeClient) -> None:
    client: Any = make_client()
    held = client.app.state.metrics
    room = Path(client.app.state.settings.room)
    client.post("/v1/score", json=[LEAD] * 2)
    grade = client.post("/v1/score", json=LEAD).json()["grade"]
    day = msgspec.json.decode(_kept(held))["day"]
    (room / "today-1.json").write_bytes(msgspec.json.encode({"day": day, "leads": {grade: 5}}))
    (room / "today-2.json").write_bytes(msgspec.json.encode({"day": "1999-01-01", "leads": {grade: 7}}))
    (room / "today-3.json").write_bytes(b"{")

    assert held.today() == {"A": 0, "B": 0, "C": 0, "D": 0} | {grade: 8}


def _kept(held: Any) -> bytes:
    held.keep()
    return bytes(held._file.read_bytes())


def test_the_text_is_what_prometheus_reads(client: TestClient) -> None:
    from prometheus_client.parser import text_string_to_metric_families

    response = client.get("/metrics")

    assert re.fullmatch(r"text/plain; version=[\d.]+; charset=utf-8", response.headers["content-type"])
    names = {family.name for family in text_string_to_metric_families(response.text)}
    assert {"leadml_requests", "leadml_request_seconds", "leadml_leads_scored", "leadml_model_info"} <= names
