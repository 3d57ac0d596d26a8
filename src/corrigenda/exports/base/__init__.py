"""What every export format stands on: the protocol, messages in one shape, rules, and parts."""

from corrigenda.exports.base.llama_factory import dataset_info
from corrigenda.exports.base.protocol import (
    ExportFormat,
    Format,
    Kind,
    Minimum,
    Part,
    Row,
    json_columns,
    json_lists,
)
from corrigenda.exports.base.rules import ChatRules, first_problem, tools_problems, unreadable
from corrigenda.exports.base.showing import (
    as_text,
    content_text,
    message_parts,
    rejected_part,
    tools_parts,
    with_thought,
)
from corrigenda.exports.base.turns import (
    Arguments,
    Turn,
    offered,
    turn,
    turns,
    with_call_ids,
    with_names,
    with_tools,
)

__all__ = [
    "Arguments",
    "ChatRules",
    "ExportFormat",
    "Format",
    "Kind",
    "Minimum",
    "Part",
    "Row",
    "Turn",
    "as_text",
    "content_text",
    "dataset_info",
    "first_problem",
    "json_columns",
    "json_lists",
    "message_parts",
    "offered",
    "rejected_part",
    "tools_parts",
    "tools_problems",
    "turn",
    "turns",
    "unreadable",
    "with_call_ids",
    "with_names",
    "with_thought",
    "with_tools",
]
