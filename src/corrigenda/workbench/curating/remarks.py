"""What a plan says at its end: counts of its rows, and warnings."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from corrigenda.core.recipe import SPLITS, Recipe
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.exports import Kind
from corrigenda.store import Database, tallies
from corrigenda.workbench.curating.examining import Tools
from corrigenda.workbench.curating.items import UNNAMED, Findings, Item
from corrigenda.workbench.curating.making import Maker

DIMENSIONS = ("category", "task", "model", "split")

_FOR_TRAINING = {
    "deduplicate": "duplicates",
    "near_duplicates": "near-duplicates",
    "conflicts": "rules for conflicts",
    "format_pairs": "rules for pairs",
    "caps": "caps",
    "replay": "replay",
    "splits": "splits",
    "holdout_tasks": "tasks held out",
    "max_length": "a longest length",
}


def remark(
    database: Database, maker: Maker, tools: Tools, items: list[Item], findings: Findings
) -> None:
    """Add the counts and the warnings of a plan whose rows are `items`."""
    for dimension in DIMENSIONS:
        findings.counts[dimension] = Counter(getattr(item, dimension) or UNNAMED for item in items)
    findings.warnings += [
        *_uncategorised(database, maker),
        *(_beside_the_point(maker) if not maker.training else ()),
        *_no_replay(maker),
        *(_minimums(maker, items) if maker.training else ()),
        *(said for each in tools.examiners(training=maker.training) for said in each.warnings()),
    ]


def _uncategorised(database: Database, maker: Maker) -> Iterator[str]:
    """Those without a category that nobody asked to leave out."""
    selection = maker.selection
    named = (*selection.include_categories, *selection.exclude_categories)
    if not selection.include_categories or UNCATEGORISED in named:
        return
    without = replace(selection, include_categories=(UNCATEGORISED,), exclude_categories=())
    with database.reading() as connection:
        n = sum(tallies.by_status(connection, without).values())
    if n:
        yield (
            f"{_are(n)} without a failure category, so the filter by category leaves "
            f"{'it' if n == 1 else 'them'} out; `{UNCATEGORISED}` would take "
            f"{'it' if n == 1 else 'them'} in."
        )


def _are(n: int) -> str:
    return (
        "1 correction that the filter finds otherwise is"
        if n == 1
        else (f"{n} corrections that the filter finds otherwise are")
    )


def _beside_the_point(maker: Maker) -> Iterator[str]:
    plain, asked = Recipe(), maker.recipe
    ignored = [
        said for name, said in _FOR_TRAINING.items() if getattr(asked, name) != getattr(plain, name)
    ]
    if ignored:
        yield (
            f"`{maker.form.name}` takes whole records as they are; without effect: "
            f"{', '.join(ignored)}."
        )


def _no_replay(maker: Maker) -> Iterator[str]:
    if maker.recipe.replay and maker.form.kind is Kind.PREFERENCE:
        yield "Passes have no worse answer to be paired with, so none are mixed in."


def _minimums(maker: Maker, items: list[Item]) -> Iterator[str]:
    n = sum(item.split in (SPLITS[0], "all") for item in items)
    if not items:
        yield "No row is left."
        return
    for minimum in maker.form.minimums:
        if n < minimum.rows:
            rows = "1 row" if n == 1 else f"{n} rows"
            said = f"{minimum.consumer} asks for {minimum.rows} rows or more"
            yield f"{said}; for training there {'is' if n == 1 else 'are'} {rows}."
