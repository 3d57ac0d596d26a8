"""The page's own safety: nothing from elsewhere runs in it, and it asks nobody else."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates

VIOLATION = "Content Security Policy"


def test_what_got_into_the_page_neither_runs_nor_calls_home(
    desk: Desk, page: Page, console: Console, workspace_dir: Path
) -> None:
    put_candidates(workspace_dir, candidate("one"))
    desk.open("one")
    assert not console.errors
    console.expect(VIOLATION)
    page.evaluate(
        """() => {
          const script = document.createElement('script')
          script.textContent = 'window.injected = 1'
          document.body.append(script)
          const image = document.createElement('img')
          image.setAttribute('onerror', 'window.injected = 2')
          image.src = '/no-such-image'
          document.body.append(image)
          return new Promise((resolve) => image.addEventListener('error', resolve, { once: true }))
        }"""
    )
    assert page.evaluate("window.injected") is None
    console.expect("another server|net::ERR_")
    outcome = page.evaluate("fetch('http://127.0.0.1:9/').then(() => 'read', () => 'refused')")
    assert outcome == "refused"
    refused = [error for error in console.errors if VIOLATION in error]
    for directive in ("script-src", "connect-src"):
        assert any(directive in error for error in refused), refused


@pytest.mark.usefixtures("demo")
def test_the_page_works_without_storage(desk: Desk, page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {"
        "  get() { throw new DOMException('denied', 'SecurityError') } })"
    )
    desk.open()
    page.get_by_test_id("theme-switch").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.get_by_test_id("reviewer-menu").click()
    page.get_by_label("Your name").fill("kim")
    desk.press("Enter")
    expect(page.get_by_test_id("reviewer-menu")).to_have_text("kim")


def test_the_theme_and_the_name_are_kept(desk: Desk, page: Page, workspace_dir: Path) -> None:
    put_candidates(workspace_dir, candidate("one"))
    page.emulate_media(color_scheme="light")
    desk.open("one")
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.get_by_test_id("reviewer-menu").click()
    page.get_by_label("Your name").fill("Zoë Ж")
    desk.press("Enter")
    for theme in ("light", "dark"):
        page.get_by_test_id("theme-switch").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    page.reload()
    desk.expect_candidate("one")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_test_id("reviewer-menu")).to_have_text("Zoë Ж")
    assert page.evaluate(background) != light
