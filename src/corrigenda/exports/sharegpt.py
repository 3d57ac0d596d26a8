r"""`sharegpt`: conversations of `from` and `value`; for LLaMA-Factory.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"conversations": [{"from": "human", "value": "2 + 2?"},
                               {"from": "gpt", "value": "4"}], "tools": ""}

A turn that calls tools is one of `function_call`, with the calls as JSON; a tool's answer is one
of `observation`; the tools on offer are JSON in `tools`. The trainer takes text as it is, so the
answer's reasoning stands before it in `<think>`; that of earlier turns is left out, as it is when
the model is asked. Beside the rows stands `dataset_info.json`, with an entry for each file.

LLaMA-Factory trains on every turn of `gpt` and `function_call`, unless `mask_history: true` is
set. It skips a conversation whose turns do not alternate, and stops at a call that is no JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping

from corrigenda.core.example import Example
from corrigenda.exports.base import (
    Format,
    Kind,
    Part,
    Row,
    Turn,
    content_text,
    dataset_info,
    first_problem,
    offered,
    tools_problems,
    turn,
    turns,
    with_thought,
)

_NAMES = {"system": "system", "user": "human", "assistant": "gpt", "tool": "observation"}
_ROLES = {"human": "user", "gpt": "assistant", "function_call": "assistant", "observation": "tool"}
_ASKING = ("human", "observation")
_SAYING = ("gpt", "function_call")
_THOUGHT = re.compile(r"\A<think>\n.*?\n</think>\n\n", re.DOTALL)


class ShareGptFormat(Format):
    """See the module."""

    name = "sharegpt"
    kind = Kind.SFT
    title = "LLaMA-Factory: conversations"

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        answer = turn(example.answer)
        last = _said(answer)
        if isinstance(last["value"], str):
            last["value"] = with_thought(answer.get("reasoning_content"), last["value"])
        tools = [
            each.get("function", each) if isinstance(each, Mapping) else each
            for each in offered(example.tools)
        ]
        return {
            "conversations": [*(_said(each) for each in turns(example.prompt)), last],
            "tools": json.dumps(tools, ensure_ascii=False) if tools else "",
        }

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        return first_problem(
            row,
            _order(row["conversations"]),
            _values(row["conversations"]),
            _tools(row),
        )

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        tools = [Part("tools", row["tools"], False)] if row["tools"] else []
        return tools + [
            Part(
                _ROLES.get(each["from"], each["from"]),
                content_text(each["value"]),
                each["from"] in _SAYING,
            )
            for each in row["conversations"]
        ]

    def beside(self, files: Mapping[str, str]) -> Mapping[str, bytes]:
        """`dataset_info.json`, with an entry for each file."""
        return dataset_info(files, "sharegpt", {"messages": "conversations", "tools": "tools"})


def _said(message: Turn) -> Turn:
    role, content, calls = message["role"], message["content"], message.get("tool_calls")
    if not calls:
        return {"from": _NAMES.get(role, role), "value": content}
    functions = [call["function"] for call in calls]
    value = json.dumps(functions if len(functions) > 1 else functions[0], ensure_ascii=False)
    # Text beside a call has no place; put before it, it is what `problem` finds.
    return {"from": "function_call", "value": f"{content_text(content)}{value}"}


def _order(conversation: list[Turn]) -> Iterator[str]:
    start = 1 if conversation[0]["from"] == "system" else 0
    if len(conversation) - start < 2:
        yield "There is no prompt."
    for place, each in enumerate(conversation[start:]):
        number, name = place + start + 1, each["from"]
        if name not in (*_ASKING, *_SAYING, "system"):
            yield f"Message {number} has the role `{name}`, which LLaMA-Factory does not know."
        if name == "system":
            yield f"Message {number} (system) is not the first, where LLaMA-Factory takes it."
        if name not in (_SAYING if place % 2 else _ASKING):
            yield f"Message {number} ({name}) breaks the order: one who asks, then one who answers."
    if (len(conversation) - start) % 2:
        yield "The prompt does not end with a message of the user's or of a tool's."


def _values(conversation: list[Turn]) -> Iterator[str]:
    for number, each in enumerate(conversation, 1):
        name, value = each["from"], each["value"]
        where = "The answer" if number == len(conversation) else f"Message {number} ({name})"
        if not isinstance(value, str):
            yield f"{where} has parts that are no text, for which this format has no place."
        elif name in ("human", "gpt") and not _THOUGHT.sub("", value, count=1).strip():
            yield f"{where} is empty."
        elif name == "function_call":
            yield from _call(_THOUGHT.sub("", value, count=1), where)


def _call(value: str, where: str) -> Iterator[str]:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        yield f"{where} has text beside its tool calls, for which this format has no place."
        return
    for call in found if isinstance(found, list) else [found]:
        if not call["name"]:
            yield f"{where} calls a tool without a name."
        if not isinstance(call["arguments"], dict):
            yield f"{where} calls `{call['name']}` with arguments that are no JSON object."


def _tools(row: Row) -> Iterator[str]:
    tools = json.loads(row["tools"]) if row["tools"] else ()
    return tools_problems([{"function": each} for each in tools])
