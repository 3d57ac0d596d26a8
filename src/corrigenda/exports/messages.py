"""`messages`: the prompt's messages and the corrected assistant turn, as chat trainers take it.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"messages": [{"role": "user", "content": "2 + 2?"},
                          {"role": "assistant", "content": "4"}]}

The tools that the model was offered stay beside the messages, as `tools`.
"""

from typing import Any

from corrigenda.core.candidate import Record


class MessagesFormat:
    """See the module."""

    name = "messages"

    def row(self, record: Record) -> dict[str, Any]:
        """See `ExportFormat.row`.

        Example:
            >>> MessagesFormat().row({"id": "a", "corrected_response": "4"})
            {'messages': [{'role': 'assistant', 'content': '4'}]}
        """
        prompt = record.get("prompt_messages") or []
        row: dict[str, Any] = {
            "messages": [*prompt, {"role": "assistant", "content": record["corrected_response"]}]
        }
        if record.get("tools"):
            row["tools"] = record["tools"]
        return row
