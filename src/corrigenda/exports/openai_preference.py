"""`openai_preference`: pairs for OpenAI's preference fine-tuning; also Fireworks and Together.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "4", "status": "approved", …}
    after   {"input": {"messages": [{"role": "user", "content": "2 + 2?"}]},
             "preferred_output": [{"role": "assistant", "content": "4"}],
             "non_preferred_output": [{"role": "assistant", "content": "5"}]}

Each output is one message of text: neither tool calls nor the better answer's reasoning have a
place in it. The worse one's reasoning is left out.
"""

from corrigenda.core.example import Example
from corrigenda.exports.base import (
    Arguments,
    ChatRules,
    Format,
    Kind,
    Minimum,
    Part,
    Row,
    Turn,
    first_problem,
    json_columns,
    json_lists,
    message_parts,
    rejected_part,
    tools_parts,
    tools_problems,
    turn,
    turns,
    with_call_ids,
    with_tools,
)

_PROMPT = ChatRules(arguments=Arguments.TEXT, alternating=True, answered=True)
_OUTPUT = ChatRules(arguments=Arguments.TEXT, tools=False, reasoning=False)


class OpenAIPreferenceFormat(Format):
    """See the module."""

    name = "openai_preference"
    kind = Kind.PREFERENCE
    title = "OpenAI, Fireworks, Together: preference pairs"
    features = (
        *json_columns("input"),
        *json_lists("preferred_output", "non_preferred_output"),
    )
    minimums = (Minimum(10, "OpenAI"), Minimum(3, "Fireworks"))

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        prompt = [_earlier(each) for each in turns(example.prompt, Arguments.TEXT)]
        asked = with_tools({"messages": with_call_ids(prompt)}, example.tools)
        worse = example.rejected
        return {
            "input": asked,
            "preferred_output": [turn(example.answer, Arguments.TEXT)],
            "non_preferred_output": [_earlier(turn(worse, Arguments.TEXT))] if worse else [],
        }

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        return first_problem(
            row,
            _PROMPT.prompt(row["input"]["messages"]),
            _OUTPUT.pair(row["preferred_output"], row["non_preferred_output"]),
            tools_problems(row["input"].get("tools")),
        )

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        return [
            *tools_parts(row["input"].get("tools")),
            *message_parts(row["input"]["messages"], trained=False),
            *message_parts(row["preferred_output"], trained=True),
            *(rejected_part(each) for each in row["non_preferred_output"]),
        ]


def _earlier(message: Turn) -> Turn:
    dropped = {"assistant": "reasoning_content", "tool": "name"}.get(message["role"])
    return {key: value for key, value in message.items() if key != dropped}
