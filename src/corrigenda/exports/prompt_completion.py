"""`prompt_completion`: a conversation, and apart from it the turn to learn; for TRL.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"prompt": [{"role": "user", "content": "2 + 2?"}],
             "completion": [{"role": "assistant", "content": "4"}]}

`SFTTrainer` puts loss on the completion alone, whatever the model's template is: nothing of the
prompt is learnt, not even an earlier turn of the assistant's. A call's arguments are an object,
as the templates want them. See https://huggingface.co/docs/trl/dataset_formats.
"""

from corrigenda.core.example import Example
from corrigenda.exports.base import (
    ChatRules,
    Format,
    Kind,
    Part,
    Row,
    json_lists,
    message_parts,
    tools_parts,
    turn,
    turns,
    with_names,
    with_tools,
)

_RULES = ChatRules()


class PromptCompletionFormat(Format):
    """See the module."""

    name = "prompt_completion"
    kind = Kind.SFT
    title = "TRL: conversational prompt and completion"
    features = json_lists("prompt", "completion", "tools")

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        row: Row = {
            "prompt": with_names(turns(example.prompt)),
            "completion": [turn(example.answer)],
        }
        return with_tools(row, example.tools)

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        return _RULES.problem(row, row["prompt"], row["completion"], row.get("tools"))

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        return [
            *tools_parts(row.get("tools")),
            *message_parts(row["prompt"], trained=False),
            *message_parts(row["completion"], trained=True),
        ]
