"""Which licences the records of a run name."""

from collections.abc import Mapping
from typing import Any

from corrigenda.core.example import Example
from corrigenda.exports import Row
from corrigenda.workbench.curating.items import Item

_MOST = 20  # of a run
_LONGEST = 200  # characters


class Licences:
    """An examiner that objects to nothing: it notes what `license` says, by run."""

    def __init__(self) -> None:
        self._found: dict[str, set[str]] = {}

    def examine(self, item: Item, example: Example, row: Row) -> None:  # noqa: ARG002
        """See `examining.Examiner`."""
        names = named(example.record)
        if names:
            known = self._found.setdefault(item.run_id, set())
            known |= names if len(known) < _MOST else set()

    def warnings(self) -> list[str]:
        """See `examining.Examiner`."""
        return []

    def of(self, run_id: str) -> list[str]:
        """What the records of a run that were examined say, in alphabetical order."""
        return sorted(self._found.get(run_id, ()))[:_MOST]


def named(record: Mapping[str, Any]) -> set[str]:
    """The licences of a record: of its `license`, or of that in its `metadata`.

    Example:
        >>> named({"id": "a", "metadata": {"license": ["MIT"]}})
        {'MIT'}
    """
    metadata = record.get("metadata")
    said = record.get("license") or (
        metadata.get("license") if isinstance(metadata, Mapping) else None
    )
    names = said if isinstance(said, list) else [said]
    return {name.strip()[:_LONGEST] for name in names if isinstance(name, str) and name.strip()}
