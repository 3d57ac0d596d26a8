"""Rows of the format `messages`."""

from typing import Any

import pytest

from corrigenda.core.example import of_correction
from corrigenda.exports.messages import MessagesFormat

PROMPT: list[dict[str, Any]] = [
    {"role": "system", "content": "Use the tools."},
    {"role": "user", "content": "2 + 2?"},
    {"role": "assistant", "content": "<think>Easy.</think>5", "x": 1},
    {"role": "user", "content": "Sure?"},
]
CALL = {
    "id": "c1",
    "type": "function",
    "function": {"name": "add", "arguments": '{"a": 2, "b": 2}'},
}
THOUGHT = {"model_response": "<think>Hm.</think>\n\n5", "corrected_response": "4"}


def row(**fields: Any) -> dict[str, Any]:
    record = {"id": "a", "prompt_messages": PROMPT, "corrected_response": "4", **fields}
    return MessagesFormat().row(of_correction(record))


def turn(**fields: Any) -> dict[str, Any]:
    """The last message alone."""
    messages = row(**fields)["messages"]
    assert messages[:-1] == PROMPT
    found: dict[str, Any] = messages[-1]
    return found


@pytest.mark.parametrize("parts", [{}, {"corrected_parts": None}, {"corrected_parts": {}}])
def test_without_parts_the_text_alone(parts: dict[str, Any]) -> None:
    assert row(model_response="5", **parts) == {
        "messages": [*PROMPT, {"role": "assistant", "content": "4"}]
    }


def test_the_tools_on_offer_stay_beside_the_messages() -> None:
    assert row(tools=[{"name": "add"}])["tools"] == [{"name": "add"}]
    assert "tools" not in row(tools=[])


@pytest.mark.parametrize(
    ("parts", "reasoning"),
    [
        ({"reasoning": "drop"}, None),
        ({"reasoning": "keep"}, "Hm."),
        ({"reasoning": "rewrite", "reasoning_text": "2 and 2."}, "2 and 2."),
    ],
)
def test_reasoning(parts: dict[str, Any], reasoning: str | None) -> None:
    said = {} if reasoning is None else {"reasoning_content": reasoning}
    expected = {"role": "assistant", "content": "4", **said}
    assert turn(**THOUGHT, corrected_parts=parts) == expected
    apart = {"model_response": "5", "reasoning": "Hm.", "corrected_response": "4"}
    assert turn(**apart, corrected_parts=parts) == expected


def test_an_answer_that_was_right_keeps_its_reasoning() -> None:
    assert turn(model_response="4", reasoning="Hm.") == {
        "role": "assistant",
        "content": "4",
        "reasoning_content": "Hm.",
    }


def test_tool_calls_beside_a_text_and_alone() -> None:
    calls = {"corrected_parts": {"tool_calls": [CALL]}}
    assert turn(**calls) == {"role": "assistant", "content": "4", "tool_calls": [CALL]}
    for text in (None, ""):
        alone = turn(corrected_response=text, **calls)
        assert alone == {"role": "assistant", "content": "", "tool_calls": [CALL]}
    assert "tool_calls" not in turn(corrected_parts={"tool_calls": []})


def test_a_marked_turn_ends_the_prompt() -> None:
    marked = {"turn": 2, "reasoning": "keep"}
    assert row(model_response="later", reasoning="of the response", corrected_parts=marked) == {
        "messages": [
            *PROMPT[:2],
            {"role": "assistant", "content": "4", "reasoning_content": "Easy."},
        ]
    }
    assert row(corrected_parts={"turn": 0})["messages"] == [{"role": "assistant", "content": "4"}]
