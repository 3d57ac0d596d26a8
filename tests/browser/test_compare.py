"""Comparing two runs: from the Runs page to the figures, the answers, and what still fails."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, put_run
from tests.browser.test_accessibility import SIZES, Checker, axe
from tests.fixtures.serving import Served

__all__ = ["axe"]  # a fixture

CONFIG = "label_tool.yaml"
ADDRESS = "/runs/compare?a=before&b=after"
FIXED, REGRESSED, FAILED, KEPT = 12, 2, 9, 4


@pytest.fixture
def runs(workspace_dir: Path, server: Served) -> None:
    """Two runs: 12 prompts are fixed, 2 regressed, 9 still fail, 4 are kept."""
    a = "x" * FIXED + "." * REGRESSED + "x" * FAILED + "." * KEPT
    b = "." * FIXED + "x" * REGRESSED + "x" * FAILED + "." * KEPT
    (workspace_dir / CONFIG).write_text("sft:\n  bench_results_dir: bench\n", "utf-8")
    for run, verdicts in (("before", a), ("after", b)):
        samples = [
            candidate(
                f"{run}-{n}",
                prompt_messages=[{"role": "user", "content": f"What is {n} + {n}?"}],
                model_response=f"It is {2 * n}." if right == "." else f"In {run} it is {n}1.",
                reference_answer=str(2 * n),
                task_name="sums" if n % 2 else "maps",
                task_type="math",
                benchmark_run_id=run,
                model_name="tutor-3b",
            )
            for n, right in enumerate(verdicts)
        ]
        wrong = [each for each, right in zip(samples, verdicts, strict=True) if right == "x"]
        put_run(workspace_dir / "bench", run, *wrong)
        lines = [json.dumps(each) for each in samples if each not in wrong]
        passes = workspace_dir / "bench" / run / "sft_passes.jsonl"
        passes.write_text("".join(f"{line}\n" for line in lines), "utf-8")
        server.json("/api/sft/import", {"run_id": run})


@pytest.mark.usefixtures("runs")
def test_from_the_runs_page_to_what_still_fails(desk: Desk, page: Page) -> None:
    desk.visit("/runs")
    expect(page.get_by_test_id("run-a")).to_have_value("before")
    expect(page.get_by_test_id("run-b")).to_have_value("after")
    page.get_by_test_id("compare-link").click()
    expect(page.get_by_test_id("headline")).to_have_text("12 fixed, 2 regressed of 27 prompts")
    expect(page.get_by_text("This is more than chance")).to_contain_text("p = 0.013")
    expect(page.get_by_test_id("outcome-regressed")).to_contain_text("2")
    expect(page.get_by_test_id("task-sums")).to_contain_text("13")
    page.get_by_test_id("queue-open-btn").click()
    expect(page.get_by_test_id("queue-dialog")).to_be_visible()
    page.get_by_test_id("queue-name").fill("Still wrong")
    desk.press("Enter")
    expect(page).to_have_url(f"{desk.home}/?batch=1")
    desk.expect_counts(str(REGRESSED + FAILED), 0)


@pytest.mark.usefixtures("runs")
def test_prompts_with_both_answers_by_keyboard(desk: Desk, page: Page) -> None:
    desk.visit(ADDRESS)
    expect(page.get_by_test_id("prompt-item")).to_have_count(20)
    page.get_by_test_id("more-btn").click()
    expect(page.get_by_test_id("prompt-item")).to_have_count(27)
    page.get_by_test_id("filter-regressed").focus()
    desk.press("Enter")
    expect(page.get_by_test_id("prompt-count")).to_have_text("2 prompts")
    expect(page.get_by_test_id("filter-regressed")).to_be_focused()
    first = page.get_by_test_id("prompt-item").first
    first.get_by_test_id("unfold-btn").focus()
    desk.press("Enter")
    expect(first.get_by_test_id("answer-A")).to_contain_text("right")
    expect(first.get_by_test_id("answer-B")).to_contain_text("scored as wrong")
    first.get_by_test_id("diff-btn").focus()
    desk.press("Enter")
    expect(first.get_by_test_id("word-diff").locator("del").first).to_be_visible()
    # All of it is in the address.
    page.reload()
    expect(page.get_by_test_id("prompt-count")).to_have_text("2 prompts")
    first.get_by_test_id("unfold-btn").click()
    first.get_by_test_id("review-link").click()
    desk.expect_candidate("after-13")


@pytest.mark.usefixtures("runs")
def test_a_filter_leaves_the_page_where_it_is(desk: Desk, page: Page) -> None:
    desk.visit(ADDRESS)
    button = page.get_by_test_id("filter-fixed")
    button.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 0
    button.click()
    expect(page.get_by_test_id("prompt-count")).to_have_text("12 prompts")
    assert page.evaluate("scrollY") == before


@pytest.mark.usefixtures("runs")
def test_the_report_is_downloaded(desk: Desk, page: Page) -> None:
    desk.visit(ADDRESS)
    for name, ending in (("Markdown", "md"), ("JSON", "json")):
        with page.expect_download() as coming:
            page.get_by_role("link", name=name).click()
        assert coming.value.suggested_filename == f"comparison.{ending}"
        text = coming.value.path().read_text("utf-8")
        assert ("| fixed |" in text) if ending == "md" else json.loads(text)["n"] == 27


@pytest.mark.usefixtures("runs")
def test_reviews_change_the_adjusted_figures(desk: Desk, page: Page, server: Served) -> None:
    desk.visit(ADDRESS)
    expect(page.get_by_text("no review has changed them")).to_be_visible()
    server.json(
        "/api/sft/submit",
        {"id": "after-12", "action": "discard", "failure_category": "scoring_artifact"},
    )
    page.reload()
    expect(page.get_by_test_id("adjusted-words")).to_contain_text("12 fixed, 1 regressed of 27")
    page.get_by_test_id("adjusted-toggle").check()
    page.get_by_test_id("filter-regressed").click()
    expect(page.get_by_test_id("prompt-count")).to_have_text("1 prompt")


@pytest.mark.usefixtures("runs")
def test_what_cannot_be_compared(desk: Desk, page: Page, console: Console) -> None:
    console.expect("status of (404|422)")
    desk.visit("/runs/compare")
    expect(page.get_by_test_id("choose-two")).to_be_visible()
    desk.visit("/runs/compare?a=befor&b=after")
    expect(page.get_by_test_id("compare-error")).to_contain_text("known are `before`")
    desk.visit("/runs/compare?a=after&b=after")
    expect(page.get_by_test_id("compare-error")).to_contain_text("cannot be compared with itself")
    page.get_by_test_id("run-a").select_option("before")
    expect(page.get_by_test_id("headline")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("runs")
def test_it_breaks_no_rule_of_axe(
    desk: Desk, page: Page, axe: str, server: Served, size: str
) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    checker = Checker(page, axe)
    for n, category in ((0, "wrong_answer"), (1, "scoring_artifact"), (14, "hallucination")):
        body = {"id": f"before-{n}", "action": "discard", "failure_category": category}
        server.json("/api/sft/submit", body)
    desk.visit("/runs")
    expect(page.get_by_test_id("compare-runs")).to_be_visible()
    checker.check("choosing on the Runs page")
    desk.visit("/runs/compare")
    expect(page.get_by_test_id("choose-two")).to_be_visible()
    checker.check("nothing chosen")
    desk.visit(f"{ADDRESS}&outcome=fixed")
    first = page.get_by_test_id("prompt-item").first
    first.get_by_test_id("unfold-btn").click()
    first.get_by_test_id("diff-btn").click()
    expect(first.get_by_test_id("word-diff")).to_be_visible()
    checker.check("a comparison")
    page.get_by_test_id("queue-open-btn").click()
    expect(page.get_by_test_id("queue-dialog")).to_be_visible()
    checker.check("making a batch")
    page.set_viewport_size({"width": 360, "height": 780})
    checker.check("on a small phone")
    assert not checker.found, "\n".join(checker.found)
