r"""Prompts compared by their words, so that case, punctuation and blanks make no difference.

    "Question: What is 3 + 4?\nA) 5"   →   question what is 3 + 4 | 5

Two ways to find a prompt again: by a hash of all its words, or by its n-grams, runs of n words
that follow one another. A prompt of fewer than n words (but at least `SHORTEST`) is one n-gram,
which counts where it stands by itself, between marks such as `.`, `:` or the end of a line.

An n-gram is a number of 8 bytes: a hash of its words, but for the last byte, which is the number
of its words. Workspaces keep these numbers, so they must never come out otherwise.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

SHORTEST = 6
"""The number of words from which a prompt is looked for within others."""

SIZES = (SHORTEST, 50)
"""The least and the greatest n."""

_MASK = 2**64 - 1
_BASE = 0x9E3779B97F4A7C15 | 1
_LAST = 0xFF

_CJK = "\u3005-\u3007\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_MINUS = "\u2010\u2011\u2012\u2013\u2014\u2212"
# `A.`, `(b)` or `3)` before an option: what reads the same may be numbered in another way.
_OPTION = re.compile(r"^[ \t]*(?:\([a-j1-9]\)|[a-j1-9][.):])(?=[ \t])", re.MULTILINE)
# Signs of arithmetic are words: `3 + 4` is another question than `3 - 4`.
_WORD = re.compile(
    rf"[{_CJK}]|[^\W_{_CJK}]+|[+<=>%^\u00d7\u00f7\u221a\u2211\u222b\u2264\u2265\u2260]|(?<=[\d)])\s*([-*/])(?=\s*[\d(])|(?<![\w)])-(?=\d)"
)
_WITHIN = re.compile(r"[ \t,'\u2019/\-]*")  # between the words of one sentence
# The first words of a block, in a prompt that shows several examples.
_LABEL = re.compile(
    r"^[ \t#*]*(passage|context|premise|article|document|sentence|instruction|question|problem"
    r"|query|input|text|example|user|human|q)\b[ \t]*\d*[ \t]*[:.*][ \t]*",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Words:
    """The words of a text, and where a line, a sentence or the like begins.

    `starts` has the number of words as its last.
    """

    words: tuple[str, ...]
    starts: tuple[int, ...]

    @property
    def key(self) -> bytes:
        """A hash of all the words, 16 bytes."""
        return hashlib.blake2b(_bytes(" ".join(self.words)), digest_size=16).digest()


def words(text: str) -> Words:
    r"""The words of a text; of one that has none, its characters.

    Example:
        >>> words("What's 3+4? Say\n(A) 7").words
        ('what', 's', '3', '+', '4', 'say', '7')
        >>> words("What's 3+4? Say\n(A) 7").starts
        (0, 5, 6, 7)
    """
    folded = _folded(text)
    found: list[str] = []
    starts = [0]
    end = 0
    for match in _WORD.finditer(folded):
        start, after = match.span()
        # Most words have a blank between them, and this is called for every word of an export.
        plain = start == end + 1 and folded[end] == " "
        if found and not plain and not _WITHIN.fullmatch(folded, end, start):
            starts.append(len(found))
        found.append(match[1] or match[0])
        end = after
    if not found:
        found = list("".join(folded.split()))
    return Words(tuple(found), (*starts, len(found)) if found else (0,))


def ngrams(found: Words, n: int) -> list[int]:
    """The n-grams of a prompt, in their order; of a shorter one itself; none if it is too short.

    Example:
        >>> len(ngrams(words("one two three four five six seven eight"), 6))
        3
        >>> len(ngrams(words("one two three four five six"), 13)), ngrams(words("one two"), 13)
        (1, [])
    """
    size = min(n, len(found.words))
    return _windows(hashes(found), size) if size >= SHORTEST else []


def sentences(found: Words, sizes: Sequence[int]) -> Iterator[int]:
    """The runs of words that stand by themselves and have one of these sizes, as n-grams."""
    longest, numbers = max(sizes, default=0), hashes(found)
    for index, start in enumerate(found.starts):
        for end in found.starts[index + 1 :]:
            if end - start > longest:
                break
            if end - start in sizes:
                yield from _windows(numbers[start:end], end - start)


def question(text: str) -> str:
    r"""The last of several alike blocks: what a prompt asks after the examples that it shows.

    Example:
        >>> question("Add.\n\nQ: 1 + 1?\nA: 2\n\nQ: 2 + 2?\nA:")
        'Q: 2 + 2?\nA:'
    """
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    times: dict[str, int] = {}
    for match in _LABEL.finditer(text):
        label = match[1].lower()
        first.setdefault(label, match.start())
        last[label] = match.start()
        times[label] = times.get(label, 0) + 1
    repeated = [label for label, number in times.items() if number > 1]
    if not repeated:
        return text
    found = text[last[min(repeated, key=first.__getitem__)] :]
    return found if found.strip() else text


def size_of(ngram: int) -> int:
    """How many words an n-gram has."""
    return ngram & _LAST


def hashes(found: Words) -> list[int]:
    """A number of 8 bytes for each word."""
    return [_hash(word) for word in found.words]


@lru_cache(maxsize=2**16)
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(_bytes(word), digest_size=8).digest())


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _windows(numbers: Sequence[int], size: int) -> list[int]:
    """A rolling hash: a polynomial of the words' numbers, modulo 2⁶⁴."""
    leaving = pow(_BASE, size, 2**64)
    value = 0
    made = []
    for index, number in enumerate(numbers):
        value = value * _BASE + number
        if index >= size:
            value -= numbers[index - size] * leaving
        value &= _MASK
        if index >= size - 1:
            made.append((value & ~_LAST) | size)
    return made


def _folded(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = text.translate(_TO_MINUS)
    return _OPTION.sub("", text.lower() if text.isascii() else text.casefold())


_TO_MINUS = dict.fromkeys(map(ord, _MINUS), "-")
