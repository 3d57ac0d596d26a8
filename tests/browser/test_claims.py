"""Many browsers on one queue: nobody gets a card that another has in hand."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Console
from tests.browser.desk import Desk
from tests.browser.material import candidate, decisions_of, put_candidates
from tests.fixtures.serving import Served

CLAIM = "/api/sft/queue/claim"
RELEASE = "/api/sft/queue/release"
NAMES = tuple(f"card{number:02}" for number in range(1, 13))
TEXT = "Written before the lid was closed."


@pytest.fixture(autouse=True)
def _candidates(workspace_dir: Path) -> None:
    put_candidates(workspace_dir, *map(candidate, NAMES))


def _take(server: Served, *ids: str, holder: str = "elsewhere") -> dict[str, Any]:
    """Another program takes these into its hands."""
    answer: dict[str, Any] = server.json(CLAIM, {"n": 1, "holder": holder, "ids": list(ids)})
    return answer


def _tokens(answer: dict[str, Any]) -> list[str]:
    return [claim["token"] for claim in answer["claims"]]


def _front(desk: Desk) -> str:
    """The id of the card in front."""
    facts = desk.page.get_by_role("complementary", name="About this candidate")
    return facts.get_by_text(re.compile(r"^card\d\d$")).inner_text()


def test_two_browsers_get_different_cards(
    desk: Desk, server: Served, open_browser: Callable[[], Desk]
) -> None:
    other = open_browser()
    desk.open("card01")
    other.open("card06")  # five are in the first one's hands
    for one in (desk, other):
        for _ in range(3):
            before = _front(one)
            one.press("d", "Enter")
            expect(one.page.locator(".sft-card h2")).not_to_have_text(f"Task of {before}")
    desk.saved()
    other.saved()
    decided = [entry["id"] for entry in server.json("/api/sft/decisions?per_page=50")["items"]]
    assert len(decided) == 6
    assert len(set(decided)) == 6
    assert all(sent["claim"] for sent in [*desk.sent, *other.sent])


def test_what_a_closed_browser_had_goes_to_the_next_one(
    desk: Desk, open_browser: Callable[[], Desk]
) -> None:
    desk.open("card01")
    other = open_browser()
    other.open("card06")
    with other.page.expect_event("close"):
        other.page.close()
    third = open_browser()
    third.open("card06")


def test_the_same_browser_goes_on_where_it_was(
    desk: Desk, page: Page, server: Served, open_tab: Callable[[], Desk]
) -> None:
    desk.open("card01")
    page.reload()
    desk.expect_candidate("card01")
    again = open_tab()
    again.open("card01")  # the tabs of a browser are one reviewer
    again.press("d", "Enter")
    again.expect_candidate("card02")
    again.saved()
    assert [action for action, _ in decisions_of(server, "card01")] == ["discard"]


def test_a_card_in_other_hands_can_be_read_and_waited_for(
    desk: Desk, page: Page, server: Served
) -> None:
    held = _take(server, "card03")
    desk.visit("/?id=card03")
    bar = page.get_by_test_id("held-bar")
    expect(bar).to_be_visible()
    expect(desk.reading).to_be_hidden()
    desk.press("d", "c")  # nothing is decided on it, nothing is written
    expect(desk.pending).to_be_hidden()
    expect(bar).to_be_visible()
    server.json(RELEASE, {"holder": "elsewhere", "tokens": _tokens(held)})
    desk.expect_candidate("card03")  # let go, and told by the server
    expect(bar).to_be_hidden()
    desk.press("d", "Enter")
    desk.expect_candidate("card01")
    desk.saved()
    assert [action for action, _ in decisions_of(server, "card03")] == ["discard"]


def test_a_card_in_other_hands_that_is_decided_there(
    desk: Desk, page: Page, server: Served
) -> None:
    _take(server, "card03")
    desk.visit("/?id=card03")
    expect(page.get_by_test_id("held-bar")).to_be_visible()
    server.json("/api/sft/submit", {"id": "card03", "action": "discard", "reviewer": "ana"})
    expect(page.get_by_test_id("settled-bar")).to_be_visible()
    expect(page.get_by_test_id("held-bar")).to_be_hidden()


def test_the_way_back_from_a_card_in_other_hands(desk: Desk, page: Page, server: Served) -> None:
    _take(server, "card03")
    desk.visit("/?id=card03")
    page.get_by_test_id("to-queue-btn").click()
    desk.expect_candidate("card01")


@pytest.mark.parametrize("way", ["leave", "send"])
def test_a_card_that_was_taken_over_meanwhile(
    desk: Desk, page: Page, server: Served, console: Console, way: str
) -> None:
    console.expect("status of 409")
    with page.expect_response(f"**{CLAIM}") as claimed:
        desk.open("card01")
    answer = claimed.value.json()
    holder = json.loads(claimed.value.request.post_data or "{}")["holder"]
    desk.write(TEXT)
    server.json(RELEASE, {"holder": holder, "tokens": _tokens(answer)[:1]})
    _take(server, "card01")

    desk.press("Control+Enter")
    title = page.get_by_test_id("conflict-title")
    expect(title).to_contain_text("Now in the hands of")
    expect(page.get_by_test_id("mine")).to_contain_text(TEXT)
    assert decisions_of(server, "card01") == []
    if way == "leave":
        page.get_by_test_id("move-on-btn").click()
        desk.expect_candidate("card02")
        expect(page.get_by_test_id("kept-texts")).to_contain_text(TEXT)
        assert decisions_of(server, "card01") == []
    else:
        page.get_by_test_id("put-mine-btn").click()
        desk.expect_candidate("card02")
        desk.saved()
        assert server.json("/api/sft/candidates/card01")["corrected_response"] == TEXT


def test_a_card_that_is_lost_while_one_writes(desk: Desk, page: Page, server: Served) -> None:
    with page.expect_response(f"**{CLAIM}") as claimed:
        desk.open("card01")
    holder = json.loads(claimed.value.request.post_data or "{}")["holder"]
    desk.write(TEXT)
    tokens = _tokens(claimed.value.json())[:1]
    server.json(RELEASE, {"holder": holder, "tokens": tokens})
    _take(server, "card01")
    page.evaluate("dispatchEvent(new Event('online'))")  # when the page looks after its cards
    expect(page.get_by_test_id("held-note")).to_contain_text("Now in the hands of local.")
    desk.expect_text(TEXT)


def test_a_card_that_was_taken_over_and_decided(
    desk: Desk, page: Page, server: Served, console: Console
) -> None:
    console.expect("status of 409")
    desk.open("card01")
    desk.write(TEXT)
    server.json("/api/sft/submit", {"id": "card01", "action": "discard", "reviewer": "ana"})
    desk.press("Control+Enter")
    expect(page.get_by_test_id("conflict-title")).to_contain_text("Already discarded by ana")
    expect(page.get_by_test_id("mine")).to_contain_text(TEXT)


def test_the_last_cards_are_in_other_hands(desk: Desk, page: Page, server: Served) -> None:
    held = _take(server, *NAMES)
    desk.visit("/")
    empty = page.get_by_test_id("other-hands")
    expect(empty).to_contain_text("12 candidates are left to review")
    server.json(RELEASE, {"holder": "elsewhere", "tokens": _tokens(held)[6:7]})
    desk.expect_candidate("card07")


def test_what_is_put_off_is_free_for_others(desk: Desk, page: Page, server: Served) -> None:
    desk.open("card01")
    with page.expect_response(f"**{RELEASE}"):
        desk.press("s")
    desk.expect_candidate("card02")
    assert "refused" not in _take(server, "card01")


def test_an_undone_card_is_in_hand_again(desk: Desk, page: Page, server: Served) -> None:
    desk.open("card01")
    desk.press("d", "Enter")
    desk.saved()
    with page.expect_response(
        lambda response: CLAIM in response.url and "ids" in (response.request.post_data or "")
    ):
        desk.press("u")
    desk.expect_candidate("card01")
    assert _take(server, "card01")["refused"] == [{"id": "card01", "reviewer": "local"}]
