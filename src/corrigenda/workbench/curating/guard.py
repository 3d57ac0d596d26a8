"""The guard: an example whose prompt is in a protected benchmark is not trained on."""

from collections.abc import Iterable, Mapping
from typing import Any

from corrigenda.core.example import Example
from corrigenda.exports import Row
from corrigenda.store import Database
from corrigenda.workbench.curating.examining import Objection
from corrigenda.workbench.curating.items import Item, Origin, Reason
from corrigenda.workbench.protected_index import index_of


class PromptGuard:
    """An examiner (see `examining.Guard`).

    Args:
        database: Whose protected sets count, as they are now.
        allow: Let protected prompts through, and only note them.
    """

    def __init__(self, database: Database, *, allow: bool = False) -> None:
        self._index = index_of(database)
        self._allow = allow
        self._found: dict[tuple[bool, int], str] = {}

    def examine(self, item: Item, example: Example, row: Row) -> Objection | None:  # noqa: ARG002
        """See `Examiner.examine`."""
        found = self._index.find(example.prompt)
        if found is None:
            return None
        if self._allow:
            self._found[_place(item)] = found.set_name
            return None
        return Reason.PROTECTED, found.message

    def warnings(self) -> list[str]:
        """See `Examiner.warnings`."""
        if not self._found:
            return []
        names = ", ".join(f"`{name}`" for name in sorted(set(self._found.values())))
        return [
            f"Prompts of protected sets are let through, {len(self._found)} of {names}: whatever "
            "is trained on them cannot be measured by these benchmarks."
        ]

    def contaminated(self, items: Iterable[Item]) -> Mapping[str, Any] | None:
        """See `examining.Guard.contaminated`."""
        names = [self._found[_place(item)] for item in items if _place(item) in self._found]
        return {"sets": sorted(set(names)), "rows": len(names)} if names else None


def _place(item: Item) -> tuple[bool, int]:
    """Candidates and passes are counted apart."""
    return item.origin is Origin.PASS, item.seq
