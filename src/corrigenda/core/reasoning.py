"""Reasoning apart from the answer: what a response thought, and what of it may be trained on.

A model's reasoning stands in the record's `reasoning`, or before the answer in the response:

    <think>2 and 2 make 5.</think>

    The answer is 5.

A correction changes the answer. Reasoning that led to the wrong one must not be trained on beside
the right one, so a row whose answer changed is held back until somebody says what becomes of it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corrigenda.core.correction import CorrectedParts, Reasoning

_OPEN = re.compile(r"\s*<(think|thinking)>", re.IGNORECASE)

UNRESOLVED = "reasoning_unresolved"
"""Why a row is held back."""


@dataclass(frozen=True)
class Subject:
    """What is corrected: the response, or the assistant message that is marked in the prompt.

    `text` is the answer without its reasoning; `tool_calls` are as the record has them.
    """

    text: str
    reasoning: str | None = None
    tool_calls: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Outgoing:
    """What of a corrected turn is trained on, beside its tool calls."""

    content: str
    reasoning: str | None


def split(text: str) -> tuple[str | None, str]:
    """A text as (reasoning, answer); no reasoning is `None`.

    Reasoning stands in `<think>` or `<thinking>` before the answer; without an end it is all
    there is, since the model ran out of tokens.

    Example:
        >>> split("<think>2 and 2.</think> 4"), split("<think>2 and"), split("4")
        (('2 and 2.', '4'), ('2 and', ''), (None, '4'))
    """
    opened = _OPEN.match(text)
    if opened is None:
        return None, text
    closed = re.compile(f"</{opened[1]}>", re.IGNORECASE).search(text, opened.end())
    if closed is None:
        return text[opened.end() :].strip() or None, ""
    inner = text[opened.end() : closed.start()].strip()
    return inner or None, text[closed.end() :].lstrip()


def subject(record: Mapping[str, Any], turn: int | None = None) -> Subject:
    """What a correction is about; empty where the record does not have it.

    Example:
        >>> subject({"id": "a", "model_response": "<think>2 and 2</think> 5"})
        Subject(text='5', reasoning='2 and 2', tool_calls=())
    """
    if turn is None:
        source, text, stated = record, record.get("model_response"), record.get("reasoning")
    else:
        messages = record.get("prompt_messages") or []
        source = messages[turn] if turn < len(messages) else {}
        text = _text_of(source.get("content"))
        stated = source.get("reasoning_content") or source.get("reasoning")
    inner, answer = split(text or "")
    if isinstance(stated, str) and stated.strip():
        inner = stated.strip()
    calls = source.get("tool_calls")
    return Subject(answer, inner, tuple(calls) if isinstance(calls, list) else ())


def unchanged(original: Subject, text: str | None, parts: CorrectedParts | None) -> bool:
    """Whether a correction gives the original's own answer, reasoning aside."""
    _, answer = split(text or "")
    return answer.strip() == original.text.strip() and same_calls(original, parts)


def same_calls(original: Subject, parts: CorrectedParts | None) -> bool:
    """Whether a correction calls the same tools with the same arguments; ids do not matter."""
    given = [call.as_json() for call in (parts and parts.tool_calls) or ()]
    return [_called(call) for call in given] == [_called(call) for call in original.tool_calls]


def held_back(
    record: Mapping[str, Any], text: str | None, parts: CorrectedParts | None = None
) -> bool:
    """Whether a correction leaves open what becomes of the original's reasoning.

    A correction that brings reasoning of its own, in `<think>`, has said it.

    Example:
        >>> thought = {"id": "a", "model_response": "<think>2 and 2</think> 5"}
        >>> held_back(thought, "4"), held_back(thought, "5"), held_back({"id": "a"}, "4")
        (True, False, False)
    """
    if parts is not None and parts.reasoning is not None:
        return False
    original = subject(record, parts.turn if parts else None)
    own, _ = split(text or "")
    if original.reasoning is None or own not in (None, original.reasoning):
        return False
    return not unchanged(original, text, parts)


def outgoing(
    record: Mapping[str, Any],
    text: str | None,
    parts: CorrectedParts | None = None,
    original: Subject | None = None,
) -> Outgoing:
    """The text and the reasoning that a correction puts in the original's place.

    `original` is its `subject`, where that is known.

    Example:
        >>> outgoing({"id": "a", "model_response": "<think>2 and 2</think> 5"}, "5")
        Outgoing(content='5', reasoning='2 and 2')
    """
    text = text or ""
    if original is None:
        original = subject(record, parts.turn if parts else None)
    own, answer = split(text)
    if original.reasoning is None and own is None and (parts is None or parts.reasoning is None):
        return Outgoing(text, None)  # as in most records
    match parts and parts.reasoning:
        case Reasoning.DROP:
            return Outgoing(answer, None)
        case Reasoning.REWRITE:
            return Outgoing(answer, parts.reasoning_text if parts else None)
        case Reasoning.KEEP:
            return Outgoing(answer, original.reasoning or own)
        case _:
            kept = own is None and unchanged(original, text, parts)
            return Outgoing(text, original.reasoning if kept else None)


def _text_of(content: object) -> str:
    """The text of a message's content, which may be a list of parts."""
    if isinstance(content, str):
        return content
    parts: Sequence[object] = content if isinstance(content, list) else ()
    texts = (part.get("text") for part in parts if isinstance(part, dict))
    return "".join(text for text in texts if isinstance(text, str))


def _called(call: object) -> tuple[object, object]:
    """What a call asks for: its name and its arguments, which may be JSON or hold it."""
    found = call.get("function") if isinstance(call, dict) else None
    function = found if isinstance(found, dict) else {}
    arguments = function.get("arguments")
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            return function.get("name"), arguments
    return function.get("name"), arguments
