"""The pictures in the documentation, made anew with `WRITE_PICTURES=1`.

Without it the scenes are only set up, so that a picture can't show what the page no longer is.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desk import Desk, read_lines
from tests.browser.material import CANDIDATES, decide_on_the_demo
from tests.browser.pictures import take, take_both, take_light
from tests.fixtures.serving import Served

WRONG = "3. Bags: 280 ÷ 8 = 35"
RIGHT = "3. Rolls left: 336 \N{MINUS SIGN} 280 = 56\n4. Bags: 56 ÷ 8 = 7"
FOLDER = "/srv/corrigenda-demo"


@pytest.fixture(autouse=True)
def _size(demo: Path, page: Page) -> None:  # the demonstration comes before the server
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_review_page(desk: Desk, page: Page, server: Served, workspace_dir: Path) -> None:
    server.json(
        "/api/sft/submit",
        {
            "id": "demo-math-001-llama",
            "action": "correct",
            "corrected_response": RIGHT,
            "failure_category": "wrong_answer",
            "reviewer": "ana",
        },
    )
    desk.open("demo-math-001-qwen")
    expect(page.get_by_test_id("siblings")).to_contain_text("4 other answers")
    take_light(page, "review")

    answer = read_lines(workspace_dir / CANDIDATES)[0]["model_response"]
    assert WRONG in answer
    desk.write(answer.replace(WRONG, RIGHT).replace("**35**", "**7**"))
    desk.press("Control+4")
    desk.expect_chosen("wrong_answer")
    expect(page.get_by_test_id("word-diff")).to_be_visible()
    take_both(page, "correcting")
    desk.press("Escape")

    page.get_by_test_id("siblings").scroll_into_view_if_needed()
    page.get_by_test_id("siblings").evaluate("panel => panel.scrollIntoView()")
    take_light(page, "siblings")


def test_the_history(desk: Desk, page: Page, server: Served) -> None:
    decide_on_the_demo(server)
    desk.open()
    desk.press("h")
    page.get_by_test_id("everybody").check()
    expect(page.get_by_test_id("history-entry")).to_have_count(20)
    take_light(page, "history")


def test_browsing_and_counting(desk: Desk, page: Page, server: Served) -> None:
    decide_on_the_demo(server)
    desk.visit("/browse")
    rows = page.get_by_test_id("browse-row")
    expect(rows).to_have_count(30)
    rows.nth(1).get_by_role("checkbox").click()
    rows.nth(4).get_by_role("checkbox").click(modifiers=["Shift"])
    expect(page.get_by_test_id("selection-bar")).to_contain_text("4 chosen")
    page.set_viewport_size({"width": 1280, "height": 800})  # a page full of text is a large file
    page.evaluate("scrollTo(0, 0)")
    take_light(page, "browse")
    page.set_viewport_size({"width": 1440, "height": 900})
    desk.visit("/dashboard")
    expect(page.get_by_test_id("by_model")).to_be_visible()
    take_light(page, "dashboard")


def test_the_export_builder(desk: Desk, page: Page, server: Served) -> None:
    decide_on_the_demo(server)
    desk.visit("/exports")
    # A new server loads what looks for secrets before the first counts.
    expect(page.get_by_test_id("funnel")).to_be_visible(timeout=90_000)
    expect(page.locator(".trained-turn--learned")).to_have_count(1)
    page.evaluate("scrollTo(0, 0)")
    take_both(page, "exports")


def test_the_runs_page(desk: Desk, page: Page, workspace_dir: Path) -> None:
    def name_the_folder(route: Route) -> None:
        """The test's own folder would mean nothing to a reader."""
        answer = route.fetch()
        body = answer.text().replace(str(workspace_dir), FOLDER)
        route.fulfill(response=answer, body=body)

    page.route("**/api/sft/config", name_the_folder)
    page.emulate_media(color_scheme="light")
    desk.visit("/runs")
    page.get_by_role("button", name="Import 2", disabled=False).first.click()
    expect(page.get_by_test_id("import-result")).to_contain_text("candidates imported")
    expect(page.get_by_test_id("bench-folder")).to_have_value(f"{FOLDER}/bench_results")
    take(page, "runs-light.png")
