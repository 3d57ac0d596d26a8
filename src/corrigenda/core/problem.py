"""What was found wrong in a file: said, kept, and never fatal."""

from dataclasses import asdict, dataclass
from typing import Any

LIMIT = 200


@dataclass(frozen=True)
class Problem:
    """One line that was not taken, or not wholly: where it is and why.

    Example:
        >>> str(Problem("sft_candidates.jsonl", 3, "`id` is missing", "id"))
        'sft_candidates.jsonl:3: `id` is missing'
    """

    file: str
    line: int
    reason: str
    field: str | None = None

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"

    def as_dict(self) -> dict[str, Any]:
        """As JSON, without an empty field."""
        return {key: value for key, value in asdict(self).items() if value is not None}
