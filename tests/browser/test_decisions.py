"""Deciding by mouse: two steps for a discard and a flag, categories on chips."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import CATEGORIES, Desk
from tests.browser.material import candidate, put_candidates
from tests.fixtures.serving import Served


@pytest.fixture(autouse=True)
def _two_candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, candidate("one"), candidate("two"))


def test_only_the_confirmation_decides(desk: Desk, page: Page, server: Served) -> None:
    desk.open("one")
    expect(page.get_by_test_id("failure-category-section")).to_be_hidden()

    page.get_by_test_id("discard-btn").click()
    expect(desk.pending).to_be_visible()
    expect(desk.chips).to_have_count(len(CATEGORIES))
    desk.expect_chosen(None)
    desk.chip("partial_answer").click()
    page.get_by_test_id("cancel-pending-btn").click()
    expect(desk.pending).to_be_hidden()
    assert desk.sent == []

    page.get_by_test_id("flag-btn").click()
    desk.expect_chosen(None)  # what was cancelled does not come back
    desk.chip("format_error").click()
    assert desk.sent == []
    page.get_by_test_id("confirm-pending-btn").click()
    desk.expect_candidate("two")
    page.get_by_test_id("discard-btn").click()
    desk.expect_chosen(None)
    page.get_by_test_id("confirm-pending-btn").click()
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()
    desk.saved()

    one, two = (server.json(f"/api/sft/candidates/{name}") for name in ("one", "two"))
    assert (one["status"], one["failure_category"]) == ("model_rejected", "format_error")
    assert (two["status"], two["failure_category"]) == ("discarded", None)
    assert [sent["action"] for sent in desk.sent] == ["flag", "discard"]


def test_at_most_one_category_is_active(desk: Desk, page: Page, server: Served) -> None:
    desk.open("one")
    page.get_by_test_id("flag-btn").click()
    for category in CATEGORIES:
        desk.chip(category).click()
        desk.expect_chosen(category)
    desk.chip(CATEGORIES[-1]).click()
    desk.expect_chosen(None)
    page.get_by_test_id("confirm-pending-btn").click()
    desk.expect_candidate("two")
    desk.saved()
    assert server.json("/api/sft/candidates/one")["failure_category"] is None


def test_a_correction_by_mouse(desk: Desk, page: Page, server: Served) -> None:
    desk.open("one")
    page.get_by_test_id("correct-btn").click()
    expect(page.get_by_test_id("correction-area")).to_be_visible()
    expect(desk.chips).to_have_count(len(CATEGORIES))
    expect(desk.editor).to_be_focused()
    desk.replace_text("Better.")
    desk.chip("style_violation").click()
    expect(desk.editor).to_be_focused()
    page.get_by_test_id("submit-btn").click()
    desk.expect_candidate("two")
    desk.saved()
    decided = server.json("/api/sft/candidates/one")
    assert decided["corrected_response"] == "Better."
    assert decided["failure_category"] == "style_violation"


def test_the_answer_is_fine(desk: Desk, page: Page, server: Served) -> None:
    desk.open("one")
    page.get_by_test_id("fine-btn").click()
    desk.expect_chosen("scoring_artifact")
    assert desk.sent == []
    page.get_by_test_id("confirm-pending-btn").click()
    desk.expect_candidate("two")
    desk.saved()
    decided = server.json("/api/sft/candidates/one")
    assert (decided["status"], decided["failure_category"]) == ("discarded", "scoring_artifact")


def test_the_workspaces_own_categories_have_chips_and_keys(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    (workspace_dir / "label_tool.yaml").write_text(
        "sft:\n  categories:\n"
        "    - {name: unsafe_answer, label: Unsafe, definition: It helps to do harm.}\n",
        "utf-8",
    )
    desk.open("one")
    desk.press("d")
    expect(desk.chips).to_have_count(len(CATEGORIES) + 1)
    desk.press("7")
    desk.expect_chosen("unsafe_answer")
    desk.press("Enter")
    desk.expect_candidate("two")
    desk.saved()
    assert server.json("/api/sft/candidates/one")["failure_category"] == "unsafe_answer"


def test_an_unchanged_correction_is_remarked_upon(desk: Desk) -> None:
    desk.open("one")
    desk.press("c")
    expect(desk.editor).to_be_focused()
    desk.press("Control+Enter")
    desk.expect_candidate("two")
    expect(desk.toast).to_contain_text("Corrected")
    desk.saved()
    assert desk.sent[0]["corrected_response"] == "The answer of one."
    expect(desk.toast.locator(".warning")).not_to_be_empty()
