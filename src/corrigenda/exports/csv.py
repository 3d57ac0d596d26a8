"""`csv`: a table for people, one line for each candidate; not for training.

    before  {"id": "a1", "prompt_messages": [{"role": "user", "content": "2 + 2?"}],
             "model_response": "5", "corrected_response": "=4", "status": "approved", …}
    after   {"id": "a1", "status": "approved", "prompt": "2 + 2?", "response": "5",
             "correction": "'=4", …}

Spreadsheets take a cell for a formula that begins with `=`, `+`, `-` or `@`, and a formula in a
model's answer can send away what stands in the others. Such a cell begins with an apostrophe,
unless it is a number. Texts of several messages say who speaks; lists and objects are JSON.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from corrigenda.core.example import Example
from corrigenda.core.history import FIELD as HISTORY
from corrigenda.exports.base import Format, Kind, Part, Row, as_text, turn, turns

_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")  # noqa: RUF001  # wide ones count, too
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_SHOWN = (("user", "prompt"), ("response", "response"), ("correction", "correction"))


class CsvFormat(Format):
    """See the module."""

    name = "csv"
    kind = Kind.RECORDS
    title = "A table for people"
    table = True

    def row(self, example: Example) -> Row:
        """See `ExportFormat.row`."""
        record = example.record
        decided = _standing(record)
        cells = {
            "id": record["id"],
            "status": record.get("status"),
            "prompt": _conversation(example),
            "response": as_text(turn(example.rejected)) if example.rejected else "",
            "correction": as_text(turn(example.answer)),
            "reference": record.get("reference_answer"),
            "category": record.get("failure_category"),
            "reason": record.get("failure_reason"),
            "score": record.get("quality_score"),
            "task": record.get("task_name") or record.get("task_id"),
            "task_type": record.get("task_type"),
            "model": record.get("model_name") or record.get("model_id"),
            "run": record.get("benchmark_run_id"),
            "reviewer": decided.get("reviewer"),
            "decided_at": decided.get("decided_at"),
            "note": decided.get("note"),
            "tags": decided.get("tags") or None,
        }
        return {name: _cell(value) for name, value in cells.items()}

    def problem(self, row: Row) -> str | None:  # noqa: ARG002
        """See `ExportFormat.problem`; people take any row."""
        return None

    def parts(self, row: Row) -> list[Part]:
        """See `ExportFormat.parts`; nothing of it is trained on."""
        return [Part(name, str(row[column]), False) for name, column in _SHOWN if row[column]]


def _conversation(example: Example) -> str:
    prompt = turns(example.prompt)
    if len(prompt) == 1 and prompt[0]["role"] == "user":
        return as_text(prompt[0])
    return "\n\n".join(f"{each['role']}: {as_text(each)}" for each in prompt)


def _standing(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The decision that stands, if the record has its decisions; nothing after an undo."""
    history = record.get(HISTORY)
    found: Any = history.get("decisions") if isinstance(history, Mapping) else None
    decisions: list[Any] = found if isinstance(found, list) else []
    for each in reversed(decisions):
        if isinstance(each, Mapping) and each.get("binding") is not False:
            return {} if each.get("action") == "undo" else each
    return {}


def _cell(value: Any) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text
