"""Signing in, the cookie, and the tokens of forms."""

import re
import time
from typing import Any

import pytest
from found import KEY, MakeClient
from starlette.testclient import TestClient

from leadml.serving.pages import sessions, signin

TOKEN = re.compile(r'name="token" value="([^"]+)"')


@pytest.fixture
def keyed(make_client: MakeClient) -> TestClient:
    return make_client(with_key=True)


def _token(client: TestClient, path: str = "/sign-in") -> str:
    found = TOKEN.search(client.get(path).text)
    assert found is not None
    return found[1]


def _sign_in(client: TestClient, key: str = KEY, **form: str) -> Any:
    token = form.pop("token", None) or _token(client)
    return client.post("/sign-in", data={"key": key, "token": token, **form}, follow_redirects=False)


def test_without_a_session_the_page_asks_for_a_key(keyed: TestClient) -> None:
    answer = keyed.get("/model?x=1", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Fmodel%3Fx%3D1"
    page = keyed.get("/sign-in?next=%2Fmodel%3Fx%3D1")
    assert 'name="next" value="/model?x=1"' in page.text
    assert "/model" not in re.findall(r'<a href="([^"]+)"', page.text)  # no menu before signing in
    assert "Model 1" not in page.text
    assert keyed.get("/static/style.css").status_code == 200


def test_a_known_key_opens_the_page(keyed: TestClient) -> None:
    answer = _sign_in(keyed, f"  {KEY}\n", next="/model")
    assert (answer.status_code, answer.headers["location"]) == (303, "/model")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=43200" in cookie
    assert "Secure" not in cookie  # http
    assert KEY not in cookie
    assert keyed.get("/model", follow_redirects=False).status_code == 200
    assert keyed.get("/sign-in?next=/model", follow_redirects=False).headers["location"] == "/model"


def test_the_cookie_is_for_https_alone_where_the_page_is(make_client: MakeClient) -> None:
    client = make_client(with_key=True)
    client.base_url = "https://localhost"
    assert "Secure" in _sign_in(client).headers["set-cookie"]


def test_a_wrong_key_is_told_after_a_while(keyed: TestClient) -> None:
    start = time.perf_counter()
    answer = _sign_in(keyed, "leadml_wrong")
    assert time.perf_counter() - start >= signin.WAIT
    assert answer.status_code == 422
    assert "This key is not known here" in answer.text
    assert 'role="alert"' in answer.text
    assert "leadml_wrong" not in answer.text
    assert keyed.get("/", follow_redirects=False).status_code == 303


def test_many_wrong_keys_at_once_are_sent_away(keyed: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signin, "_waiting", [signin.MOST_WAITING])
    answer = _sign_in(keyed, "leadml_wrong")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "5"
    assert _sign_in(keyed).status_code == 303  # who knows the key is not kept waiting


def test_signing_in_begins_a_new_session(keyed: TestClient) -> None:
    before = _token(keyed)
    planted = keyed.cookies[sessions.COOKIE]
    assert _sign_in(keyed, token=before).status_code == 303
    assert keyed.cookies[sessions.COOKIE] != planted
    assert _token(keyed, "/model") != before
    answer = keyed.post("/language", data={"language": "de", "token": before}, follow_redirects=False)
    assert answer.status_code == 403


def test_signing_out_ends_it(keyed: TestClient) -> None:
    _sign_in(keyed)
    assert keyed.post("/sign-out", follow_redirects=False).status_code == 403
    token = _token(keyed, "/model")
    answer = keyed.post("/sign-out", data={"token": token}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert keyed.get("/model", follow_redirects=False).status_code == 303


def test_a_forged_cookie_opens_nothing(keyed: TestClient) -> None:
    _sign_in(keyed)
    true = keyed.cookies[sessions.COOKIE]
    payload, at, signature = true.split(".")
    forged = ["", "x", true[:-1], true[::-1], f"{payload}.{at}.", f"{payload[:-2]}AA.{at}.{signature}", "ü", "." * 50]
    for cookie in forged:
        keyed.cookies.clear()
        answer = keyed.get(
            "/model", headers={b"cookie": f"{sessions.COOKIE}={cookie}".encode()}, follow_redirects=False
        )
        assert answer.status_code == 303, cookie


def test_the_cookie_of_another_server_opens_nothing(make_client: MakeClient) -> None:
    one, other = make_client(with_key=True), make_client(with_key=True)
    _sign_in(one)
    cookie = f"{sessions.COOKIE}={one.cookies[sessions.COOKIE]}"
    answer = other.get("/model", headers={"cookie": cookie}, follow_redirects=False)
    assert answer.status_code == 303


def test_a_session_ends_after_its_hours(keyed: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    _sign_in(keyed)
    assert keyed.get("/model", follow_redirects=False).status_code == 200
    later = time.time() + sessions.HOURS * 3600 + 5
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert keyed.get("/model", follow_redirects=False).status_code == 303


def test_the_cookie_of_a_visitor_opens_nothing(keyed: TestClient) -> None:
    keyed.get("/sign-in")
    assert keyed.cookies[sessions.COOKIE]
    assert keyed.get("/model", follow_redirects=False).status_code == 303


def test_a_visitor_without_a_key_has_a_session_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    token = _token(client, "/model")
    assert token == _token(client, "/model")
    assert "set-cookie" not in client.get("/model").headers
    later = time.time() + sessions.RENEWED + 5
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    monkeypatch.setattr(sessions, "time", _Clock(later))
    assert "set-cookie" in client.get("/model").headers  # renewed while it is in use
    assert token == _token(client, "/model")


class _Clock:
    def __init__(self, now: float) -> None:
        self._now = now

    def time(self) -> float:
        return self._now


@pytest.mark.parametrize("token", [None, "", "x", "ü", "A" * 5000])
def test_a_form_without_its_token_is_refused(client: TestClient, token: str | None) -> None:
    client.get("/model")
    form = {"language": "de"} | ({} if token is None else {"token": token})
    answer = client.post("/language", data=form, follow_redirects=False)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "That did not go through" in answer.text


def test_the_token_of_another_visitor_is_refused(make_client: MakeClient) -> None:
    one = make_client()
    token = _token(one, "/model")
    one.cookies.clear()
    one.get("/model")
    assert one.post("/language", data={"language": "de", "token": token}).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "http://localhost"}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost.evil.example"}, 403),
        ({"origin": "null"}, 403),
    ],
)
def test_a_form_from_another_site_is_refused(client: TestClient, headers: dict[str, str], status: int) -> None:
    form = {"language": "de", "token": _token(client, "/model")}
    assert client.post("/language", data=form, headers=headers, follow_redirects=False).status_code == status


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
        "",
        "/sign-out",
        "/" + "a" * 3000,
        "http:///x",
        None,
        7,
    ],
)
def test_only_paths_of_this_server_are_gone_to(target: object) -> None:
    assert sessions.safe_next(target) == "/"


@pytest.mark.parametrize("target", ["/", "/model", "/lists/x?owner=Müller&page=2", "/folder/a%20b.csv"])
def test_own_paths_are_gone_to(target: str) -> None:
    assert sessions.safe_next(target) == target


def test_a_foreign_goal_leads_home(keyed: TestClient) -> None:
    assert _sign_in(keyed, next="//evil.example/").headers["location"] == "/"
