"""Into how many sequences rows are packed, before a trainer does it.

TRL takes a thousand rows at a time, the longest first, and puts each where the least room is left
that is enough for it ("best fit decreasing"). Where rows of one length lie does not change how many
sequences there are.
"""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass

TOGETHER = 1000
"""So many rows are packed by themselves: the batch of `datasets.Dataset.map`."""


@dataclass(frozen=True)
class Packed:
    """Rows that share sequences.

    Attributes:
        sequences: How many there are.
        longest: The tokens of the longest.
    """

    sequences: int
    longest: int


def packed(lengths: Sequence[int], limit: int) -> Packed:
    """What rows of these lengths, in their order, are packed into.

    Example:
        >>> packed([5, 2, 3, 1], 4)  # [5, cut], [3, 1], [2]
        Packed(sequences=3, longest=4)
    """
    sequences, longest = 0, 0
    for start in range(0, len(lengths), TOGETHER):
        room: list[int] = []  # of each sequence, ascending
        for length in sorted(lengths[start : start + TOGETHER], reverse=True):
            taken = min(length, limit)
            place = bisect_left(room, taken)
            left = room.pop(place) if place < len(room) else limit
            insort(room, left - taken)
        sequences += len(room)
        longest = max(longest, limit - room[0])
    return Packed(sequences, longest)
