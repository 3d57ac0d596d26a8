"""What an export format is: something that makes training rows of examples.

A format is an ordinary class behind the entry point `corrigenda.exports`. To add one, write a
module like `messages`, and name it in `pyproject.toml`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from corrigenda.core.example import Example

Row = dict[str, Any]
"""A training row, as it is written: column → JSON value."""


class Kind(StrEnum):
    """What a format's rows are about."""

    SFT = "sft"
    """A prompt and the answer to learn."""

    PREFERENCE = "preference"
    """A prompt, the better answer and the worse one."""

    UNPAIRED = "unpaired"
    """A prompt and one answer, wanted or not."""

    RECORDS = "records"
    """Whole candidates in any status: not for training."""


@dataclass(frozen=True)
class Part:
    """A part of a row as the trainer sees it, and whether it carries loss.

    `role` is the message's role, or `rejected` for the worse answer of a pair.
    """

    role: str
    text: str
    trained: bool


@dataclass(frozen=True)
class Minimum:
    """How many rows somebody asks for: `Minimum(10, "OpenAI")`."""

    rows: int
    consumer: str


@runtime_checkable
class ExportFormat(Protocol):
    """Makes rows of one training format. Implementations have no state."""

    name: str
    """The name on the command line, such as `messages`."""

    kind: Kind

    title: str
    """What it is for, in a few words: `TRL: conversational prompt and completion`."""

    table: bool
    """Whether it is a table for people (CSV) rather than JSON lines."""

    minimums: Sequence[Minimum]

    features: Sequence[Mapping[str, str]]
    """The columns as the YAML head of a dataset card has them; empty: better guessed.

    `datasets` guesses the columns from the first 10 MB of a file. A row further down that is
    the first to have tools, or reasoning, cannot be loaded then. Said on the card, columns of
    the type `json` take every row as it is.
    """

    def row(self, example: Example) -> Row:
        """The training row of an example."""

    def problem(self, row: Row) -> str | None:
        """Which rule of its consumers a row breaks, as a sentence; `None`: it is good."""

    def parts(self, row: Row) -> list[Part]:
        """The row in the order in which the trainer sees it."""

    def beside(self, files: Mapping[str, str]) -> Mapping[str, bytes]:
        """Files that belong beside the rows: name → content.

        Args:
            files: Split (or `all`) → the name of its file.
        """


def json_lists(*names: str) -> tuple[Mapping[str, str], ...]:
    """Columns that are lists of JSON objects, as `ExportFormat.features` has them.

    Example:
        >>> json_lists("messages")
        ({'name': 'messages', 'list': 'json'},)
    """
    return tuple({"name": name, "list": "json"} for name in names)


def json_columns(*names: str) -> tuple[Mapping[str, str], ...]:
    """Columns that are JSON objects, as `ExportFormat.features` has them."""
    return tuple({"name": name, "dtype": "json"} for name in names)


class Format:
    """What most formats have in common: JSON lines, with nothing beside them."""

    table = False
    minimums: tuple[Minimum, ...] = ()
    features: tuple[Mapping[str, str], ...] = ()

    def beside(self, files: Mapping[str, str]) -> Mapping[str, bytes]:  # noqa: ARG002
        """See `ExportFormat.beside`."""
        return {}
