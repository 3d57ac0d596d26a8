"""What jobs are told and tell: how far they are, whether to stop, what came of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

Progress = Callable[[int, int], bool]
"""Called with how much is done of how much (0: not known yet); returns true to stop soon."""


class Report(Protocol):
    """What came of it."""

    @property
    def stopped(self) -> bool:
        """Whether it ended before its end, since it was asked to."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""


@dataclass(frozen=True)
class Came:
    """A report that is a few values."""

    told: dict[str, Any]
    stopped: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return self.told
