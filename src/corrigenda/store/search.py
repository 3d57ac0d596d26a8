"""The index of words, which follows the candidates.

It grows by parts, in the order of arrival: a part has the words of neighbours that are all of one
block (see `core.postings`), and which of them have each. `search_parts` tells how many candidates
are in a part, and the last of these; what is beyond the last part is not found yet. A large
import leaves the index behind, and whoever has time brings it up to date (`catch_up`): reading
and taking the words apart needs no lock, and a part goes in whole or not at all (see
`search_writing`). Small parts of a block are joined when there are many.

A few candidates are put in with their own transaction, unless others are still waiting.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Record
from corrigenda.core.postings import BLOCK, bits, packed, pages, places, unpaged
from corrigenda.core.words import record_text
from corrigenda.store import counts
from corrigenda.store.matching import condition
from corrigenda.store.schema import candidates, records, search_parts, search_words
from corrigenda.store.search_edits import edits, forget, replace
from corrigenda.store.search_words import Words, searched
from corrigenda.store.search_writing import Step, clear, last_in, sweep, take, write

if TYPE_CHECKING:
    from corrigenda.store.database import Database

__all__ = [
    "AT_ONCE", "Progress", "Step", "catch_up", "clear", "condition", "follow", "forget", "joined",
    "next_step", "progress", "rebuild", "replace", "take", "waits",
]  # fmt: skip

AT_ONCE = 64
"""So many new candidates are put in at once, with them."""

_ROWS = 256
_MOST = 5_000_000
"""Words that a part has at most, some 20 bytes of memory each, however long the texts are."""

_MANY = 8
_NEXT = (
    sa.select(records.c.seq, candidates.c.id, records.c.body)
    .join_from(records, candidates)
    .where(records.c.seq > sa.bindparam("after"), records.c.seq < sa.bindparam("end"))
    .order_by(records.c.seq)
    .limit(_ROWS)
)


@dataclass(frozen=True)
class Progress:
    """How far the index has come: so many of `total` candidates are in it."""

    indexed: int
    total: int

    @property
    def behind(self) -> int:
        """How many are not found yet."""
        return max(0, self.total - self.indexed)

    def as_json(self) -> dict[str, int]:
        """As JSON."""
        return {"indexed": self.indexed, "total": self.total}


def progress(connection: Connection, total: int | None = None) -> Progress:
    """How far the index has come; `total` is how many candidates there are, if that is known."""
    if total is None:
        total = counts.by_status(connection).total()
    indexed = connection.execute(sa.select(sa.func.sum(search_parts.c.n))).scalar() or 0
    return Progress(int(indexed), total)


def waits(database: "Database") -> bool:
    """Whether there are candidates that are not in yet."""
    with database.reading() as connection:
        return _first_after(connection, last_in(connection)) is not None


def follow(connection: Connection, arrived: Sequence[tuple[int, Record]]) -> None:
    """Put in new candidates (at `seq`, with the id that they have here), if that can be now.

    Many are left for later, and so are those behind whom others wait.
    """
    if not 0 < len(arrived) <= AT_ONCE:
        return
    last = last_in(connection)
    if _first_after(connection, last) != arrived[0][0]:
        return
    for block in sorted({seq // BLOCK for seq, _ in arrived}):
        words = Words()
        words.add([(seq, record_text(each)) for seq, each in arrived if seq // BLOCK == block])
        take(connection, _step(words, block, last, edits(connection)))
        last = words.last


def next_step(connection: Connection, stop: Callable[[], bool] = lambda: False) -> Step | None:
    """What goes in next, `None` if nothing waits; reads only. When told to stop it is of no use."""
    last, edited, words = last_in(connection), edits(connection), Words()
    begin = _first_after(connection, last)
    if begin is None:
        return None
    block = begin // BLOCK
    asked = {"after": last, "end": (block + 1) * BLOCK}
    while words.held < _MOST and not stop():
        rows = connection.execute(_NEXT, asked).all()
        if not rows:
            break
        words.add([(seq, searched(body, name)) for seq, name, body in rows])
        asked["after"] = words.last
    return _step(words, block, last, edited)


def joined(connection: Connection) -> Step | None:
    """The many small parts of a block as one, `None` if none has many; reads only.

    A large one before small ones stays as it is, so that no part is written anew often.
    """
    many = sa.select(search_parts.c.block).group_by(search_parts.c.block)
    block = connection.execute(many.having(sa.func.count() >= _MANY).limit(1)).scalar()
    if block is None:
        return None
    edited = edits(connection)
    of_block = sa.select(search_parts).where(search_parts.c.block == block)
    parts = list(connection.execute(of_block.order_by(search_parts.c.last)))
    while len(parts) > 2 and parts[0].n > sum(part.n for part in parts[1:]):
        del parts[0]
    found: dict[str, int] = {}
    for part in parts:
        query = sa.select(search_words.c.page).where(search_words.c.part == part.id)
        for page in connection.execute(query).scalars():
            for word, data in unpaged(page).items():
                found[word] = found.get(word, 0) | bits(data)
    ready = pages((word, packed(list(places(found[word])))) for word in sorted(found))
    last, n = parts[-1].last, sum(part.n for part in parts)
    return Step(block, 0, last, n, edited, list(ready), tuple(part.id for part in parts))


def catch_up(
    database: "Database",
    *,
    at_most: int | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Put in what waits, part by part; true if nothing waits any more.

    Args:
        database: Whose candidates.
        at_most: Do nothing if more candidates than this wait.
        stop: Asked now and then; what is not in by then is left.
    """
    if at_most is not None:
        with database.reading() as connection:
            if progress(connection).behind > at_most:
                return False
    sweep(database)
    while not stop():
        with database.reading() as connection:
            step = next_step(connection, stop) or joined(connection)
        if step is None:
            return True
        if not stop():
            write(database, step)
    return False


def rebuild(connection: Connection) -> None:
    """Fill the index anew from the records, in this transaction."""
    clear(connection)
    while (step := next_step(connection)) is not None:
        take(connection, step)


def _step(words: Words, block: int, after: int, edited: int) -> Step:
    """The part that they are, ready to be written: this takes a while."""
    return Step(block, after, words.last, words.n, edited, words.pages())


def _first_after(connection: Connection, last: int) -> int | None:
    query = sa.select(sa.func.min(records.c.seq)).where(records.c.seq > last)
    return connection.execute(query).scalar()
