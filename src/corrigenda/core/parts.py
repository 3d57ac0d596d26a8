"""A stream taken in parts."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_T = TypeVar("_T")


def in_parts(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """The items in lists of `size`, the last of which may be shorter; none of them is empty.

    Example:
        >>> list(in_parts("abcde", 2))
        [['a', 'b'], ['c', 'd'], ['e']]
    """
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part
