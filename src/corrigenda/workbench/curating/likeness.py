"""How alike two rows are: what makes near-duplicates of them.

The measure is the Jaccard similarity of their shingles, runs of three words, in the question and
in each answer. Alone it would call many rows one that are not: exercises from one template that
differ in their numbers, questions about one long passage, everything behind one long preamble.
So two rows are alike only if besides

- they have the same numbers and negations, in the same order;
- sentences that stand in only one of them have something in common with those of the other;
- system messages, which many rows share, are left aside.
"""

import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from corrigenda.core.example import Example, Message

if TYPE_CHECKING:
    import numpy as np

    Hashes = np.ndarray[Any, np.dtype[np.uint64]]

_SHINGLE = 3
_COMMON = 0.5
"""What share of shingles the sentences must have in common that differ."""

_LONGEST = 50_000
"""Characters of a text that count."""

_KEPT = 2**16
"""Words whose hashes are kept."""

_MIX = 0x9E3779B97F4A7C15  # an odd number: multiplying by it loses nothing

_WORD = re.compile(r"\w+|[^\w\s]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
# What turns the meaning of a text by a single word.
_TELLING = frozenset(
    (
        *("no", "not", "never", "none", "nor", "neither", "without", "cannot", "t"),
        *("less", "more", "least", "most", "half", "twice", "first", "second", "third"),
        *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
        *("eighteen", "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy"),
        *("eighty", "ninety", "hundred", "thousand", "million", "billion"),
    )
)
_APART = ("system", "developer")


def parts(example: Example, *, answers: bool = True, pairs: bool = False) -> list[str]:
    """The texts of an example that are compared; without `answers` its prompt alone.

    What was rejected counts only where it is part of the row, in `pairs`.
    """
    turns = [each for each in example.prompt if each.get("role") not in _APART]
    found = ["\n".join(map(_said, turns or example.prompt))]
    if answers and example.wanted:
        found.append(_said(example.answer))
        if pairs and example.rejected is not None:
            found.append(_said(example.rejected))
    elif answers:
        found += ["", _said(example.answer)]  # what is not wanted is never like what is
    return [text[:_LONGEST].casefold() for text in found]


def shingles(texts: Iterable[str]) -> tuple[list[int], int]:
    """The hashes of the shingles of all parts, 32 bits each, and one of what must be the same."""
    import numpy as np

    found: list[int] = []
    telling = 0
    for place, text in enumerate(texts):
        words = _hashed(_WORD.findall(text))
        found += _runs(words, place)
        said = words[words & np.uint64(1) == 1]
        telling = zlib.crc32(said.astype("<u8").tobytes(), telling + 1)
    return found, telling


def same(ones: Sequence[str], others: Sequence[str], threshold: float) -> bool:
    """Whether the parts of two rows are near-duplicates at a similarity.

    Example:
        >>> one = ["what is 17 + 25?", "42"]
        >>> same(one, ["what is  17 + 25?", "42"], 0.95)
        True
        >>> same(one, ["what is 17 + 26?", "43"], 0.5)
        False
    """
    if len(ones) != len(others):
        return False
    (mine, telling), (theirs, told) = shingles(ones), shingles(others)
    if telling != told or jaccard(set(mine), set(theirs)) < threshold:
        return False
    return all(map(_differ_a_little, ones, others))


def jaccard(one: set[int], other: set[int]) -> float:
    """The share of what is in both in what is in either; two empty sets are the same.

    Example:
        >>> jaccard({1, 2, 3}, {2, 3, 4})
        0.5
    """
    common = len(one & other)
    either = len(one) + len(other) - common
    return common / either if either else 1.0


def _differ_a_little(one: str, other: str) -> bool:
    """Whether the sentences that only one of two texts has are like those of the other."""
    ours, theirs = _sentences(one), _sentences(other)
    mine = [word for sentence in ours if sentence not in theirs for word in sentence]
    others = [word for sentence in theirs if sentence not in ours for word in sentence]
    if not mine or not others:
        return True
    return jaccard(set(_runs(_hashed(mine), 0)), set(_runs(_hashed(others), 0))) >= _COMMON


def _sentences(text: str) -> dict[tuple[str, ...], None]:
    """The different sentences as words, in their order."""
    return dict.fromkeys(tuple(_WORD.findall(sentence)) for sentence in _SENTENCE.split(text))


def _hashed(words: Sequence[str]) -> "Hashes":
    import numpy as np

    return np.array([*map(_HASHES.__getitem__, words)], dtype=np.uint64)


def _runs(words: "Hashes", salt: int) -> list[int]:
    """The hash of each run of three words; one of all words where there are fewer."""
    import numpy as np

    if not len(words):
        return []
    hashes = np.concatenate([words >> np.uint64(1), np.zeros(_SHINGLE, np.uint64)])
    runs = max(1, len(words) - _SHINGLE + 1)
    mixed = np.full(runs, salt, np.uint64)
    for place in range(_SHINGLE):
        mixed = (mixed ^ hashes[place : place + runs]) * np.uint64(_MIX)
    found: list[int] = (mixed >> np.uint64(32)).tolist()
    return found


class _Hashes(dict[str, int]):
    """The hash of a word in 33 bits; the lowest says whether the word tells (see `_tells`).

    Fixed, unlike Python's own, and kept, since most words come again.
    """

    def __missing__(self, word: str) -> int:
        if len(self) >= _KEPT:
            self.clear()
        found = zlib.crc32(word.encode("utf-8", "replace")) << 1 | _tells(word)
        self[word] = found
        return found


_HASHES = _Hashes()


def _tells(word: str) -> bool:
    """Whether a word must be the same in near-duplicates."""
    return word in _TELLING or word[0].isdigit() or word[-1].isdigit()


def _said(message: Message) -> str:
    """What a message says, as one text: its text, its reasoning and the tools that it calls."""
    content = message.get("content")
    texts = [content] if isinstance(content, str) else list(_texts(content))
    if message.get("reasoning_content"):
        texts.append(str(message["reasoning_content"]))
    if message.get("tool_calls"):
        texts.append(json.dumps(message["tool_calls"], sort_keys=True))
    return "\n".join(texts)


def _texts(content: Any) -> Iterator[str]:
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]
