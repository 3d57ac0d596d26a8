"""Caps: at most so many rows of one category, task or model."""

from collections import Counter
from collections.abc import Mapping

from corrigenda.workbench.curating import keys
from corrigenda.workbench.curating.items import UNNAMED, Findings, Item, Reason


def capped(items: list[Item], caps: Mapping[str, int], seed: int, findings: Findings) -> list[Item]:
    """The items that the caps leave, in the order they had; the others are noted.

    Which stay is drawn by seed and id, so that it does not depend on what came first.

    Args:
        items: In any order.
        caps: Dimension (`category`, `task`, `model`) → the most rows of each of its values.
        seed: Another seed draws others.
        findings: Takes what is left out.
    """
    if not caps:
        return items
    full = _full(items, caps, seed)
    kept = []
    for place, item in enumerate(items):
        if (dimension := full.get(place)) is None:
            kept.append(item)
        else:
            named = getattr(item, dimension) or UNNAMED
            said = f"There are {caps[dimension]} of the {dimension} `{named}` already."
            findings.leave(item, Reason.CAPPED, said)
    return kept


def _full(items: list[Item], caps: Mapping[str, int], seed: int) -> dict[int, str]:
    """The places of those that have no room, and the dimension that is full."""
    drawn = sorted(
        range(len(items)),
        key=lambda place: (
            keys.chance(seed, b"cap", items[place].id),
            items[place].origin,
            items[place].seq,
        ),
    )
    n: dict[str, Counter[str]] = {dimension: Counter() for dimension in caps}
    found = {}
    for place in drawn:
        item = items[place]
        full = next((d for d, most in caps.items() if n[d][getattr(item, d)] >= most), None)
        if full is not None:
            found[place] = full
            continue
        for dimension, seen in n.items():
            seen[getattr(item, dimension)] += 1
    return found
