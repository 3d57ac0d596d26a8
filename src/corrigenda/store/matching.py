"""What a search finds: from words to candidates, and to a condition on them.

What matches is worked out before the candidates are looked at: a set with one bit for each
candidate, which a million candidates fill with 125 KB. A rare word becomes the list of what
matches. A common one becomes a test of each candidate's bit, for whoever walks the candidates in
some order until a page is full: the more match, the sooner.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection

from corrigenda.core.postings import BLOCK, bits, places, unpaged
from corrigenda.core.words import Query
from corrigenda.store.schema import candidates, search_parts, search_words

RARE = 2_000
"""So many candidates are listed; more are tested."""

_HERE = candidates.c.seq
_LAST = "\U0010ffff"
_PARTS = search_parts.c.id.in_(sa.bindparam("parts", expanding=True))
_PAGE_OF_WORD = (
    sa.select(search_words.c.page)
    .where(
        search_words.c.part == search_parts.c.id,
        search_words.c.word <= sa.bindparam("wanted"),
    )
    .order_by(search_words.c.word.desc())
    .limit(1)
    .scalar_subquery()
)
_OF_WORD = sa.select(search_parts.c.id, _PAGE_OF_WORD.label("page")).where(_PARTS)
_FURTHER = (
    sa.select(search_words.c.part, search_words.c.page)
    .join_from(search_parts, search_words, search_words.c.part == search_parts.c.id)
    .where(
        _PARTS,
        search_words.c.word > sa.bindparam("wanted"),
        search_words.c.word < sa.bindparam("until"),
    )
)
# Each byte as eight, of which each is one candidate's.
_SPREAD = [bytes(byte >> bit & 1 for bit in range(8)) for byte in range(256)]


@dataclass(frozen=True)
class Matches:
    """The candidates that match, as one bit for each of a block; blocks without any are not there.

    `last` is the newest candidate whose words are known.
    """

    blocks: dict[int, int]
    n: int
    last: int

    def seqs(self, after: int = 0) -> Iterator[int]:
        """Their `seq`, in the order of arrival."""
        for block, found in sorted(self.blocks.items()):
            if (block + 1) * BLOCK > after:
                yield from (
                    seq for seq in map((block * BLOCK).__add__, places(found)) if seq > after
                )

    def table(self) -> bytes:
        """One bit for each candidate up to `last`, the first in the lowest bit."""
        found = bytearray((self.last // BLOCK + 1) * (BLOCK // 8))
        for block, each in self.blocks.items():
            at = block * (BLOCK // 8)
            found[at : at + BLOCK // 8] = each.to_bytes(BLOCK // 8, "little")
        return bytes(found)


def matches(connection: Connection, text: str) -> Matches | None:
    """What has every word of `text`, the last perhaps going on; `None` if it has no word.

    A text without any letter or digit restricts nothing.
    """
    query = Query.of(text)
    if not query:
        return None
    known = {row.id: row for row in connection.execute(sa.select(search_parts))}
    last = max((row.last for row in known.values()), default=0)
    found: dict[int, int] | None = None
    # The longest first: it is the rarest, and leaves fewer parts to look into.
    for word in sorted(query.words, key=len, reverse=True):
        found = _joined(found, _of_word(connection, word, known if found is None else found))
    if query.beginning:
        parts = known if found is None else found
        found = _joined(found, _beginning(connection, query.beginning, parts))
    blocks: dict[int, int] = {}
    for part, each in (found or {}).items():
        block = known[part].block
        blocks[block] = blocks.get(block, 0) | each
    return Matches(blocks, sum(each.bit_count() for each in blocks.values()), last)


def condition(connection: Connection, text: str) -> Sequence[sa.ColumnElement[bool]]:
    """That a candidate has every word of `text`; none if it has no word (see `matches`)."""
    found = _remembered(connection, text)
    if found is None:
        return []
    if found.n <= RARE:
        return [among(connection, list(found.seqs()))]
    if connection.dialect.name == "sqlite":
        table = b"".join(map(_SPREAD.__getitem__, found.table()))
        return [sa.func.substr(sa.bindparam(None, table, sa.LargeBinary), _HERE + 1, 1) == b"\1"]
    bit = sa.func.get_bit(sa.bindparam(None, found.table(), sa.LargeBinary), _HERE)
    return [sa.case((found.last >= _HERE, bit), else_=0) == 1]


def among(connection: Connection, seqs: Sequence[int]) -> sa.ColumnElement[bool]:
    """That a candidate is one of these, however many they are."""
    if connection.dialect.name == "sqlite":
        each = sa.func.json_each(json.dumps(seqs)).table_valued("value")
        return _HERE.in_(sa.select(each.c.value))
    listed = sa.bindparam(None, list(seqs), postgresql.ARRAY(sa.BigInteger))
    return sa.any_(listed) == _HERE


def _remembered(connection: Connection, text: str) -> Matches | None:
    """The matches of a text; a page asks for the same several times in its transaction."""
    transaction = connection.get_transaction()
    kept: tuple[Any, str, Matches | None] | None = connection.info.get(_KEPT)
    if kept is None or kept[0] is not transaction or kept[1] != text:
        kept = connection.info[_KEPT] = (transaction, text, matches(connection, text))
    return kept[2]


_KEPT = "corrigenda-matches"


def _joined(found: dict[int, int] | None, more: dict[int, int]) -> dict[int, int]:
    if found is None:
        return more
    both = {part: found[part] & each for part, each in more.items() if part in found}
    return {part: each for part, each in both.items() if each}


def _of_word(connection: Connection, word: str, parts: Iterable[int]) -> dict[int, int]:
    found = {}
    for part, page in connection.execute(_OF_WORD, {"parts": list(parts), "wanted": word}):
        if page is not None and (data := unpaged(page).get(word)) is not None:
            found[part] = bits(data)
    return found


def _beginning(connection: Connection, word: str, parts: Iterable[int]) -> dict[int, int]:
    asked: Any = {"parts": list(parts), "wanted": word}
    found: dict[int, int] = {}
    first = connection.execute(_OF_WORD, asked).all()
    for part, page in (*first, *connection.execute(_FURTHER, asked | {"until": word + _LAST})):
        for name, data in unpaged(page).items() if page is not None else ():
            if name.startswith(word):
                found[part] = found.get(part, 0) | bits(data)
    return found
