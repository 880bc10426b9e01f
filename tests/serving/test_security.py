"""Who may ask what, on every address there is; and what no answer and no log may hold."""

import hmac
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import KEY, LEAD, MakeClient
from process import Running, running

from leadml.serving.keys import hashed, holder, new_key

OPEN = {"/healthz", "/readyz", "/sign-in", "/static/{name}"}
FORGED = {
    "another key": {"authorization": f"Bearer {new_key()}"},
    "its hash": {"authorization": f"Bearer {hashed(KEY)}"},
    "half of it": {"x-api-key": KEY[:-1]},
    "more than it": {"x-api-key": KEY + "x"},
    "as a password": {"authorization": f"Basic {KEY}"},
    "nothing": {"authorization": "Bearer ", "x-api-key": ""},
    "odd letters": {"x-api-key": "\xff\xfe"},
    "a forged cookie": {"cookie": "leadml_session=WyJhIiwiY3JtIl0.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
}


def routes(client: Any) -> Iterator[tuple[str, str]]:
    """Yield every address of an app with its methods."""
    found = list(client.app.routes)
    for route in found:
        found += getattr(getattr(route, "original_router", None), "routes", ())
        for method in getattr(route, "methods", None) or ():
            yield method, route.path


@pytest.mark.parametrize("headers", [{}, *FORGED.values()], ids=["no key", *FORGED])
def test_nothing_is_answered_without_a_key(make_client: MakeClient, headers: dict[str, str]) -> None:
    client = make_client(with_key=True)
    asked = [(method, path) for method, path in routes(client) if path not in OPEN]
    assert len(asked) > 15
    raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    for method, path in asked:
        answer = client.request(method, path, headers=raw, follow_redirects=False)
        if path.startswith(("/v1/", "/metrics", "/openapi.json")):
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in?next=%2F")
        assert "L1" not in answer.text


def test_no_answer_tells_of_the_server_or_opens_it_to_other_sites(make_client: MakeClient) -> None:
    client = make_client()
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    for method, path in [*routes(client), ("OPTIONS", "/v1/score"), ("GET", "/none")]:
        answer = client.request(method, path, headers=asked, follow_redirects=False)
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "same-origin"
        assert not [name for name in answer.headers if name.startswith(("access-control", "server", "x-powered"))]
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
            assert "script-src 'self';" in answer.headers["content-security-policy"]


def test_keys_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them, also after one has fitted."""
    compared: list[str] = []
    real = hmac.compare_digest

    def compare(given: str, known: str) -> bool:
        compared.append(known)
        return real(given, known)

    monkeypatch.setattr("leadml.serving.keys.hmac.compare_digest", compare)
    known = {name: hashed(name) for name in ("a", "b", "c")}
    assert holder("a", known) == "a"
    assert compared == list(known.values())
    assert "==" not in inspect.getsource(holder)


@pytest.fixture(scope="module")
def keyed(bundle_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    environ = {"LEADML_SERVING_KEYS": f"crm={hashed(KEY)}"}
    with running(bundle_folder, tmp_path_factory.mktemp("keyed"), environ=environ) as server:
        yield server


def test_a_key_is_in_no_log_and_no_file(keyed: Running) -> None:
    client = httpx.Client(base_url=keyed.address, trust_env=False)
    with client:
        for headers in ({"authorization": f"Bearer {KEY}"}, {"x-api-key": KEY}, {"x-api-key": KEY + "?"}):
            client.post("/v1/score", json=LEAD, headers=headers, params={"key": KEY})
        client.get(f"/{KEY}", params={"key": KEY})
        client.post("/sign-in", data={"key": KEY, "token": KEY})
    lines = keyed.lines()
    assert [line["key"] for line in lines if line["path"] == "/v1/score"] == ["crm", "crm", None]
    assert KEY not in keyed.log()
    settings = next(keyed.room.glob("*/settings.json"))
    assert KEY not in settings.read_text(encoding="utf-8")
    assert json.loads(settings.read_bytes())["keys"] == {"crm": hashed(KEY)}
    assert settings.parent.stat().st_mode & 0o077 == 0, "nobody else may look into the room"
