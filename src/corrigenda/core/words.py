"""What search sees: a text as words, the same on every database.

A word is a run of letters and digits, in lower case and without accents. Chinese and Japanese
are written without spaces, so there each character is a word, and each pair of neighbours: a
longer query is its pairs. That needs no positions in the index, which makes it small and quick
to fill; a text that has all pairs of a query, but not in one piece, is found, too.

    "Größe: 3,5 m"   →  grosse 3 5 m
    "東京都"          →  東 京 都 東京 京都
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import filterfalse
from typing import Any

from corrigenda.core.candidate import Record

TEXT_LIMIT = 200_000
"""How much of a record is searched, in bytes or so; what is beyond is not found."""

WORD_LIMIT = 64
QUERY_LIMIT = 32
"""Characters of a word that count, and words of a query."""

ASCII_WORDS = bytes(ord(chr(n).lower()) if n < 128 and chr(n).isalnum() else 32 for n in range(256))
"""What makes words, with spaces around them, of a text in ASCII (see `bytes.translate`)."""

FIELDS = (
    "id",
    "task_id",
    "task_name",
    "model_name",
    "model_id",
    "failure_reason",
    "model_response",
    "reference_answer",
)
"""What is searched of a record, besides its prompt."""

_CJK = (
    "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORDS = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
# The accents of Latin, Greek and Cyrillic letters, the vowel points of Hebrew and Arabic. The
# marks of other scripts stay: in Japanese, say, they make another letter.
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]+")


@dataclass(frozen=True)
class Query:
    """What must occur: whole words, and the beginning of one.

    Example:
        >>> Query.of("Median of a li")
        Query(words=('median', 'of', 'a'), beginning='li')
        >>> Query.of("median ")
        Query(words=('median',), beginning=None)
    """

    words: tuple[str, ...]
    beginning: str | None

    @classmethod
    def of(cls, text: str) -> "Query":
        """Read what somebody typed; the last word may go on unless something follows it.

        A beginning has at least two letters: one alone begins almost everything.
        """
        folded = _folded(text[: QUERY_LIMIT * WORD_LIMIT])
        found = _WORDS.findall(folded)[:QUERY_LIMIT]
        last = found[-1] if found else ""
        beginning = None
        if 2 <= len(last) < WORD_LIMIT and folded.endswith(last) and not _IS_CJK.match(last):
            beginning = last
            found.pop()
        words = [word for piece in found for word in _of_piece(piece, in_query=True)]
        return cls(tuple(dict.fromkeys(words)), beginning)

    def __bool__(self) -> bool:
        return bool(self.words or self.beginning)


def words(text: str) -> set[str]:
    """The different words of a text.

    Example:
        >>> sorted(words("Déjà vu: 東京"))
        ['deja', 'vu', '京', '東', '東京']
    """
    plain, rest = (text, "") if text.isascii() else apart(text)
    found = set(plain.encode("ascii").translate(ASCII_WORDS).decode("ascii").split())
    if rest:
        pieces = set(_WORDS.findall(_folded(rest)))
        found |= {word for piece in pieces for word in _of_piece(piece)}
    if max(map(len, found), default=0) > WORD_LIMIT:
        found = {word[:WORD_LIMIT] for word in found}
    return found


def apart(text: str) -> tuple[str, str]:
    """One text in ASCII and another, which together have the words of this one.

    What makes words of ASCII is by far quicker, and most of most texts is.

    Example:
        >>> apart("Median in m², or mm²?")
        ('Median in or', 'm², mm²?')
    """
    # Nothing that stands between spaces changes what stands beyond them.
    pieces = text.split()
    return " ".join(filter(str.isascii, pieces)), " ".join(filterfalse(str.isascii, pieces))


def record_words(record: Record) -> set[str]:
    """The words by which a record is found: what names it, the answers, and the prompt."""
    return words(record_text(record))


def record_text(record: Record) -> str:
    r"""What is searched of a record, as one text.

    Example:
        >>> record_text({"id": "q1", "model_response": "5", "status": "needs_review"})
        'q1\n5'
    """
    text = "\n".join(_texts(record))
    if len(text) * 3 <= TEXT_LIMIT:
        return text
    return text[: TEXT_LIMIT if text.isascii() else TEXT_LIMIT // 3]


def _texts(record: Record) -> list[str]:
    found = [str(value) for value in map(record.get, FIELDS) if value is not None]
    for message in record.get("prompt_messages") or ():
        content = message.get("content")
        if isinstance(content, str):
            found.append(content)
        elif isinstance(content, list):
            found += [part["text"] for part in content if _has_text(part)]
    return found


def _has_text(part: Any) -> bool:
    return isinstance(part, dict) and isinstance(part.get("text"), str)


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    if folded.isascii():
        return folded
    apart = _ACCENTS.sub("", unicodedata.normalize("NFKD", folded))
    return unicodedata.normalize("NFC", apart)


def _of_piece(piece: str, *, in_query: bool = False) -> Iterator[str]:
    if not _IS_CJK.match(piece):
        yield piece[:WORD_LIMIT]
        return
    if not in_query or len(piece) == 1:
        yield from piece
    yield from (piece[at : at + 2] for at in range(len(piece) - 1))
