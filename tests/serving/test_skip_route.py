"""``POST /v1/skip``: whom not to call, as the command says."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from asking import LEAD, MakeClient
from starlette.testclient import TestClient
from tested import with_test

from leadml.model.bundle import Bundle, save
from leadml.model.scorer import load_model
from leadml.training.skip import skip_list

PATH = "/v1/skip?as_of=2026-11-01"
LEADS = [{"lead_id": f"L{i}", "visits": i % 7, "income": 1000 * i, "note": i} for i in range(120)]


@pytest.fixture(scope="module")
def folder(desk_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(with_test(desk_bundle), tmp_path_factory.mktemp("skip") / "bundle")


@pytest.fixture
def desk(make_client: MakeClient, folder: Path) -> TestClient:
    return make_client(folder=folder)


def skipped(client: TestClient, query: str = "&limit=0.1", leads: Any = LEADS) -> dict[str, Any]:
    answer = client.post(PATH + query, json=leads)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_lowest_and_what_they_cost(desk: TestClient) -> None:
    found = skipped(desk)
    scores = [lead["score"] for lead in found["leads"]]
    assert 0 < found["n_skipped"] == len(scores) < found["n_open"] == found["n_leads"] == 120
    assert scores == sorted(scores)
    assert max(scores) <= found["step"]["score"] == 64, "no conversion of the test lies below"
    assert found["step"]["at_most"] == pytest.approx(1 - 0.05 ** (1 / 36))
    assert found["expected"] == pytest.approx(sum(lead["probability"] for lead in found["leads"]))
    assert found["at_most"] >= 0
    places = {lead["lead_id"]: lead["note"] for lead in found["leads"]}
    assert all(f"L{note}" == lead for lead, note in places.items()), "what came with each lead stays with it"
    assert found["notes"] == ["fields that the model does not know: note"]
    assert desk.post("/v1/rank", json=LEADS).status_code == 200


def test_it_is_what_the_command_says(desk: TestClient, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "leads.csv"
    lines = [f"{one['lead_id']},{one['visits']},{one['income']}" for one in LEADS]
    table.write_text("\n".join(["lead_id,visits,income", *lines]))
    told = skip_list(load_model(str(folder)), table, limit=0.1, level=0.9).to_dict()
    found = skipped(desk, "&limit=0.1&level=0.9")
    assert {name: found[name] for name in ("n_open", "n_skipped", "at_most", "step", "marks")} == {
        name: told[name] for name in ("n_open", "n_skipped", "at_most", "step", "marks")
    }


def test_none_is_safe_under_a_small_limit(desk: TestClient) -> None:
    found = skipped(desk, "")
    assert (found["leads"], found["step"], found["at_most"], found["limit"]) == ([], None, 0, 0.05)
    assert len(found["marks"]) == 4
    assert skipped(desk, "&limit=0.5", [])["n_open"] == 0


def test_what_is_refused(desk: TestClient, make_client: MakeClient) -> None:
    assert desk.post(PATH, json=LEAD).json()["detail"].startswith("the body must be a list of leads, got one lead")
    for query, told in (("&limit=0", "limit"), ("&limit=1", "limit"), ("&limit=x", "limit"), ("&level=0.2", "level")):
        answer = desk.post(PATH + query, json=LEADS)
        assert (answer.status_code, answer.json()["title"]) == (422, "A parameter is wrong")
        assert told in answer.json()["detail"]
    assert "did you mean limit" in desk.post(PATH + "&limits=0.1", json=LEADS).json()["detail"]
    fault = desk.post(PATH, json=[LEAD, {"created_at": "soon"}])
    assert [one["path"] for one in fault.json()["errors"]] == ["/1/created_at"]
    untested = make_client().post(PATH, json=LEADS)
    assert (untested.status_code, untested.json()["title"]) == (409, "The model does not carry its test")
    assert "train again" in untested.json()["detail"]


def test_nothing_that_learns_is_loaded(folder: Path) -> None:
    code = f"""
import sys
from starlette.testclient import TestClient
from leadml.serving.app import make_app
from leadml.serving.lean import without_pandas
from leadml.serving.settings import gather
without_pandas()
client = TestClient(make_app(gather(None, environ={{}}, given={{"model": {str(folder)!r}}})), base_url="http://localhost")
leads = [{{"visits": 3}}]
assert client.post("/v1/skip", json=leads).status_code == 200
assert client.post("/v1/price?margin=9&capacity=5", json={{"list": leads, "backlog": leads}}).status_code == 200
print([n for n in ("pandas", "sklearn", "scipy", "mlflow", "leadml.learning", "leadml.training") if n in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
