"""The pages of uploads, lists and leads, asked without a browser."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from desk_leads import row, write_csv
from starlette.testclient import TestClient

from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan
from leadml.serving.pages.faults import plain
from leadml.serving.pages.words import WORDS

MB = 1 << 20
TOKEN = re.compile(r'name="token" value="([^"]+)"')
MakeClient = Callable[..., TestClient]


@pytest.fixture
def desk(make_client: MakeClient, desk_folder: Path, tmp_path: Path) -> TestClient:
    (tmp_path / "lists").mkdir()
    return make_client(folder=desk_folder, lists=str(tmp_path / "lists"), keep_hours=1, max_upload_mb=2)


def send(client: TestClient, name: str, content: bytes, **headers: str) -> Any:
    token = TOKEN.findall(client.get("/").text)[0]
    files = {"file": (name, content)}
    return client.post("/uploads", data={"token": token}, files=files, follow_redirects=False, headers=headers)


def room_of(client: TestClient) -> Path:
    return Path(client.app.state.settings.room) / "uploads"  # type: ignore[attr-defined]


def uploaded(client: TestClient, tmp_path: Path, n: int = 120, **changes: Any) -> str:
    path = write_csv(tmp_path / "leads.csv", [row(i, **changes) for i in range(n)])
    answer = send(client, "leads.csv", path.read_bytes())
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def test_from_an_upload_to_a_lead(desk: TestClient, tmp_path: Path) -> None:
    place = uploaded(desk, tmp_path)

    preview = desk.get(place).text
    assert "120 leads are in the list" in preview
    assert "Every column that the model uses is there" in preview
    assert "ada0@firma0.example" not in preview, "masked"
    listed = desk.get(place.replace("uploads", "lists")).text
    assert listed.count('<tr role="row">') == 51
    assert "1–50 of 120" in listed
    lead = desk.get(place.replace("uploads", "lists") + "/leads/1?owner=Kim").text
    assert "An average lead" in lead
    assert "1 of 40 in this view" in lead
    assert place.split("/")[-1] in desk.get("/").text, "it stands on the first page"


def test_filters_and_order_are_kept_in_every_link(desk: TestClient, tmp_path: Path) -> None:
    place = uploaded(desk, tmp_path).replace("uploads", "lists")

    page = desk.get(place + "?owner=Kim&q=ada&sort=probability&dir=up&page=1").text

    assert 'aria-sort="ascending"' in page
    link = re.findall(r'href="(/lists/[^"]+/leads/\d+[^"]*)"', page)[0].replace("&amp;", "&")
    assert "owner=Kim&q=ada&sort=probability&dir=up" in link
    assert (
        re.findall(r'href="([^"]+download\.csv[^"]*)"', page)[0]
        .replace("&amp;", "&")
        .endswith("?owner=Kim&q=ada&sort=probability&dir=up")
    )
    assert desk.get(link).status_code == 200


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=99999999999", "page=x", "sort=nonsense", "dir=sideways", "grade=Z", "q=%00%ff"]
)
def test_an_address_that_makes_no_sense_is_still_a_page(desk: TestClient, tmp_path: Path, query: str) -> None:
    place = uploaded(desk, tmp_path, 3).replace("uploads", "lists")

    assert desk.get(f"{place}?{query}").status_code == 200
    assert desk.get(f"{place}/leads/1?{query}").status_code == 200


def test_what_leads_hold_is_shown_as_text(desk: TestClient, tmp_path: Path) -> None:
    evil = '<script>alert("x")</script>'
    place = uploaded(desk, tmp_path, 3, name=evil, owner=evil, company="'\"><img src=x>", note=evil)

    for path in (place, place.replace("uploads", "lists"), place.replace("uploads", "lists") + "/leads/1"):
        page = desk.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_nobody_else_sees_an_upload(make_client: MakeClient, desk_folder: Path, tmp_path: Path) -> None:
    mine = make_client(folder=desk_folder)
    place = uploaded(mine, tmp_path, 3)
    mine.cookies.clear()

    for path in (place, place.replace("uploads", "lists"), place.replace("uploads", "lists") + "/download.csv"):
        assert mine.get(path).status_code == 404


def test_an_upload_can_be_removed_by_its_owner_alone(
    make_client: MakeClient, desk_folder: Path, tmp_path: Path
) -> None:
    owner, other = make_client(folder=desk_folder), make_client(folder=desk_folder)
    place = uploaded(owner, tmp_path)
    tokens = {client: TOKEN.findall(client.get("/").text)[0] for client in (owner, other)}

    assert owner.post(f"{place}/remove", data={"token": "forged"}).status_code == 403
    assert other.post(f"{place}/remove", data={"token": tokens[other]}).status_code == 404
    assert owner.get(place).status_code == 200
    gone = owner.post(f"{place}/remove", data={"token": tokens[owner]}, follow_redirects=False)

    assert (gone.status_code, gone.headers["location"]) == (303, "/")
    assert owner.get(place).status_code == 404
    assert place not in owner.get("/").text


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_download_goes_and_leaves_nothing(
    make_client: MakeClient, desk_folder: Path, tmp_path: Path, ending: str
) -> None:
    client = make_client(folder=desk_folder)
    place = uploaded(client, tmp_path, 30).replace("uploads", "lists")

    answer = client.get(f"{place}/download.{ending}?owner=Kim")

    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="leads-ranked.{ending}"'
    assert len(answer.content) > 500
    assert list(room_of(client).rglob(f"*.{ending}")) == []
    assert client.get(f"{place}/download.exe").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("leads.pdf", b"%PDF-1.7", "must end in one of .csv"),
        ("leads.csv", b"", "got an empty file"),
        ("leads.csv", b"a,b\n1,2\n", "must have columns that the model reads"),
        ("leads.xlsx", b"PK\x03\x04 broken", "must be a workbook, got a damaged one"),
        ("../../x.csv", b"a,a\n1,2\n", "x.csv must name each column once"),
    ],
)
def test_a_bad_file_is_told_in_words(desk: TestClient, name: str, content: bytes, told: str) -> None:
    page = send(desk, name, content)
    script = send(desk, name, content, accept="application/json")

    assert page.status_code == script.status_code == 422
    assert "text/html" in page.headers["content-type"]
    assert told in page.text.replace("&#39;", "'")
    assert told in script.json()["detail"]
    assert "uploads/" not in script.text, "no path of the server"


def test_a_bad_file_is_told_in_german(desk: TestClient) -> None:
    headers = {"accept-language": "de"}
    page = send(desk, "leads.csv", b"a,b\n1,2\n", **headers)
    script = send(desk, "leads.csv", b"a,b\n1,2\n", accept="application/json", **headers)

    assert script.json()["detail"].startswith("leads.csv hat keine der Spalten, die das Modell liest")
    assert "leads.csv hat keine der Spalten" in page.text


def test_an_upload_without_a_file_or_a_token(desk: TestClient) -> None:
    token = TOKEN.findall(desk.get("/").text)[0]

    assert desk.post("/uploads", data={"token": token}).status_code == 422
    assert desk.post("/uploads", data={"token": token}, files={"file": ("", b"")}).status_code == 422
    assert desk.post("/uploads", files={"file": ("a.csv", b"a\n")}).status_code == 403
    assert desk.post("/uploads", content=b"no form", headers={"content-type": "text/plain"}).status_code == 403
    assert desk.post("/uploads", content=b"--x\r\n", headers={"content-type": "multipart/form-data"}).status_code == 400


def test_an_upload_that_is_too_large(desk: TestClient) -> None:
    assert send(desk, "leads.csv", b"x" * (2 * MB + 1)).status_code == 413


def test_a_list_of_the_folder(desk: TestClient, tmp_path: Path, desk_scorer: Any) -> None:
    leads = write_csv(tmp_path / "new.csv", [row(i) for i in range(20)])
    rank_file(desk_scorer, leads, tmp_path / "lists" / "week & 48.csv", plan=Plan(10))
    (tmp_path / "lists" / "week.rejected.csv").write_text("line\n")
    (tmp_path / "lists" / "notes.md").write_text("# no list")
    (tmp_path / "secret.csv").write_text("a\n")

    home = desk.get("/").text
    assert re.findall(r'href="(/folder/[^"]+)"', home) == ["/folder/week%20%26%2048.csv"]
    answer = desk.get("/folder/week%20%26%2048.csv", follow_redirects=False)
    again = desk.get("/folder/week%20%26%2048.csv", follow_redirects=False)

    assert answer.status_code == 303
    assert again.headers["location"] == answer.headers["location"], "read once"
    assert "10 leads" in desk.get(answer.headers["location"]).text
    assert (
        "This is a list that leadml made before"
        in desk.get(answer.headers["location"].replace("lists", "uploads")).text
    )
    for name in ("notes.md", "..%2Fsecret.csv", "%2Fetc%2Fpasswd", "week.rejected.csv", "none.csv"):
        assert desk.get(f"/folder/{name}").status_code == 404


def test_what_is_uploaded_counts_as_scored(desk: TestClient, tmp_path: Path) -> None:
    uploaded(desk, tmp_path, 30)

    assert sum(desk.app.state.metrics.today().values()) == 30  # type: ignore[attr-defined]


def test_reasons_follow_the_language_of_the_page(desk: TestClient, tmp_path: Path) -> None:
    place = uploaded(desk, tmp_path, 30).replace("uploads", "lists")

    english, german = desk.get(place).text, desk.get(place, headers={"accept-language": "de"}).text

    assert "job title: head of department" in english
    assert "job title: Abteilungs- oder Bereichsleitung" in german
    assert "head of department" not in german


def test_an_unknown_axis_says_so_on_both_pages(desk: TestClient, tmp_path: Path) -> None:
    place = uploaded(desk, tmp_path, 3, job_title="").replace("uploads", "lists")

    listed, one = desk.get(place).text, desk.get(f"{place}/leads/1", headers={"accept-language": "de"}).text

    assert 'aria-label="Authority: unknown"' in listed
    assert re.search(r'aria-label="Interest: \d+ of 100, ', listed)
    assert "who decides is not known" in listed
    assert "wer entscheidet, ist nicht bekannt" in one
    assert "Darüber ist noch nichts bekannt" in one
    assert re.search(r"\d+ von 100, ", one)


def test_a_list_past_its_time_is_gone(make_client: MakeClient, desk_folder: Path, tmp_path: Path) -> None:
    client = make_client(folder=desk_folder, keep_hours=1 / 3600)
    place = uploaded(client, tmp_path, 3)
    time.sleep(1.1)

    assert client.get(place).status_code == 404


def test_a_view_of_a_list_that_is_removed_meanwhile(make_client: MakeClient, desk_folder: Path, tmp_path: Path) -> None:
    client = make_client(folder=desk_folder)
    place = uploaded(client, tmp_path, 3)
    for file in room_of(client).rglob("list.*"):
        file.unlink()

    assert client.get(place.replace("uploads", "lists")).status_code == 404


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_use_and_kind_has_words(language: Any) -> None:
    from typing import get_args

    from leadml.leads.schema import AXES, KINDS, Format, Roles
    from leadml.serving.desk.view import SORTS

    words = WORDS[language]
    for use in (*Roles.__struct_fields__, "field", "person", "unused"):
        assert words[f"use_{use}"]
    for prefix, names in (("kind", KINDS), ("axis", AXES), ("format", get_args(Format)), ("axis_about", AXES)):
        for name in names:
            assert words[f"{prefix}_{name}"]
    for sort in set(SORTS) - {"score"}:
        assert words[f"sort_{sort}"]


@pytest.mark.parametrize(
    ("message", "german"),
    [
        ("must be a number, got 'x; y'", "muss eine Zahl sein, ist aber 'x; y'"),
        ("visits: must be a number, got 'x'; newsletter: must be yes or no, got 'y'", None),
        ("a row must have 5 cells, got 3", "Eine Zeile muss 5 Zellen haben, hat aber 3"),
        (
            "leads.csv must hold leads, got an empty file; export it again",
            "leads.csv enthält nichts; exportieren Sie sie noch einmal",
        ),
        ("what nobody foresaw", "what nobody foresaw"),
    ],
)
def test_faults_in_german(message: str, german: str | None) -> None:
    expected = german or "visits: muss eine Zahl sein, ist aber 'x'; newsletter: muss ja oder nein sein, ist aber 'y'"
    assert plain(message, "de") == expected
    assert plain(message, "en") == message


def test_what_only_an_administrator_can_do_is_not_said() -> None:
    told = (
        "must be a date of a known form, got '1/2/24'; say day_first or month_first for this column in [leads.formats]"
    )

    assert plain(told, "en") == "must be a date of a known form, got '1/2/24'"
