"""Which candidates: the filter that queues, exports and counts share."""

from dataclasses import dataclass

from corrigenda.core.decisions import Status
from corrigenda.core.taxonomy import UNCATEGORISED, Taxonomy
from corrigenda.errors import UnknownCategory


@dataclass(frozen=True)
class Selection:
    """A filter; an empty tuple restricts nothing, several values of a field mean *or*.

    `include_categories` and `exclude_categories` hold category names or `none` for candidates
    without one; what is excluded is out even if it is included, too. `models` matches a
    model's name or id.

    Example:
        >>> Selection(include_categories=("wrong_answer", "none")).restricts
        True
    """

    statuses: tuple[Status, ...] = ()
    include_categories: tuple[str, ...] = ()
    exclude_categories: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    task_types: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()

    @property
    def restricts(self) -> bool:
        """Whether anything is asked for at all."""
        return self != Selection()

    def checked(self, taxonomy: Taxonomy) -> "Selection":
        """Return self if every category named is known.

        Raises:
            UnknownCategory: One is not; the error names those allowed, and `none`.
        """
        allowed = (*taxonomy.names, UNCATEGORISED)
        for name in (*self.include_categories, *self.exclude_categories):
            if name not in allowed:
                raise UnknownCategory(name, allowed)
        return self


EVERYTHING = Selection()
"""The filter that leaves nothing out."""
