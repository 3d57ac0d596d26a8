"""The words of thousands of candidates at once, as pages of the index.

It finds the same words as `core.words`, and makes the same sets as `core.postings`, but handles
all words of a part together: a text in ASCII is taken apart as bytes, Arrow numbers the different
words, and sorting the numbers with the places brings together what belongs to a word. Most of that
lets go of the interpreter. Texts beyond ASCII are taken apart by `core.words`, and join here.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

from corrigenda.core.postings import BLOCK, EACH, FEW, PAGE, TABLE, page
from corrigenda.core.words import ASCII_WORDS, WORD_LIMIT, apart, words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Places: TypeAlias = NDArray[np.uint16]
    Numbers: TypeAlias = NDArray[np.integer[Any]]

_BITS = BLOCK.bit_length() - 1


class Texts:
    """The words of many texts of a block, in the order of their places.

    Example:
        >>> from corrigenda.core.postings import unpaged
        >>> texts = Texts()
        >>> texts.add([0, 3], ["ham and eggs", "Ham"])
        >>> [(first, list(unpaged(page))) for first, page in texts.pages()]
        [('and', ['and', 'eggs', 'ham'])]
    """

    def __init__(self) -> None:
        self._words: list[Any] = []  # arrays of Arrow: the words of some texts, one by one
        self._places: list[Places] = []  # and the place of each
        self.held = 0
        """Words, counted as often as they occur."""

    def add(self, places: Sequence[int], texts: Sequence[str]) -> None:
        """Take in a few hundred texts, each at its place in the block."""
        ascii_texts, beyond = list(texts), dict[int, str]()
        for at, text in enumerate(texts):
            if not text.isascii():
                ascii_texts[at], beyond[places[at]] = apart(text)
        self._take(places, *_of_ascii(ascii_texts))
        if beyond:
            self._take(list(beyond), *_of_any(beyond.values()))

    def pages(self) -> Iterator[tuple[str, bytes]]:
        """The first word of each page, and the page."""
        if self.held:
            names, keys = self._sorted()
            yield from _pages(names, keys)

    def _take(self, at: Sequence[int], found: Any, counts: "Numbers") -> None:
        """Words, and how many of them each text has."""
        import numpy as np

        if not len(found):  # of which Arrow makes no piece
            return
        self._words.append(found)
        self._places.append(np.repeat(np.array(at, np.uint16), counts))
        self.held += len(found)

    def _sorted(self) -> tuple[Any, "Numbers"]:
        """The different words in order, and in order: which of them is in which place."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute

        encoded = pa.chunked_array(self._words).dictionary_encode()
        names = encoded.chunk(0).dictionary  # of all chunks
        order = pa.compute.array_sort_indices(names)
        kind = np.dtype(np.uint32 if len(names) << _BITS <= 2**32 else np.uint64)
        ranks = np.empty(len(names), kind)
        ranks[order.to_numpy()] = np.arange(len(names), dtype=kind)
        ranks <<= _BITS
        keys = np.empty(self.held, kind)
        at = 0
        for chunk, places in zip(encoded.chunks, self._places, strict=True):
            keys[at : at + len(places)] = ranks[chunk.indices.to_numpy()] | places
            at += len(places)
        keys.sort()
        return names.take(order), keys[np.append(True, keys[1:] != keys[:-1])]


def _of_ascii(texts: Sequence[str]) -> tuple[Any, "Numbers"]:
    """The words of texts in ASCII, one by one, and how many each text has."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute

    data = "\n".join(texts).encode("ascii").translate(ASCII_WORDS)
    inside = np.zeros(len(data) + 2, np.bool_)
    np.not_equal(np.frombuffer(data, np.uint8), ord(" "), out=inside[1:-1])
    edges = np.flatnonzero(inside[1:] != inside[:-1]).astype(np.int32)
    starts, lengths = edges[0::2], edges[1::2] - edges[0::2]
    offsets = np.append(np.int32(0), np.cumsum(lengths, dtype=np.int32))
    letters = data.translate(None, b" ")
    found = pa.StringArray.from_buffers(len(starts), *map(pa.py_buffer, (offsets, letters)))
    if len(lengths) and lengths.max() > WORD_LIMIT:
        found = pa.compute.utf8_slice_codeunits(found, 0, WORD_LIMIT)
    ends = np.cumsum(np.fromiter(map(len, texts), np.int32, len(texts)) + 1)
    counts = np.diff(np.searchsorted(starts, ends), prepend=0)
    return found, counts


def _of_any(texts: Iterable[str]) -> tuple[Any, "Numbers"]:
    import numpy as np
    import pyarrow as pa

    found = [words(text) for text in texts]
    counts = np.fromiter(map(len, found), np.int64, len(found))
    return pa.array(list(chain.from_iterable(found)), pa.string()), counts


def _pages(names: Any, keys: "Numbers") -> Iterator[tuple[str, bytes]]:
    """Cut words in order, and the places of each, into pages.

    Args:
        names: n words.
        keys: In ascending order: the number of a word, times `BLOCK`, with a place.
    """
    import numpy as np
    import pyarrow.compute as pc

    places = (keys & keys.dtype.type(BLOCK - 1)).astype(np.uint16)
    edges = np.searchsorted(keys, np.arange(len(names) + 1, dtype=np.uint64) << _BITS)
    counts = np.diff(edges)
    many = np.flatnonzero(counts >= FEW)
    tables = [_table(places[edges[each] : edges[each + 1]]) for each in many]
    few = np.where(counts < FEW, counts, 0)
    if len(many):
        places = places[np.repeat(counts < FEW, counts)]
    starts = np.append(0, np.cumsum(few)).tolist()
    lows, highs = (places & 255).astype(np.uint8), (places >> 8).astype(np.uint8)
    lengths = np.where(counts < FEW, 2 * counts, TABLE).astype("<u2")
    sizes = np.cumsum(pc.binary_length(names).to_numpy() + lengths + EACH)
    cuts = np.unique(np.append(np.searchsorted(sizes, np.arange(0, sizes[-1], PAGE)), len(names)))
    tables_before = np.searchsorted(many, cuts).tolist()
    for at, (first, end) in enumerate(pairwise(cuts.tolist())):
        here = slice(starts[first], starts[end])
        listed = names[first:end].to_pylist()
        yield (
            listed[0],
            page(
                listed,
                lengths[first:end].tobytes(),
                highs[here].tobytes(),
                lows[here].tobytes(),
                b"".join(tables[tables_before[at] : tables_before[at + 1]]),
            ),
        )


def _table(places: "Places") -> bytes:
    import numpy as np

    found = np.zeros(BLOCK, np.bool_)
    found[places] = True
    return np.packbits(found, bitorder="little").tobytes()
