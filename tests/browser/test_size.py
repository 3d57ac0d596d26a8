"""What the first visit fetches; the times are measured in `benchmarks`, not here."""

from playwright.sync_api import Page

from benchmarks.page import first_load
from tests.browser.desk import Desk

LIMIT = 150 * 1024


def test_the_first_load_is_small() -> None:
    size = first_load()
    assert 0 < size["js"] < LIMIT


def test_the_editor_comes_when_it_is_needed(desk: Desk, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    desk.visit("/settings")
    page.get_by_role("heading", name="Settings", level=1).wait_for()
    assert any("/assets/" in url for url in asked)
    assert not [url for url in asked if "textEditor" in url or "DashboardView" in url]
