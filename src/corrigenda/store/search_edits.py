"""What changes in the index of words when a record is edited or removed."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core import postings
from corrigenda.core.candidate import Record
from corrigenda.core.postings import BLOCK
from corrigenda.core.words import record_words
from corrigenda.store.bulk import insert_tuples
from corrigenda.store.schema import facts, search_parts, search_words

_AT_ONCE = 256
_EDITS = "search_edits"
_LOCK = 0x436F7275
_FIRSTS = (
    sa.select(search_words.c.word)
    .where(search_words.c.part == sa.bindparam("of_part"))
    .order_by(search_words.c.word)
)
_PAGES = sa.and_(
    search_words.c.part == sa.bindparam("of_part"),
    search_words.c.word.in_(sa.bindparam("words", expanding=True)),
)
_PART_OF = (
    sa.select(search_parts.c.id)
    .where(
        search_parts.c.block == sa.bindparam("of_block"),
        search_parts.c.last >= sa.bindparam("seq"),
    )
    .order_by(search_parts.c.last)
    .limit(1)
)


def edits(connection: Connection) -> int:
    """How many records were edited or removed: what was read before the last may be stale."""
    found = connection.execute(sa.select(facts.c.value).where(facts.c.name == _EDITS)).scalar()
    return int(found or 0)


def alone(connection: Connection) -> None:
    """Nobody else changes the index until this transaction ends (SQLite has one writer).

    What is read of it after this is what the one before has left.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def replace(connection: Connection, seq: int, before: Record, after: Record) -> None:
    """A candidate's record has changed."""
    _note(connection)
    part = _part_of(connection, seq)
    if part is not None:
        was, now, here = record_words(before), record_words(after), [seq % BLOCK]
        _change(connection, part, dict.fromkeys(now - was, here), dict.fromkeys(was - now, here))


def forget(connection: Connection, found: Iterable[tuple[int, Record]]) -> None:
    """Take out the words of candidates (at `seq`, with the record that they were put in with)."""
    _note(connection)
    gone: dict[int, defaultdict[str, list[int]]] = {}
    removed: dict[int, int] = {}
    for seq, record in found:
        part = _part_of(connection, seq)
        if part is None:
            continue
        removed[part] = removed.get(part, 0) + 1
        words = gone.setdefault(part, defaultdict(list))
        for word in record_words(record):
            words[word].append(seq % BLOCK)
    for part, words in gone.items():
        _change(connection, part, {}, words)
        fewer = {"n": search_parts.c.n - removed[part]}
        connection.execute(sa.update(search_parts).where(search_parts.c.id == part).values(fewer))


def _part_of(connection: Connection, seq: int) -> int | None:
    """The part that a candidate is in, `None` while it waits."""
    asked = {"of_block": seq // BLOCK, "seq": seq}
    found: int | None = connection.execute(_PART_OF, asked).scalar()
    return found


def _note(connection: Connection) -> None:
    alone(connection)
    now = edits(connection) + 1
    if now == 1:
        connection.execute(sa.insert(facts), {"name": _EDITS, "value": "1"})
    else:
        connection.execute(sa.update(facts).where(facts.c.name == _EDITS).values(value=str(now)))


def _change(
    connection: Connection,
    part: int,
    added: Mapping[str, list[int]],
    gone: Mapping[str, list[int]],
) -> None:
    """Add places to words of a part, and take places from others."""
    asked: dict[str, Any] = {"of_part": part}
    firsts = connection.execute(_FIRSTS, asked).scalars().all()
    changed: dict[str, list[str]] = {}
    for word in sorted(added.keys() | gone.keys()):
        page = firsts[max(0, bisect_right(firsts, word) - 1)] if firsts else ""
        changed.setdefault(page, []).append(word)
    names = list(changed)
    for start in range(0, len(names), _AT_ONCE):
        asked["words"] = some = names[start : start + _AT_ONCE]
        query = sa.select(search_words.c.word, search_words.c.page).where(_PAGES)
        known = {row.word: postings.unpaged(row.page) for row in connection.execute(query, asked)}
        connection.execute(sa.delete(search_words).where(_PAGES), asked)
        after: list[tuple[int, str, bytes]] = []
        for first in some:
            words = known.get(first, {})
            for word in changed[first]:
                data = words.get(word, b"")
                words[word] = postings.changed(data, added.get(word, ()), gone.get(word, ()))
            left = sorted((word, data) for word, data in words.items() if data)
            after += ((part, *page) for page in postings.pages(left))
        insert_tuples(connection, search_words, after)
