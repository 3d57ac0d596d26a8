"""`messages`: the prompt's messages and the corrected assistant turn, as chat trainers take it.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"messages": [{"role": "user", "content": "2 + 2?"},
                          {"role": "assistant", "content": "4"}]}

The messages of the prompt stay as the record has them, but for content that is missing, which is
`""`: templates look into it, and several fail on null. The tools that the model was offered stay
beside the messages, as `tools`. A record without a prompt gives the answer alone.

Most trainers put loss on every message of such a row, the user's included, unless they are told
otherwise; `prompt_completion` says it in the data.
"""

from corrigenda.core.example import Example
from corrigenda.exports.base import (
    ChatRules,
    Format,
    Kind,
    Part,
    Row,
    first_problem,
    json_lists,
    message_parts,
    tools_parts,
    turns,
)

_RULES = ChatRules(arguments=None, strict=False)


class MessagesFormat(Format):
    """See the module."""

    name = "messages"
    kind = Kind.SFT
    title = "Chat messages, for most trainers"
    features = json_lists("messages", "tools")

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        messages = [
            {**each, "content": ""} if each.get("content") is None else each
            for each in (*example.prompt, example.answer)
        ]
        row: Row = {"messages": messages}
        if example.tools:
            row["tools"] = list(example.tools)
        return row

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        made = turns(row["messages"])
        return first_problem(row, _RULES.messages(made[:-1]), _RULES.answer(made[-1:]))

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        return [
            *tools_parts(row.get("tools"), trained=True),
            *message_parts(turns(row["messages"]), trained=True),
        ]
