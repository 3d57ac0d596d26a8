"""`messages`: the prompt's messages and the corrected assistant turn, as chat trainers take it.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"messages": [{"role": "user", "content": "2 + 2?"},
                          {"role": "assistant", "content": "4"}]}

The tools that the model was offered stay beside the messages, as `tools`.
"""

from collections.abc import Mapping

from corrigenda.core.example import Example
from corrigenda.exports.base import Kind, Minimum, Part, Row


class MessagesFormat:
    """See the module."""

    name = "messages"
    kind = Kind.SFT
    title = "Chat messages, for most trainers"
    table = False
    minimums: tuple[Minimum, ...] = ()

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        row: Row = {"messages": [*example.prompt, example.answer]}
        if example.tools:
            row["tools"] = list(example.tools)
        return row

    def problem(self, row: Row) -> str | None:  # noqa: ARG002
        """See `ExportFormat.problem`."""
        return None

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        return [Part(each["role"], str(each.get("content")), True) for each in row["messages"]]

    def beside(self, files: Mapping[str, str]) -> Mapping[str, bytes]:  # noqa: ARG002
        """See `ExportFormat.beside`."""
        return {}
