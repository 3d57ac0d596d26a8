r"""`messages`: the prompt's messages and the corrected assistant turn, as chat trainers take it.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"messages": [{"role": "user", "content": "2 + 2?"},
                          {"role": "assistant", "content": "4"}]}

The tools that the model was offered stay beside the messages, as `tools`. What a correction says
beside its text (`corrected_parts`) goes into its turn:

    {"role": "assistant", "content": "", "reasoning_content": "I need the sum.",
     "tool_calls": [{"type": "function", "function": {"name": "add", "arguments": "{\"a\": 2}"}}]}

`reasoning_content` is the key that the chat templates of reasoning models and their servers read.
A turn that only calls tools has the content `""` and not `null`: chat templates look into the
content, and several fail on null.
"""

from typing import Any

from corrigenda.core.candidate import Record
from corrigenda.core.correction import FIELD, CorrectedParts
from corrigenda.core.reasoning import outgoing


class MessagesFormat:
    """See the module."""

    name = "messages"

    def row(self, record: Record) -> dict[str, Any]:
        """See `ExportFormat.row`.

        Example:
            >>> MessagesFormat().row({"id": "a", "corrected_response": "4"})
            {'messages': [{'role': 'assistant', 'content': '4'}]}
        """
        parts = CorrectedParts.from_json(record.get(FIELD)) or CorrectedParts()
        corrected = outgoing(record, record.get("corrected_response"), parts)
        turn: dict[str, Any] = {"role": "assistant", "content": corrected.content}
        if corrected.reasoning is not None:
            turn["reasoning_content"] = corrected.reasoning
        if parts.tool_calls:
            turn["tool_calls"] = [call.as_json() for call in parts.tool_calls]
        # Without a turn that is marked, `None`: the whole prompt.
        prompt = (record.get("prompt_messages") or [])[: parts.turn]
        row: dict[str, Any] = {"messages": [*prompt, turn]}
        if record.get("tools"):
            row["tools"] = record["tools"]
        return row
