"""Long streams out of the database, for readers who may be slow or may go away.

Each batch is a short read of its own, so that a reader who stalls or is never heard of again holds
no connection. A candidate that is decided meanwhile is as it is when its batch is read; none comes
twice.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.store import Database, Stored, candidates, curation
from corrigenda.store.curation import Picked

T = TypeVar("T", Stored, Picked)


def stream(
    database: Database, selection: Selection = EVERYTHING, *, only_exportable: bool = False
) -> Iterator[Stored]:
    """Every candidate selected, in the order of arrival, in constant memory."""
    for found in _batches(database, candidates.batch, selection, only_exportable):
        yield from found


def batches(
    database: Database, selection: Selection = EVERYTHING, *, only_exportable: bool = False
) -> Iterator[list[Picked]]:
    """The same for an export, as `curation` reads them; no batch is empty."""
    return _batches(database, curation.candidates_after, selection, only_exportable)


def _batches(
    database: Database, read: Callable[..., list[T]], selection: Selection, only_exportable: bool
) -> Iterator[list[T]]:
    after = 0
    while True:
        with database.reading() as connection:
            found = read(connection, selection, after=after, only_exportable=only_exportable)
        if not found:
            return
        yield found
        after = found[-1].seq
