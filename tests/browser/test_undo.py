"""Taking the last decision back, by the toast, the key and the button."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import APPROVED, candidate, put_candidates
from tests.fixtures.serving import Served

TEXT = "A correction that is taken back."


@pytest.fixture(autouse=True)
def _two_candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, candidate("one"), candidate("two"))


def test_undoing_an_approval_blanks_its_line(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    desk.open("one")
    desk.write(TEXT)
    desk.press("Control+4", "Control+Enter")
    desk.expect_candidate("two")
    expect(desk.toast).to_contain_text("Corrected")
    expect(desk.toast).to_contain_text("Task of one")
    expect(desk.toast).to_contain_text("Wrong answer")
    desk.saved()
    approved = workspace_dir / APPROVED
    before = approved.read_text("utf-8")
    assert TEXT in before

    desk.press("u")
    desk.expect_candidate("one")
    desk.expect_counts(remaining=2, done=0)
    expect(desk.toast).to_be_hidden()
    desk.saved()
    after = approved.read_text("utf-8")
    assert after.strip() == ""
    assert len(after.encode()) == len(before.encode())  # no other line moved
    record = server.json("/api/sft/candidates/one")
    assert record["status"] == "needs_review"
    assert (record["corrected_response"], record["failure_category"]) == (None, None)

    desk.press("u")  # there is nothing more to undo
    desk.press("c")
    desk.expect_text(TEXT)
    desk.press("Control+Enter")
    desk.expect_candidate("two")
    desk.saved()
    assert [sent.get("action", "undo") for sent in desk.sent] == ["correct", "undo", "correct"]
    history = server.json("/api/sft/candidates/one/history")["decisions"]
    assert [entry["action"] for entry in history] == ["correct", "undo", "correct"]
    assert history[0]["failure_category"] == "wrong_answer"


def test_the_toast_undoes(desk: Desk, page: Page, server: Served) -> None:
    desk.open("one")
    desk.press("f", "Enter")
    desk.expect_candidate("two")
    expect(desk.toast).to_contain_text("Flagged")
    page.get_by_test_id("toast-undo-btn").click()
    desk.expect_candidate("one")
    desk.saved()
    assert server.json("/api/sft/candidates/one")["status"] == "needs_review"


def test_the_button_undoes_when_nothing_is_left(desk: Desk, page: Page, server: Served) -> None:
    desk.open("one")
    expect(page.get_by_test_id("undo-btn")).to_be_disabled()
    desk.press("d", "Enter")
    desk.expect_candidate("two")
    desk.press("d", "Enter")
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()
    page.get_by_test_id("undo-btn").click()
    desk.expect_candidate("two")
    expect(page.get_by_test_id("all-caught-up")).to_be_hidden()
    page.get_by_test_id("undo-btn").click()
    desk.expect_candidate("one")
    expect(page.get_by_test_id("undo-btn")).to_be_disabled()
    desk.saved()
    assert server.json("/api/sft/stats")["by_status"]["needs_review"] == 2
