"""Exact duplicates: items with the same prompt and answer, and in pairs the same rejected one."""

from collections.abc import Iterator, Sequence

from corrigenda.errors import shorten
from corrigenda.workbench.curating.items import Findings, Item, Reason

_RIGHT = "The model's answer is right elsewhere: as a correction of its prompt, or scored wrongly."


def unique(items: Sequence[Item], keep: str, findings: Findings) -> list[Item]:
    """Of each set of equal items one; the others are noted.

    Args:
        items: In the order of arrival.
        keep: The `first` of them stays, or the `latest` decided.
        findings: Takes what is left out.
    """
    kept: dict[bytes, Item] = {}
    for item in items:
        other = kept.setdefault(item.key, item)
        if other is not item and keep == "latest" and later(item, other):
            kept[item.key] = item
    return list(_those(items, kept, findings))


def later(one: Item, other: Item) -> bool:
    """Whether one was decided later than the other; by arrival where the times are equal."""
    return (one.decided_at, one.seq) > (other.decided_at, other.seq)


def wanted_nowhere(items: Sequence[Item], wanted: set[bytes], findings: Findings) -> list[Item]:
    """The items without those whose unwanted answer is right elsewhere.

    Args:
        items: In the order of arrival.
        wanted: See `making.Maker`.
        findings: Takes what is left out.
    """
    found = []
    for item in items:
        if item.unwanted in wanted:
            findings.leave(item, Reason.CONFLICT, _RIGHT)
        else:
            found.append(item)
    return found


def _those(items: Sequence[Item], kept: dict[bytes, Item], findings: Findings) -> Iterator[Item]:
    for item in items:
        other = kept[item.key]
        if other is item:
            yield item
        else:
            findings.leave(item, Reason.DUPLICATE, f"It is the same as `{shorten(other.id)}`.")
