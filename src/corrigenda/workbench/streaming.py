"""Long streams out of the database, for readers who may be slow or may go away.

Each batch is a short read of its own, so that a reader who stalls or is never heard of again holds
no connection. A candidate that is decided meanwhile is as it is when its batch is read; none comes
twice.
"""

from collections.abc import Iterator

from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.store import Database, Stored, candidates, curation
from corrigenda.store.curation import Picked


def stream(
    database: Database, selection: Selection = EVERYTHING, *, only_exportable: bool = False
) -> Iterator[Stored]:
    """Every candidate selected, in the order of arrival, in constant memory."""
    after = 0
    while True:
        with database.reading() as connection:
            found = candidates.batch(
                connection, selection, after=after, only_exportable=only_exportable
            )
        if not found:
            return
        yield from found
        after = found[-1].seq


def batches(
    database: Database, selection: Selection = EVERYTHING, *, only_exportable: bool = False
) -> Iterator[list[Picked]]:
    """The same for an export, as `curation` reads them; no batch is empty."""
    after = 0
    while True:
        with database.reading() as connection:
            found = curation.candidates_after(
                connection, selection, after=after, only_exportable=only_exportable
            )
        if not found:
            return
        yield found
        after = found[-1].seq
