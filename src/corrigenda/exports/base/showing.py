"""Rows as people read them: what the trainer sees, part by part."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from corrigenda.exports.base.protocol import Part


def as_text(message: Mapping[str, Any]) -> str:
    r"""A message as text: its reasoning in `<think>`, its content, its calls in `<tool_call>`.

    Most templates write it about so; each has its own marks.

    Example:
        >>> as_text({"role": "assistant", "content": "4", "reasoning_content": "2 and 2."})
        '<think>\n2 and 2.\n</think>\n\n4'
    """
    text = content_text(message.get("content"))
    text = with_thought(message.get("reasoning_content"), text)
    calls = message.get("tool_calls") or ()
    written = [
        f"<tool_call>\n{json.dumps(_called(c), ensure_ascii=False)}\n</tool_call>" for c in calls
    ]
    return "\n".join(([text] if text else []) + written)


def with_thought(reasoning: str | None, text: str) -> str:
    """A text with the reasoning that led to it, as reasoning models write it."""
    return f"<think>\n{reasoning}\n</think>\n\n{text}" if reasoning else text


def content_text(content: object) -> str:
    """A message's content as text; parts that are none as JSON."""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        return "" if content is None else json.dumps(content, ensure_ascii=False)
    return "\n".join(
        part["text"]
        if isinstance(part, Mapping) and isinstance(part.get("text"), str)
        else json.dumps(part, ensure_ascii=False)
        for part in content
    )


def message_parts(messages: Iterable[Mapping[str, Any]], trained: bool) -> list[Part]:
    """Messages as parts that all carry loss, or all do not."""
    return [Part(str(each["role"]), as_text(each), trained) for each in messages]


def rejected_part(message: Mapping[str, Any]) -> Part:
    """The answer that is not wanted: it carries loss, of the other sign."""
    return Part("rejected", as_text(message), True)


def tools_parts(tools: Sequence[Any] | None, trained: bool = False) -> list[Part]:
    """The tools on offer, which templates write before the first message."""
    if not tools:
        return []
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in tools)
    return [Part("tools", text, trained)]


def _called(call: Any) -> Any:
    return call.get("function", call) if isinstance(call, Mapping) else call
