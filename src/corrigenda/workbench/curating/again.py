"""The second look at what the first pass has chosen: the examples, read once more."""

from collections.abc import Iterable, Iterator
from itertools import islice

from corrigenda.core.example import Example
from corrigenda.store import Database, curation, restoring
from corrigenda.workbench.curating.items import Item, Origin
from corrigenda.workbench.curating.making import Maker


def examples(
    database: Database, maker: Maker, items: Iterable[Item]
) -> Iterator[tuple[Item, Example | None]]:
    """The items with their examples, in the same order, in constant memory.

    `None` stands for an example that is another by now, or is gone. Each batch is a short read
    of its own, so that a reader who stalls holds no connection. Whole candidates come with their
    histories.
    """
    remaining, companion = iter(items), restoring.Companion()
    while batch := list(islice(remaining, curation.BATCH)):
        passes = {item.seq for item in batch if item.origin is Origin.PASS}
        others = {item.seq for item in batch if item.origin is not Origin.PASS}
        with database.reading() as connection:
            found = curation.candidates_at(connection, sorted(others)) if others else {}
            passed = curation.passes_at(connection, sorted(passes)) if passes else {}
            if not maker.training:
                companion.add(connection, list(found.values()))
        for item in batch:
            picked = (passed if item.origin is Origin.PASS else found).get(item.seq)
            yield item, None if picked is None else maker.example(item, picked)


def unchanged(
    database: Database, maker: Maker, items: Iterable[Item]
) -> Iterator[tuple[Item, Example]]:
    """The same without those that are another by now."""
    for item, example in examples(database, maker, items):
        if example is not None:
            yield item, example
