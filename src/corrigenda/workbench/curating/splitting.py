"""Splits: train, validation and test, by group and never by row.

What holds rows together (`Recipe.group_by`):

    prompt     the same prompt; always
    cluster    near-duplicates
    document   the same source document (`core.groups.DOCUMENT_FIELDS`)
    template   prompts that differ only in numbers and quoted texts
    task       the same task

Which split a prompt, a document, … went to is kept for each seed, and never changes. So an
export that is made again, or that more rows have joined, moves no row from one split to another.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any

from corrigenda.core import groups
from corrigenda.core.division import Division, Groups
from corrigenda.core.example import Example
from corrigenda.core.recipe import SPLITS, Recipe
from corrigenda.errors import StorageError
from corrigenda.store import Database, splits
from corrigenda.workbench.curating.items import Findings, Item, Reason

_TRAIN, _, _TEST = SPLITS
_LARGE = 0.5
"""From which share of the rows on a single group is worth a warning."""

# Not of `KEY_BYTES`: what is so only now must not be kept.
_HELD_OUT = b"held out "
_CLUSTER = b"cluster "


class GroupSplitter:
    """Gives each item its split.

    Args:
        database: Where earlier splits are kept.
        recipe: Shares, seed, what holds together, and tasks held out.
        keep: Whether the splits of new groups are kept; not for a preview.
    """

    def __init__(self, database: Database, recipe: Recipe, *, keep: bool) -> None:
        if recipe.splits is None:
            raise ValueError("the recipe has no splits")
        self._database = database
        self._recipe = recipe
        self._shares: Sequence[float] = recipe.splits
        self._keep = keep
        # Rows of one document or template share the very same bytes.
        self._key = lru_cache(maxsize=100_000)(groups.key)
        self._new: dict[bytes, str] = {}
        self._shared = lru_cache(maxsize=100_000)(_itself)

    def groups(self, item: Item, example: Example) -> tuple[bytes, ...]:
        """What holds an item together with others, beside its prompt and its cluster."""
        wanted = self._recipe.group_by
        found: list[bytes] = []
        if "document" in wanted:
            found += map(self._shared, groups.documents(example.record, item.task))
        if "template" in wanted and (template := groups.template(example.record)):
            found.append(self._key("template", template))
        if "task" in wanted and item.task:
            found.append(self._key("task", item.task))
        return tuple(found)

    def assign(
        self, items: Sequence[Item], clusters: Mapping[bytes, bytes], findings: Findings
    ) -> list[Item]:
        """Set the split of each item, and leave out those that connect two splits.

        Args:
            items: In the order of arrival.
            clusters: `Item.prompt` → the key of its near-duplicates.
            findings: Takes what is left out, and warnings.
        """
        all_groups = Groups()
        for item in items:
            all_groups.add(self._keys_of(item, clusters))
        division = self._divide(all_groups, findings)
        kept = []
        for place, (item, split) in enumerate(zip(items, division.splits, strict=True)):
            if split is None:
                touched = division.touched[place]
                findings.leave(item, Reason.BRIDGES_SPLITS, self._why(item, touched))
            else:
                item.split = split
                kept.append(item)
        findings.warnings += self._warnings(kept, all_groups)
        self._new = division.new
        return kept

    def trainable(self, item: Item) -> bool:
        """Whether a pass may go into training: nothing of its groups is in another split.

        It is asked after `assign`. A pass of a group that is in no split yet may if that group
        falls into training.
        """
        if item.task in self._recipe.holdout_tasks:
            return False
        known = self._splits_of_all
        keys = (item.prompt, *item.groups)
        touched = {known[each] for each in keys if each in known}
        return (touched or {self._drawn(min(keys))}) == {_TRAIN}

    def settle(self, passes: Iterable[Item]) -> None:
        """Note that these passes are in training; for those that were chosen, at the end."""
        known = self._splits_of_all
        keys = {each for item in passes for each in (item.prompt, *item.groups)}
        self._new |= dict.fromkeys(keys - known.keys(), _TRAIN)

    def commit(self) -> None:
        """Keep the splits of new groups, once the files of the export are complete.

        Raises:
            StorageError: Another export has put one of them into another split meanwhile.
        """
        if not self._keep:
            return
        seed, said = self._recipe.seed, _said(self._shares)

        def store(connection: Any) -> None:
            splits.keep(connection, seed, self._new)
            splits.note_shares(connection, seed, said)

        try:
            self._database.write(store)
        except splits.Overtaken:
            raise StorageError(
                "Another export has put some of the same groups into other splits meanwhile, so "
                "nothing was kept of this one; try again."
            ) from None

    @cached_property
    def _splits_of_all(self) -> Mapping[bytes, str]:
        with self._database.reading() as connection:
            return {**self._new, **splits.everything(connection, self._recipe.seed)}

    def _keys_of(self, item: Item, clusters: Mapping[bytes, bytes]) -> Iterator[bytes]:
        yield item.prompt
        yield from item.groups
        if "cluster" in self._recipe.group_by and item.prompt in clusters:
            yield _CLUSTER + clusters[item.prompt]
        if item.task in self._recipe.holdout_tasks:
            yield _HELD_OUT + item.prompt

    def _divide(self, all_groups: Groups, findings: Findings) -> Division:
        seed, said = self._recipe.seed, _said(self._shares)
        with self._database.reading() as connection:
            known = splits.read(connection, seed, all_groups.keys)
            before = splits.shares(connection, seed)
        known |= {each: _TEST for each in all_groups.keys if each.startswith(_HELD_OUT)}
        if before is not None and before != said:
            findings.warnings.append(
                f"Earlier exports with the seed {seed} had the shares {before}; groups that "
                f"have a split keep it, and only new ones are divided by {said}."
            )
        return all_groups.divide(known, self._drawn)

    def _drawn(self, smallest: bytes) -> str:
        return SPLITS[groups.draw(self._recipe.seed, smallest, self._shares)]

    def _why(self, item: Item, touched: Sequence[str]) -> str:
        if item.task in self._recipe.holdout_tasks:
            others = " and ".join(f"`{each}`" for each in touched if each != _TEST)
            return f"Its task is held out for `{_TEST}`, but its group is in {others} already."
        return f"It belongs to groups of {' and '.join(f'`{each}`' for each in touched)}."

    def _warnings(self, kept: Sequence[Item], all_groups: Groups) -> Iterator[str]:
        largest = all_groups.largest()
        if largest > max(1, _LARGE * len(all_groups)):
            yield (
                f"{largest} of {len(all_groups)} rows hang together and are in one split; "
                f"what holds rows together is {', '.join(self._recipe.group_by)}."
            )
        n = Counter(item.split for item in kept)
        for name, share in zip(SPLITS, self._shares, strict=True):
            if share and kept and not n[name]:
                yield f"No row fell into the split `{name}`."


def _said(shares: Sequence[float]) -> str:
    return " / ".join(f"{share:g}" for share in shares)


def _itself(found: bytes) -> bytes:
    return found
