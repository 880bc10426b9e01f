"""The frame: languages, headers, files, errors."""

import re
import subprocess
import sys

import pytest
from found import MakeClient
from starlette.testclient import TestClient

from leadml.serving.pages.frame import DAY, HOUR, MONTH, Speech
from leadml.serving.pages.language import COOKIE

OUTSIDE = re.compile(r"""(?:src|href|action|url)\s*[=(]\s*["']?(?:https?:)?//""")


def _html(client: TestClient, path: str = "/model", **headers: str) -> str:
    return client.get(path, headers=headers).text


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("fr,de;q=0.3", "de"),
        ("fr;q=0.9, en;q=0, de;q=0.1", "de"),
        ("fr", "en"),
        ("de;q=abc", "en"),
        ("", "en"),
        ("*", "en"),
    ],
)
def test_the_page_speaks_what_the_browser_asks_for(client: TestClient, accepted: str, language: str) -> None:
    assert f'<html lang="{language}">' in _html(client, **{"accept-language": accepted})


def test_a_choice_of_language_is_kept(client: TestClient) -> None:
    page = _html(client, "/model?a=1")
    token = re.findall(r'name="token" value="([^"]+)"', page)[0]
    assert 'name="next" value="/model?a=1"' in page
    form = {"language": "de", "token": token, "next": "/model?a=1"}
    answer = client.post("/language", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/model?a=1")
    assert client.cookies[COOKIE] == "de"
    assert '<html lang="de">' in _html(client, **{"accept-language": "en"})
    answer = client.post("/language", data=form | {"language": "xx"}, follow_redirects=False)
    assert answer.status_code == 422


@pytest.mark.parametrize("path", ["/", "/model", "/nothing"])
def test_a_page_holds_nothing_from_outside_and_no_script_of_its_own(client: TestClient, path: str) -> None:
    page = _html(client, path)
    assert not OUTSIDE.search(page)
    assert re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL) == [""]
    assert not re.search(r"<[^>]+\son\w+=", page)
    assert "<style" not in page
    assert page.count("<h1") == 1


def test_pages_are_not_kept_by_browsers(client: TestClient) -> None:
    answer = client.get("/model")
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_files_are_kept_for_good_under_their_digest(client: TestClient) -> None:
    page = _html(client)
    addresses = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(addresses) >= 4
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert not OUTSIDE.search(answer.text.replace("http://www.w3.org/2000/svg", ""))
    again = client.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert client.get(address.partition("?")[0]).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.css", "..%2Fframe.py", "frame.py", "%00"])
def test_no_other_file_is_given(client: TestClient, name: str) -> None:
    assert client.get(f"/static/{name}").status_code == 404


def test_an_error_is_a_page_for_people_and_a_document_for_programs(client: TestClient) -> None:
    page = client.get("/nothing", headers={"accept-language": "de"})
    assert page.status_code == 404
    assert "Hier ist nichts" in page.text
    assert page.headers["x-request-id"] in page.text
    assert "/docs" not in page.text
    document = client.get("/nothing", headers={"accept": "application/json"})
    assert document.headers["content-type"] == "application/problem+json"


def test_a_method_that_does_not_fit_is_told(client: TestClient) -> None:
    answer = client.post("/model")
    assert answer.status_code == 405
    assert "does not work that way" in answer.text


def test_how_long_ago() -> None:
    en, de = Speech("en"), Speech("de")
    now = 1_000_000_000.0
    assert en.ago(now, now) == en.ago(now + 100, now) == "just now"
    assert en.ago(now - 60, now) == "1 minute ago"
    assert en.ago(now - 3 * HOUR, now) == "3 hours ago"
    assert en.ago(now - 2 * DAY, now) == "2 days ago"
    assert de.ago(now - 5 * MONTH, now) == "vor 5 Monaten"


def test_the_first_page_shows_the_model_in_a_strip(make_client: MakeClient) -> None:
    page = _html(make_client(), "/")
    assert "within 90 days of coming in" in page
    assert 'action="/uploads"' in page


def test_the_routes_load_no_templates() -> None:
    code = (
        "import sys; from leadml.serving import pages; pages.routes();"
        "print([n for n in ('jinja2', 'babel', 'pandas', 'sklearn', 'mlflow', 'pyarrow') if n in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
