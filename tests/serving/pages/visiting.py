"""A real Chromium and who visits with it: shared by the tests of the pages."""

import os
import shutil
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page
from process import Running

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


@dataclass
class Visit:
    """A visitor with pages of their own; at the end there must be no error and no request to elsewhere."""

    browser: Browser
    server: Running
    errors: list[str] = field(default_factory=list)

    def page(self, **given: Any) -> Page:
        context = self.browser.new_context(base_url=self.server.address, locale="en-US", **given)
        context.set_default_timeout(20_000)
        page = context.new_page()
        page.on("console", lambda message: self._noted(message.type, message.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _noted(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "422" not in text:  # the browser notes a refused file by itself
            self.errors.append(text)

    def _asked(self, url: str) -> None:
        if not url.startswith((self.server.address + "/", "data:")):
            self.errors.append(f"asked {url}")


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with a page, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}" for one in found]
