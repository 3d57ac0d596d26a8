"""Reasoning apart from the answer, and what of a corrected turn goes out."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.core.correction import CorrectedParts, Reasoning, ToolCall
from corrigenda.core.reasoning import Outgoing, Subject, held_back, outgoing, split, subject


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("", None, ""),
        ("4", None, "4"),
        (" 4\n", None, " 4\n"),
        ("<think>2 + 2</think>4", "2 + 2", "4"),
        ("\n <think>\n2 + 2\n</think>\n\n4 \n", "2 + 2", "4 \n"),
        ("<THINK>2 + 2</Think>4", "2 + 2", "4"),
        ("<thinking>2 + 2</thinking>4", "2 + 2", "4"),
        ("<thinking>a </think> b</thinking>4", "a </think> b", "4"),
        ("<think>2 + 2", "2 + 2", ""),
        ("<think>", None, ""),
        ("<think>\n\n</think>\n\n4", None, "4"),
        ("<think>a</think><think>b</think>4", "a", "<think>b</think>4"),
        ("The tag <think>x</think> is not leading.", None, None),
        ("<thinker>x</thinker>", None, None),
        ("2 + 2</think>4", None, None),
    ],
)
def test_split(text: str, reasoning: str | None, answer: str | None) -> None:
    assert split(text) == (reasoning, text if answer is None else answer)


@given(st.text(max_size=50), st.text(max_size=50))
def test_what_is_put_together_comes_apart(reasoning: str, answer: str) -> None:
    inner = reasoning.replace("<", "")
    assert split(f"<think>{inner}</think>{answer}") == (inner.strip() or None, answer.lstrip())


ADD = {"id": "c1", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
PROMPT: list[dict[str, Any]] = [
    {"role": "user", "content": "?"},
    {"role": "assistant", "content": "<think>Hm.</think>One.", "tool_calls": [ADD]},
    {"role": "assistant", "content": None, "reasoning_content": " Hm, hm. "},
    {"role": "assistant", "content": [{"type": "text", "text": "A"}, {"type": "x"}, "?"]},
]


@pytest.mark.parametrize(
    ("record", "turn", "expected"),
    [
        ({}, None, Subject("")),
        ({"model_response": None, "reasoning": None, "tool_calls": None}, None, Subject("")),
        ({"model_response": "5"}, None, Subject("5")),
        ({"model_response": "5", "reasoning": " R "}, None, Subject("5", "R")),
        ({"model_response": "5", "reasoning": " "}, None, Subject("5")),
        ({"model_response": "5", "reasoning": {"no": "text"}}, None, Subject("5")),
        ({"model_response": "<think>a</think>5"}, None, Subject("5", "a")),
        ({"model_response": "<think>a</think>5", "reasoning": "R"}, None, Subject("5", "R")),
        ({"model_response": "", "tool_calls": [ADD]}, None, Subject("", None, (ADD,))),
        ({"model_response": "", "tool_calls": "no list"}, None, Subject("")),
        ({"prompt_messages": PROMPT}, 1, Subject("One.", "Hm.", (ADD,))),
        ({"prompt_messages": PROMPT}, 2, Subject("", "Hm, hm.")),
        ({"prompt_messages": PROMPT}, 3, Subject("A")),
        ({"prompt_messages": PROMPT, "reasoning": "of the response"}, 3, Subject("A")),
        ({"prompt_messages": PROMPT}, 4, Subject("")),
        ({}, 0, Subject("")),
    ],
)
def test_the_subject(record: dict[str, Any], turn: int | None, expected: Subject) -> None:
    assert subject(record, turn) == expected


THOUGHT = {"id": "a", "model_response": "<think>Hm.</think>5"}
CALLED = {"id": "a", "model_response": "", "reasoning": "Hm.", "tool_calls": [ADD]}
SAME = ToolCall("add", '{"b":2,"a":1}', "another id")
OTHER = ToolCall("add", '{"a": 2, "b": 2}')


def calls(*made: ToolCall, reasoning: Reasoning | None = None) -> CorrectedParts:
    return CorrectedParts(reasoning, tool_calls=made)


@pytest.mark.parametrize(
    ("record", "text", "parts", "held"),
    [
        ({"id": "a", "model_response": "5"}, "4", None, False),
        ({"id": "a"}, "4", None, False),
        (THOUGHT, "4", None, True),
        (THOUGHT, "5", None, False),
        (THOUGHT, " 5\n", None, False),
        (THOUGHT, "<think>Hm.</think>5", None, False),
        (THOUGHT, "<think>Hm.</think>4", None, True),
        (THOUGHT, "<think>Aha.</think>4", None, False),
        (THOUGHT, "5", calls(OTHER), True),
        (THOUGHT, "4", calls(reasoning=Reasoning.KEEP), False),
        (CALLED, "", calls(SAME), False),
        (CALLED, None, calls(SAME), False),
        (CALLED, "", calls(OTHER), True),
        (CALLED, "3", None, True),
    ],
)
def test_held_back(
    record: dict[str, Any], text: str | None, parts: CorrectedParts | None, held: bool
) -> None:
    assert held_back(record, text, parts) is held


def reasoned(choice: Reasoning, text: str | None = None) -> CorrectedParts:
    return CorrectedParts(choice, text)


@pytest.mark.parametrize(
    ("record", "text", "parts", "content", "reasoning"),
    [
        ({"id": "a", "model_response": "5"}, " 4\n", None, " 4\n", None),
        ({"id": "a", "model_response": "5"}, "<think>x</think>4", None, "<think>x</think>4", None),
        (THOUGHT, "5", None, "5", "Hm."),
        (THOUGHT, "4", None, "4", None),
        (THOUGHT, "<think>Hm.</think>5", None, "<think>Hm.</think>5", None),
        (THOUGHT, "4", reasoned(Reasoning.DROP), "4", None),
        (THOUGHT, "<think>x</think>4", reasoned(Reasoning.DROP), "4", None),
        (THOUGHT, "4", reasoned(Reasoning.KEEP), "4", "Hm."),
        (THOUGHT, "4", reasoned(Reasoning.REWRITE, "Aha."), "4", "Aha."),
        ({"id": "a"}, "4", reasoned(Reasoning.KEEP), "4", None),
        ({"id": "a"}, "4", reasoned(Reasoning.REWRITE, "Aha."), "4", "Aha."),
        ({"id": "a", "prompt_messages": PROMPT}, "One.", CorrectedParts(turn=1), "One.", None),
        (
            {"id": "a", "prompt_messages": PROMPT},
            "One.",
            CorrectedParts(turn=1, tool_calls=(SAME,)),
            "One.",
            "Hm.",
        ),
        (CALLED, None, calls(SAME), "", "Hm."),
    ],
)
def test_what_goes_out(
    record: dict[str, Any],
    text: str | None,
    parts: CorrectedParts | None,
    content: str,
    reasoning: str | None,
) -> None:
    assert outgoing(record, text, parts) == Outgoing(content, reasoning)
