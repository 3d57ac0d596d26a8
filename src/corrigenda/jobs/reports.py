"""What jobs are told and tell: how far they are, whether to stop, what came of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from corrigenda.workbench.reviewing import reviewer_of


class Report(Protocol):
    """What came of it."""

    @property
    def stopped(self) -> bool:
        """Whether it ended before its end, since it was asked to."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""


class Progress(Protocol):
    """Called with how much is done of how much (0: not known yet); returns true to stop soon."""

    def __call__(self, done: int, total: int, /) -> bool:
        """Tell it."""

    @property
    def lost(self) -> bool:
        """Whether the job is in other hands by now: what outlives this worker is left alone."""

    @property
    def noted(self) -> Mapping[str, Any] | None:
        """What an earlier attempt has noted, whose worker came no further."""

    def note(self, connection: Any, report: Report | None) -> None:
        """Note what came of the job, in the transaction that brings it about.

        `None` is for the transaction that takes it back.

        Raises:
            Conflict: The job is in other hands by now.
        """


@dataclass(frozen=True)
class Came:
    """A report that is a few values."""

    told: dict[str, Any]
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return self.told


def by(reviewer: str | None) -> dict[str, str]:
    """Who asked for a job, for its parameters; nothing where nobody has a name.

    Raises:
        InvalidInput: Nobody can be called so.
    """
    return {} if reviewer is None else {"reviewer": reviewer_of(reviewer)}
