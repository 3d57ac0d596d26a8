"""Postings: which candidates of a block have a word.

Candidates are numbered in the order of arrival, and `BLOCK` neighbours make a block. A word has a
set of places in it, 0 to `BLOCK - 1`, which is kept in the shorter of two forms:

    few     two bytes for each place, the lowest first, little-endian
    many    one bit for each place, `TABLE` bytes; the first place is the lowest bit

To reckon with, a set is one whole number with a bit for each place: two words are joined by `&`.

Most words of a block are rare, so that a row of a table for each would be mostly overhead. They
are kept in pages, each with the sets of some words that follow one another:

    how many words n, how many bytes they have, how many bytes the front has
    the front: the words with line feeds between them, how many bytes each set has (n times two),
        and the high bytes of the places of all sets in the form of few
    the low bytes of these places, and the sets in the form of many

The front is compressed with zlib, as neighbours in the alphabet begin alike and the high bytes
of a set ascend slowly; the rest is as good as random, and trying to compress it takes most of
the time that a page takes.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Collection, Iterable, Iterator

BLOCK = 16384
"""Neighbours in a block."""

TABLE = BLOCK // 8
"""Bytes of a set in the form of many."""

FEW = TABLE // 2
"""Fewer places than this are in the form of few."""

PAGE = 3000
"""A page is full when its words and sets have so many bytes, and `EACH` for each word."""

EACH = 3

_HEAD = struct.Struct("<III")
_PLACES = [tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256)]


def packed(places: Collection[int]) -> bytes:
    """A set of places as bytes.

    Args:
        places: In ascending order, each once.

    Example:
        >>> packed([0, 3]).hex()
        '00000300'
    """
    if len(places) < FEW:
        few = array("H", places)
        if sys.byteorder == "big":
            few.byteswap()
        return few.tobytes()
    return bytes(_table(places))


def changed(data: bytes, added: Collection[int], gone: Collection[int] = ()) -> bytes:
    """A packed set with some places more, and some fewer.

    Example:
        >>> changed(packed([0, 3]), added=[7], gone=[0]) == packed([3, 7])
        True
    """
    if len(data) == TABLE:
        table = bytearray(data)
        for place in added:
            table[place >> 3] |= 1 << (place & 7)
        for place in gone:
            table[place >> 3] &= ~(1 << (place & 7))
        return bytes(table) if any(table) else b""
    return packed(sorted({*_few(data), *added}.difference(gone)))


def bits(data: bytes) -> int:
    """The same as a number with a bit for each place.

    Example:
        >>> bin(bits(packed([0, 3])))
        '0b1001'
    """
    if len(data) == TABLE:
        return int.from_bytes(data, "little")
    if len(data) <= 32:  # most words are rare
        found = 0
        for place in _few(data):
            found |= 1 << place
        return found
    return int.from_bytes(_table(_few(data)), "little")


def places(found: int) -> Iterator[int]:
    """The places of a number's bits, the lowest first.

    Example:
        >>> list(places(0b1001))
        [0, 3]
    """
    for at, byte in enumerate(found.to_bytes(TABLE, "little")):
        if byte:
            for bit in _PLACES[byte]:
                yield at * 8 + bit


def pages(words: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """Words and their sets, both packed, as pages of a kilobyte or two.

    Args:
        words: In ascending order.

    Yields:
        The first word of a page, and the page.
    """
    names: list[str] = []
    sets: list[bytes] = []
    size = 0
    for name, data in words:
        names.append(name)
        sets.append(data)
        size += len(name) + len(data) + EACH
        if size >= PAGE:
            yield names[0], _page(names, sets)
            names, sets, size = [], [], 0
    if names:
        yield names[0], _page(names, sets)


def page(names: list[str], lengths: bytes, highs: bytes, lows: bytes, tables: bytes) -> bytes:
    """A page of its pieces.

    Args:
        names: The words, in ascending order.
        lengths: How many bytes each packed set has, two bytes each, little-endian.
        highs: The second byte of each place, of all sets in the form of few.
        lows: The first byte of each.
        tables: The sets in the form of many.
    """
    text = "\n".join(names).encode("utf-8")
    front = zlib.compress(b"".join((text, lengths, highs)), 1)
    return b"".join((_HEAD.pack(len(names), len(text), len(front)), front, lows, tables))


def unpaged(page: bytes) -> dict[str, bytes]:
    """The words of a page and their sets, in order.

    Example:
        >>> ((first, page),) = pages([("eggs", packed([3])), ("ham", packed([0, 3]))])
        >>> first, {word: list(places(bits(found))) for word, found in unpaged(page).items()}
        ('eggs', {'eggs': [3], 'ham': [0, 3]})
    """
    n, size, end = _HEAD.unpack_from(page)
    end += _HEAD.size
    front = zlib.decompress(page[_HEAD.size : end])
    highs = front[size + 2 * n :]
    few = bytearray(2 * len(highs))
    few[0::2] = page[end : end + len(highs)]
    few[1::2] = highs
    # The forms take turns as they like, and each is read from its own place on.
    few_at, table_at = 0, end + len(highs)
    found: dict[str, bytes] = {}
    lengths = struct.unpack_from(f"<{n}H", front, size)
    for name, length in zip(front[:size].decode("utf-8").split("\n"), lengths, strict=True):
        if length == TABLE:
            found[name] = page[table_at : table_at + TABLE]
            table_at += TABLE
        else:
            found[name] = bytes(few[few_at : few_at + length])
            few_at += length
    return found


def _page(names: list[str], sets: list[bytes]) -> bytes:
    lengths = struct.pack(f"<{len(sets)}H", *map(len, sets))
    few = b"".join(data for data in sets if len(data) != TABLE)
    tables = b"".join(data for data in sets if len(data) == TABLE)
    return page(names, lengths, few[1::2], few[0::2], tables)


def _few(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 2}H", data)


def _table(places: Iterable[int]) -> bytearray:
    found = bytearray(TABLE)
    for place in places:
        found[place >> 3] |= 1 << (place & 7)
    return found
