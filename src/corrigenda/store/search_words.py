"""The words of some candidates of a block, as pages of the index.

A few are taken apart one by one; what handles many at once has to be loaded first.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from corrigenda.core import postings
from corrigenda.core.postings import BLOCK, packed
from corrigenda.core.words import FIELDS, record_text, words
from corrigenda.store.bodies import decode

if TYPE_CHECKING:
    from corrigenda.store.search_pages import Texts

_FEW = 256
_TEXT = {str, type(None)}


class Words:
    """The words of candidates of a block, who are added in the order of arrival.

    Example:
        >>> words = Words()
        >>> words.add([(1, "ham and eggs"), (4, "Ham")])
        >>> words.n, words.last, [first for first, _ in words.pages()]
        (2, 4, ['and'])
    """

    def __init__(self) -> None:
        self.n = self.last = 0
        self._waiting: list[tuple[int, str]] = []
        self._many: Texts | None = None

    @property
    def held(self) -> int:
        """How many words are in memory, or a few less."""
        return self._many.held if self._many else 0

    def add(self, found: Sequence[tuple[int, str]]) -> None:
        """Take in candidates by their `seq` and text (see `record_text`)."""
        self._waiting += ((seq % BLOCK, text) for seq, text in found)
        self.n += len(found)
        self.last = found[-1][0]
        if len(self._waiting) >= _FEW:
            self._hand_over()

    def pages(self) -> list[tuple[str, bytes]]:
        """The first word of each page, and the page; this takes a while."""
        if self._many is None:
            return list(_pages(self._waiting))
        self._hand_over()
        return list(self._many.pages())

    def _hand_over(self) -> None:
        from corrigenda.store.search_pages import Texts

        self._many = self._many or Texts()
        if self._waiting:
            self._many.add(*zip(*self._waiting, strict=True))
            self._waiting = []


def searched(body: str, name: str) -> str:
    """What is searched of a record in the database, of which `name` is the id."""
    with contextlib.suppress(orjson.JSONDecodeError):
        # Faster than `decode`, which minds integers beyond 64 bits, too.
        record: dict[str, Any] = orjson.loads(body)
        if _TEXT.issuperset(map(type, map(record.get, FIELDS))):
            record["id"] = name
            return record_text(record)
    return record_text({**decode(body), "id": name})


def _pages(texts: Iterable[tuple[int, str]]) -> Iterable[tuple[str, bytes]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for place, text in texts:
        for word in words(text):
            found[word].append(place)
    return postings.pages((word, packed(found[word])) for word in sorted(found))
