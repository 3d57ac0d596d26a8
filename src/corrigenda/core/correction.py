r"""What a correction says beside its text: reasoning, tool calls, and which turn it replaces.

As JSON, in a request and in a record's `corrected_parts`; every key may be missing:

    {"reasoning": "rewrite", "reasoning_text": "Two and two make four.",
     "tool_calls": [{"id": "c1", "type": "function",
                     "function": {"name": "add", "arguments": "{\"a\": 2, \"b\": 2}"}}],
     "turn": 3}

`reasoning` is what becomes of the original's reasoning: `drop`, `keep`, or `rewrite` with
`reasoning_text`. `tool_calls` are what the corrected turn calls; `[]` and no key both mean
nothing. `turn` is the place in `prompt_messages` of the first wrong assistant message: the
correction takes its place, the messages before it are the prompt, what comes after is left out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn, Self

from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput

FIELD = "corrected_parts"

TEXT_LIMIT = 10_000_000
"""Characters of a rewritten reasoning."""

CALL_LIMIT = 128
"""Tool calls of one turn."""

NAME_LIMIT = 200
"""Characters of a tool's name and of a call's id."""

ARGUMENTS_LIMIT = 1_000_000
"""Characters of one call's arguments."""

DEPTH_LIMIT = 50
"""Levels of nesting of one call's arguments."""


class Reasoning(StrEnum):
    """What becomes of the original's reasoning."""

    DROP = "drop"
    KEEP = "keep"
    REWRITE = "rewrite"


@dataclass(frozen=True)
class ToolCall:
    """One call of a tool; `arguments` is a text that holds a JSON object.

    Example:
        >>> ToolCall("add", '{"a": 2}').as_json()
        {'type': 'function', 'function': {'name': 'add', 'arguments': '{"a": 2}'}}
    """

    name: str
    arguments: str
    id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As OpenAI writes it; `id` only when there is one."""
        call = {"type": "function", "function": {"name": self.name, "arguments": self.arguments}}
        return call if self.id is None else {"id": self.id, **call}


@dataclass(frozen=True)
class CorrectedParts:
    """See the module. `None` stands for what was not said.

    Example:
        >>> parts = CorrectedParts.from_json({"reasoning": "drop", "turn": 3})
        >>> parts.turn, parts.as_json()
        (3, {'reasoning': 'drop', 'turn': 3})
        >>> CorrectedParts.from_json({}) is None
        True
    """

    reasoning: Reasoning | None = None
    reasoning_text: str | None = None
    tool_calls: tuple[ToolCall, ...] | None = None
    turn: int | None = None

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """Check and read; `None` where nothing is said.

        Raises:
            InvalidInput: A key is unknown or has a value that cannot be; the message names
                both, and so do its `errors`.
        """
        if value is None:
            return None
        said = _object(FIELD, value, ("reasoning", "reasoning_text", "tool_calls", "turn"))
        reasoning = _reasoning(said.get("reasoning"))
        parts = cls(
            reasoning=reasoning,
            reasoning_text=_reasoning_text(said.get("reasoning_text"), reasoning),
            tool_calls=_tool_calls(said.get("tool_calls")),
            turn=_turn(said.get("turn")),
        )
        return None if parts == cls() else parts

    def as_json(self) -> dict[str, Any]:
        """As JSON, with the keys that say something."""
        said: dict[str, Any] = {}
        if self.reasoning is not None:
            said["reasoning"] = self.reasoning.value
        if self.reasoning_text is not None:
            said["reasoning_text"] = self.reasoning_text
        if self.tool_calls is not None:
            said["tool_calls"] = [call.as_json() for call in self.tool_calls]
        if self.turn is not None:
            said["turn"] = self.turn
        return said

    def check_turn(self, record: Mapping[str, Any]) -> None:
        """Refuse a turn that the record's prompt does not have.

        Raises:
            InvalidInput: `turn` is no assistant message of the prompt.
        """
        if self.turn is None:
            return
        messages = record.get("prompt_messages") or []
        if self.turn >= len(messages) or messages[self.turn].get("role") != "assistant":
            _refuse(f"{FIELD}.turn", "the place of an assistant message of the prompt", self.turn)


def _reasoning(value: object) -> Reasoning | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in set(Reasoning):
        _refuse(f"{FIELD}.reasoning", "`drop`, `keep` or `rewrite`", value)
    return Reasoning(value)


def _reasoning_text(value: object, reasoning: Reasoning | None) -> str | None:
    field = f"{FIELD}.reasoning_text"
    if reasoning is not Reasoning.REWRITE:
        if value is not None:
            _refuse(field, "absent unless `reasoning` is `rewrite`", value)
        return None
    if not isinstance(value, str) or not value.strip():
        _refuse(field, "text that is not blank (`drop` leaves the reasoning out)", value)
    return _text(field, value, TEXT_LIMIT)


def _tool_calls(value: object) -> tuple[ToolCall, ...] | None:
    if value is None:
        return None
    field = f"{FIELD}.tool_calls"
    if not isinstance(value, list | tuple):
        _refuse(field, "a list", value)
    if len(value) > CALL_LIMIT:
        _refuse(field, f"at most {CALL_LIMIT} calls", len(value))
    return tuple(_tool_call(f"{field}[{index}]", call) for index, call in enumerate(value))


def _tool_call(field: str, value: object) -> ToolCall:
    call = _object(field, value, ("id", "type", "function"))
    if call.get("type", "function") != "function":
        _refuse(f"{field}.type", "`function`", call["type"])
    function = _object(f"{field}.function", call.get("function"), ("name", "arguments"))
    name = _text(f"{field}.function.name", function.get("name"), NAME_LIMIT)
    if not name.strip():
        _refuse(f"{field}.function.name", "not blank", name)
    call_id = call.get("id")
    return ToolCall(
        name,
        _arguments(f"{field}.function.arguments", function.get("arguments")),
        None if call_id is None else _text(f"{field}.id", call_id, NAME_LIMIT),
    )


def _arguments(field: str, value: object) -> str:
    text = _text(field, value, ARGUMENTS_LIMIT)
    try:
        read = json.loads(text, parse_constant=_no_json)
    except RecursionError:
        _refuse(field, f"at most {DEPTH_LIMIT} levels deep", value)
    except ValueError as error:  # not JSON, or a number with too many digits
        _refuse(field, f"text that holds a JSON object ({error})", value)
    if not isinstance(read, dict):
        _refuse(field, "text that holds a JSON object", value)
    if _depth_over(read, DEPTH_LIMIT):
        _refuse(field, f"at most {DEPTH_LIMIT} levels deep", value)
    return text


def _turn(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        _refuse(f"{FIELD}.turn", "a whole number from 0 up", value)
    return value


def _object(field: str, value: object, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        _refuse(field, "an object", value)
    for key in value:
        if key not in keys:
            _refuse(f"{field}.{key}"[:NAME_LIMIT], f"absent; known are {', '.join(keys)}", key)
    return value


def _text(field: str, value: object, limit: int) -> str:
    if not isinstance(value, str):
        _refuse(field, "text", value)
    if len(value) > limit:
        _refuse(field, f"at most {limit} characters", value)
    return value


def _depth_over(value: object, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for item in level
            for child in (item.values() if isinstance(item, dict) else item)  # type: ignore[attr-defined]  # a list
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _no_json(name: str) -> NoReturn:
    raise ValueError(f"`{name}` is no JSON")


def _refuse(field: str, wanted: str, value: object) -> NoReturn:
    message = f"`{field}` must be {wanted}, found {shown(value)}."
    found = {"field": field, "message": message, "value": shown(value).strip("`")}
    raise InvalidInput(message, errors=[found])
