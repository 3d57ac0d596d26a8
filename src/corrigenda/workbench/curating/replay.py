"""Replay: samples that a model got right, mixed in so that training does not make it forget them.

The passes are drawn by seed and id among those that the filter's models, tasks, task types and
runs allow. What is held out or protected, and what this export corrects, is not replayed; with
splits neither is what belongs to another split than training, or is nearly a prompt there.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from math import floor

from corrigenda.core.recipe import SPLITS
from corrigenda.store import Database, curation
from corrigenda.workbench.curating import keys, nearby
from corrigenda.workbench.curating.examining import Splitter
from corrigenda.workbench.curating.items import Findings, Item
from corrigenda.workbench.curating.making import Maker

_TRAINED = (SPLITS[0], "all")


def needed(rows: int, share: float) -> int:
    """How many passes make up that share beside so many other rows.

    Example:
        >>> needed(90, 0.1), needed(100, 0.5), needed(0, 0.5)
        (10, 100, 0)
    """
    return floor(rows * share / (1 - share) + 0.5)


def drawn(
    database: Database,
    maker: Maker,
    splitter: Splitter | None,
    items: Sequence[Item],
    read: nearby.Reader,
    findings: Findings,
) -> list[Item]:
    """The passes of an export, in the order of arrival.

    Args:
        database: The workspace's.
        maker: What made the other items: it examines passes as well, and knows the recipe and
            which prompts are corrected.
        splitter: Where there are splits: keeps what belongs to another split out of training.
        items: The other rows, in their splits.
        read: Gives their examples.
        findings: Takes a warning where there are too few.
    """
    recipe = maker.recipe
    rows = sum(item.split in _TRAINED for item in items)
    wanted = needed(rows, recipe.replay)
    others = [item for item in items if item.split not in _TRAINED]
    if "cluster" not in recipe.group_by:
        others = []
    fit, some = _fit(database, maker, splitter), wanted
    found: list[Item] = []
    while len(found) < wanted and (batch := list(islice(fit, some))):
        found += _apart(batch, others, read)[: wanted - len(found)]
        # More each time: the others are read along.
        some *= 2
    for item in found:
        item.split = "all" if splitter is None else SPLITS[0]
    if len(found) < wanted:
        findings.warnings.append(
            f"Passes make up {_share(len(found), rows):.1%} of the training rows instead of "
            f"{recipe.replay:.1%}: only {len(found)} of the {wanted} needed are there."
        )
    return sorted(found, key=lambda item: item.seq)


def _share(passes: int, rows: int) -> float:
    return passes / (passes + rows)


def _fit(database: Database, maker: Maker, splitter: Splitter | None) -> Iterator[Item]:
    """Passes that are in no other split, each once where duplicates go."""
    seen: set[bytes] = set()
    for item in _candidates(database, maker):
        if maker.recipe.deduplicate and item.key in seen:
            continue
        if splitter is None or splitter.trainable(item):
            seen.add(item.key)
            yield item


def _apart(passes: list[Item], others: list[Item], read: nearby.Reader) -> list[Item]:
    """The passes whose prompts are not near-duplicates of prompts that are not trained on."""
    if not others:
        return passes
    clusters = nearby.clusters([*others, *passes], read)
    theirs = {clusters[item.prompt] for item in others if item.prompt in clusters}
    return [item for item in passes if clusters.get(item.prompt) not in theirs]


def _candidates(database: Database, maker: Maker) -> Iterator[Item]:
    """Passes that nothing speaks against, those drawn first at the beginning."""
    order = _order(database, maker)
    for start in range(0, len(order), curation.BATCH):
        seqs = [int.from_bytes(each[8:]) for each in order[start : start + curation.BATCH]]
        with database.reading() as connection:
            there = curation.passes_at(connection, seqs)
        for seq in seqs:
            item = maker.of_pass(there[seq]) if seq in there else None
            if item is not None and item.prompt not in maker.prompts:
                yield item


def _order(database: Database, maker: Maker) -> list[bytes]:
    """(chance, place of arrival) of each pass, 8 bytes each, sorted: a million of them fit."""
    found: list[bytes] = []
    after = 0
    while True:
        with database.reading() as connection:
            batch = curation.passes_after(connection, maker.selection, after=after)
        if not batch:
            break
        for seq, name, prompt_key in batch:
            if prompt_key is None or bytes.fromhex(prompt_key) not in maker.prompts:
                found.append(keys.chance(maker.recipe.seed, b"replay", name) + seq.to_bytes(8))
        after = batch[-1][0]
    return sorted(found)
