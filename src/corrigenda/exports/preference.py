"""`preference`: a prompt with a better and a worse answer; for TRL's DPO and its relatives.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"prompt": [{"role": "user", "content": "2 + 2?"}],
             "chosen": [{"role": "assistant", "content": "4"}],
             "rejected": [{"role": "assistant", "content": "5"}]}

The prompt is explicit, so that nobody has to guess where the answers begin. Both answers carry
loss, of opposite signs. See https://huggingface.co/docs/trl/dataset_formats.
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
    rejected_part,
    tools_parts,
    tools_problems,
    turn,
    turns,
    with_names,
    with_tools,
)

_RULES = ChatRules()


class PreferenceFormat(Format):
    """See the module."""

    name = "preference"
    kind = Kind.PREFERENCE
    title = "TRL: preference pairs for DPO"
    features = json_lists("prompt", "chosen", "rejected", "tools")

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        row: Row = {
            "prompt": with_names(turns(example.prompt)),
            "chosen": [turn(example.answer)],
            "rejected": [turn(example.rejected)] if example.rejected else [],
        }
        return with_tools(row, example.tools)

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        return first_problem(
            row,
            _RULES.prompt(row["prompt"]),
            _RULES.pair(row["chosen"], row["rejected"]),
            tools_problems(row.get("tools")),
        )

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        return [
            *tools_parts(row.get("tools")),
            *message_parts(row["prompt"], trained=False),
            *message_parts(row["chosen"], trained=True),
            *(rejected_part(each) for each in row["rejected"]),
        ]
