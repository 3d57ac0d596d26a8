"""What an export format is: something that makes a training row of an approved candidate.

A format is an ordinary class behind the entry point `corrigenda.exports`. To add one, write a
module like `messages`, and name it in `pyproject.toml`.
"""

from typing import Any, Protocol, runtime_checkable

from corrigenda.core.candidate import Record


@runtime_checkable
class ExportFormat(Protocol):
    """Makes rows of one training format. Implementations have no state."""

    name: str
    """The name on the command line, such as `messages`."""

    def row(self, record: Record) -> dict[str, Any]:
        """The training row of an approved record with a correction."""
