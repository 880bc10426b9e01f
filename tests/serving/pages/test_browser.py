"""The sales page in a real Chromium, against a real server: what a person does, by mouse and by keyboard."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_leads import row, write_csv
from playwright.sync_api import Browser, Page, expect, sync_playwright
from process import Running, running
from visiting import CHROMIUM, FLAGS, Visit, violations

from leadml.leads.sources import read_table
from leadml.model.scorer import Scorer
from leadml.ranking.lists import rank_file
from leadml.ranking.plan import Plan
from leadml.serving.keys import hashed

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: name one with CHROMIUM=/path")
KEY = "leadml_a-key-of-the-tests-with-all-its-characters"
N = 130
DROP = """({name, text}) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const form = document.querySelector("form.drop");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    form.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
  }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(desk_folder: Path, desk_scorer: Scorer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("browser")
    (folder / "lists").mkdir()
    new = write_csv(folder / "new.csv", [row(i) for i in range(20)])
    rank_file(desk_scorer, new, folder / "lists" / "week-48.xlsx", plan=Plan(10))
    with running(desk_folder, folder, "--lists", str(folder / "lists")) as server:
        yield server


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_csv(tmp_path_factory.mktemp("leads") / "leads.csv", [row(i) for i in range(N)])


@pytest.fixture
def visit(browser: Browser, server: Running) -> Iterator[Visit]:
    visit = Visit(browser, server)
    yield visit
    for context in browser.contexts:
        context.close()
    assert visit.errors == []


@pytest.fixture(scope="module")
def listed(browser: Browser, server: Running, leads: Path) -> tuple[str, Any]:
    """The address of a list that was uploaded once, and the cookies of who did it."""
    context = browser.new_context(base_url=server.address, locale="en-US")
    page = context.new_page()
    page.goto("/")
    page.set_input_files("input[type=file]", leads)
    page.wait_for_url("**/uploads/*")
    state, place = context.storage_state(), page.url.replace("/uploads/", "/lists/")
    context.close()
    return place, state


def names(page: Page) -> list[str]:
    return page.locator("table.leads tbody th a").all_inner_texts()


def test_a_file_dropped_on_the_page_becomes_a_list(visit: Visit, leads: Path) -> None:
    page = visit.page()
    page.goto("/")
    page.evaluate(DROP, {"name": "dropped.csv", "text": leads.read_text()})

    page.wait_for_url("**/uploads/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("How dropped.csv was read")
    expect(page.get_by_text("Every column that the model uses is there")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^visits"))).to_contain_text("Interest")
    page.get_by_role("link", name="Show the list").click()
    expect(page.get_by_role("table")).to_contain_text("Ada Nr")
    page.goto("/")
    expect(page.get_by_role("link", name="dropped.csv", exact=True)).to_be_visible()


def test_a_file_chosen_in_a_form_without_scripts(visit: Visit, leads: Path) -> None:
    page = visit.page(java_script_enabled=False)
    page.goto("/")
    page.set_input_files("input[type=file]", leads)
    page.get_by_role("button", name="Upload and rank").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("How leads.csv was read")
    page.get_by_role("link", name="Show the list").click()
    page.get_by_role("searchbox").fill("nr7")
    page.get_by_role("button", name="Show").click()
    assert all("Nr7" in name for name in names(page))
    page.get_by_role("link", name="Chance").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Chance")


def test_a_bad_file_is_told_where_it_was_dropped(visit: Visit) -> None:
    page = visit.page()
    page.goto("/")
    page.evaluate(DROP, {"name": "leads.xlsx", "text": "a,b\n1,2\n"})

    expect(page.get_by_role("status")).to_contain_text("leads.xlsx must be a workbook, got text")
    assert page.url == visit.server.address + "/"
    page.evaluate(DROP, {"name": "leads.pdf", "text": "%PDF"})
    expect(page.get_by_role("status")).to_contain_text("must end in one of .csv")


def test_rows_that_cannot_be_read_are_told_in_plain_words(visit: Visit, tmp_path: Path) -> None:
    rows = [*(row(i) for i in range(5)), row(5, visits="many")]
    columns = [name for name in rows[0] if name != "income"]
    page = visit.page()
    page.goto("/")
    page.set_input_files("input[type=file]", write_csv(tmp_path / "messy.csv", rows, columns))
    page.wait_for_url("**/uploads/*")

    expect(page.get_by_text("1 row could not be read and is not in the list.")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^7 L0005 visits"))).to_contain_text("must be a number, got 'many'")
    expect(page.get_by_text("The file lacks 1 column that the model uses.")).to_be_visible()
    assert violations(page) == []


def test_sort_filter_search_and_pages(visit: Visit, listed: tuple[str, Any]) -> None:
    place, state = listed
    page = visit.page(storage_state=state)
    page.goto(place)
    assert len(names(page)) == 50

    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("51–100 of 130")).to_be_visible()
    page.get_by_role("link", name="Lead", exact=True).click()
    assert names(page) == sorted(names(page), key=str.lower)
    page.get_by_role("link", name="Lead", exact=True).click()
    expect(page.locator("th[aria-sort]")).to_have_attribute("aria-sort", "descending")
    page.get_by_label("Owner").select_option("Kim")
    page.wait_for_url("**owner=Kim**")
    expect(page.locator("td.owner-cell").first).to_have_text("Kim")
    page.get_by_role("link", name=re.compile("^C ")).click()
    expect(page.locator(".chip[aria-current]")).to_contain_text("C")
    assert set(page.locator("td .grade").all_inner_texts()) <= {"Grade C", "C", "Grade\nC"}
    page.get_by_role("searchbox").fill("no such lead")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("No lead fits")).to_be_visible()
    page.get_by_role("link", name="Clear search and filters").click()
    expect(page.get_by_text("1–50 of 130")).to_be_visible()


def test_a_lead_and_its_neighbours(visit: Visit, listed: tuple[str, Any]) -> None:
    place, state = listed
    page = visit.page(storage_state=state)
    page.goto(place + "?owner=Lee&sort=id&dir=down")
    second = names(page)[1]
    page.locator("table.leads tbody th a").first.click()

    expect(page.get_by_text("1 of 43 in this view")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^An average lead"))).to_be_visible()
    expect(page.get_by_role("heading", name="Speaks for it")).to_be_visible()
    page.get_by_role("link", name="Next lead").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(second)
    expect(page.get_by_role("row", name=re.compile("^job_title"))).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    assert "owner=Lee&sort=id&dir=down" in page.url


@pytest.mark.parametrize("label", ["Download CSV", "Download Excel"])
def test_what_is_shown_can_be_downloaded(visit: Visit, listed: tuple[str, Any], tmp_path: Path, label: str) -> None:
    place, state = listed
    page = visit.page(storage_state=state)
    page.goto(place + "?owner=Kim&sort=id")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=label).click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)

    ids = read_table(path).table.column("lead_id").to_pylist()
    assert ids == [f"L{i:04}" for i in range(0, N, 3)]
    if path.suffix == ".csv":
        first = next(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        assert (first["owner"], first["name"]) == ("Kim", "Ada Nr0")
        assert first["reasons"].startswith(("+ ", "- "))


def test_a_list_of_the_team(visit: Visit) -> None:
    page = visit.page()
    page.goto("/")
    page.get_by_role("link", name="week-48.xlsx").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("week-48.xlsx")
    assert len(names(page)) == 10


def test_the_whole_way_by_keyboard(visit: Visit, leads: Path) -> None:
    page = visit.page()
    page.on("filechooser", lambda _: None)  # from now on, the browser tells of it instead of showing it
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    reach(page, lambda: page.evaluate("document.activeElement.closest('form.drop') !== null"))
    with page.expect_file_chooser() as waiting:
        page.keyboard.press("Enter")
    waiting.value.set_files(leads)
    page.wait_for_url("**/uploads/*")
    press(page, "Show the list")
    page.wait_for_url("**/lists/*")
    press(page, "Chance")
    page.wait_for_url("**sort=probability**")
    press(page, names(page)[0])
    page.wait_for_url("**/leads/*")
    press(page, "Next lead")
    expect(page.get_by_text("2 of 130 in this view")).to_be_visible()


def reach(page: Page, found: Callable[[], Any], most: int = 60) -> None:
    """Press Tab until something has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if found():
            return
    raise AssertionError("the keyboard does not reach it")


def press(page: Page, text: str) -> None:
    """Go to a link by keyboard and open it."""
    reach(page, lambda: page.evaluate("document.activeElement.innerText.trim()") == text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("scheme", "width", "locale"),
    [("light", 1280, "en-US"), ("light", 360, "de-DE"), ("dark", 768, "de-DE")],
)
def test_everyone_can_use_it(visit: Visit, listed: tuple[str, Any], scheme: Any, width: int, locale: str) -> None:
    place, state = listed
    page = visit.page(storage_state=state, color_scheme=scheme, viewport={"width": width, "height": 800})
    page.context.set_extra_http_headers({"accept-language": locale})
    for path in (
        "/",
        place,
        place.replace("/lists/", "/uploads/"),
        place + "/leads/3",
        place + "?q=none",
        "/model",
        "/none",
    ):
        answer = page.goto(path)
        assert answer is not None
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is too wide"
    visit.errors[:] = [text for text in visit.errors if "404" not in text]


def test_signing_in_and_out(browser: Browser, desk_folder: Path, leads: Path, tmp_path: Path) -> None:
    with running(desk_folder, tmp_path, environ={"LEADML_SERVING_KEYS": f"sales={hashed(KEY)}"}) as server:
        visit = Visit(browser, server)
        page = visit.page()
        page.goto("/")
        assert page.url.endswith("/sign-in?next=%2F")
        assert violations(page) == []
        page.get_by_label("Key").fill("leadml_wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("This key is not known here")
        page.get_by_label("Key").fill(KEY)
        page.keyboard.press("Enter")
        page.wait_for_url(server.address + "/")
        page.set_input_files("input[type=file]", leads)
        page.wait_for_url("**/uploads/*")
        place = page.url
        cookie = next(one for one in page.context.cookies() if one["name"] == "leadml_session")
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/sign-in")
        page.goto(place)
        assert "/sign-in?next=" in page.url
        page.context.close()
        assert visit.errors == []
