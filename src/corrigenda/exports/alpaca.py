"""`alpaca`: an instruction and its answer; for LLaMA-Factory.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"instruction": "2 + 2?", "input": "", "output": "4", "system": ""}

It has a place for one question of the user's and one answer, both text, and for what the system
says; anything else of a conversation wants `sharegpt`. The trainer takes text as it is, so the
answer's reasoning stands before it in `<think>`. Beside the rows stands `dataset_info.json`, with
an entry for each file.
"""

from collections.abc import Iterator, Mapping

from corrigenda.core.example import Example
from corrigenda.exports.base import (
    ChatRules,
    Format,
    Kind,
    Part,
    Row,
    as_text,
    content_text,
    dataset_info,
    first_problem,
    turn,
    turns,
    with_thought,
)

_RULES = ChatRules(tools=False)
_COLUMNS = {
    "prompt": "instruction",
    "query": "input",
    "response": "output",
    "system": "system",
}


class AlpacaFormat(Format):
    """See the module."""

    name = "alpaca"
    kind = Kind.SFT
    title = "LLaMA-Factory: instructions"

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`.

        What the format has no place for stands in columns that it does not have, so that
        `problem` refuses the row and nothing is dropped in silence.
        """
        prompt, answer = turns(example.prompt), turn(example.answer)
        system = prompt.pop(0)["content"] if prompt and prompt[0]["role"] == "system" else ""
        asked = prompt.pop()["content"] if prompt and prompt[-1]["role"] == "user" else ""
        row: Row = {
            "instruction": asked,
            "input": "",
            "output": with_thought(answer.get("reasoning_content"), answer["content"]),
            "system": system,
        }
        more = {"history": prompt, "tools": example.tools, "tool_calls": answer.get("tool_calls")}
        return {**row, **{name: list(value) for name, value in more.items() if value}}

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        return first_problem(row, _problems(row))

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        earlier = [Part(each["role"], as_text(each), False) for each in row.get("history", ())]
        return [
            *([Part("system", content_text(row["system"]), False)] if row["system"] else []),
            *earlier,
            Part("user", content_text(row["instruction"]), False),
            Part("assistant", content_text(row["output"]), True),
        ]

    def beside(self, files: Mapping[str, str]) -> Mapping[str, bytes]:
        """`dataset_info.json`, with an entry for each file."""
        return dataset_info(files, "alpaca", _COLUMNS)


def _problems(row: Row) -> Iterator[str]:
    if row.get("history"):
        yield "The prompt is more than one question of the user's, for which `alpaca` has no place."
    if row.get("tools"):
        yield "The prompt offers tools, for which `alpaca` has no place."
    if row.get("tool_calls"):
        yield "The answer calls tools, for which `alpaca` has no place."
    said = ("system", "instruction", "output")
    for role, column in zip(("system", "user", "assistant"), said, strict=True):
        message = {"role": role, "content": row[column]}
        yield from _RULES.answer([message], column)
