"""What was written or decided survives the page, the tab, the server and another reviewer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, decisions_of, put_candidates
from tests.fixtures.processes import stop
from tests.fixtures.serving import Served, serving

TEXT = "Half a thought, not yet submitted."
OTHER = "The same answer, bettered in another tab."
SUBMIT = "**/api/sft/submit"
NAMES = ("one", "two", "three", "four")


@pytest.fixture(autouse=True)
def _candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, *map(candidate, NAMES))


def _expect_draft(desk: Desk, text: str) -> None:
    """The editor of the card in front opens with what was written."""
    desk.press("c")
    expect(desk.editor).to_be_focused()
    desk.expect_text(text)


def test_a_reload_in_mid_draft(desk: Desk, page: Page) -> None:
    desk.open("one")
    desk.write(TEXT)
    desk.press("Control+4")
    page.reload()
    desk.expect_candidate("one")
    _expect_draft(desk, TEXT)
    desk.expect_chosen("wrong_answer")
    assert desk.sent == []


def test_a_tab_that_was_closed_in_mid_draft(
    desk: Desk, page: Page, open_tab: Callable[[], Desk]
) -> None:
    desk.open("one")
    desk.write(TEXT)
    page.close()
    again = open_tab()
    again.open("one")
    _expect_draft(again, TEXT)


def test_another_tab_sees_the_draft(desk: Desk, open_tab: Callable[[], Desk]) -> None:
    other = open_tab()
    other.open("one")
    desk.open("one")
    desk.write(TEXT)
    other.page.bring_to_front()
    _expect_draft(other, TEXT)
    other.replace_text(OTHER)
    desk.page.bring_to_front()
    desk.expect_text(OTHER)


def test_drafts_are_forgotten_where_others_use_the_computer(
    desk: Desk, page: Page, open_tab: Callable[[], Desk]
) -> None:
    desk.visit("/settings")
    page.get_by_test_id("forget-drafts").check()
    desk.open("one")
    desk.write(TEXT)
    page.reload()
    desk.expect_candidate("one")
    _expect_draft(desk, TEXT)
    page.close()
    again = open_tab()
    again.open("one")
    _expect_draft(again, "The answer of one.")


def test_all_drafts_are_forgotten_on_demand(desk: Desk, page: Page) -> None:
    desk.open("one")
    desk.write(TEXT)
    desk.visit("/settings")
    expect(page.get_by_test_id("draft-count")).to_contain_text("1 draft kept")
    page.get_by_test_id("forget-all-btn").click()
    page.get_by_test_id("confirm-forget-btn").click()
    expect(page.get_by_test_id("draft-count")).to_contain_text("No drafts are kept.")
    desk.open("one")
    _expect_draft(desk, "The answer of one.")


@pytest.mark.parametrize("arrived", [False, True], ids=["before it arrived", "after it arrived"])
def test_a_server_killed_between_the_key_press_and_its_answer(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path, arrived: bool
) -> None:
    console.expect("net::ERR_|status of 5")

    def kill(route: Route) -> None:
        if arrived:
            route.fetch()
        server.process.kill()
        server.process.wait()
        route.abort()

    desk.open("one")
    desk.write(TEXT)
    page.route(SUBMIT, kill, times=1)
    desk.press("Control+4", "Control+Enter")
    desk.expect_candidate("two")  # nobody waits for a server
    expect(desk.offline).to_contain_text("1 decision is waiting to be sent.")
    with serving(workspace_dir, server.log.with_name("second.log"), port=server.port) as again:
        desk.send_waiting()
        expect(desk.offline).to_be_hidden()
        expect(desk.setback).to_be_hidden()
        desk.expect_counts(remaining=3, done=1)
        [decision_id] = {sent["decision_id"] for sent in desk.sent}
        assert decisions_of(again, "one") == [("correct", decision_id)]
        record = again.json("/api/sft/candidates/one")
        assert record["corrected_response"] == TEXT
        assert record["failure_category"] == "wrong_answer"
        page.reload()
        desk.expect_candidate("two")


def test_decisions_made_offline_are_sent_in_their_order(
    desk: Desk, page: Page, server: Served, console: Console, workspace_dir: Path
) -> None:
    console.expect("net::ERR_")
    desk.open("one")
    desk.press("h")  # its code comes when it is first opened
    expect(page.get_by_test_id("history-panel")).to_be_visible()
    desk.press("h")
    desk.write(TEXT)
    assert stop(server.process)
    desk.press("Control+Enter")
    desk.expect_candidate("two")
    desk.press("d", "2", "Enter")
    desk.expect_candidate("three")
    desk.press("f", "Enter")
    desk.expect_candidate("four")
    expect(desk.offline).to_contain_text("3 decisions are waiting to be sent.")

    desk.press("h")
    waiting = page.get_by_test_id("history-waiting")
    expect(waiting).to_have_count(3)
    expect(waiting.first).to_contain_text("Task of three")
    expect(waiting.first).to_contain_text("waiting to be sent")
    desk.press("h")

    with serving(workspace_dir, server.log.with_name("second.log"), port=server.port) as again:
        desk.send_waiting()
        expect(desk.offline).to_be_hidden()
        made = again.json("/api/sft/decisions")["items"]
        assert [(entry["id"], entry["action"]) for entry in reversed(made)] == [
            ("one", "correct"),
            ("two", "discard"),
            ("three", "flag"),
        ]
        desk.expect_counts(remaining=1, done=3)


def test_decisions_made_offline_survive_the_tab(
    desk: Desk,
    page: Page,
    server: Served,
    console: Console,
    workspace_dir: Path,
    open_tab: Callable[[], Desk],
) -> None:
    console.expect("net::ERR_")
    desk.open("one")
    desk.write(TEXT)
    assert stop(server.process)
    desk.press("Control+Enter")
    expect(desk.offline).to_be_visible()
    page.close()
    with serving(workspace_dir, server.log.with_name("second.log"), port=server.port) as again:
        desk = open_tab()
        desk.open("two")
        desk.saved()
        assert [action for action, _ in decisions_of(again, "one")] == ["correct"]


def test_two_tabs_decide_the_same_card(
    desk: Desk, server: Served, console: Console, open_tab: Callable[[], Desk]
) -> None:
    console.expect("status of 409")
    other = open_tab()
    other.open("one")
    other.write(OTHER)
    desk.page.bring_to_front()
    desk.open("one")
    desk.press("d", "Enter")
    desk.expect_candidate("two")
    desk.saved()

    other.page.bring_to_front()
    other.expect_text(OTHER)  # the card at hand is left alone
    other.press("Control+Enter")
    expect(other.page.get_by_test_id("conflict-title")).to_contain_text("Already discarded")
    expect(other.page.get_by_test_id("mine")).to_contain_text(OTHER)
    assert [action for action, _ in decisions_of(server, "one")] == ["discard"]
    other.page.get_by_test_id("put-mine-btn").click()
    other.expect_candidate("two")
    other.saved()
    assert server.json("/api/sft/candidates/one")["corrected_response"] == OTHER
