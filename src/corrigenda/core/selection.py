"""Which candidates: the filter that queues, exports and counts share."""

from dataclasses import dataclass

from corrigenda.core.decisions import Status
from corrigenda.core.taxonomy import UNCATEGORISED, Taxonomy


@dataclass(frozen=True)
class Selection:
    """A filter; an empty tuple restricts nothing, several values of a field mean *or*.

    `include_categories` and `exclude_categories` hold category names or `none` for candidates
    without one; what is excluded is out even if it is included, too. `models` matches a
    model's name or id.

    Example:
        >>> Selection(include_categories=("wrong_answer", "none")) == EVERYTHING
        False
    """

    statuses: tuple[Status, ...] = ()
    include_categories: tuple[str, ...] = ()
    exclude_categories: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    task_types: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()

    def checked(self, taxonomy: Taxonomy) -> "Selection":
        """Return self if every category named is known.

        Raises:
            UnknownCategory: One is not; the error names those allowed, and `none`.
        """
        for name in (*self.include_categories, *self.exclude_categories):
            taxonomy.check(name, UNCATEGORISED)
        return self


EVERYTHING = Selection()
"""The filter that leaves nothing out."""
