"""The pictures in the documentation, made anew with `WRITE_PICTURES=1`.

Without it the scenes are only set up, so that a picture can't show what the page no longer is.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.desk import Desk, read_lines
from tests.browser.material import CANDIDATES

IMAGES = Path(__file__).parents[2] / "docs/images"
LIMIT = 200_000  # bytes: they are in every clone
WRONG = "3. Bags: 280 ÷ 8 = 35"
RIGHT = "3. Rolls left: 336 \N{MINUS SIGN} 280 = 56\n4. Bags: 56 ÷ 8 = 7"
FOLDER = "/srv/corrigenda-demo"

pytestmark = pytest.mark.usefixtures("demo")


def _take(page: Page, name: str) -> None:
    picture = page.screenshot()
    assert len(picture) < LIMIT
    if os.environ.get("WRITE_PICTURES"):
        IMAGES.mkdir(exist_ok=True)
        (IMAGES / name).write_bytes(picture)


@pytest.fixture(autouse=True)
def _size(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})


def test_the_review_page(desk: Desk, page: Page, workspace_dir: Path) -> None:
    desk.open("demo-math-001-qwen")
    answer = read_lines(workspace_dir / CANDIDATES)[0]["model_response"]
    assert WRONG in answer
    desk.write(answer.replace(WRONG, RIGHT).replace("**35**", "**7**"))
    desk.press("Control+4")
    desk.expect_chosen("wrong_answer")
    page.emulate_media(color_scheme="light")
    _take(page, "review-light.png")
    page.emulate_media(color_scheme="dark")
    _take(page, "review-dark.png")


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
    _take(page, "runs-light.png")
