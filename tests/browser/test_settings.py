"""The Settings page: what is saved there shows on the review page and in the decisions."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.desk import CATEGORIES, Desk
from tests.browser.material import candidate, put_candidates
from tests.fixtures.serving import Served

GUIDELINES = "# Ours\n\nA **scoring artifact** comes first."


@pytest.fixture(autouse=True)
def _two_candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, candidate("one"), candidate("two"))


def test_a_category_is_reworded(desk: Desk, page: Page, server: Served) -> None:
    desk.visit("/settings")
    fields = page.get_by_test_id("category-wrong_answer")
    expect(page.get_by_test_id("save-taxonomy-btn")).to_be_disabled()
    fields.get_by_test_id("edit-category-btn").click()
    fields.get_by_label("Label, on buttons and in charts").fill("Plainly wrong")
    fields.get_by_label("Definition: when does it apply?").fill("The result is not right.")
    fields.get_by_label("Key").select_option("9")
    with page.expect_response("**/api/sft/taxonomy"):
        page.get_by_test_id("save-taxonomy-btn").click()
    expect(page.get_by_test_id("save-taxonomy-btn")).to_be_disabled()

    desk.open("one")
    desk.press("d")
    chip = desk.chip("wrong_answer")
    expect(chip).to_contain_text("Plainly wrong")
    expect(chip).to_have_attribute("title", re.compile(r"^The result is not right\. "))
    desk.press("9")
    desk.expect_chosen("wrong_answer")
    names = [one["name"] for one in server.json("/api/sft/taxonomy")["categories"]]
    assert names == list(CATEGORIES)  # only the words are other ones


def test_a_category_is_added(desk: Desk, page: Page, server: Served) -> None:
    desk.visit("/settings")
    page.get_by_test_id("add-category-btn").click()
    fields = page.get_by_test_id("category-new")
    page.get_by_test_id("save-taxonomy-btn").click()
    expect(page.get_by_test_id("taxonomy-problems")).to_contain_text("to mend")
    fields.get_by_label("Label, on buttons and in charts").fill("Unsafe")
    name = page.get_by_label("Name, in exports and filters").last
    name.fill("unsafe_answer")
    page.get_by_label("Definition: when does it apply?").last.fill("It helps to do harm.")
    page.get_by_label("Example", exact=True).last.fill("How to pick a lock.")
    with page.expect_response("**/api/sft/taxonomy"):
        page.get_by_test_id("save-taxonomy-btn").click()
    expect(page.get_by_test_id("save-taxonomy-btn")).to_be_disabled()
    desk.open("one")
    desk.press("d", "7")
    desk.expect_chosen("unsafe_answer")
    desk.press("Enter")
    desk.expect_candidate("two")
    desk.saved()
    assert server.json("/api/sft/candidates/one")["failure_category"] == "unsafe_answer"


def test_guidelines_are_versioned_and_kept_with_decisions(
    desk: Desk, page: Page, server: Served
) -> None:
    desk.visit("/settings")
    page.get_by_test_id("guidelines-text").fill(GUIDELINES)
    page.get_by_test_id("preview-guidelines-btn").click()
    expect(page.get_by_test_id("guidelines-preview").locator("strong")).to_have_text(
        "scoring artifact"
    )
    with page.expect_response("**/api/sft/guidelines"):
        page.get_by_test_id("save-guidelines-btn").click()
    assert server.json("/api/sft/guidelines")["version"] == 1

    desk.open("one")
    desk.press("g")
    panel = page.get_by_test_id("guidelines")
    expect(panel).to_contain_text("Version 1")
    expect(panel.locator("strong")).to_have_text("scoring artifact")
    desk.press("d", "Enter")  # it lies beside the card, which can be worked on
    desk.expect_candidate("two")
    desk.saved()
    [decision] = server.json("/api/sft/candidates/one/history")["decisions"]
    assert decision["guidelines_version"] == 1


def test_guidelines_that_somebody_else_saved_first(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("status of 409")
    desk.visit("/settings")
    page.get_by_test_id("guidelines-text").fill(GUIDELINES)
    server.json("/api/sft/guidelines", {"text": "Theirs.", "based_on": 0})
    page.get_by_test_id("save-guidelines-btn").click()
    conflict = page.get_by_test_id("guidelines-conflict")
    expect(conflict).to_contain_text("Theirs.")
    expect(page.get_by_test_id("guidelines-text")).to_have_value(GUIDELINES)
    page.get_by_test_id("keep-mine-btn").click()
    expect(conflict).to_be_hidden()
    newest = server.json("/api/sft/guidelines")
    assert (newest["version"], newest["text"].strip()) == (2, GUIDELINES)


def test_the_theme_is_chosen(desk: Desk, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    desk.visit("/settings")
    page.get_by_test_id("theme-dark").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    desk.open("one")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    desk.visit("/settings")
    expect(page.get_by_test_id("theme-dark")).to_be_checked()
    page.get_by_test_id("theme-system").check()
    expect(page.locator("html")).not_to_have_attribute("data-theme", "dark")


def test_the_name_is_written_beside_decisions(desk: Desk, page: Page, server: Served) -> None:
    desk.visit("/settings")
    page.get_by_test_id("reviewer-name").fill("kim")
    page.get_by_test_id("reviewer-name").press("Enter")
    expect(page.get_by_test_id("reviewer-menu")).to_have_text("kim")
    desk.open("one")
    desk.press("f", "Enter")
    desk.expect_candidate("two")
    desk.saved()
    assert server.json("/api/sft/candidates?status=model_rejected")["items"][0]["decided_by"] == (
        "kim"
    )
