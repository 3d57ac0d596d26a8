"""The main job from end to end: decide on candidates, and download what was corrected."""

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Desk, read_lines
from tests.browser.material import APPROVED, CANDIDATES, candidate, put_candidates
from tests.fixtures.processes import stop
from tests.fixtures.serving import Served

CORRECTION = "336 rolls are baked, 280 are sold, 56 are left: **7** bags."


@pytest.mark.usefixtures("demo")
def test_the_whole_loop_with_the_keyboard_alone(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    waiting = read_lines(workspace_dir / CANDIDATES)
    total = len(waiting)
    first, second, third, fourth, fifth = waiting[:5]
    desk.open(first["id"])
    desk.expect_counts(remaining=total, done=0)

    desk.tab_to("reviewer-menu")
    desk.press("Enter")
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("kim")
    desk.press("Enter")
    expect(page.get_by_test_id("reviewer-menu")).to_have_text("kim")
    expect(page.get_by_test_id("reviewer-menu")).to_be_focused()

    desk.press("c")
    expect(desk.editor).to_be_focused()
    desk.expect_text(first["model_response"])
    desk.press("Control+a")
    page.keyboard.type(CORRECTION, delay=5)  # milliseconds a key: a decision takes some time
    desk.press("Control+4")
    desk.expect_chosen("wrong_answer")
    expect(desk.editor).to_be_focused()
    desk.press("Control+Enter")
    desk.expect_candidate(second["id"])
    desk.expect_counts(remaining=total - 1, done=1)

    desk.press("d", "1")
    desk.expect_chosen("scoring_artifact")
    desk.press("Enter")
    desk.expect_candidate(third["id"])

    desk.press("f")
    expect(desk.pending).to_be_visible()
    desk.press("Escape")
    expect(desk.pending).to_be_hidden()
    desk.press("f", "6")
    desk.expect_chosen("hallucination")
    desk.press("Enter")
    desk.expect_candidate(fourth["id"])

    desk.press("a")
    desk.expect_chosen("scoring_artifact")
    desk.press("Enter")
    desk.expect_candidate(fifth["id"])
    desk.expect_counts(remaining=total - 4, done=4)
    desk.press("u")
    desk.expect_candidate(fourth["id"])
    desk.expect_counts(remaining=total - 3, done=3)
    desk.saved()

    corrected = _history(server, first["id"])
    assert [entry["action"] for entry in corrected] == ["correct"]
    assert corrected[0]["seconds"] > 0
    assert corrected[0]["corrected_response"] == CORRECTION
    _check_entry(corrected[0], desk.sent[0], category="wrong_answer")
    [discarded] = _history(server, second["id"])
    _check_entry(discarded, desk.sent[1], category="scoring_artifact")
    [flagged] = _history(server, third["id"])
    _check_entry(flagged, desk.sent[2], category="hallucination")
    fine, undone = _history(server, fourth["id"])
    _check_entry(fine, desk.sent[3], category="scoring_artifact")
    assert [fine["action"], undone["action"]] == ["discard", "undo"]
    assert undone["reviewer"] == "kim"
    assert server.json("/api/sft/stats")["by_status"] == {
        "needs_review": total - 3,
        "approved": 1,
        "discarded": 1,
        "model_rejected": 1,
    }

    [approved] = read_lines(workspace_dir / APPROVED)
    assert approved["id"] == first["id"]
    assert approved["corrected_response"] == CORRECTION

    desk.tab_to("export-menu")
    desk.press("Enter")
    expect(page.get_by_label("Scoring artifact")).to_be_focused()
    desk.tab_to("export-link")
    assert desk.downloading("export-link", with_key="Enter") == [_row(first, CORRECTION)]

    assert stop(server.process)
    after = read_lines(workspace_dir / CANDIDATES)
    assert [record["status"] for record in after[:5]] == [
        "approved",
        "discarded",
        "model_rejected",
        "needs_review",
        "needs_review",
    ]


def test_the_export_takes_the_categories_that_are_ticked(
    desk: Desk, page: Page, server: Served, workspace_dir: Path
) -> None:
    records = [candidate(name) for name in ("a", "b", "c", "d")]
    put_candidates(workspace_dir, *records)
    for record, category in zip(records, ["wrong_answer", None, "format_error"], strict=False):
        decision = {
            "id": record["id"],
            "action": "correct",
            "corrected_response": f"better {record['id']}",
            "failure_category": category,
        }
        server.json("/api/sft/submit", decision)
    a, b, c = (_row(record, f"better {record['id']}") for record in records[:3])
    desk.open("d")

    def download(*ticked: str) -> list[Any]:
        page.get_by_test_id("export-menu").click()
        expect(page.get_by_text("3 approved corrections")).to_be_visible()
        for box in page.get_by_role("checkbox").all():
            box.set_checked(False)
        for label in ticked:
            page.get_by_label(label).check()
        return desk.downloading("export-link")

    assert download() == [a, b, c]
    assert download("Wrong answer") == [a]
    assert download("Wrong answer", "Without a category") == [a, b]
    assert download("Hallucination") == []


def test_the_pages_have_addresses_of_their_own(desk: Desk, page: Page, server: Served) -> None:
    desk.visit("/runs")
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    page.get_by_role("navigation").get_by_role("link", name="Review").click()
    expect(page).to_have_url(f"{server.url}/")
    page.go_back()
    expect(page.get_by_role("heading", name="Runs", level=1)).to_be_visible()
    desk.visit("/no/such/page")
    expect(page.get_by_text("There is no such page")).to_be_visible()
    assert server.get("/api/no/such/route")[0] == HTTPStatus.NOT_FOUND


def _history(server: Served, candidate_id: str) -> list[dict[str, Any]]:
    decisions: list[dict[str, Any]] = server.json(f"/api/sft/candidates/{candidate_id}/history")[
        "decisions"
    ]
    return decisions


def _check_entry(entry: dict[str, Any], sent: dict[str, Any], *, category: str) -> None:
    assert entry["failure_category"] == category
    assert entry["reviewer"] == "kim"
    assert entry["decision_id"] == sent["decision_id"]
    assert entry["seconds"] == sent["seconds"]


def _row(record: dict[str, Any], correction: str) -> dict[str, Any]:
    answer = {"role": "assistant", "content": correction}
    return {"messages": [*record["prompt_messages"], answer]}
