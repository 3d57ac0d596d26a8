"""A workspace as trainers meet one: calls of tools, reasoning, long talks, many scripts."""

import json
from collections.abc import Mapping
from typing import Any

from corrigenda import Workspace

Record = dict[str, Any]

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of some days.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
            "required": ["city"],
        },
    },
}
SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "parameters": {"type": "object", "properties": {"query": {}, "within": {"type": "null"}}},
    },
}


def call(name: str, arguments: Mapping[str, Any], call_id: str = "c1") -> Record:
    written = json.dumps(arguments, ensure_ascii=False)
    return {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": written},
    }


def said(role: str, content: str | list[Record] | None, **more: Any) -> Record:
    return {"role": role, "content": content, **more}


def asked(question: str) -> list[Record]:
    return [said("user", question)]


RECORDS: dict[str, Record] = {
    "plain": {"prompt_messages": asked("What is 2 + 2?"), "model_response": "5"},
    "system": {
        "prompt_messages": [said("system", "Answer with one word."), *asked("Capital of Peru?")],
        "model_response": "The capital of Peru is Lima.",
    },
    "talk": {
        "prompt_messages": [
            said("system", "You are brief."),
            said("user", "Name a prime."),
            said("assistant", "4"),
            said("user", "Are you sure?"),
            said("assistant", "Yes."),
            said("user", "Then name another."),
        ],
        "model_response": "6",
    },
    "turn": {
        "prompt_messages": [
            said("user", "Name a fruit."),
            said("assistant", "Carrot."),
            said("user", "Another one?"),
        ],
        "model_response": "Potato.",
    },
    "scripts": {
        "prompt_messages": asked(
            "Übersetze „Straße“ → 日本語, العربية, हिन्दी 🚦\u2028e\u0301\r\n\ttab"
        ),
        "model_response": "street 🛣",
    },
    "parts": {
        "prompt_messages": [
            said("developer", "Count."),
            said("user", [{"type": "text", "text": "One, two"}, {"type": "text", "text": "?"}]),
        ],
        "model_response": "four",
    },
    "markup": {
        "prompt_messages": asked('Escape this: {"a": "<b>&amp;\\n</b>"}'),
        "model_response": "{{ it }}",
    },
    "thought": {
        "prompt_messages": asked("Is 91 a prime?"),
        "model_response": "<think>It ends with 1.</think>\n\nYes.",
    },
    "thought apart": {
        "prompt_messages": asked("Is 87 a prime?"),
        "model_response": "Yes.",
        "reasoning": "It ends with 7.",
    },
    "call": {
        "prompt_messages": asked("How is the weather in Graz?"),
        "model_response": "It is sunny.",
        "tools": [WEATHER],
    },
    "other call": {
        "prompt_messages": [said("system", "Use the tools."), *asked("Who won?")],
        "model_response": "",
        "tool_calls": [call("search", {"query": "Who lost?"})],
        "tools": [SEARCH, WEATHER],
    },
    "called before": {
        "prompt_messages": [
            *asked("Do I need an umbrella?"),
            said("assistant", None, tool_calls=[call("weather", {"city": "Oslo", "days": 1})]),
            said("tool", '{"rain": 0.9}', tool_call_id="c1", name="weather"),
        ],
        "model_response": "No.",
        "tools": [WEATHER],
    },
}

CORRECTIONS: dict[str, tuple[str | None, Record]] = {
    "plain": ("4", {}),
    "system": ("Lima", {}),
    "talk": ("7", {}),
    "turn": ("An apple.", {"turn": 1}),
    "scripts": ("通り\nشارع\nसड़क 🛤️", {}),  # noqa: RUF001
    "parts": ("three", {}),
    "markup": ('{"a": "&lt;b&gt;{{ x }}{% raw %}"}', {}),
    "thought": ("No: 7 · 13.", {"reasoning": "rewrite", "reasoning_text": "7 · 13 = 91."}),
    "thought apart": ("No: 3 · 29.", {"reasoning": "rewrite", "reasoning_text": "8 + 7 = 15."}),
    "call": ("", {"tool_calls": [call("weather", {"city": "Graz", "days": 2})]}),
    "other call": ("", {"tool_calls": [call("search", {"query": ["Who", "won"], "within": None})]}),
    "called before": ("Yes, rain is likely.", {}),
}


def fill(workspace: Workspace) -> None:
    """Import the records and approve all corrections."""
    path = workspace.directory.parent / "material.jsonl"
    lines = [
        json.dumps({"id": name, "benchmark_run_id": "run-1", "model_name": "small", **record})
        for name, record in RECORDS.items()
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    assert workspace.import_path(path, format="native").imported == len(RECORDS)
    for name, (text, parts) in CORRECTIONS.items():
        workspace.submit(
            name,
            "correct",
            corrected_response=text,
            corrected_parts=parts or None,
            failure_category="wrong_answer",
        )
