"""What is done with all items together: duplicates, conflicts, caps, splits, passes, order."""

from functools import partial

from corrigenda.exports import Kind
from corrigenda.store import Database, curation
from corrigenda.workbench.curating import (
    again,
    balance,
    conflicts,
    duplicates,
    keys,
    nearby,
    replay,
)
from corrigenda.workbench.curating.examining import Tools
from corrigenda.workbench.curating.items import Findings, Item, Stage
from corrigenda.workbench.curating.making import Maker

_LOOKUP = 500


def choose(
    database: Database,
    maker: Maker,
    tools: Tools,
    items: list[Item],
    findings: Findings,
    *,
    whole: bool,
) -> tuple[list[Item], list[list[str]]]:
    """The items of the export in the order of its rows, and the conflicts among corrections.

    Args:
        database: Where texts are read again, and passes.
        maker: What made the items.
        tools: With the splitter.
        items: Those that are valid, in the order of arrival.
        findings: Takes what is left out, the stages, warnings.
        whole: Whether the items are of all approved candidates that there are.
    """
    recipe, stages = maker.recipe, findings.stages
    if not maker.training:
        return items, []
    read = partial(again.unchanged, database, maker)
    if maker.rejects:
        wanted = maker.wanted
        if not whole:
            wanted |= _wanted_elsewhere(database, maker, items)
        items = duplicates.wanted_nowhere(items, wanted, findings)
    if recipe.deduplicate:
        items = duplicates.unique(items, recipe.keep, findings)
    if recipe.near_duplicates is not None:
        pairs = maker.form.kind is Kind.PREFERENCE
        threshold, keep = recipe.near_duplicates, recipe.keep
        items = nearby.unique(items, threshold, keep, read, findings, pairs=pairs)
    torn = conflicts.find(items)
    items = conflicts.resolve(items, torn, recipe.conflicts, findings)
    stages.append(Stage("unique", len(items)))
    items = balance.capped(items, recipe.caps, recipe.seed, findings)
    stages.append(Stage("balanced", len(items)))
    balanced = len(items)
    if tools.splitter is not None:
        together = nearby.clusters(items, read) if "cluster" in recipe.group_by else {}
        items = tools.splitter.assign(items, together, findings)
    passes = _passes(database, maker, tools, items, read, findings)
    items = items + passes
    if maker.replays:
        stages.append(Stage("with_passes", balanced + len(passes)))
    if tools.splitter is not None:
        stages.append(Stage("split", len(items)))
    if maker.form.kind is Kind.UNPAIRED:
        items.sort(key=partial(_shuffled, recipe.seed))
    return items, [[item.id for item in conflict] for conflict in torn]


def _wanted_elsewhere(database: Database, maker: Maker, items: list[Item]) -> set[bytes]:
    """What is known outside of the filter as right for the prompts of unwanted answers.

    With it a filter never lets in as unwanted what the whole workspace knows as right.
    """
    prompts = {item.prompt.hex() for item in items if item.unwanted}
    wanted = sorted(prompts | maker.marked)
    found: set[bytes] = set()
    for start in range(0, len(wanted), _LOOKUP):
        with database.reading() as connection:
            there = curation.candidates_of_prompts(connection, wanted[start : start + _LOOKUP])
        found.update(*map(maker.right, there))
    return found


def _passes(
    database: Database,
    maker: Maker,
    tools: Tools,
    items: list[Item],
    read: nearby.Reader,
    findings: Findings,
) -> list[Item]:
    if not maker.replays:
        return []
    found = replay.drawn(database, maker, tools.splitter, items, read, findings)
    if tools.splitter is not None:
        tools.splitter.settle(found)
    return found


def _shuffled(seed: int, item: Item) -> bytes:
    return keys.chance(seed, b"shuffle", f"{item.origin}:{item.id}")
