"""A failure that was asked again: its card shows what was decided on the earlier one."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_run
from tests.browser.test_accessibility import SIZES, Checker, axe
from tests.fixtures.serving import Served

__all__ = ["axe"]  # a fixture

QUESTION = [{"role": "user", "content": "Half of 17 coins are gold. How many?"}]
NOTE = "It rounds before it halves."
RIGHT = "17 cannot be halved, so the question has no answer."


@pytest.fixture
def queued(workspace_dir: Path, server: Served) -> None:
    """A failure that was corrected, failed again after a training, and was queued."""
    (workspace_dir / "label_tool.yaml").write_text("sft:\n  bench_results_dir: bench\n", "utf-8")
    samples: dict[str, dict[str, Any]] = {
        "base": {"model_name": "tutor-3b", "model_response": "It is 8."},
        "sums-1": {"model_name": "tutor-3b-sums", "model_response": "It is 9.", "parent_id": "old"},
    }
    for name, (run, said) in zip(("old", "new"), samples.items(), strict=True):
        sample = candidate(name, prompt_messages=QUESTION, benchmark_run_id=run, **said)
        put_run(workspace_dir / "bench", run, sample)
        server.json("/api/sft/import", {"run_id": run})
    decision = {"id": "old", "action": "correct", "reviewer": "kim", "note": NOTE}
    server.json(
        "/api/sft/submit",
        {**decision, "corrected_response": RIGHT, "failure_category": "wrong_answer"},
    )
    body = {"a": "base", "b": "sums-1", "name": "Still wrong"}
    server.json("/api/sft/compare/queue", body)


@pytest.mark.usefixtures("queued")
def test_the_earlier_one_is_in_view_and_begins_the_correction(
    desk: Desk, page: Page, server: Served
) -> None:
    desk.visit("/?batch=1")
    desk.expect_candidate("new")
    panel = page.get_by_test_id("ancestors")
    expect(panel.get_by_role("heading")).to_have_text("Asked before")
    for words in ("It is 8.", RIGHT, "Corrected", "by kim", "Wrong answer", NOTE, "base"):
        expect(panel).to_contain_text(words)
    # It stands once.
    expect(page.get_by_test_id("siblings")).to_contain_text("Nobody else has answered this prompt")
    panel.get_by_test_id("take-btn").click()
    expect(desk.editor).to_contain_text(RIGHT)
    desk.press("Alt+5")
    expect(desk.editor).not_to_contain_text(RIGHT)
    desk.press("Alt+4")
    expect(desk.editor).to_contain_text(RIGHT)
    desk.press("Control+Enter")
    desk.saved()
    assert server.json("/api/sft/candidates/new")["corrected_response"] == RIGHT


@pytest.mark.usefixtures("queued")
def test_one_key_takes_its_correction_and_a_link_leads_to_it(desk: Desk, page: Page) -> None:
    desk.visit("/?batch=1")
    desk.expect_candidate("new")
    expect(page.get_by_test_id("siblings")).to_contain_text("takes the correction of tutor-3b")
    page.get_by_test_id("ancestors").get_by_role("link", name="tutor-3b").click()
    expect(page.get_by_role("region", name="Decided")).to_contain_text("Corrected by kim")
    # The way back leads into the same batch.
    page.get_by_role("button", name="Back to the queue").click()
    expect(page).to_have_url(f"{desk.home}/?batch=1")
    desk.expect_candidate("new")
    desk.press("t")
    expect(desk.editor).to_contain_text(RIGHT)


@pytest.mark.usefixtures("queued")
@pytest.mark.parametrize("size", SIZES)
def test_it_is_accessible(desk: Desk, page: Page, axe: str, size: str) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    desk.visit("/?batch=1")
    desk.expect_candidate("new")
    panel = page.get_by_test_id("ancestors")
    panel.get_by_role("button", name="Whole answer").click()
    panel.get_by_role("button", name="Compare with this one").click()
    expect(panel.get_by_test_id("word-diff")).to_be_visible()
    checker = Checker(page, axe)
    checker.check("a card that was asked before")
    assert not checker.found, "\n".join(checker.found)
