"""`axolotl`: chat messages that say of each whether it is trained on.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"messages": [{"role": "user", "content": "2 + 2?", "train": false},
                          {"role": "assistant", "content": "4", "train": true}]}

Axolotl looks at `train` when the data set's `message_field_training` names it; beside the rows
stands `axolotl.yml` with the settings that do. See https://docs.axolotl.ai/.
"""

import json
from collections.abc import Mapping

from corrigenda.core.example import Example
from corrigenda.exports.base import (
    ChatRules,
    Format,
    Kind,
    Part,
    Row,
    as_text,
    json_lists,
    tools_parts,
    turn,
    turns,
    with_names,
    with_tools,
)

_RULES = ChatRules()


class AxolotlFormat(Format):
    """See the module."""

    name = "axolotl"
    kind = Kind.SFT
    title = "Axolotl: chat messages with a mark on what is trained"
    features = json_lists("messages", "tools")

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        prompt = [{**each, "train": False} for each in with_names(turns(example.prompt))]
        row: Row = {"messages": [*prompt, {**turn(example.answer), "train": True}]}
        return with_tools(row, example.tools)

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        *prompt, answer = row["messages"]
        return _RULES.problem(row, prompt, [answer], row.get("tools"))

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        return [
            *tools_parts(row.get("tools")),
            *(Part(each["role"], as_text(each), each["train"]) for each in row["messages"]),
        ]

    def beside(self, files: Mapping[str, str]) -> Mapping[str, bytes]:
        """The data sets of Axolotl's configuration; JSON texts are YAML, too."""
        lines: list[str] = []
        for setting, splits in (("datasets", ("all", "train")), ("test_datasets", ("validation",))):
            names = [files[split] for split in splits if split in files]
            if names:
                lines.append(f"{setting}:")
            for name in names:
                lines += [
                    f"  - path: {json.dumps(name)}",
                    "    ds_type: json",
                    "    type: chat_template",
                    "    split: train",
                    "    field_messages: messages",
                    "    message_field_training: train",
                ]
        return {"axolotl.yml": ("\n".join(lines) + "\n").encode()} if lines else {}
