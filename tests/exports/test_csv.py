"""The table for people: its columns, and cells that no spreadsheet calculates."""

from typing import Any

import pytest

from corrigenda.core.example import of_correction
from corrigenda.exports.csv import CsvFormat

RECORD = {
    "id": "a1",
    "status": "approved",
    "benchmark_run_id": "2026-04-07",
    "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
    "model_response": "5",
    "corrected_response": "4",
    "reference_answer": "4",
    "quality_score": 0.25,
    "failure_category": "wrong_answer",
    "failure_reason": "expected `4`",
    "task_id": "sum",
    "task_name": "Sums",
    "task_type": "math",
    "model_id": "Qwen/Qwen2.5-3B",
    "model_name": "Qwen2.5-3B",
}


def cells(**fields: Any) -> dict[str, Any]:
    return CsvFormat().row(of_correction({**RECORD, **fields}))


def test_the_columns() -> None:
    assert cells() == {
        "id": "a1",
        "status": "approved",
        "prompt": "2 + 2?",
        "response": "5",
        "correction": "4",
        "reference": "4",
        "category": "wrong_answer",
        "reason": "expected `4`",
        "score": 0.25,
        "task": "Sums",
        "task_type": "math",
        "model": "Qwen2.5-3B",
        "run": "2026-04-07",
        "reviewer": "",
        "decided_at": "",
        "note": "",
        "tags": "",
    }
    assert set(CsvFormat().row(of_correction({"id": "a"}))) == set(cells())


def test_the_decision_that_stands() -> None:
    kim = {
        "action": "correct",
        "reviewer": "kim",
        "decided_at": "2026-04-08T10:00:00Z",
        "note": "=1+1",
        "tags": ["unclear", "short"],
        "binding": True,
    }
    opinion = {"action": "discard", "reviewer": "lee", "binding": False}
    found = cells(corrigenda_review={"decisions": [kim, opinion]})
    assert (found["reviewer"], found["decided_at"]) == ("kim", "2026-04-08T10:00:00Z")
    assert (found["note"], found["tags"]) == ("'=1+1", '["unclear", "short"]')
    undone = {"decisions": [kim, {"action": "undo", "reviewer": "lee"}]}
    assert cells(corrigenda_review=undone)["reviewer"] == ""


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1",
        "\n=1",
        '  =HYPERLINK("https://example.org")',
        "＝1+1",  # noqa: RUF001
        "- a list",
    ],
)
def test_a_formula_is_made_harmless(text: str) -> None:
    for field, column in (
        ("corrected_response", "correction"),
        ("model_response", "response"),
        ("failure_reason", "reason"),
        ("id", "id"),
    ):
        assert cells(**{field: text})[column] == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "+3.5", "-1,000.50", "-12%", "4 = 4", "'=1", "", "a@b.org"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert cells(corrected_response=text)["correction"] == text


def test_numbers_stay_numbers_and_objects_are_json() -> None:
    assert cells(quality_score=-0.0)["score"] == 0
    assert cells(task_name=None, task_id=7)["task"] == 7
    assert cells(reference_answer=["é", 1])["reference"] == '["é", 1]'
    assert cells(reference_answer=True)["reference"] == "true"


def test_a_conversation_says_who_speaks() -> None:
    talk = [
        {"role": "system", "content": "Sums."},
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "5"},
        {"role": "user", "content": "Sure?"},
    ]
    said = "system: Sums.\n\nuser: 2 + 2?"
    assert cells(prompt_messages=talk)["prompt"] == f"{said}\n\nassistant: 5\n\nuser: Sure?"
    marked = cells(prompt_messages=talk, corrected_parts={"turn": 2})
    assert (marked["prompt"], marked["response"]) == (said, "5")


def test_reasoning_and_calls_are_in_the_cell() -> None:
    call = {"type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
    found = cells(model_response="<think>Hm.</think>5", corrected_parts={"tool_calls": [call]})
    assert found["response"] == "<think>\nHm.\n</think>\n\n5"
    assert found["correction"].startswith("4\n<tool_call>\n")
