r"""A training example: one approved correction, as every export format takes it.

    record    {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
               "model_response": "5", "corrected_response": "4", "status": "approved", …}
    example   prompt    [{"role": "user", "content": "2 + 2?"}]
              answer    {"role": "assistant", "content": "4"}
              rejected  {"role": "assistant", "content": "5"}

What a correction says beside its text (see `core.correction`) is in the answer:

    {"role": "assistant", "content": "", "reasoning_content": "I need the sum.",
     "tool_calls": [{"type": "function", "function": {"name": "add", "arguments": "{\"a\": 2}"}}]}

`reasoning_content` is the key that the chat templates of reasoning models and their servers read.
A turn that only calls tools has the content `""` and not `null`: chat templates look into the
content, and several fail on null.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from corrigenda.core.candidate import Record
from corrigenda.core.correction import FIELD, CorrectedParts
from corrigenda.core.reasoning import Subject, outgoing, subject

_NO_PARTS = CorrectedParts()

Message = Mapping[str, Any]
"""A chat message: `role`, `content`, and what else the prompt's messages have."""


@dataclass(frozen=True)
class Example:
    """See the module.

    Attributes:
        id: The candidate's id, or the pass's.
        prompt: The messages before the answer, as the record has them.
        answer: The assistant turn that the example is about.
        rejected: The model's own turn in its place; `None` for a pass.
        tools: What the model was offered.
        record: The whole record, as it now stands.
        wanted: Whether the answer is to be learned; false where it is a negative example.
    """

    id: str
    prompt: tuple[Message, ...]
    answer: Message
    rejected: Message | None
    tools: tuple[Any, ...]
    record: Record
    wanted: bool = True

    def as_negative(self) -> "Example":
        """The example that the model's own answer is: not wanted.

        Raises:
            ValueError: It has no rejected turn.
        """
        if self.rejected is None:
            raise ValueError(f"`{self.id}` has no rejected answer")
        return replace(self, answer=self.rejected, rejected=None, wanted=False)


def of_correction(record: Record) -> Example:
    """The example that an approved record makes.

    Example:
        >>> of_correction({"id": "a", "corrected_response": "4", "model_response": "5"}).answer
        {'role': 'assistant', 'content': '4'}
    """
    parts = CorrectedParts.from_json(record.get(FIELD)) or _NO_PARTS
    said = subject(record, parts.turn)
    corrected = outgoing(record, record.get("corrected_response"), parts, said)
    answer: dict[str, Any] = {"role": "assistant", "content": corrected.content}
    if corrected.reasoning is not None:
        answer["reasoning_content"] = corrected.reasoning
    if parts.tool_calls:
        answer["tool_calls"] = [call.as_json() for call in parts.tool_calls]
    return Example(
        id=record["id"],
        # Without a turn that is marked, `None`: the whole prompt.
        prompt=tuple((record.get("prompt_messages") or [])[: parts.turn]),
        answer=answer,
        rejected=_answer(said),
        tools=tuple(record.get("tools") or ()),
        record=record,
    )


def of_pass(record: Record) -> Example:
    """The example that a sample makes which the model got right: its own answer."""
    answer = own_answer(record) or {"role": "assistant", "content": ""}
    prompt = tuple(record.get("prompt_messages") or ())
    return Example(record["id"], prompt, answer, None, tuple(record.get("tools") or ()), record)


def own_answer(record: Record, turn: int | None = None) -> Message | None:
    """The model's own assistant turn, or the one that is marked in the prompt.

    `None` where the record has neither a text nor a tool call of it.

    Example:
        >>> own_answer({"id": "a", "model_response": "<think>Easy.</think>5"})
        {'role': 'assistant', 'content': '5', 'reasoning_content': 'Easy.'}
    """
    return _answer(subject(record, turn))


def _answer(said: Subject) -> Message | None:
    if not said.text and not said.tool_calls and said.reasoning is None:
        return None
    answer: dict[str, Any] = {"role": "assistant", "content": said.text}
    if said.reasoning is not None:
        answer["reasoning_content"] = said.reasoning
    if said.tool_calls:
        answer["tool_calls"] = list(said.tool_calls)
    return answer
