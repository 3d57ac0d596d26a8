"""What a plan asks others: whether a row may go out, and which split it belongs to."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from corrigenda.core.example import Example
from corrigenda.exports import Row
from corrigenda.workbench.curating.items import Findings, Item, Reason

Objection = tuple[Reason, str]
"""Why a row is left out: the reason, and a sentence about this one."""

Progress = Callable[[int, int], bool]
"""Called with how much is done of how much; returns true to stop."""

Rewrite = Callable[[Example], Example]
"""Makes the example that goes out of the one that was read; the same one where nothing changes."""


class Stopped(Exception):
    """The caller asked to stop while a plan was made or its rows were read."""


class Examiner(Protocol):
    """Looks at each row once, in the order of arrival; the first objection leaves it out.

    An examiner may note what it found in the item, such as its length.
    """

    def examine(self, item: Item, example: Example, row: Row) -> Objection | None:
        """Why the row cannot go out; `None`: it can."""

    def warnings(self) -> list[str]:
        """What there is to say at the end, a sentence each."""


class Guard(Examiner, Protocol):
    """Keeps the prompts of protected benchmarks out."""

    def contaminated(self, items: Iterable[Item]) -> Mapping[str, Any] | None:
        """Which protected sets these items are of: `{"sets": […], "rows": n}`; `None`: none."""


class Lengths(Examiner, Protocol):
    """Measures the examples."""

    def summary(self, items: Iterable[Item]) -> Mapping[str, Any]:
        """The lengths of these items, as the preview shows them."""


class Splitter(Protocol):
    """Puts items into splits, so that what belongs together stays together."""

    def groups(self, item: Item, example: Example) -> tuple[bytes, ...]:
        """What holds an item together with others beside its prompt, 16 bytes each."""

    def assign(
        self, items: Sequence[Item], clusters: Mapping[bytes, bytes], findings: Findings
    ) -> list[Item]:
        """Set the items' splits; returns those that stay and notes the others.

        Args:
            items: Corrections and negatives, in the order of arrival.
            clusters: `Item.prompt` → the key of its cluster of near-duplicate prompts, for
                those that are in one.
            findings: Takes what is left out, and warnings.
        """

    def trainable(self, item: Item) -> bool:
        """Whether a pass may go into training: nothing of its groups is in another split.

        It is asked after `assign`.
        """

    def settle(self, passes: Iterable[Item]) -> None:
        """Note that these passes are in training; called once, with those that were chosen."""

    def commit(self) -> None:
        """Keep the splits of new groups; called once, when the files of the export are complete.

        Raises:
            StorageError: Another export has put one of them into another split meanwhile.
        """


@dataclass
class Tools:
    """What a plan works with; `None` leaves a step out.

    `rewrite` changes what goes out, such as secrets that are made unreadable.
    """

    guard: Guard | None = None
    lengths: Lengths | None = None
    secrets: Examiner | None = None
    rewrite: Rewrite | None = None
    splitter: Splitter | None = None

    def examiners(self, *, training: bool) -> list[Examiner]:
        """Those that look at each row, in their order; what is not for training needs less."""
        found: list[Examiner | None] = [self.guard, self.lengths] if training else []
        return [examiner for examiner in (*found, self.secrets) if examiner is not None]
