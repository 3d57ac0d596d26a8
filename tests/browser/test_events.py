"""What others do shows on an open page, and moves nothing that is worked on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates
from tests.fixtures.serving import Served

NAMES = ("one", "two", "three", "four")


@pytest.fixture(autouse=True)
def _candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, *map(candidate, NAMES))


def _discard(server: Served, candidate_id: str) -> None:
    body = {"id": candidate_id, "action": "discard", "reviewer": "ana"}
    server.json("/api/sft/submit", body)


def test_the_count_follows_what_others_decide(desk: Desk, server: Served) -> None:
    desk.open("one")
    desk.expect_counts(4, 0)
    _discard(server, "three")
    desk.expect_counts(3, 0)
    server.json("/api/sft/undo", {"id": "three", "reviewer": "ana"})
    desk.expect_counts(4, 0)


def test_what_others_decided_does_not_come_up(desk: Desk, page: Page, server: Served) -> None:
    desk.open("one")
    desk.write("At work on the first one.")
    _discard(server, "two")
    expect(page.get_by_test_id("remaining")).to_have_text("3 to review")
    desk.expect_text("At work on the first one.")
    desk.press("Control+Enter")
    desk.expect_candidate("three")


def test_an_own_decision_that_is_taken_back_elsewhere_comes_again(
    desk: Desk, server: Served
) -> None:
    desk.open("one")
    desk.press("d", "Enter")
    desk.saved()
    server.json("/api/sft/undo", {"id": "one", "reviewer": "ana"})
    desk.expect_counts(4, 0)
    for name in ("two", "three", "four"):
        desk.expect_candidate(name)
        desk.press("d", "Enter")
    desk.expect_candidate("one")


def test_a_new_import_is_told_and_waits(
    desk: Desk, page: Page, server: Served, open_browser: Callable[[], Desk]
) -> None:
    desk.open("one")
    other = open_browser()
    other.visit("/?task_type=poetry")
    expect(other.page.get_by_test_id("all-caught-up")).to_be_visible()
    poem = candidate("poem", task_type="poetry")
    server.json("/api/sft/candidates", poem)
    # An empty desk fills by itself, as long as no other has taken what came.
    other.expect_candidate("poem")
    expect(page.get_by_test_id("news-strip")).to_contain_text("1 new candidate has come.")
    expect(page.get_by_test_id("remaining")).to_have_text("5 to review")
    desk.expect_candidate("one")
    page.get_by_test_id("news-look-btn").click()
    expect(page.get_by_test_id("news-strip")).to_be_hidden()
    desk.expect_candidate("one")


def test_the_page_asks_by_itself_where_events_do_not_come(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("status of 503")
    page.route("**/api/sft/events", lambda route: route.fulfill(status=503, body="{}"))
    page.clock.install()
    desk.open("one")
    desk.expect_counts(4, 0)
    _discard(server, "three")
    page.clock.run_for(61_000)
    desk.expect_counts(3, 0)
