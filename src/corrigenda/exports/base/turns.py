r"""Messages in the one shape that training formats start from.

Logs write messages in many ways. A turn has the keys that trainers know, and no others:

    before  {"role": "assistant", "content": null, "id": "msg_7", "refusal": null,
             "tool_calls": [{"id": "c1", "function": {"name": "add", "arguments": "{\"a\": 2}"}}]}
    after   {"role": "assistant", "content": "",
             "tool_calls": [{"id": "c1", "type": "function",
                             "function": {"name": "add", "arguments": {"a": 2}}}]}

- Content that is missing is `""`; a list of nothing but texts is one text.
- `developer` is `system` and `function` is `tool`, as older and newer APIs call the same roles.
- `reasoning` and `thinking` are `reasoning_content`, of the assistant alone.
- The arguments of a call are an object (Hugging Face templates) or JSON text (OpenAI).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import count
from typing import Any

Turn = dict[str, Any]
"""A message as a training format writes it."""


class Arguments(StrEnum):
    """How a tool call's arguments are written."""

    OBJECT = "object"
    TEXT = "text"


_ROLES = {"developer": "system", "function": "tool"}
_TEXTS = ("text", "input_text", "output_text", None)
_THOUGHTS = ("reasoning", "thinking")


def turns(
    messages: Sequence[Mapping[str, Any]], arguments: Arguments = Arguments.OBJECT
) -> list[Turn]:
    """Messages as turns; see the module."""
    return [turn(each, arguments) for each in messages]


def turn(message: Mapping[str, Any], arguments: Arguments = Arguments.OBJECT) -> Turn:
    """One message as a turn; see the module.

    Example:
        >>> turn({"role": "developer", "content": [{"type": "text", "text": "Be brief."}]})
        {'role': 'system', 'content': 'Be brief.'}
    """
    role = _ROLES.get(message["role"], message["role"])
    if len(message) == 2 and isinstance(message.get("content"), str):
        return {"role": role, "content": message["content"]}  # as most are
    content, thought = _content(message.get("content"))
    made: Turn = {"role": role, "content": content}
    if role == "assistant":
        reasoning = message.get("reasoning_content") or message.get("reasoning") or thought
        if isinstance(reasoning, str) and reasoning.strip():
            made["reasoning_content"] = reasoning
        if calls := _calls(message):
            made["tool_calls"] = [_call(each, arguments) for each in calls]
    for key in ("name", "tool_call_id") if role == "tool" else ("name",):
        if isinstance(message.get(key), str) and message[key]:
            made[key] = message[key]
    return made


def with_call_ids(conversation: Sequence[Turn]) -> list[Turn]:
    """The turns with an id for every tool call, and for every answer the id of its call.

    What is there stays. What is missing is counted from the start of the conversation, and
    answers without an id are those of the calls before them, in order.

    Example:
        >>> call = {"type": "function", "function": {"name": "now", "arguments": "{}"}}
        >>> found = with_call_ids([{"role": "assistant", "content": "", "tool_calls": [call]},
        ...                        {"role": "tool", "content": "12:00"}])
        >>> found[0]["tool_calls"][0]["id"], found[1]["tool_call_id"]
        ('call_1', 'call_1')
    """
    if _without_tools(conversation):
        return list(conversation)
    numbers = count(1)
    called = [
        {**each, "tool_calls": [{"id": f"call_{next(numbers)}", **c} for c in each["tool_calls"]]}
        if each.get("tool_calls")
        else each
        for each in conversation
    ]
    return [
        {**each, "tool_call_id": call["id"]} if call else each for each, call in _answers(called)
    ]


def with_names(conversation: Sequence[Turn]) -> list[Turn]:
    """The turns with the tool's name for every answer whose call is known; templates ask for it."""
    if _without_tools(conversation):
        return list(conversation)
    return [
        {"name": call["function"]["name"], **each} if call else each
        for each, call in _answers(conversation)
    ]


def _without_tools(conversation: Sequence[Turn]) -> bool:
    return not any(each["role"] == "tool" or "tool_calls" in each for each in conversation)


def _answers(conversation: Sequence[Turn]) -> Iterator[tuple[Turn, Turn | None]]:
    """Each turn with the call that it answers: that of its id, else the first that is open."""
    waiting: list[Turn] = []
    for each in conversation:
        found = None
        if each["role"] == "tool":
            wanted = each.get("tool_call_id")
            found = next((call for call in waiting if wanted in (None, call.get("id"))), None)
            if found is not None:
                waiting.remove(found)
        elif each.get("tool_calls"):
            waiting = list(each["tool_calls"])
        yield each, found


def offered(tools: Sequence[Any]) -> list[Any]:
    """The tools on offer, each as `{"type": "function", "function": {…}}`.

    A function without a description or parameters gets empty ones: several templates fail
    without them.

    Example:
        >>> offered([{"name": "now", "input_schema": {"type": "object", "properties": {}}}])[0]
        {'type': 'function', 'function': {'name': 'now', 'description': '', \
'parameters': {'type': 'object', 'properties': {}}}}
    """
    return [_offered(each) for each in tools]


def with_tools(row: dict[str, Any], tools: Sequence[Any]) -> dict[str, Any]:
    """The row with the tools on offer beside its messages, if there are any."""
    return {**row, "tools": offered(tools)} if tools else row


def _offered(tool: Any) -> Any:
    if not isinstance(tool, Mapping):
        return tool
    function = tool.get("function") if "function" in tool else tool
    if not isinstance(function, Mapping) or "name" not in function:
        return tool
    said = {key: value for key, value in function.items() if key not in ("type", "input_schema")}
    schema = said.get("parameters") or function.get("input_schema") or {}
    if isinstance(schema, Mapping):
        schema = {"type": "object", "properties": {}, **schema}
    made = {
        "name": said["name"],
        "description": said.get("description") or "",
        "parameters": schema,
    }
    return {
        "type": "function",
        "function": {**made, **{k: v for k, v in said.items() if k not in made}},
    }


def _content(content: object) -> tuple[Any, str | None]:
    """A message's content, and the reasoning that stands in parts of it."""
    if content is None:
        return "", None
    if not isinstance(content, list):
        return content, None
    thoughts = [each for each in content if _kind(each) in _THOUGHTS]
    rest = [each for each in content if _kind(each) not in _THOUGHTS]
    texts = [_part_text(each) for each in rest]
    said = [each.get("reasoning") or each.get("thinking") for each in thoughts]
    thought = "\n".join(each for each in said if isinstance(each, str)) or None
    if any(each is None for each in texts):
        return rest, thought
    return "".join(each for each in texts if each is not None), thought


def _kind(part: object) -> object:
    return part.get("type") if isinstance(part, Mapping) else None


def _part_text(part: object) -> str | None:
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and part.get("type") in _TEXTS:
        text = part.get("text")
        return text if isinstance(text, str) else None
    return None


def _calls(message: Mapping[str, Any]) -> list[Any]:
    calls = message.get("tool_calls")
    if isinstance(calls, list) and calls:
        return calls
    older = message.get("function_call")
    return [{"function": older}] if isinstance(older, Mapping) else []


def _call(call: Any, arguments: Arguments) -> Turn:
    """A call as OpenAI writes it; a name that is missing is `""`, which no consumer takes."""
    found = call if isinstance(call, Mapping) else {}
    inner = found.get("function")
    function = (
        inner if isinstance(inner, Mapping) else {**found, "name": inner or found.get("name")}
    )
    name = function.get("name")
    made: Turn = {"id": found["id"]} if isinstance(found.get("id"), str) and found["id"] else {}
    made["type"] = "function"
    made["function"] = {
        "name": name if isinstance(name, str) else "",
        "arguments": _arguments(function.get("arguments"), arguments),
    }
    return made


def _arguments(value: object, wanted: Arguments) -> Any:
    if wanted is Arguments.TEXT:
        return value if isinstance(value, str) else json.dumps(value or {}, ensure_ascii=False)
    if isinstance(value, str):
        try:
            read = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return read if isinstance(read, dict) else value
    return {} if value is None else value
