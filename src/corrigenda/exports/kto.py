"""`kto`: a prompt with one answer, and whether it is wanted; for TRL's KTO.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"prompt": [{"role": "user", "content": "2 + 2?"}],
             "completion": [{"role": "assistant", "content": "4"}], "label": true}
    and     {"prompt": [{"role": "user", "content": "2 + 2?"}],
             "completion": [{"role": "assistant", "content": "5"}], "label": false}

The trainer compares neighbours in the file, so the rows of an export are shuffled by a hash. A
batch must have two rows or more. See https://huggingface.co/docs/trl/dataset_formats.
"""

from corrigenda.core.example import Example
from corrigenda.exports.base import (
    ChatRules,
    Format,
    Kind,
    Minimum,
    Part,
    Row,
    json_lists,
    message_parts,
    rejected_part,
    tools_parts,
    turn,
    turns,
    with_names,
    with_tools,
)

_RULES = ChatRules()


class KtoFormat(Format):
    """See the module."""

    name = "kto"
    kind = Kind.UNPAIRED
    title = "TRL: single answers, wanted or not, for KTO"
    features = (
        *json_lists("prompt", "completion", "tools"),
        {"name": "label", "dtype": "bool"},
    )
    minimums = (Minimum(2, "TRL's KTO"),)

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        row: Row = {
            "prompt": with_names(turns(example.prompt)),
            "completion": [turn(example.answer)],
            "label": example.wanted,
        }
        return with_tools(row, example.tools)

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        return _RULES.problem(row, row["prompt"], row["completion"], row.get("tools"))

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        answer = row["completion"]
        return [
            *tools_parts(row.get("tools")),
            *message_parts(row["prompt"], trained=False),
            *(
                message_parts(answer, trained=True)
                if row["label"]
                else [rejected_part(each) for each in answer]
            ),
        ]
