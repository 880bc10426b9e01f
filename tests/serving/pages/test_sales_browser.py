"""Whom not to call, and what a list is worth, in a real Chromium: what a sales person does."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_leads import row, write_csv
from playwright.sync_api import Browser, Page, expect, sync_playwright
from process import Running, running
from tested import with_test
from visiting import CHROMIUM, FLAGS, Visit, violations

from leadml.model.bundle import Bundle, save

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here: name one with CHROMIUM=/path")


@pytest.fixture(scope="module")
def server(desk_bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sales")
    with running(save(with_test(desk_bundle), folder / "bundle"), folder) as server:
        yield server


@pytest.fixture
def visit(server: Running) -> Iterator[Visit]:
    with sync_playwright() as playwright:
        browser: Browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        visit = Visit(browser, server)
        yield visit
        browser.close()
    assert visit.errors == []


def upload(page: Page, path: Path) -> str:
    """Upload a file as the form is, and return the address of its list."""
    page.set_input_files("input[type=file]", path)
    page.wait_for_url("**/uploads/*")
    return page.url.replace("/uploads/", "/lists/")


def test_what_a_sales_desk_asks(visit: Visit, tmp_path: Path) -> None:
    page = visit.page()
    page.goto("/")
    upload(page, write_csv(tmp_path / "own.csv", [row(i) for i in range(80)]))
    page.goto("/")
    place = upload(page, write_csv(tmp_path / "list.csv", [row(i) for i in range(50, 170)]))
    page.goto(place)

    page.get_by_role("link", name="Whom not to call").click()
    expect(page.get_by_text("No lead is safe to skip.")).to_be_visible()
    page.get_by_label("Conversions that may be lost").select_option("10%")
    expect(page.get_by_text(re.compile(r"^\d+ of 120 leads are safe to skip"))).to_be_visible()
    with page.expect_download() as got:
        page.get_by_role("link", name="Download CSV").click()
    with got.value.path().open(encoding="utf-8-sig", newline="") as file:
        scores = [int(one["score"]) for one in csv.DictReader(file)]
    page.get_by_role("link", name="Show these leads").click()
    expect(page.get_by_role("link", name=re.compile("^Score up to 64"))).to_be_visible()
    assert max(scores) <= 64
    assert page.locator("table.leads tbody tr").count() == min(len(scores), 50)

    page.get_by_role("link", name="What is it worth?").click()
    page.get_by_label("Profit of one conversion").fill("1000")
    page.get_by_label("Cost of one contact").fill("150")
    page.get_by_label("Calls you have time for").fill("40")
    page.get_by_label("Leads that you have already").select_option("own.csv (80)")
    page.get_by_label("Criterion, if any").fill("income > 60000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("in 19 of 20 cases between")).to_be_visible()
    expect(page.get_by_role("heading", name="What is income > 60000 worth?")).to_be_visible()
    expect(page.get_by_label("Leads that you have already")).to_have_value(re.compile("."))


def test_a_shorter_list_with_places_by_lot(visit: Visit, tmp_path: Path) -> None:
    page = visit.page()
    page.goto("/")
    page.get_by_text("Shorter list, places by lot").click()
    page.get_by_label("Leads on the list").fill("20")
    page.get_by_label("Places by lot").select_option("20%")
    page.goto(upload(page, write_csv(tmp_path / "leads.csv", [row(i) for i in range(120)])))
    assert page.locator("table.leads tbody tr").count() == 20
    assert page.locator(".use.lot").count() == 4
    expect(page.get_by_text("4 of them were drawn by lot")).to_be_visible()


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-US"), (360, "de-DE")])
def test_everyone_can_use_it(visit: Visit, tmp_path: Path, width: int, locale: str) -> None:
    page = visit.page(viewport={"width": width, "height": 800})
    page.context.set_extra_http_headers({"accept-language": locale})
    page.goto("/")
    place = upload(
        page, write_csv(tmp_path / "a-list-with-a-rather-long-name-of-a-broker.csv", [row(i) for i in range(90)])
    )
    page.goto("/")
    thin = upload(page, write_csv(tmp_path / "thin.csv", [row(i) for i in range(30)], ["lead_id", "email"]))
    money = "/price?margin=1000&cost=10&capacity=20"
    paths = ("/skip", "/skip?limit=10", "?upto=64", "/price", f"{money}&where=income+%3E+30000", f"{money}&where=x")
    for path in (*(place + one for one in paths), thin + money):
        page.goto(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{path} is too wide"
