"""Each rule of each format: a record that breaks it, and the sentence that says so."""

from typing import Any

import pytest

from corrigenda import plugins
from corrigenda.core.example import of_correction
from corrigenda.exports import ExportFormat

SYSTEM = {"role": "system", "content": "Sums."}
USER = {"role": "user", "content": "2 + 2?"}
SAID = {"role": "assistant", "content": "5"}
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}
CALLS = {"role": "assistant", "content": None, "tool_calls": [CALL]}
BROKEN = {
    "role": "assistant",
    "content": "",
    "tool_calls": [{"function": {"name": "add", "arguments": "{"}}],
}
NAMELESS = {"role": "assistant", "content": "", "tool_calls": [{"function": {"arguments": "{}"}}]}
TOOL = {"role": "tool", "content": "4", "tool_call_id": "c1"}
IMAGE = {"type": "image_url", "image_url": {"url": "https://example.org/a.png"}}
SEEN = {"role": "user", "content": [{"type": "text", "text": "Sum?"}, IMAGE]}
HEARD = {"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}
REWRITTEN = {"reasoning": "rewrite", "reasoning_text": "2 and 2."}

CHAT = ("prompt_completion", "preference", "kto", "axolotl", "openai", "openai_preference")
TEXT = (*CHAT, "messages")
PAIRS = ("preference", "openai_preference")


def said(name: str, **fields: Any) -> str | None:
    form: ExportFormat = plugins.named(plugins.EXPORTS, name)
    record = {
        "id": "a",
        "prompt_messages": [USER],
        "model_response": "5",
        "corrected_response": "4",
        **fields,
    }
    return form.problem(form.row(of_correction(record)))


def answer(name: str) -> str:
    return "chosen answer" if name in PAIRS else "answer"


CASES: list[tuple[tuple[str, ...], dict[str, Any], str]] = [
    (CHAT, {"prompt_messages": []}, "There is no prompt."),
    (CHAT, {"prompt_messages": None}, "There is no prompt."),
    (
        TEXT,
        {"prompt_messages": [{"role": "critic", "content": "?"}, USER]},
        "Message 1 has the role `critic`; use system, user, assistant, tool.",
    ),
    (
        CHAT,
        {"prompt_messages": [SYSTEM, SYSTEM, USER]},
        "Message 2 (system) is not the first; trainers take one system message, at the start.",
    ),
    (TEXT, {"prompt_messages": [{"role": "user", "content": None}]}, "Message 1 (user) is empty."),
    (TEXT, {"prompt_messages": [{"role": "user", "content": " "}]}, "Message 1 (user) is empty."),
    (
        TEXT,
        {"prompt_messages": [USER, {"role": "assistant", "content": ""}, USER]},
        "Message 2 (assistant) is empty.",
    ),
    (CHAT, {"prompt_messages": [USER, SAID]}, "The prompt ends with a message of the assistant."),
    (CHAT, {"prompt_messages": [SYSTEM]}, "The prompt ends with a message of the system."),
    (
        (*CHAT, "sharegpt", "alpaca"),
        {"prompt_messages": [{"role": "user", "content": "\ud83d?"}]},
        "A text holds half of a surrogate pair, which is not valid UTF-8.",
    ),
    (
        ("prompt_completion", "axolotl", "messages", "openai"),
        {"tools": [{"name": "add", "parameters": {"maximum": 2**70}}]},
        "It has a value that the trainers' JSON readers refuse (Integer exceeds 64-bit range).",
    ),
    (
        CHAT,
        {"prompt_messages": [HEARD]},
        "Message 1 (user) has a part of type `input_audio`, for which this format has no place.",
    ),
    (
        ("prompt_completion", "preference", "kto", "axolotl", "openai_preference"),
        {"prompt_messages": [SEEN]},
        "Message 1 (user) has a part of type `image_url`, for which this format has no place.",
    ),
    (
        ("openai",),
        {"prompt_messages": [{"role": "user", "content": [IMAGE] * 11}]},
        "There are 11 images; at most 10 are taken.",
    ),
    (
        ("prompt_completion", "preference", "kto", "axolotl"),
        {"prompt_messages": [USER, BROKEN, TOOL]},
        "Message 2 (assistant) calls `add` with arguments that are no JSON object.",
    ),
    (
        TEXT,
        {"prompt_messages": [USER, NAMELESS, TOOL]},
        "Message 2 (assistant) calls a tool without a name.",
    ),
    (CHAT, {"prompt_messages": [USER, SAID, TOOL]}, "Message 3 (tool) follows no tool call."),
    (
        CHAT,
        {"prompt_messages": [SYSTEM, CALLS, TOOL]},
        "There is no message of the user's, which several models' templates ask for.",
    ),
    (
        (*CHAT, "sharegpt"),
        {"tools": [{"name": "add", "parameters": "none"}]},
        "Tool 1 on offer has parameters that are no JSON Schema.",
    ),
    (CHAT, {"tools": [{"type": "web_search"}]}, "Tool 1 on offer is no function with a name."),
    (
        ("openai", "openai_preference"),
        {"prompt_messages": [USER, USER]},
        "Message 2 (user) should be the assistant's: turns of the user and of the assistant must "
        "alternate.",
    ),
    (
        ("openai", "openai_preference"),
        {"prompt_messages": [SAID, USER]},
        "Message 1 (assistant) should be the user's: turns of the user and of the assistant must "
        "alternate.",
    ),
    (
        ("openai", "openai_preference"),
        {"prompt_messages": [USER, CALLS, {**TOOL, "tool_call_id": "c2"}]},
        "Message 3 (tool) answers no tool call before it.",
    ),
    (
        ("openai", "openai_preference"),
        {"prompt_messages": [USER, CALLS, SAID, USER]},
        "Message 3 (assistant) stands before the answer to a tool call.",
    ),
    (
        ("openai", "openai_preference"),
        {"prompt_messages": [USER, {**CALLS, "tool_calls": [CALL, {**CALL, "id": "c2"}]}, TOOL]},
        "The last tool call of the prompt has no answer.",
    ),
    (
        ("openai_preference",),
        {"corrected_parts": {"tool_calls": [CALL]}},
        "The chosen answer is part of a tool call, for which this format has no place.",
    ),
    (
        ("openai_preference",),
        {"tool_calls": [CALL]},
        "The rejected answer is part of a tool call, for which this format has no place.",
    ),
    (PAIRS, {"model_response": None}, "There is no rejected answer."),
    (PAIRS, {"model_response": " "}, "The rejected answer is empty."),
    (PAIRS, {"model_response": "4\n"}, "The chosen answer and the rejected one are the same."),
    (("alpaca",), {"prompt_messages": []}, "The instruction is empty."),
    (("alpaca",), {"corrected_response": ""}, "The output is empty."),
    (
        ("alpaca",),
        {"prompt_messages": [USER, SAID, USER]},
        "The prompt is more than one question of the user's, for which `alpaca` has no place.",
    ),
    (
        ("alpaca",),
        {"tools": [{"name": "add"}]},
        "The prompt offers tools, for which `alpaca` has no place.",
    ),
    (
        ("alpaca",),
        {"corrected_parts": {"tool_calls": [CALL]}},
        "The answer calls tools, for which `alpaca` has no place.",
    ),
    (
        ("alpaca",),
        {"prompt_messages": [SEEN]},
        "The instruction has a part of type `image_url`, for which this format has no place.",
    ),
    (("sharegpt",), {"prompt_messages": []}, "There is no prompt."),
    (("sharegpt",), {"prompt_messages": [SYSTEM]}, "There is no prompt."),
    (("sharegpt",), {"corrected_response": " "}, "The answer is empty."),
    (
        ("sharegpt",),
        {"prompt_messages": [{"role": "user", "content": ""}]},
        "Message 1 (human) is empty.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [USER, {"role": "critic", "content": "?"}, USER]},
        "Message 2 has the role `critic`, which LLaMA-Factory does not know.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [USER, SYSTEM, USER]},
        "Message 2 (system) is not the first, where LLaMA-Factory takes it.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [SYSTEM, USER, USER]},
        "Message 3 (human) breaks the order: one who asks, then one who answers.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [USER, CALLS, TOOL, TOOL]},
        "Message 4 (observation) breaks the order: one who asks, then one who answers.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [USER, SAID]},
        "Message 3 (gpt) breaks the order: one who asks, then one who answers.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [SEEN]},
        "Message 1 (human) has parts that are no text, for which this format has no place.",
    ),
    (
        ("sharegpt",),
        {"corrected_response": "Let me see.", "corrected_parts": {"tool_calls": [CALL]}},
        "The answer has text beside its tool calls, for which this format has no place.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [USER, BROKEN, TOOL]},
        "Message 2 (function_call) calls `add` with arguments that are no JSON object.",
    ),
    (
        ("sharegpt",),
        {"prompt_messages": [USER, NAMELESS, TOOL]},
        "Message 2 (function_call) calls a tool without a name.",
    ),
    (
        ("sharegpt",),
        {"tools": [{"type": "web_search"}]},
        "Tool 1 on offer is no function with a name.",
    ),
]


@pytest.mark.parametrize(
    ("name", "fields", "sentence"),
    [(name, fields, sentence) for names, fields, sentence in CASES for name in names],
)
def test_a_rule(name: str, fields: dict[str, Any], sentence: str) -> None:
    assert said(name, **fields) == sentence


@pytest.mark.parametrize("name", TEXT)
def test_an_empty_answer(name: str) -> None:
    assert said(name, corrected_response=" ") == f"The {answer(name)} is empty."


@pytest.mark.parametrize("name", ["openai", "openai_preference"])
def test_reasoning_that_has_no_place(name: str) -> None:
    assert said(name, corrected_parts=REWRITTEN) == (
        f"The {answer(name)} has reasoning, for which this format has no place: drop it in the "
        "correction, or take a format that has one."
    )


GOOD: list[tuple[tuple[str, ...], dict[str, Any]]] = [
    (("messages",), {"prompt_messages": []}),
    (("messages",), {"prompt_messages": [USER, SYSTEM, HEARD]}),
    (("openai", "messages"), {"prompt_messages": [SEEN]}),
    (TEXT, {"prompt_messages": [{"role": "system", "content": ""}, USER]}),
    (TEXT, {"prompt_messages": [USER, CALLS, {**TOOL, "content": ""}]}),
    (("prompt_completion", "messages", "axolotl"), {"prompt_messages": [USER, USER]}),
    (
        ("openai", "openai_preference"),
        {"prompt_messages": [USER, BROKEN, TOOL | {"tool_call_id": None}]},
    ),
    (
        ("openai", "openai_preference", "sharegpt"),
        {"prompt_messages": [USER, CALLS, TOOL, SAID, USER]},
    ),
    (("openai_preference",), {"model_response": "<think>Hm.</think>5"}),
    (("prompt_completion", "axolotl", "kto", "preference"), {"corrected_parts": REWRITTEN}),
    (("sharegpt", "alpaca"), {"corrected_parts": REWRITTEN}),
    (
        ("openai", "sharegpt", "axolotl", "kto"),
        {"corrected_response": "", "corrected_parts": {"tool_calls": [CALL]}},
    ),
]


@pytest.mark.parametrize(
    ("name", "fields"), [(name, fields) for names, fields in GOOD for name in names]
)
def test_what_is_taken(name: str, fields: dict[str, Any]) -> None:
    assert said(name, **fields) is None


@pytest.mark.parametrize("name", ["candidates", "csv"])
def test_records_are_never_refused(name: str) -> None:
    assert said(name, prompt_messages=[], corrected_response=None, model_response="\ud800") is None
