"""The order in which rows are trained on: a function of the seed and the step alone.

So a run that was interrupted goes on with the rows it would have gone on with, and several
processes see together what one would see.
"""

import functools
import random
from collections.abc import Callable, Iterator


@functools.lru_cache(maxsize=4)
def shuffled(n: int, seed: int, times: int) -> tuple[int, ...]:
    """The numbers below n in the order of the seed, for the given time around."""
    order = list(range(n))
    random.Random(f"{seed}/{times}").shuffle(order)
    return tuple(order)


class Sampler:
    """The places of rows for one epoch, in whole batches.

    The last batch of an epoch is filled up with the first rows of the next order: a small one
    would weigh as much as others in its few rows, and several processes would fill it otherwise
    than one.

    Args:
        n: The number of rows.
        batch: The rows of an optimiser step, over all processes.
        seed: Of the run.
        step: Tells the optimiser steps that are done.

    Example:
        >>> sorted(Sampler(4, 4, 0, lambda: 0))
        [0, 1, 2, 3]
        >>> len(list(Sampler(5, 4, 0, lambda: 0)))
        8
    """

    def __init__(self, n: int, batch: int, seed: int, step: Callable[[], int]) -> None:
        self._n = n
        self._batch = batch
        self._seed = seed
        self._step = step

    def __len__(self) -> int:
        return -(-self._n // self._batch) * self._batch

    def __iter__(self) -> Iterator[int]:
        # Not counted by itself: a trainer that goes on has not been through the epochs before.
        epoch = self._step() // (len(self) // self._batch)
        yield from shuffled(self._n, self._seed, epoch)
        for more in range(len(self) - self._n):
            yield shuffled(self._n, self._seed, epoch + 1)[more % self._n]


class Share:
    """How the rows of a step are spread over batches and processes."""

    def __init__(
        self, at_once: int, accumulation: int = 1, processes: int = 1, rank: int = 0
    ) -> None:
        self.at_once = at_once
        self.accumulation = accumulation
        self.processes = processes
        self.rank = rank


def replayed(n: int, seed: int, step: int, micro: int, share: Share) -> list[int]:
    """Which of n rows stand beside a batch of pairs.

    They are gone through in the order of the seed, again and again in new orders.

    Args:
        n: The number of rows.
        seed: Of the run.
        step: Optimiser steps done.
        micro: Batches done of this step.
        share: How the rows of a step are spread.

    Example:
        >>> sorted(replayed(4, 0, 0, 0, Share(2)) + replayed(4, 0, 1, 0, Share(2)))
        [0, 1, 2, 3]
    """
    first = ((step * share.accumulation + micro) * share.processes + share.rank) * share.at_once
    places = range(first, first + min(share.at_once, n))
    return [shuffled(n, seed, place // n)[place % n] for place in places]
