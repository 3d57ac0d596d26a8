"""Different corrections of one prompt: listed, and where the recipe says so resolved."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from corrigenda.errors import shorten
from corrigenda.workbench.curating.duplicates import later
from corrigenda.workbench.curating.items import Findings, Item, Origin, Reason

Conflict = list[Item]
"""The corrections of one prompt, in the order of arrival; at least two of them differ."""


def find(items: Sequence[Item]) -> list[Conflict]:
    """The conflicts among corrections, in the order in which their prompts came."""
    answers: dict[bytes, bytes] = {}
    torn: set[bytes] = set()
    for item in items:
        if item.origin is Origin.CORRECTION and (
            answers.setdefault(item.prompt, item.answer) != item.answer
        ):
            torn.add(item.prompt)
    found: dict[bytes, Conflict] = defaultdict(list)
    for item in items:
        if item.origin is Origin.CORRECTION and item.prompt in torn:
            found[item.prompt].append(item)
    return list(found.values())


def resolve(
    items: list[Item], conflicts: Sequence[Conflict], rule: str, findings: Findings
) -> list[Item]:
    """The items that stay; the others are noted.

    Args:
        items: In the order of arrival.
        conflicts: What `find` found in them.
        rule: `list` keeps all, `latest` the correction that was decided last and those that
            agree with it, `drop` nothing of such a prompt.
        findings: Takes what is left out.
    """
    if rule == "list" or not conflicts:
        return items
    return (_latest if rule == "latest" else _none)(items, conflicts, findings)


def _latest(items: list[Item], conflicts: Sequence[Conflict], findings: Findings) -> list[Item]:
    winners = {conflict[0].prompt: _last(conflict) for conflict in conflicts}

    def why(item: Item) -> str | None:
        winner = winners.get(item.prompt)
        if winner is None or item.origin is not Origin.CORRECTION or item.answer == winner.answer:
            return None
        return f"`{shorten(winner.id)}` corrects its prompt in another way, and later."

    return _without(items, why, findings)


def _none(items: list[Item], conflicts: Sequence[Conflict], findings: Findings) -> list[Item]:
    corrections = {conflict[0].prompt: conflict for conflict in conflicts}

    def why(item: Item) -> str | None:
        conflict = corrections.get(item.prompt)
        if conflict is None:
            return None
        other = next((each for each in conflict if each.answer != item.answer), conflict[0])
        return f"Its prompt has different corrections, as in `{shorten(other.id)}`."

    return _without(items, why, findings)


def _last(conflict: Conflict) -> Item:
    last = conflict[0]
    for item in conflict[1:]:
        if later(item, last):
            last = item
    return last


def _without(
    items: list[Item], why: Callable[[Item], str | None], findings: Findings
) -> list[Item]:
    kept = []
    for item in items:
        if (said := why(item)) is None:
            kept.append(item)
        else:
            findings.leave(item, Reason.CONFLICT, said)
    return kept
