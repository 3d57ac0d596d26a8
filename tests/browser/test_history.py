"""The history panel: older decisions are reopened and amended, with what was written."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, decisions_of, put_candidates
from tests.fixtures.serving import Served

TEXT = "The first of three decisions."
BETTER = "The first of three decisions, bettered."


@pytest.fixture(autouse=True)
def _three_decisions(workspace_dir: Path, server: Served) -> None:
    """Made by the page's own reviewer, before the page is opened."""
    put_candidates(workspace_dir, *map(candidate, ("one", "two", "three", "four")))
    correct = {"id": "one", "action": "correct", "corrected_response": TEXT}
    server.json("/api/sft/submit", {**correct, "failure_category": "wrong_answer", "note": "Why."})
    server.json("/api/sft/submit", {"id": "two", "action": "discard", "reviewer": "ana"})
    server.json("/api/sft/submit", {"id": "three", "action": "flag"})


def test_an_older_decision_is_reopened_with_its_text(
    desk: Desk, page: Page, server: Served
) -> None:
    desk.open("four")
    desk.press("h")
    panel = page.get_by_test_id("history-panel")
    entries = panel.get_by_test_id("history-entry")
    expect(entries).to_have_count(2)
    expect(entries.nth(0)).to_contain_text("Flagged")
    expect(entries.nth(1)).to_contain_text("Task of one")
    panel.get_by_test_id("everybody").check()
    expect(entries).to_have_count(3)
    expect(entries.nth(1)).to_contain_text("ana")

    entries.nth(2).get_by_test_id("reopen-btn").click()
    desk.expect_candidate("one")
    desk.saved()
    assert server.json("/api/sft/candidates/one")["status"] == "needs_review"
    assert [action for action, _ in decisions_of(server, "one")] == ["correct", "undo"]
    desk.expect_counts(remaining=2, done=1)
    desk.press("c")
    expect(desk.editor).to_be_focused()
    desk.expect_text(TEXT)
    desk.expect_chosen("wrong_answer")
    desk.press("Control+Enter")
    desk.expect_candidate("four")


def test_an_approved_correction_is_amended(desk: Desk, page: Page, server: Served) -> None:
    desk.open("four")
    desk.press("h")
    page.get_by_role("button", name="Amend Task of one").click()
    expect(desk.editor).to_be_focused()
    desk.expect_text(TEXT)
    desk.replace_text(BETTER)
    assert server.json("/api/sft/candidates/one")["status"] == "approved"
    desk.press("Control+Enter")
    desk.expect_candidate("four")
    expect(desk.toast).to_contain_text("Amended")
    desk.saved()
    record = server.json("/api/sft/candidates/one")
    assert (record["status"], record["corrected_response"]) == ("approved", BETTER)
    assert [action for action, _ in decisions_of(server, "one")] == ["correct", "amend"]

    desk.press("u")
    desk.expect_candidate("one")
    desk.saved()
    assert server.json("/api/sft/candidates/one")["status"] == "needs_review"
    desk.press("c")
    expect(desk.editor).to_be_focused()
    desk.expect_text(BETTER)


def test_a_decided_candidate_is_opened_by_its_address(
    desk: Desk, page: Page, server: Served
) -> None:
    desk.visit("/?id=one")
    bar = page.get_by_test_id("settled-bar")
    expect(bar).to_contain_text("Corrected")
    expect(bar).to_contain_text("Wrong answer")
    expect(bar.get_by_test_id("settled-text")).to_have_text(TEXT)
    bar.get_by_test_id("to-queue-btn").click()
    desk.expect_candidate("four")
    expect(page).to_have_url(f"{server.url}/")
