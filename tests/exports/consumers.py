"""What each consumer refuses, skips or misreads, said once more and apart from the formats.

Each function raises an `AssertionError` for a row that its consumer would not take as it is meant.
Where from: TRL 1.16 (`data_utils.py`, the trainers' `tokenize_fn`), OpenAI's and Together's guides
to fine-tuning data and the checks of their clients, LLaMA-Factory 0.9.5 (`converter.py`,
`formatter.py`), Axolotl 0.21 (`prompt_strategies/chat_template.py`).
"""

import json
from collections.abc import Callable
from typing import Any

Row = dict[str, Any]
Messages = list[dict[str, Any]]


def trl_prompt_completion(row: Row) -> None:
    assert set(row) <= {"prompt", "completion", "tools"}
    _trl_prompt(row["prompt"])
    _trl_answer(row["completion"])
    _openai_tools(row)


def trl_preference(row: Row) -> None:
    assert set(row) <= {"prompt", "chosen", "rejected", "tools"}
    _trl_prompt(row["prompt"])
    _trl_answer(row["chosen"])
    _trl_answer(row["rejected"])
    assert row["chosen"] != row["rejected"]
    _openai_tools(row)


def trl_kto(row: Row) -> None:
    assert set(row) <= {"prompt", "completion", "label", "tools"}
    assert type(row["label"]) is bool
    _trl_prompt(row["prompt"])
    _trl_answer(row["completion"])
    _openai_tools(row)


def trl_messages(row: Row) -> None:
    assert set(row) <= {"messages", "tools"}
    assert row["messages"][-1]["role"] == "assistant"
    for message in row["messages"]:
        assert message["content"] is not None
    last = row["messages"][-1]
    assert last["content"] or last.get("tool_calls")


def openai(row: Row) -> None:
    assert set(row) <= {"messages", "tools"}
    _openai_messages(row["messages"])
    assert row["messages"][-1]["role"] == "assistant"
    assert row["messages"][-1].get("weight", 1) == 1
    assert all(m.get("weight") == 0 for m in row["messages"][:-1] if m["role"] == "assistant")
    _openai_tools(row)


def together(row: Row) -> None:
    roles = [m["role"] for m in row["messages"] if m["role"] not in ("system", "tool")]
    calls = [
        bool(m.get("tool_calls")) for m in row["messages"] if m["role"] in ("user", "assistant")
    ]
    assert roles[0] == "user"
    for before, after, called in zip(roles, roles[1:], calls, strict=False):
        assert before != after or called
    assert all(type(m.get("weight", 1)) is int for m in row["messages"])
    assert all("role" in m and "content" in m for m in row["messages"])


def openai_preference(row: Row) -> None:
    assert set(row) == {"input", "preferred_output", "non_preferred_output"}
    assert set(row["input"]) <= {"messages", "tools"}
    _openai_messages(row["input"]["messages"])
    assert row["input"]["messages"][-1]["role"] != "assistant"
    for output in (row["preferred_output"], row["non_preferred_output"]):
        (message,) = output
        assert set(message) <= {"role", "content", "name"}
        assert message["role"] == "assistant"
        assert isinstance(message["content"], str)
        assert message["content"].strip()
    assert row["preferred_output"] != row["non_preferred_output"]
    _openai_tools(row["input"])


def sharegpt(row: Row) -> None:
    assert set(row) == {"conversations", "tools"}
    turns = list(row["conversations"])
    assert all(set(turn) == {"from", "value"} for turn in turns)
    assert all(isinstance(turn["value"], str) for turn in turns)
    if turns[0]["from"] == "system":
        turns.pop(0)
    assert turns
    assert len(turns) % 2 == 0
    for place, turn in enumerate(turns):
        assert turn["from"] in (("human", "observation"), ("gpt", "function_call"))[place % 2]
        if turn["from"] in ("human", "gpt"):
            assert turn["value"].strip()
        if turn["from"] == "function_call":
            _llama_factory_calls(turn["value"], last=place == len(turns) - 1)
    assert isinstance(row["tools"], str)
    for tool in json.loads(row["tools"] or "[]"):
        assert isinstance(tool["name"], str)
        assert isinstance(tool["parameters"]["properties"], dict)


def alpaca(row: Row) -> None:
    assert set(row) == {"instruction", "input", "output", "system"}
    assert all(isinstance(text, str) for text in row.values())
    assert row["instruction"].strip()
    assert row["output"].strip()


def axolotl(row: Row) -> None:
    assert set(row) <= {"messages", "tools"}
    assert all(type(m["train"]) is bool for m in row["messages"])
    assert [m["train"] for m in row["messages"]] == [False] * (len(row["messages"]) - 1) + [True]
    _trl_prompt(row["messages"][:-1])
    _trl_answer(row["messages"][-1:])
    assert isinstance(row.get("tools", []), list)


def _trl_prompt(messages: Messages) -> None:
    assert messages
    assert messages[-1]["role"] in ("user", "tool")
    assert "user" in [message["role"] for message in messages]
    for place, message in enumerate(messages):
        assert message["role"] in ("system", "user", "assistant", "tool")
        if message["role"] == "tool":
            assert messages[place - 1]["role"] == "tool" or messages[place - 1]["tool_calls"]
        assert message["role"] != "system" or place == 0
        _text(message)
        _object_arguments(message)


def _trl_answer(messages: Messages) -> None:
    (message,) = messages
    assert message["role"] == "assistant"
    _text(message)
    _object_arguments(message)


def _text(message: dict[str, Any]) -> None:
    assert isinstance(message["content"], str)
    if message["role"] in ("user", "assistant"):
        assert message["content"].strip() or message.get("tool_calls")


def _object_arguments(message: dict[str, Any]) -> None:
    for call in message.get("tool_calls", ()):
        assert call["type"] == "function"
        assert call["function"]["name"]
        assert isinstance(call["function"]["arguments"], dict)


def _openai_messages(messages: Messages) -> None:
    waiting: set[str] = set()
    allowed = {
        "system": {"role", "content", "name"},
        "user": {"role", "content", "name"},
        "assistant": {"role", "content", "name", "weight", "tool_calls"},
        "tool": {"role", "content", "tool_call_id"},
    }
    for place, message in enumerate(messages):
        assert set(message) <= allowed[message["role"]]
        assert message["role"] != "system" or place == 0
        assert isinstance(message["content"], str) or message["role"] == "user"
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
            continue
        assert not waiting
        for call in message.get("tool_calls", ()):
            assert call["id"]
            assert call["type"] == "function"
            assert call["function"]["name"]
            assert isinstance(call["function"]["arguments"], str)
            waiting.add(call["id"])
    assert not waiting or messages[-1].get("tool_calls")


def _openai_tools(row: Row) -> None:
    assert "tools" not in row or row["tools"]
    for tool in row.get("tools", ()):
        assert set(tool) == {"type", "function"}
        assert isinstance(tool["function"]["name"], str)
        assert isinstance(tool["function"]["description"], str)
        assert isinstance(tool["function"]["parameters"], dict)


def _llama_factory_calls(value: str, last: bool) -> None:
    if last and value.startswith("<think>\n"):
        value = value.partition("\n</think>\n\n")[2]
    found = json.loads(value)
    for call in found if isinstance(found, list) else [found]:
        assert call["name"]
        assert isinstance(call["arguments"], dict)


CONSUMERS: dict[str, list[Callable[[Row], None]]] = {
    "alpaca": [alpaca],
    "axolotl": [axolotl],
    "kto": [trl_kto],
    "messages": [trl_messages],
    "openai": [openai, together],
    "openai_preference": [openai_preference],
    "preference": [trl_preference],
    "prompt_completion": [trl_prompt_completion],
    "sharegpt": [sharegpt],
}
