"""The OpenAPI document against a real server: Schemathesis finds nothing, and what it says of itself is so."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import msgspec
import pytest
from asking import KEY, MakeClient
from process import Running, running
from schemathesis.specs.openapi import definitions
from tested import with_test

from leadml.leads.schema import Field, Schema
from leadml.model.bundle import Bundle, save
from leadml.model.scorecard import LinearTerm, StepTerm
from leadml.serving.jsonschema import lead_schema
from leadml.serving.keys import hashed
from leadml.serving.lead import LeadReader

HERE = Path(__file__).parent
CONFIG = """
# The checks are all of them, with one exception. A stream is a text: no JSON Schema says which texts are a table
# whose header the model knows, and every text is lines of JSON, of which the bad ones are told in the answer.
[[operations]]
include-name = "POST /v1/score/stream"
checks.positive_data_acceptance.enabled = false
checks.negative_data_rejection.enabled = false
"""
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 5, 0.5, 1e300, 1_700_000_000, 1_700_000_000_000, 10**25),
    *("", "n/a", "N/A", "Yes", "NEIN", "true", "x", "hello", "5", "2026-01-31", "2026-01-31T09:30:00Z", "DE"),
    *([], ["a"], ["a", None, 3], [["a"]], [{}], {}, {"a": 1}, "kim@example.com", "\0", "é" * 50),
)


@pytest.fixture(scope="module")
def rich_bundle(module_bundle: Bundle) -> Bundle:
    """A bundle whose schema has every kind and role."""
    schema = module_bundle.schema
    fields = (
        *schema.fields,
        Field("tags", "list", "interest", levels=("a", "b")),
        Field("last_seen", "date", format="seconds"),
        Field("first_seen", "date", format="milliseconds"),
    )
    roles = msgspec.structs.replace(
        schema.roles, converted_at="won_at", value="deal", owner="rep", do_not_contact=("opted_out", "stop")
    )
    scorecard = module_bundle.scorecard
    terms = (
        *scorecard.terms,
        StepTerm("tags.count", cuts=(1.0,), points=(-0.1, 0.1), missing=0.0, whole=True),
        LinearTerm("last_seen.age_days", slope=-0.01, low=0, high=90, center=30, missing=0.0),
        LinearTerm("first_seen.age_days", slope=0.01, low=0, high=90, center=30, missing=0.0),
    )
    made = msgspec.structs.replace(
        module_bundle,
        scorecard=msgspec.structs.replace(scorecard, terms=terms),
        schema=Schema(fields=fields, roles=roles, outcomes=schema.outcomes),
    )
    return with_test(made)


@pytest.fixture(scope="module")
def rich_folder(rich_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(rich_bundle, tmp_path_factory.mktemp("rich") / "bundle")


@pytest.fixture(scope="module")
def server(rich_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(rich_folder, tmp_path_factory.mktemp("open")) as server:
        yield server


def schemathesis_finds(server: Running, folder: Path, *arguments: str) -> str:
    """Run Schemathesis over the document of a server; return what it says, "" where it finds nothing."""
    (folder / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [program, "run", f"{server.address}/openapi.json", "--seed", "1", *arguments],
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "stream_texts", "PYTHONPATH": str(HERE), "PYTHONWARNINGS": ""},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert f"Tested: {_n_operations(server)}\n" in done.stdout, done.stdout + done.stderr
    found = "" if done.returncode == 0 else done.stdout
    sys.stdout.write(found)  # pytest shows it whole
    return found


def _n_operations(server: Running) -> int:
    paths = server.client().get("/openapi.json", headers={"Authorization": f"Bearer {KEY}"}).json()["paths"]
    return sum(map(len, paths.values()))


def test_schemathesis_finds_nothing(server: Running, tmp_path: Path) -> None:
    """Leads of every kind and role, drawn at random; every bound of each, thousands, would take a minute."""
    assert schemathesis_finds(server, tmp_path, "--phases", "examples,fuzzing", "--max-examples", "60") == ""
    assert all(line["event"] == "request" or "Invalid HTTP" in line["message"] for line in server.lines())
    assert all(line["status"] < 500 for line in server.lines() if line["event"] == "request")


def test_schemathesis_finds_nothing_with_a_key_and_strict_fields(bundle_folder: Path, tmp_path: Path) -> None:
    """Every bound of each value, and the checks of security: without the key nothing may be answered."""
    environ = {"LEADML_SERVING_KEYS": f"crm={hashed(KEY)}", "LEADML_SERVING_UNKNOWN_FIELDS": "refuse"}
    with running(bundle_folder, tmp_path, environ=environ) as server:
        found = schemathesis_finds(
            server, tmp_path, "--phases", "examples,coverage", "-H", f"Authorization: Bearer {KEY}"
        )
        assert found == ""
        assert {line["status"] for line in server.lines() if "status" in line} >= {200, 401, 422}
        assert KEY not in server.log()


def test_the_document_is_openapi(server: Running) -> None:
    document = httpx.get(f"{server.address}/openapi.json", trust_env=False).json()
    jsonschema_rs.validator_for(definitions.OPENAPI_31).validate(document)
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        jsonschema_rs.meta.validate(schema)


def test_the_document_has_the_routes_of_the_api_and_no_others(make_client: MakeClient) -> None:
    client = make_client()
    document = client.get("/openapi.json").json()
    told = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    app: Any = client.app
    own = [one for route in app.routes for one in getattr(route, "original_router", app).routes if one is not route]
    routes = {
        (route.path, method)
        for route in (*app.routes, *own)
        for method in getattr(route, "methods", None) or ()
        if route.path.startswith(("/v1/", "/healthz", "/readyz", "/metrics")) and method != "HEAD"
    }
    assert told == routes


def test_the_examples_are_accepted_and_give_the_answers_they_claim(server: Running) -> None:
    client = server.client()
    document = client.get("/openapi.json").json()
    tried = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]["200"]["content"]
            for kind, media in operation.get("requestBody", {}).get("content", {}).items():
                for name, example in media["examples"].items():
                    body = example["value"] if isinstance(example["value"], str) else None
                    sent = body.encode() if body else msgspec.json.encode(example["value"])
                    told = operation.get("parameters", ())
                    asked = {one["name"]: one["example"] for one in told if one["required"]}
                    answer = client.request(method, path, params=asked, content=sent, headers={"content-type": kind})
                    assert answer.status_code == 200, answer.text
                    assert answer.headers["content-type"].startswith(kind)
                    claimed = answers[kind].get("examples", {}).get(name)
                    if claimed is not None:
                        assert _without_as_of(answer.json()) == _without_as_of(claimed["value"])
                    tried += 1
    assert tried == 9


def _without_as_of(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_without_as_of(one) for one in answer]
    return {name: value for name, value in answer.items() if name != "as_of"}


@pytest.mark.parametrize("as_text", [False, True])
def test_the_schema_of_a_lead_takes_what_the_server_takes(
    make_client: MakeClient, rich_bundle: Bundle, rich_folder: Path, as_text: bool
) -> None:
    """And the other way round, where formats are looked at. A text that stands for a value has no schema."""
    schema = lead_schema(rich_bundle, as_text=as_text)
    loose = jsonschema_rs.Draft202012Validator(schema, validate_formats=False)
    strict = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    client = make_client(folder=rich_folder, types="text" if as_text else "strict")
    for name in LeadReader(rich_bundle.schema).columns:
        for value in VALUES:
            answer = client.post("/v1/score", json={name: value})
            assert answer.status_code in (200, 422), (name, value)
            taken = answer.status_code == 200
            assert loose.is_valid({name: value}) or not taken, (name, value, answer.text)
            if not as_text:
                assert taken or not strict.is_valid({name: value}), (name, value, answer.text)


def test_the_schema_route_tells_the_same_as_the_document(server: Running) -> None:
    client = server.client()
    schema = client.get("/v1/model/schema").json()
    assert schema.pop("$schema") == "https://json-schema.org/draft/2020-12/schema"
    assert schema == client.get("/openapi.json").json()["components"]["schemas"]["Lead"]


def test_every_problem_fits_its_schema(server: Running) -> None:
    client = server.client()
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    problem = jsonschema_rs.Draft202012Validator(schemas["Problem"])
    for body in (b"{", b"[1]", b'{"visits": "x"}', b'{"visits": 1, "visits": 2}'):
        answer = client.post("/v1/score", content=body, headers={"content-type": "application/json"})
        problem.validate(answer.json())
