"""The Exports page: a training set is put together, made, downloaded and compared."""

import json
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, lines_of
from tests.browser.material import candidate, decide_on_the_demo, put_candidates
from tests.browser.test_accessibility import Checker, axe, checker
from tests.fixtures.serving import CORRIGENDA, Served

__all__ = ["axe", "checker"]  # fixtures

CORRECTED = {"status": "approved", "failure_category": "wrong_answer"}


def _counted(page: Page) -> None:
    """The first counts are there; a new server loads what looks for secrets before them."""
    expect(page.get_by_test_id("funnel")).to_be_visible(timeout=90_000)


def _make(page: Page, name: str) -> None:
    """Give the export a name, and make it."""
    page.get_by_test_id("export-name").fill(name)
    page.get_by_test_id("export-btn").click()
    expect(page.get_by_test_id("export-done")).to_contain_text(f"{name} is made")


def test_an_export_is_made_downloaded_and_compared(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    artifact = {"failure_category": "scoring_artifact", "corrected_response": "It was right."}
    put_candidates(
        workspace_dir,
        candidate("one", **CORRECTED, corrected_response="The first."),
        candidate("two", **CORRECTED, corrected_response="The second."),
        candidate("three", **CORRECTED | artifact),
    )
    desk.visit("/exports")
    _counted(page)
    expect(page.get_by_test_id("artifact-note")).to_be_visible()
    expect(page.get_by_test_id("category-scoring_artifact")).not_to_be_checked()
    expect(page.locator(".trained-turn--learned")).to_have_count(1)
    _make(page, "first")

    page.get_by_role("link", name="See it, and download").click()
    expect(page.get_by_test_id("manifest")).to_contain_text("scoring_artifact")
    with page.expect_download() as coming:
        page.get_by_test_id("file-data.jsonl").click()
    rows = lines_of(coming.value)
    assert [row["completion"][0]["content"] for row in rows] == ["The first.", "The second."]
    kept = workspace_dir / "exports/first/data.jsonl"
    assert Path(coming.value.path()).read_bytes() == kept.read_bytes()
    expect(page.get_by_test_id("changes")).to_contain_text("Nothing")

    page.get_by_role("link", name="All exports").click()
    # What was chosen is still there; now the artifacts come in, too.
    page.get_by_test_id("category-scoring_artifact").check()
    expect(page.get_by_test_id("artifact-note")).to_be_hidden()
    expect(page.get_by_test_id("export-btn")).to_have_text("Export 3 rows")
    _make(page, "second")
    page.get_by_test_id("snapshot-first").get_by_role("link").click()
    page.get_by_test_id("compare-with").select_option("second")
    expect(page.get_by_test_id("difference")).to_contain_text("2 rows are the same")
    expect(page.get_by_test_id("difference")).to_contain_text("Filter")
    page.reload()
    expect(page.get_by_test_id("diff-only_b")).to_be_visible()

    server.json("/api/sft/undo", {"id": "one"})
    page.reload()
    expect(page.get_by_test_id("changes")).to_contain_text("1 decision has changed")


def test_the_counts_follow_the_options(desk: Desk, page: Page, workspace_dir: Path) -> None:
    prompt = candidate("any")["prompt_messages"]
    same = {"corrected_response": "The very same.", "prompt_messages": prompt, **CORRECTED}
    put_candidates(
        workspace_dir,
        candidate("one", **same),
        candidate("two", **same),
        candidate("three", **CORRECTED | {"corrected_response": "A longer one. " * 30}),
    )
    desk.visit("/exports")
    _counted(page)
    button = page.get_by_test_id("export-btn")
    expect(button).to_have_text("Export 2 rows")
    page.get_by_test_id("left-out-duplicate").click()
    expect(page.get_by_test_id("left-out-duplicate").get_by_role("link")).to_have_text("two")

    page.get_by_text("Duplicates and conflicts").click()
    page.get_by_test_id("near-duplicates").uncheck()
    page.get_by_test_id("deduplicate").uncheck()
    expect(button).to_have_text("Export 3 rows")
    page.get_by_text("Length", exact=True).click()
    page.get_by_test_id("max-length").fill("200")
    page.get_by_test_id("max-length").press("Tab")
    expect(button).to_have_text("Export 2 rows")
    expect(page.get_by_test_id("left-out-too_long")).to_contain_text("1 too long")

    page.get_by_test_id("category-wrong_answer").uncheck()
    expect(page.get_by_test_id("no-rows")).to_be_visible()
    expect(button).to_be_disabled()
    page.get_by_test_id("category-wrong_answer").check()
    page.get_by_test_id("format-preference").check()
    expect(page.locator(".trained-turn--avoided")).to_be_visible()
    # Elsewhere and back: nothing that was chosen is gone.
    page.get_by_role("link", name="Browse", exact=True).click()
    page.get_by_role("link", name="Exports", exact=True).click()
    expect(page.get_by_test_id("format-preference")).to_be_checked()
    page.get_by_test_id("export-name").fill("../away")
    expect(button).to_be_disabled()
    _make(page, "mine")
    page.get_by_test_id("export-name").fill("mine")
    expect(page.get_by_text("There is an export mine already")).to_be_visible()
    expect(button).to_be_disabled()


def test_a_card_says_before_the_work_that_it_is_not_for_export(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    put_candidates(workspace_dir, candidate("one"), candidate("two"))
    server.json("/api/sft/queue")  # takes the file in
    questions = workspace_dir.parent / "questions.jsonl"
    questions.write_text(json.dumps({"prompt": "The question of two?"}) + "\n", "utf-8")
    subprocess.run(
        [CORRIGENDA, "protect", "--name", "exam", "-w", workspace_dir, questions], check=True
    )
    desk.open("one")
    desk.press("s")
    desk.expect_candidate("two")
    expect(page.get_by_test_id("obstacle-chip")).to_be_visible()
    expect(page.get_by_test_id("obstacle")).to_contain_text("exam")
    desk.press("s")
    desk.expect_candidate("one")
    expect(page.get_by_test_id("obstacle-chip")).to_be_hidden()


@pytest.mark.usefixtures("demo")
def test_nothing_in_the_way_of_anybody(
    desk: Desk, page: Page, server: Served, checker: Checker
) -> None:
    desk.visit("/exports")
    expect(page.get_by_test_id("none-approved")).to_be_visible(timeout=90_000)
    checker.check("nothing approved")
    decide_on_the_demo(server)
    page.reload()
    _counted(page)
    checker.check("a new export")
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    page.get_by_test_id("split").check()
    page.get_by_test_id("allow-protected").check()
    page.get_by_test_id("max-length").fill("600")
    page.get_by_test_id("max-length").press("Tab")
    expect(page.get_by_test_id("left-out-too_long")).to_be_visible()
    checker.check("every option")
    _make(page, "first")
    checker.check("made")
    page.get_by_test_id("cap-category").fill("1")
    page.get_by_test_id("cap-category").press("Tab")
    expect(page.get_by_test_id("left-out-capped")).to_be_visible()
    _make(page, "second")
    desk.visit("/exports/first?with=second")
    expect(page.get_by_test_id("difference")).to_be_visible()
    expect(page.get_by_test_id("changes")).to_be_visible()
    page.evaluate("document.querySelectorAll('details').forEach((part) => (part.open = true))")
    checker.check("an export")
    assert not checker.found, "\n".join(checker.found)
