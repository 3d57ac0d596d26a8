"""Other answers to the same prompt: looked at, taken over, and offered a correction."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, decisions_of, put_candidates
from tests.fixtures.serving import Served

QUESTION = [{"role": "user", "content": "What is 2 + 2?"}]
TEXT = "2 + 2 = 4."


def _answers(workspace_dir: Path) -> None:
    """Four answers to one prompt, two of them the same."""
    for_all: dict[str, Any] = {"prompt_messages": QUESTION}
    put_candidates(
        workspace_dir,
        candidate("one", model_name="model-a", **for_all),
        candidate("two", model_name="model-b", model_response="It is 5.", **for_all),
        candidate("three", model_name="model-c", model_response="It is 5.", **for_all),
        candidate("four", model_name="model-d", model_response="It is 3.", **for_all),
    )


@pytest.mark.usefixtures("demo")
def test_right_and_wrong_answers_to_the_same_prompt(desk: Desk, page: Page, server: Served) -> None:
    desk.open("demo-math-001-qwen")
    panel = page.get_by_test_id("siblings")
    desk.press("b")
    expect(panel).to_contain_text("4 other answers")
    right = panel.get_by_test_id("sibling-demo-math-001-qwen3")
    expect(right).to_contain_text("Right:")
    expect(right).to_contain_text("Qwen3-4B")
    wrong = panel.get_by_test_id("sibling-demo-math-001-llama")
    expect(wrong).to_contain_text("not decided yet")
    answers = {
        sibling["id"]: sibling["model_response"]
        for sibling in server.json("/api/sft/candidates/demo-math-001-qwen/siblings")["items"]
    }
    right.get_by_role("button", name="Whole answer").click()
    expect(right).to_contain_text(answers["demo-math-001-qwen3"].splitlines()[-1].strip("* "))
    wrong.get_by_role("link", name="Llama-3.2-3B-Instruct").click()
    desk.expect_candidate("demo-math-001-llama")


@pytest.mark.usefixtures("demo")
def test_a_passing_answer_is_taken_over_by_one_key(desk: Desk, page: Page, server: Served) -> None:
    siblings = server.json("/api/sft/candidates/demo-math-001-qwen/siblings")["items"]
    passing = [one["model_response"] for one in siblings if one["kind"] == "pass"]
    desk.open("demo-math-001-qwen")
    expect(page.get_by_test_id("siblings")).to_contain_text("takes the passing answer")
    desk.press("t")
    expect(desk.editor).to_be_focused()
    desk.press("Control+Enter")
    desk.expect_candidate("demo-math-001-llama")
    desk.saved()
    assert desk.sent[0]["corrected_response"] in passing
    # What was corrected just now is the better beginning for the next one.
    expect(page.get_by_test_id("siblings")).to_contain_text("takes the correction")


def test_a_correction_is_offered_to_the_undecided_ones(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    _answers(workspace_dir)
    desk.open("one")
    expect(page.get_by_test_id("siblings")).to_contain_text("3 other answers")
    desk.write(TEXT)
    desk.press("Control+4", "Control+Enter")
    desk.expect_candidate("two")
    page.get_by_test_id("offer-siblings-btn").click()
    sheet = page.get_by_test_id("lot-dialog")
    expect(sheet.get_by_test_id("lot-numbers")).to_contain_text("3 will be corrected")
    sheet.get_by_test_id("offer-four").get_by_role("checkbox").uncheck()
    expect(sheet.get_by_test_id("lot-numbers")).to_contain_text("2 will be corrected")
    assert server.json("/api/sft/stats")["by_status"]["approved"] == 1  # only looked at so far
    sheet.get_by_test_id("lot-run").click()
    strip = page.get_by_test_id("lot-strip")
    expect(strip).to_contain_text("2 corrected.")
    desk.expect_candidate("four")
    for name in ("two", "three"):
        record = server.json(f"/api/sft/candidates/{name}")
        assert record["corrected_response"] == TEXT
        assert record["failure_category"] is None  # each one's own, and they had none

    strip.get_by_test_id("lot-undo").click()
    expect(strip).to_contain_text("Undone: 2 are as before.")
    desk.expect_counts(remaining=3, done=1)
    assert [action for action, _ in decisions_of(server, "two")] == ["correct", "undo"]
    assert server.json("/api/sft/candidates/one")["status"] == "approved"


def test_the_same_answer_decided_before_says_so(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    _answers(workspace_dir)
    decision = {"id": "two", "action": "flag", "failure_category": "hallucination"}
    server.json("/api/sft/submit", {**decision, "reviewer": "ana"})
    desk.visit("/?id=three")
    desk.expect_candidate("three")
    note = page.get_by_test_id("identical-note")
    expect(note).to_contain_text("This very answer was flagged by ana")
    note.get_by_test_id("repeat-btn").click()
    expect(desk.pending).to_be_visible()
    desk.expect_chosen("hallucination")
    assert desk.sent == []
    desk.press("Enter")
    desk.saved()
    assert server.json("/api/sft/candidates/three")["status"] == "model_rejected"
