"""Keys act outside of text fields only, and only those that the key sheet names."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates

LETTERS = "cdfau123?"
MODIFIERS = ("Control", "Alt", "Meta", "Shift")


@pytest.fixture(autouse=True)
def _two_candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, candidate("one"), candidate("two"))


def _expect_nothing_begun(desk: Desk) -> None:
    expect(desk.reading).to_be_visible()
    expect(desk.editor).to_be_hidden()
    expect(desk.pending).to_be_hidden()
    expect(desk.page.get_by_role("dialog")).to_be_hidden()
    assert desk.sent == []


def test_letters_only_type_while_correcting(desk: Desk, page: Page) -> None:
    desk.open("one")
    desk.write("")
    page.keyboard.type(LETTERS)
    desk.expect_text(LETTERS)
    desk.expect_chosen(None)
    expect(desk.pending).to_be_hidden()
    expect(page.get_by_role("dialog")).to_be_hidden()
    desk.press("Enter")
    desk.expect_text(f"{LETTERS}\n")
    assert desk.sent == []

    desk.press("Escape")
    _expect_nothing_begun(desk)
    expect(page.get_by_test_id("correct-btn")).to_be_focused()
    desk.press("c")
    desk.expect_text(f"{LETTERS}\n")  # leaving kept the text
    page.get_by_test_id("start-over-btn").click()
    desk.expect_text("The answer of one.")
    expect(page.get_by_test_id("start-over-btn")).to_be_hidden()
    page.get_by_test_id("bring-back-btn").click()
    desk.expect_text(f"{LETTERS}\n")


def test_letters_only_type_in_the_other_fields(desk: Desk, page: Page) -> None:
    desk.open("one")
    page.get_by_test_id("reviewer-menu").click()
    name = page.get_by_label("Your name")
    expect(name).to_be_focused()
    page.keyboard.type(LETTERS)
    expect(name).to_have_value(LETTERS)
    desk.press("Escape")
    expect(name).to_be_hidden()
    expect(page.get_by_test_id("reviewer-menu")).to_be_focused()
    _expect_nothing_begun(desk)


def test_letters_with_a_modifier_do_nothing(desk: Desk) -> None:
    desk.open("one")
    for modifier in MODIFIERS:
        desk.press(*(f"{modifier}+{key}" for key in "cdfa1"))
    desk.press("Control+Enter", "1", "Enter", "Escape")  # nothing is begun that they could act on
    _expect_nothing_begun(desk)
    desk.press("d")
    desk.press(*(f"{modifier}+f" for modifier in MODIFIERS))
    expect(desk.pending).to_contain_text("Discard this sample?")
    assert desk.sent == []


def test_a_key_held_down_decides_once(desk: Desk, page: Page) -> None:
    desk.open("one")
    desk.press("d")
    expect(desk.pending).to_be_visible()
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")  # as the system repeats it
    page.keyboard.up("Enter")
    desk.expect_candidate("two")
    desk.saved()
    assert [sent["id"] for sent in desk.sent] == ["one"]


def test_the_sheet_names_the_keys_and_stops_them(desk: Desk, page: Page) -> None:
    desk.open("one")
    desk.press("?")
    sheet = page.get_by_role("dialog", name="Keys")
    expect(sheet).to_be_visible()
    for words in ("Correct the answer", "Undo the last decision", "Submit the correction"):
        expect(sheet.get_by_text(words)).to_be_visible()
    desk.press("c", "d", "f", "a")
    expect(sheet).to_be_visible()
    desk.press("Escape")
    _expect_nothing_begun(desk)
    page.get_by_test_id("show-keys").click()
    expect(sheet).to_be_visible()
    desk.press("?")
    expect(sheet).to_be_hidden()


def test_a_blank_correction_is_not_sent(desk: Desk, page: Page) -> None:
    desk.open("one")
    desk.write(" \n\t ")
    expect(page.get_by_text("A correction needs some text.")).to_be_visible()
    expect(page.get_by_test_id("submit-btn")).to_be_disabled()
    desk.press("Control+Enter")
    expect(desk.editor).to_be_visible()
    assert desk.sent == []
