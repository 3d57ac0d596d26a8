"""A correction inside a trajectory: the wrong turn, its tool calls, and reasoning apart."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk
from tests.browser.material import candidate, put_candidates
from tests.fixtures.serving import Served

TRAJECTORY = "demo-tool-004-llama"
WRONG_TURN = 4  # looks up the cable where the headphones were asked for
RIGHT = {"order_id": "73311", "sku": "HP-210"}


def _exported(server: Served) -> list[dict[str, Any]]:
    text = server.get("/api/sft/export?format=messages")[1]
    return [json.loads(line) for line in text.splitlines()]


def _write_arguments(desk: Desk, page: Page, text: str) -> None:
    field = page.locator("[contenteditable][data-testid=tool-call-arguments]")
    field.press("Control+a")
    page.keyboard.insert_text(text)


@pytest.mark.usefixtures("demo")
def test_the_first_wrong_turn_and_its_tool_call(desk: Desk, page: Page, server: Served) -> None:
    desk.visit(f"/?id={TRAJECTORY}")
    desk.expect_candidate(TRAJECTORY)
    desk.press("m", "m")
    expect(page.locator(".wrong")).to_contain_text("The order has two items.")
    expect(page.get_by_test_id("context-only")).to_be_visible()

    desk.press("c")
    expect(desk.editor).to_be_focused()
    desk.expect_text("The order has two items. I look up the refund.")
    expect(page.get_by_test_id("tool-call-name")).to_have_value("get_refund")
    _write_arguments(desk, page, '{"order_id": "73311", ')
    expect(page.get_by_test_id("tool-call-problems")).to_contain_text("Line 1, column")
    expect(page.get_by_test_id("correction-state")).to_contain_text("Tool call 1 (`get_refund`)")
    expect(page.get_by_test_id("submit-btn")).to_be_disabled()
    desk.press("Control+Enter")
    assert desk.sent == []

    _write_arguments(desk, page, '{"order_id": "73311", "item": "HP-210"}')
    problems = page.get_by_test_id("tool-call-problems")
    expect(problems).to_contain_text("`sku` is required.")  # said, but it does not block
    expect(page.get_by_test_id("submit-btn")).to_be_enabled()
    _write_arguments(desk, page, json.dumps(RIGHT))
    expect(problems).to_have_text("")
    desk.press("Control+Enter")
    expect(desk.toast).to_contain_text("Corrected")
    desk.saved()

    record = server.json(f"/api/sft/candidates/{TRAJECTORY}")
    assert record["corrected_parts"]["turn"] == WRONG_TURN
    [row] = _exported(server)
    before = record["prompt_messages"][:WRONG_TURN]
    # Templates look into the content, so that of a turn that only calls tools is not null.
    assert row["messages"][:-1] == [{**each, "content": each["content"] or ""} for each in before]
    corrected = row["messages"][-1]
    assert corrected["role"] == "assistant"
    assert corrected["content"] == "The order has two items. I look up the refund."
    [call] = corrected["tool_calls"]
    assert call["function"]["name"] == "get_refund"
    assert json.loads(call["function"]["arguments"]) == RIGHT


@pytest.mark.usefixtures("demo")
def test_a_turn_may_call_nothing(desk: Desk, page: Page, server: Served) -> None:
    desk.visit(f"/?id={TRAJECTORY}")
    desk.expect_candidate(TRAJECTORY)
    page.get_by_role("button", name="First wrong turn").nth(1).click()
    page.get_by_test_id("correct-btn").click()
    expect(desk.editor).to_be_focused()
    page.get_by_test_id("tool-call-remove-btn").click()
    desk.replace_text("I ask a colleague.")
    desk.press("Control+Enter")
    desk.saved()
    [row] = _exported(server)
    assert row["messages"][-1] == {"role": "assistant", "content": "I ask a colleague."}


def test_reasoning_that_led_to_another_answer_is_asked_about(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    thought = "Two and two is five, I think."
    put_candidates(
        workspace_dir,
        candidate("one", model_response=f"<think>{thought}</think>\n\nIt is 5."),
        candidate("two"),
    )
    desk.open("one")
    desk.press("c")
    expect(desk.editor).to_be_focused()
    desk.expect_text("It is 5.")
    expect(page.get_by_test_id("reasoning-field")).to_be_visible()
    expect(page.get_by_test_id("reasoning-choice")).to_be_hidden()
    desk.replace_text("It is 4.")
    expect(page.get_by_test_id("reasoning-held-back")).to_contain_text("held back from exports")
    desk.press("Control+Enter")
    desk.expect_candidate("two")
    desk.saved()
    assert server.json("/api/sft/candidates/one")["status"] == "approved"
    assert _exported(server) == []

    desk.visit("/?id=one")
    page.get_by_test_id("settled-bar").get_by_test_id("amend-btn").click()
    desk.expect_text("It is 4.")
    page.get_by_test_id("reasoning-drop").check()
    expect(page.get_by_test_id("reasoning-held-back")).to_be_hidden()
    page.get_by_test_id("training-preview-btn").click()
    expect(page.get_by_test_id("training-preview")).to_contain_text("It is 4.")
    expect(page.get_by_test_id("training-preview")).not_to_contain_text(thought)
    page.get_by_test_id("submit-btn").click()
    expect(desk.toast).to_contain_text("Amended")
    desk.saved()
    [row] = _exported(server)
    assert row["messages"][-1] == {"role": "assistant", "content": "It is 4."}


def test_reasoning_is_rewritten(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    put_candidates(
        workspace_dir,
        candidate("one", model_response="It is 5.", reasoning="Two and two is five."),
    )
    desk.open("one")
    desk.write("It is 4.")
    page.get_by_test_id("reasoning-rewrite").check()
    field = page.locator("[contenteditable][data-testid=reasoning-text]")
    field.press("Control+a")
    page.keyboard.insert_text("Two and two is four.")
    page.get_by_test_id("submit-btn").click()
    expect(page.get_by_test_id("all-caught-up")).to_be_visible()
    desk.saved()
    [row] = _exported(server)
    said = json.dumps(row["messages"][-1])
    assert "Two and two is four." in said
    assert "five" not in said
