"""What stands against a training run, as sentences: an error stops it, a warning does not.

As JSON:

    {"level": "error", "code": "too_long", "count": 2,
     "message": "2 rows: longer than `max_length` …: data/corrections.jsonl:3, …",
     "rows": ["data/corrections.jsonl:3", "data/corrections.jsonl:9"]}
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

SHOWN = 5
"""So many rows are named in a finding."""


@dataclass(frozen=True)
class Finding:
    """See the module.

    Attributes:
        level: `error` or `warning`.
        code: For programs.
        message: One sentence.
        rows: The places of the first rows that it is about.
        count: Of rows that it is about; 0 where it is not about rows.
    """

    level: str
    code: str
    message: str
    rows: tuple[str, ...] = ()
    count: int = 0

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        members = {each.name: getattr(self, each.name) for each in fields(self)}
        return members | {"rows": list(self.rows)}


def error(code: str, message: str) -> Finding:
    """A finding that stops the run, and is not about rows."""
    return Finding("error", code, message)


def warning(code: str, message: str) -> Finding:
    """A finding that does not stop the run, and is not about rows."""
    return Finding("warning", code, message)


def found(level: str, code: str, what: str, places: Sequence[str]) -> list[Finding]:
    """One finding about all rows of which something is true; none where there are none.

    Example:
        >>> [finding] = found("error", "empty_answer", "the answer is empty", ["pairs.jsonl:3"])
        >>> finding.message
        '1 row: the answer is empty (pairs.jsonl:3).'
    """
    if not places:
        return []
    n = len(places)
    named = ", ".join(places[:SHOWN]) + (", …" if n > SHOWN else "")
    message = f"{n} {'row' if n == 1 else 'rows'}: {what} ({named})."
    return [Finding(level, code, message, tuple(places[:SHOWN]), n)]
