"""The rules that consumers have for a row, each as a generator of sentences.

A format says which of them hold for its consumers, and takes the first sentence:

    first_problem(row, RULES.prompt(row["prompt"]), RULES.answer(row["completion"]))
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson

from corrigenda.exports.base.showing import as_text
from corrigenda.exports.base.turns import Arguments, Turn

ROLES = ("system", "user", "assistant", "tool")
_SPEAKERS = ("system", "user", "assistant")
_MAY_BE_EMPTY = ("system", "tool")


def first_problem(row: Mapping[str, Any], *found: Iterator[str]) -> str | None:
    """The first sentence there is: of what no reader takes, and then of these rules in order."""
    return next(chain(unreadable(row), *found), None)


def unreadable(row: Mapping[str, Any]) -> Iterator[str]:
    """What no JSON reader of the trainers takes; one such row spoils the whole file.

    A lone surrogate is no text in UTF-8, and Arrow, which `datasets` reads with, has no
    numbers beyond 64 bits.
    """
    try:
        orjson.dumps(row)
    except TypeError as error:
        if "surrogates" in str(error):
            yield "A text holds half of a surrogate pair, which is not valid UTF-8."
        else:
            yield f"It has a value that the trainers' JSON readers refuse ({error})."


@dataclass(frozen=True)
class ChatRules:
    """What consumers of messages ask for.

    Attributes:
        arguments: How a tool call's arguments are written; `None`: either way.
        alternating: Whether turns of the user and of the assistant must alternate.
        answered: Whether each tool call must have its answer, and each answer its call.
        images: How many images the user's messages may have.
        tools: Whether there may be tool calls and their answers at all.
        reasoning: Whether the answer may have reasoning.
        strict: Whether content must be text, and a system message the first.
    """

    arguments: Arguments | None = Arguments.OBJECT
    alternating: bool = False
    answered: bool = False
    images: int = 0
    tools: bool = True
    reasoning: bool = True
    strict: bool = True

    def prompt(self, messages: Sequence[Turn]) -> Iterator[str]:
        """The rules for the messages before the answer."""
        if not messages:
            yield "There is no prompt."
            return
        yield from self.messages(messages)
        if messages[-1]["role"] not in ("user", "tool"):
            yield f"The prompt ends with a message of the {messages[-1]['role']}."
        if not any(each["role"] == "user" for each in messages):
            yield "There is no message of the user's, which several models' templates ask for."
        if self.alternating:
            yield from _alternation(messages)
        if self.answered:
            yield from _answers(messages)

    def messages(self, messages: Sequence[Turn]) -> Iterator[str]:
        """The rules for each message, wherever it stands."""
        for number, each in enumerate(messages, 1):
            if _plain(each, number):
                continue
            where = f"Message {number} ({each['role']})"
            if each["role"] not in ROLES:
                yield f"Message {number} has the role `{each['role']}`; use {', '.join(ROLES)}."
            elif each["role"] == "system" and number > 1 and self.strict:
                yield f"{where} is not the first; trainers take one system message, at the start."
            elif each["role"] == "tool" and self.strict and not _follows_call(messages, number):
                yield f"{where} follows no tool call."
            yield from self._message(each, where)
        if self.images and (count := sum(_images(each) for each in messages)) > self.images:
            yield f"There are {count} images; at most {self.images} are taken."

    def answer(self, messages: Sequence[Turn], name: str = "answer") -> Iterator[str]:
        """The rules for the answer: one message of the assistant that says something."""
        if not messages:
            yield f"There is no {name}."
            return
        if not _plain(messages[0], 1):
            yield from self._message(messages[0], f"The {name}")
        if messages[0].get("reasoning_content") and not self.reasoning:
            yield (
                f"The {name} has reasoning, for which this format has no place: drop it in the "
                "correction, or take a format that has one."
            )

    def pair(self, better: Sequence[Turn], worse: Sequence[Turn]) -> Iterator[str]:
        """The rules for two answers to one prompt."""
        yield from self.answer(better, "chosen answer")
        yield from self.answer(worse, "rejected answer")
        if better and worse and as_text(better[0]).strip() == as_text(worse[0]).strip():
            yield "The chosen answer and the rejected one are the same."

    def problem(
        self,
        row: Mapping[str, Any],
        prompt: Sequence[Turn],
        answer: Sequence[Turn],
        tools: Sequence[Any] | None,
    ) -> str | None:
        """The first rule that a row of a prompt and an answer breaks."""
        return first_problem(row, self.prompt(prompt), self.answer(answer), tools_problems(tools))

    def _message(self, message: Turn, where: str) -> Iterator[str]:
        content, calls = message["content"], message.get("tool_calls") or ()
        if isinstance(content, str):
            if not content.strip() and not calls and message["role"] not in _MAY_BE_EMPTY:
                yield f"{where} is empty."
        elif not isinstance(content, list):
            yield f"{where} has no text."
        elif self.strict:
            yield from self._parts(message, where)
        if (calls or message["role"] == "tool") and not self.tools:
            yield f"{where} is part of a tool call, for which this format has no place."
        for call in calls:
            yield from self._call(call, where)

    def _parts(self, message: Turn, where: str) -> Iterator[str]:
        for part in message["content"]:
            kind = part.get("type") if isinstance(part, Mapping) else None
            image = kind == "image_url" and self.images and message["role"] == "user"
            if kind != "text" and not image:
                yield f"{where} has a part of type `{kind}`, for which this format has no place."

    def _call(self, call: Turn, where: str) -> Iterator[str]:
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        if not name:
            yield f"{where} calls a tool without a name."
        if self.arguments is Arguments.OBJECT and not isinstance(arguments, dict):
            yield f"{where} calls `{name}` with arguments that are no JSON object."


def _plain(message: Turn, number: int) -> bool:
    """Whether it has a role and a text and nothing else, so that no rule for it can be broken.

    Most are: an export looks at a million of them.
    """
    if len(message) != 2 or (message["role"] == "system" and number > 1):
        return False
    content = message.get("content")
    return (
        message["role"] in _SPEAKERS
        and isinstance(content, str)
        and bool(content)
        and not content.isspace()
    )


def _follows_call(messages: Sequence[Turn], number: int) -> bool:
    before = messages[number - 2] if number > 1 else {}
    return before.get("role") == "tool" or bool(before.get("tool_calls"))


def _images(message: Turn) -> int:
    parts = message["content"] if isinstance(message["content"], list) else ()
    return sum(isinstance(part, Mapping) and part.get("type") == "image_url" for part in parts)


def tools_problems(tools: Sequence[Any] | None) -> Iterator[str]:
    """The rules for the tools on offer."""
    for number, tool in enumerate(tools or (), 1):
        function = tool.get("function") if isinstance(tool, Mapping) else None
        if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
            yield f"Tool {number} on offer is no function with a name."
        elif not isinstance(function.get("parameters"), Mapping):
            yield f"Tool {number} on offer has parameters that are no JSON Schema."


def _alternation(messages: Sequence[Turn]) -> Iterator[str]:
    expected = "user"
    for number, each in enumerate(messages, 1):
        role = each["role"]
        if role in ("system", "tool"):
            continue
        if role != expected:
            yield (
                f"Message {number} ({role}) should be the {expected}'s: turns of the user and of "
                "the assistant must alternate."
            )
        calls = bool(each.get("tool_calls"))
        expected = "assistant" if role == "user" or calls else "user"


def _answers(messages: Sequence[Turn]) -> Iterator[str]:
    waiting: list[str] = []
    for number, each in enumerate(messages, 1):
        if each["role"] == "tool":
            if each.get("tool_call_id") not in waiting:
                yield f"Message {number} (tool) answers no tool call before it."
            else:
                waiting.remove(each["tool_call_id"])
            continue
        if waiting:
            yield f"Message {number} ({each['role']}) stands before the answer to a tool call."
        waiting = [call["id"] for call in each.get("tool_calls") or ()]
    if waiting:
        yield "The last tool call of the prompt has no answer."
