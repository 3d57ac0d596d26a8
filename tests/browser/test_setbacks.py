"""Requests that fail: the page says what happened, keeps the text, and nothing is decided twice."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, decisions_of, put_candidates
from tests.fixtures.serving import Served

TEXT = "Written while somebody else was at it."
THEIRS = "Written by ana."
SUBMIT = "**/api/sft/submit"


@pytest.fixture(autouse=True)
def _two_candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, candidate("one"), candidate("two"))


def _correct_with(desk: Desk, text: str) -> None:
    desk.write(text)
    desk.press("Control+4", "Control+Enter")


def _ana_corrects(server: Served) -> dict[str, Any]:
    answer: dict[str, Any] = server.json(
        "/api/sft/submit",
        {
            "id": "one",
            "action": "correct",
            "corrected_response": THEIRS,
            "failure_category": "hallucination",
            "reviewer": "ana",
        },
    )
    return answer


def test_an_answer_that_got_lost_is_asked_for_again(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("net::ERR_FAILED")

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    desk.open("one")
    page.route(SUBMIT, lose_the_answer, times=1)
    _correct_with(desk, TEXT)
    desk.expect_candidate("two")
    desk.expect_counts(remaining=1, done=1)
    desk.saved()
    expect(desk.setback).to_be_hidden()
    first, second = desk.sent
    assert first["decision_id"] == second["decision_id"]
    assert decisions_of(server, "one") == [("correct", first["decision_id"])]


def test_a_server_that_is_busy_gets_it_later(
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
    )
    desk.press("d", "5", "Enter")
    desk.expect_candidate("two")
    expect(desk.offline).to_contain_text("1 decision is waiting to be sent.")
    expect(desk.offline).to_contain_text("Busy.")
    desk.offline.get_by_text("Details").click()
    expect(desk.offline).to_contain_text("storage_unavailable")
    tries = len(desk.sent)
    with page.expect_request(SUBMIT):
        desk.send_now.click()
    assert len(desk.sent) > tries
    page.unroute(SUBMIT)
    desk.send_waiting()
    expect(desk.offline).to_be_hidden()
    assert decisions_of(server, "one") == [("discard", desk.sent[0]["decision_id"])]
    assert server.json("/api/sft/candidates/one")["failure_category"] == "format_error"


def test_a_refused_correction_comes_back_with_its_text(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("status of 422")
    body = '{"status": 422, "title": "No", "code": "invalid_request", "detail": "Not like this."}'
    desk.open("one")
    page.route(
        SUBMIT,
        lambda route: route.fulfill(status=422, content_type="application/problem+json", body=body),
        times=1,
    )
    _correct_with(desk, TEXT)
    expect(desk.setback).to_contain_text("Your correction was not saved.")
    expect(desk.setback).to_contain_text("Not like this.")
    expect(desk.setback).to_contain_text("Your text is kept.")
    desk.expect_candidate("one")
    desk.expect_counts(remaining=2, done=0)
    page.get_by_test_id("edit-again-btn").click()
    expect(desk.setback).to_be_hidden()
    desk.expect_text(TEXT)
    desk.expect_chosen("wrong_answer")
    desk.press("Control+Enter")
    desk.expect_candidate("two")
    desk.saved()
    assert decisions_of(server, "one") == [("correct", desk.sent[1]["decision_id"])]


def test_somebody_else_was_first_and_theirs_stands(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("status of 409")
    desk.open("one")
    desk.write(TEXT)
    _ana_corrects(server)
    desk.press("Control+Enter")
    expect(page.get_by_test_id("conflict-title")).to_contain_text("Already corrected by ana")
    expect(page.get_by_test_id("theirs")).to_contain_text(THEIRS)
    expect(page.get_by_test_id("theirs")).to_contain_text("Hallucination")
    expect(page.get_by_test_id("mine")).to_contain_text(TEXT)

    page.get_by_test_id("move-on-btn").click()
    desk.expect_candidate("two")
    expect(desk.setback).to_be_hidden()
    desk.expect_counts(remaining=1, done=0)
    record = server.json("/api/sft/candidates/one")
    assert record["corrected_response"] == THEIRS
    assert len(decisions_of(server, "one")) == 1
    page.reload()
    kept = page.get_by_test_id("kept-texts")
    expect(kept).to_contain_text(TEXT)
    page.get_by_test_id("forget-text-btn").click()
    expect(kept).to_be_hidden()
    desk.press("d", "Enter")
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()


def test_somebody_else_was_first_and_mine_takes_its_place(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("status of 409")
    desk.open("one")
    desk.write(TEXT)
    _ana_corrects(server)
    desk.press("Control+Enter")
    page.get_by_test_id("put-mine-btn").click()
    desk.expect_candidate("two")
    desk.saved()
    assert [action for action, _ in decisions_of(server, "one")] == ["correct", "undo", "correct"]
    assert server.json("/api/sft/candidates/one")["corrected_response"] == TEXT
    desk.expect_counts(remaining=1, done=1)


def test_a_queue_that_cannot_be_loaded(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("net::ERR_FAILED")
    page.route("**/api/sft/queue/claim*", lambda route: route.abort(), times=1)
    desk.visit("/")
    expect(page.get_by_test_id("load-error")).to_contain_text("The queue could not be loaded.")
    page.get_by_test_id("reload-btn").click()
    desk.expect_candidate("one")
    expect(page.get_by_test_id("load-error")).to_be_hidden()
