"""Messages in one shape, whatever the log wrote."""

from typing import Any

import pytest

from corrigenda.exports.base import Arguments, offered, turn, with_call_ids, with_names

CALLED = {"type": "function", "function": {"name": "add", "arguments": {"a": 2}}}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"role": "user", "content": "Hi", "id": "m1"}, {"role": "user", "content": "Hi"}),
        ({"role": "user"}, {"role": "user", "content": ""}),
        ({"role": "developer", "content": "Hi"}, {"role": "system", "content": "Hi"}),
        ({"role": "user", "content": ["a", "b"]}, {"role": "user", "content": "ab"}),
        (
            {"role": "user", "content": [{"type": "input_text", "text": "a"}, {"text": "b"}]},
            {"role": "user", "content": "ab"},
        ),
        ({"role": "user", "content": []}, {"role": "user", "content": ""}),
        (
            {"role": "user", "content": [{"type": "image"}]},
            {"role": "user", "content": [{"type": "image"}]},
        ),
        (
            {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, "4"]},
            {"role": "assistant", "content": "4", "reasoning_content": "Hm."},
        ),
        (
            {"role": "assistant", "content": "4", "reasoning": "Hm.", "tool_calls": None},
            {"role": "assistant", "content": "4", "reasoning_content": "Hm."},
        ),
        (
            {"role": "assistant", "function_call": {"name": "add", "arguments": '{"a": 2}'}},
            {"role": "assistant", "content": "", "tool_calls": [CALLED]},
        ),
        (
            {"role": "assistant", "tool_calls": [{"function": "add", "arguments": {"a": 2}}]},
            {"role": "assistant", "content": "", "tool_calls": [CALLED]},
        ),
        (
            {
                "role": "user",
                "content": "Hi",
                "tool_calls": [CALLED],
                "tool_call_id": "c1",
                "reasoning": "Hm.",
            },
            {"role": "user", "content": "Hi"},
        ),
    ],
)
def test_a_turn(message: dict[str, Any], expected: dict[str, Any]) -> None:
    assert turn(message) == expected


@pytest.mark.parametrize(
    ("said", "as_object", "as_text"),
    [
        ('{"a": 2}', {"a": 2}, '{"a": 2}'),
        ({"a": "é"}, {"a": "é"}, '{"a": "é"}'),
        (None, {}, "{}"),
        ("", "", ""),
        ("{", "{", "{"),
        ("[1]", "[1]", "[1]"),
    ],
)
def test_arguments(said: object, as_object: object, as_text: str) -> None:
    message = {"role": "assistant", "tool_calls": [{"function": {"name": "f", "arguments": said}}]}
    for wanted, expected in ((Arguments.OBJECT, as_object), (Arguments.TEXT, as_text)):
        found = turn(message, wanted)["tool_calls"][0]["function"]["arguments"]
        assert found == expected


def test_call_ids_stay_and_are_filled_in() -> None:
    ids = [CALLED, {"id": "x", **CALLED}]
    found = with_call_ids(
        [
            {"role": "assistant", "content": "", "tool_calls": ids},
            {"role": "tool", "content": "2", "tool_call_id": "x"},
            {"role": "tool", "content": "1"},
            {"role": "tool", "content": "of nothing"},
        ]
    )
    assert [call["id"] for call in found[0]["tool_calls"]] == ["call_1", "x"]
    assert [each.get("tool_call_id") for each in found[1:]] == ["x", "call_1", None]
    assert "id" not in ids[0]


def test_answers_have_the_name_of_their_tool() -> None:
    other = {"id": "y", "type": "function", "function": {"name": "now", "arguments": {}}}
    called = {"role": "assistant", "content": "", "tool_calls": [CALLED, other]}
    answers: list[dict[str, Any]] = [
        {"role": "tool", "content": "12:00", "tool_call_id": "y"},
        {"role": "tool", "content": "2"},
        {"role": "tool", "content": "3"},
        {"role": "tool", "content": "4", "name": "mine"},
    ]
    found = with_names([called, *answers, called, answers[3]])
    assert [each.get("name") for each in found] == [None, "now", "add", None, "mine", None, "mine"]
    assert "name" not in answers[0]


@pytest.mark.parametrize(
    "tool",
    [
        {"name": "add", "description": "Sums.", "parameters": {"type": "object"}},
        {
            "type": "function",
            "name": "add",
            "description": "Sums.",
            "parameters": {"type": "object"},
        },
        {"name": "add", "description": "Sums.", "input_schema": {"type": "object"}},
        {
            "type": "function",
            "function": {"name": "add", "description": "Sums.", "parameters": {"type": "object"}},
        },
    ],
)
def test_tools_on_offer(tool: dict[str, Any]) -> None:
    schema = {"type": "object", "properties": {}}
    function = {"name": "add", "description": "Sums.", "parameters": schema}
    assert offered([tool]) == [{"type": "function", "function": function}]
