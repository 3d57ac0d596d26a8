"""How a part gets into the index of words: whole or not at all, without holding the writer long.

Nobody reads the pages of a part that is not in `search_parts`. So the pages of a large part go in
by several transactions, and its row by the last, if nothing has come between. A fact notes that
pages of a part may be there without it: whoever fills the index next removes them (`sweep`), and
so a program that is killed leaves nothing behind. The same goes for parts that are replaced.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.bulk import insert_tuples
from corrigenda.store.schema import facts, search_parts, search_words
from corrigenda.store.search_edits import alone, edits

if TYPE_CHECKING:
    from corrigenda.store.database import Database

_LOOSE = "search_loose_"
_BYTES = 512 * 1024
"""So much is written by a transaction, some 10 ms."""

_ROWS = 500
"""Pages that a transaction removes."""

_LAST = sa.select(sa.func.max(search_parts.c.last))
_IS_NOTE = facts.c.name.startswith(_LOOSE, autoescape=True)
_NOTED = sa.select(facts.c.name).where(_IS_NOTE)


@dataclass(frozen=True)
class Step:
    """A part to be put in: `n` candidates after `after` up to `last`, or what `replaces` had.

    `edits` is the number of edits when it was read (see `search_edits.edits`).
    """

    block: int
    after: int
    last: int
    n: int
    edits: int
    pages: Sequence[tuple[str, bytes]]
    replaces: tuple[int, ...] = ()


def last_in(connection: Connection) -> int:
    """The newest candidate whose words are in."""
    return connection.execute(_LAST).scalar() or 0


def take(connection: Connection, step: Step) -> bool:
    """Put a part in, in this transaction; false if somebody else was first or has edited."""
    alone(connection)
    if not _fits(connection, step):
        return False
    part = _new(connection, step)
    insert_tuples(connection, search_words, ((part, *page) for page in step.pages))
    _replaced(connection, step)
    return True


def write(database: "Database", step: Step) -> bool:
    """Put a part in, in transactions of its own; false if somebody else was first or has edited."""
    portions = list(_portions(step.pages))
    if len(portions) < 2:
        done = database.write(lambda c: take(c, step))
    else:
        part = database.write(lambda c: _reserved(c, step))
        done = all(
            database.write(lambda c, portion=portion: _added(c, part, portion))  # type: ignore[misc]
            for portion in portions
        ) and database.write(lambda c: _concluded(c, part, step))
    if step.replaces or not done:
        sweep(database)
    return done


def sweep(database: "Database") -> None:
    """Remove the pages of parts that were replaced, or never finished.

    A part that somebody else is writing just now goes, too, and is written again.
    """
    with database.reading() as connection:
        noted = connection.execute(_NOTED).scalars().all()
    for name in noted:
        while database.write(lambda c, name=name: _swept(c, name)):  # type: ignore[misc]
            pass


def clear(connection: Connection) -> None:
    """Forget every word."""
    alone(connection)
    connection.execute(sa.delete(facts).where(_IS_NOTE))
    connection.execute(sa.delete(search_words))
    connection.execute(sa.delete(search_parts))


def _portions(pages: Sequence[tuple[str, bytes]]) -> Iterator[list[tuple[str, bytes]]]:
    """So many pages as go in together."""
    portion: list[tuple[str, bytes]] = []
    size = 0
    for page in pages:
        portion.append(page)
        size += len(page[1])
        if size >= _BYTES:
            yield portion
            portion, size = [], 0
    if portion:
        yield portion


def _reserved(connection: Connection, step: Step) -> int:
    """The id of a part that is to be; no other part ever gets it."""
    part = _new(connection, step)
    connection.execute(sa.delete(search_parts).where(search_parts.c.id == part))
    _note(connection, part)
    return part


def _added(connection: Connection, part: int, pages: Sequence[tuple[str, bytes]]) -> bool:
    """Put in some pages of a part that is to be, unless those before were swept away."""
    alone(connection)
    if not _noted(connection, _name(part)):
        return False
    insert_tuples(connection, search_words, ((part, *page) for page in pages))
    return True


def _concluded(connection: Connection, part: int, step: Step) -> bool:
    """Make it a part, now that its pages are in, unless they were swept away meanwhile."""
    alone(connection)
    if not _fits(connection, step) or not _unnoted(connection, _name(part)):
        return False
    _new(connection, step, part)
    _replaced(connection, step)
    return True


def _fits(connection: Connection, step: Step) -> bool:
    if edits(connection) != step.edits:
        return False
    if not step.replaces:
        return last_in(connection) == step.after
    of_them = search_parts.c.id.in_(step.replaces)
    there = connection.execute(sa.select(sa.func.count()).where(of_them)).scalar()
    return there == len(step.replaces)


def _new(connection: Connection, step: Step, part: int | None = None) -> int:
    row = {"block": step.block, "last": step.last, "n": step.n}
    if part is not None:
        row["id"] = part
    made: int = connection.execute(
        sa.insert(search_parts).returning(search_parts.c.id), row
    ).scalar_one()
    return made


def _replaced(connection: Connection, step: Step) -> None:
    if step.replaces:
        old = search_parts.c.id.in_(step.replaces)
        connection.execute(sa.delete(search_parts).where(old))
        for part in step.replaces:
            _note(connection, part)


def _swept(connection: Connection, name: str) -> bool:
    """Remove some pages of a part that is none; true if there are more."""
    alone(connection)
    part = int(name.removeprefix(_LOOSE))
    if not _noted(connection, name):
        return False  # it became a part meanwhile, or somebody else has swept
    some = sa.select(search_words.c.word).where(search_words.c.part == part).limit(_ROWS)
    found = connection.execute(some).scalars().all()
    of_them = sa.and_(search_words.c.part == part, search_words.c.word.in_(found))
    connection.execute(sa.delete(search_words).where(of_them))
    if len(found) == _ROWS:
        return True
    _unnoted(connection, name)
    return False


def _name(part: int) -> str:
    return f"{_LOOSE}{part}"


def _note(connection: Connection, part: int) -> None:
    connection.execute(sa.insert(facts), {"name": _name(part), "value": "1"})


def _noted(connection: Connection, name: str) -> bool:
    return connection.execute(_NOTED.where(facts.c.name == name)).first() is not None


def _unnoted(connection: Connection, name: str) -> bool:
    return connection.execute(sa.delete(facts).where(facts.c.name == name)).rowcount == 1
