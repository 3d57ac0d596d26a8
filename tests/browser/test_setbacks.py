"""Requests that fail: the page says what happened, keeps the text, and nothing is decided twice."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates
from tests.fixtures.processes import stop
from tests.fixtures.serving import Served, serving

TEXT = "Written while the server was away."
SUBMIT = "**/api/sft/submit"


@pytest.fixture(autouse=True)
def _two_candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, candidate("one"), candidate("two"))


def _decisions(served: Served, candidate_id: str) -> list[tuple[str, str]]:
    history = served.json(f"/api/sft/candidates/{candidate_id}/history")["decisions"]
    return [(entry["action"], entry["decision_id"]) for entry in history]


def _expect_kept(desk: Desk) -> None:
    expect(desk.setback).to_contain_text("Your correction was not saved.")
    expect(desk.setback).to_contain_text("Your text is kept.")
    expect(desk.editor).to_have_value(TEXT)
    desk.expect_chosen("wrong_answer")


def test_a_correction_survives_a_server_that_went_away(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect("net::ERR_")
    desk.open("one")
    desk.write(TEXT)
    desk.press("Control+4")
    assert stop(server.process)
    desk.press("Control+Enter")
    _expect_kept(desk)
    expect(desk.setback).to_contain_text("be reached")
    page.get_by_test_id("retry-btn").click()  # still away
    expect(page.get_by_test_id("retry-btn")).to_be_enabled()
    _expect_kept(desk)

    log = server.log.with_name("second.log")
    with serving(workspace_dir, log, port=server.port) as again:
        page.get_by_test_id("retry-btn").click()
        desk.expect_candidate("two")
        expect(desk.setback).to_be_hidden()
        desk.expect_counts(remaining=1, done=1)
        [decision_id] = {sent["decision_id"] for sent in desk.sent}
        assert _decisions(again, "one") == [("correct", decision_id)]
        assert again.json("/api/sft/candidates/one")["corrected_response"] == TEXT


def test_an_answer_that_got_lost_is_asked_for_again(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("net::ERR_FAILED")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.open("one")
    desk.write(TEXT)
    page.route(SUBMIT, lose_the_answer, times=1)
    desk.press("Control+4", "Control+Enter")
    _expect_kept(desk)
    assert server.json("/api/sft/candidates/one")["status"] == "approved"
    desk.editor.press("Control+Enter")  # as good as the button
    desk.expect_candidate("two")
    desk.expect_counts(remaining=1, done=1)
    assert _decisions(server, "one") == [("correct", desk.sent[0]["decision_id"])]


def test_a_discard_that_failed_can_be_tried_again(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("status of 503")
    body = (
        '{"status": 503, "title": "Unavailable", "code": "storage_unavailable", "detail": "Busy."}'
    )
    desk.open("one")
    page.route(
        SUBMIT,
        lambda route: route.fulfill(status=503, content_type="application/problem+json", body=body),
        times=1,
    )
    desk.press("d", "5", "Enter")
    expect(desk.setback).to_contain_text("The discard was not saved.")
    expect(desk.setback).to_contain_text("Busy.")
    desk.setback.get_by_text("Details").click()
    expect(desk.setback).to_contain_text("storage_unavailable")
    page.get_by_test_id("retry-btn").click()
    desk.expect_candidate("two")
    assert _decisions(server, "one") == [("discard", desk.sent[0]["decision_id"])]
    assert server.json("/api/sft/candidates/one")["failure_category"] == "format_error"


def test_somebody_else_was_first(desk: Desk, page: Page, server: Served, console: Console) -> None:
    console.expect("status of 409")
    desk.open("one")
    desk.write(TEXT)
    theirs = {
        "id": "one",
        "action": "correct",
        "corrected_response": "Written by ana.",
        "failure_category": "hallucination",
        "reviewer": "ana",
    }
    server.json("/api/sft/submit", theirs)
    desk.press("Control+Enter")
    expect(desk.setback).to_contain_text("Already corrected by ana")
    expect(desk.editor).to_have_value(TEXT)
    expect(page.get_by_test_id("retry-btn")).to_be_hidden()
    desk.setback.get_by_text("Your text", exact=True).click()
    expect(desk.setback.get_by_text(TEXT)).to_be_visible()

    page.get_by_test_id("move-on-btn").click()
    desk.expect_candidate("two")
    expect(desk.setback).to_be_hidden()
    desk.expect_counts(remaining=1, done=0)
    record = server.json("/api/sft/candidates/one")
    assert record["corrected_response"] == "Written by ana."
    assert record["failure_category"] == "hallucination"
    assert len(_decisions(server, "one")) == 1
    desk.press("d", "Enter")
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()


def test_a_queue_that_cannot_be_loaded(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("net::ERR_FAILED")
    page.route("**/api/sft/queue*", lambda route: route.abort(), times=1)
    desk.visit("/")
    expect(page.get_by_test_id("load-error")).to_contain_text("The queue could not be loaded.")
    page.get_by_test_id("reload-btn").click()
    desk.expect_candidate("one")
    expect(page.get_by_test_id("load-error")).to_be_hidden()
