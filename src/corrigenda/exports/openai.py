"""`openai`: chat rows for OpenAI's fine-tuning and for those who took it over.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"},
             {"role": "assistant", "content": "5"}, {"role": "user", "content": "Sure?"}],
             "model_response": "Yes.", "corrected_response": "No, 4.", "status": "approved", …}
    after   {"messages": [{"role": "user", "content": "2 + 2?"},
                          {"role": "assistant", "content": "5", "weight": 0},
                          {"role": "user", "content": "Sure?"},
                          {"role": "assistant", "content": "No, 4."}]}

OpenAI, Azure, Fireworks, Together and MLX-LM read it; the rules are the strictest of theirs.
They train on every turn of the assistant's, so the earlier ones have the weight 0. A call's
arguments are JSON text, and there is no column beside `messages` and `tools`. Reasoning has no
place in the answer; that of earlier turns is left out, as it is when the model is asked.
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
    as_text,
    json_lists,
    tools_parts,
    turn,
    turns,
    with_call_ids,
    with_tools,
)

_RULES = ChatRules(
    arguments=Arguments.TEXT, alternating=True, answered=True, images=10, reasoning=False
)


class OpenAIFormat(Format):
    """See the module."""

    name = "openai"
    kind = Kind.SFT
    title = "OpenAI, Fireworks, Together: chat rows"
    features = json_lists("messages", "tools")
    minimums = (Minimum(10, "OpenAI"), Minimum(3, "Fireworks"))

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        prompt = [_earlier(each) for each in turns(example.prompt, Arguments.TEXT)]
        row: Row = {"messages": with_call_ids([*prompt, turn(example.answer, Arguments.TEXT)])}
        return with_tools(row, example.tools)

    def problem(self, row: Row) -> str | None:
        """See `ExportFormat.problem`."""
        *prompt, answer = row["messages"]
        return _RULES.problem(row, prompt, [answer], row.get("tools"))

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`."""
        return [
            *tools_parts(row.get("tools")),
            *(Part(each["role"], as_text(each), _trained(each)) for each in row["messages"]),
        ]


def _earlier(message: Turn) -> Turn:
    if message["role"] == "assistant":
        made = {key: value for key, value in message.items() if key != "reasoning_content"}
        return {**made, "weight": 0}
    if message["role"] == "tool":
        return {key: value for key, value in message.items() if key != "name"}
    return message


def _trained(message: Turn) -> bool:
    return bool(message["role"] == "assistant" and message.get("weight", 1))
