"""Amending, categorising and the parts of a correction, in the files and out of them."""

import json
from typing import Any

import pytest

from corrigenda.core.decisions import ReviewState, Status
from corrigenda.mirror.intake import review_digest
from corrigenda.workbench import Workspace
from tests.mirror.files import Files, record

PROMPT = [
    {"role": "user", "content": "?"},
    {"role": "assistant", "content": "No."},
    {"role": "user", "content": "Sure?"},
]
CALL = {"type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
PARTS: dict[str, Any] = {"reasoning": "keep", "tool_calls": [CALL], "turn": 1}


def thought(candidate_id: str, **fields: Any) -> dict[str, Any]:
    return record(candidate_id, reasoning="Hm.", prompt_messages=PROMPT, **fields)


def fine(workspace: Workspace) -> bool:
    assert workspace.mirror is not None
    assert workspace.mirror.problems == ()
    return all(finding.ok for finding in workspace.check())


def test_an_amended_line_takes_the_place_of_the_first(files: Files) -> None:
    files.write(record("a"), record("b"))
    workspace = files.open()
    for name in "ab":
        workspace.submit(name, "correct", corrected_response="right")
    workspace.submit("a", "amend", corrected_response="better", failure_category="format_error")
    assert [(r["id"], r["corrected_response"]) for r in files.approved_lines()] == [
        ("b", "right"),
        ("a", "better"),
    ]
    workspace.undo("a")
    assert files.approved_ids() == ["b"]
    assert fine(workspace)


def test_the_approved_line_shows_the_new_category(files: Files) -> None:
    files.write(record("a"), record("b"), record("c"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right", failure_category="wrong_answer")
    workspace.submit("b", "discard")
    for name in "abc":
        workspace.submit(name, "categorise", failure_category="format_error")
    assert [(r["id"], r["failure_category"]) for r in files.approved_lines()] == [
        ("a", "format_error")
    ]
    workspace.sync()
    assert [(r["status"], r["failure_category"]) for r in files.lines()] == [
        (status, "format_error") for status in ("approved", "discarded", "needs_review")
    ]
    assert [entry["reviewer"] for name in "abc" for entry in workspace.history(name)] == (
        ["local"] * 5
    )
    assert fine(workspace)


def test_a_file_that_is_behind_an_amendment_or_a_category_is_no_edit(files: Files) -> None:
    files.write(thought("a"), record("b"), record("c"), record("d", corrected_response="draft"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right", corrected_parts=PARTS)
    workspace.submit("b", "discard", failure_category="wrong_answer")
    workspace.sync()
    workspace.submit("a", "amend", corrected_response="better")
    workspace.submit("a", "categorise", failure_category="format_error")
    for name in "bcd":
        workspace.submit(name, "categorise", failure_category="format_error")
    files.edit("a", x=1)  # the lines still say what was written before
    files.edit("b", x=1)
    files.edit("c", x=1)
    files.edit("d", x=1)
    now = {r["id"]: r for r in workspace.candidates()}
    assert [r["x"] for r in now.values()] == [1] * 4
    assert [r["failure_category"] for r in now.values()] == ["format_error"] * 4
    assert now["a"]["corrected_response"] == "better"
    assert now["d"]["corrected_response"] == "draft"
    assert fine(workspace)
    workspace.submit("d", "categorise", failure_category="hallucination")
    workspace.sync()
    for name in "ad":
        workspace.submit(name, "categorise", failure_category="wrong_answer")
    files.edit("a", x=2)
    files.edit("d", x=2)
    assert [workspace.get(name)["failure_category"] for name in "ad"] == ["wrong_answer"] * 2
    assert fine(workspace)


def test_parts_go_out_and_come_back(files: Files) -> None:
    files.write(thought("a"), thought("b"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="", corrected_parts=PARTS)
    assert [line["corrected_parts"] for line in files.approved_lines()] == [PARTS]
    workspace.close()
    assert files.lines()[0]["corrected_parts"] == PARTS
    assert "corrected_parts" not in files.lines()[1]
    for leftover in files.directory.glob("corrigenda.db*"):
        leftover.unlink()
    workspace = files.open()
    assert workspace.get("a")["corrected_parts"] == PARTS
    assert workspace.history("a")[0]["corrected_parts"] == PARTS
    assert len(files.approved_lines()) == 1
    assert fine(workspace)
    workspace.undo("a")
    workspace.close()
    assert "corrected_parts" not in files.lines()[0]


def test_parts_that_the_file_changes_are_a_decision_by_the_file(files: Files) -> None:
    files.write(thought("a"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    assert workspace.stats()["export_ready"] == 0
    workspace.sync()
    files.edit("a", corrected_parts={"reasoning": "drop"})
    assert workspace.get("a")["corrected_parts"] == {"reasoning": "drop"}
    assert [line["corrected_parts"] for line in files.approved_lines()] == [{"reasoning": "drop"}]
    assert workspace.stats()["export_ready"] == 1
    last = workspace.history("a")[-1]
    assert (last["action"], last["reviewer"]) == ("correct", "file")
    assert fine(workspace)


@pytest.mark.parametrize("parts", [{"turn": 0}, {"reasoning": "forget"}, ["drop"]])
def test_parts_that_cannot_be_are_reported(files: Files, parts: object) -> None:
    files.write(thought("a"))
    workspace = files.open()
    files.edit("a", status="approved", corrected_response="right", corrected_parts=parts)
    assert workspace.get("a")["status"] == "needs_review"
    assert workspace.mirror is not None
    (problem,) = workspace.mirror.problems
    assert (problem.field or "").startswith("corrected_parts")


def test_an_edited_record_is_looked_at_anew_for_its_reasoning(files: Files) -> None:
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "correct", corrected_response="right")
    assert workspace.stats()["export_ready"] == 1
    workspace.sync()
    files.edit("a", reasoning="Hm.")
    assert workspace.stats()["export_ready"] == 0
    assert list(workspace.export()) == []
    files.edit("a", reasoning=None)
    assert workspace.stats()["export_ready"] == 1
    assert fine(workspace)


def test_what_was_noted_of_a_line_without_parts_still_fits() -> None:
    """A digest that was noted before there were parts: after an upgrade no line looks edited."""
    state = ReviewState(Status.APPROVED, "4", "wrong_answer")
    assert review_digest(state).hex() == "b7d4722a2eed88ce6742bc1417753eff"


def test_two_processes_amend_and_the_owner_writes(files: Files) -> None:
    files.write(record("a"))
    owner, other = files.open(), files.open()
    owner.submit("a", "correct", corrected_response="right")
    other.submit("a", "amend", corrected_response="better")
    other.submit("a", "amend", corrected_response="best")
    owner.sync()
    assert [line["corrected_response"] for line in files.approved_lines()] == ["best"]
    assert json.loads(files.approved.read_bytes().strip())["id"] == "a"
    assert fine(owner)
