"""Near-duplicates, found by MinHash and locality-sensitive hashing and then looked at.

Of each row only the hashes of its bands are kept, 8 bytes each: two rows that agree in a band
may be near-duplicates. Their texts are read again and compared (see `likeness`), so that nothing
is left out by chance. Hashes and permutations are fixed: every machine finds the same.

How many bands there are depends on the similarity: as few as find 99 of 100 pairs that are just
that similar. At 0.95 they are eight, 64 bytes a row.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from corrigenda.core.example import Example
from corrigenda.errors import shorten
from corrigenda.workbench.curating import likeness
from corrigenda.workbench.curating.items import Findings, Item, Reason

if TYPE_CHECKING:
    import numpy as np

CLUSTERED = 0.8
"""From which similarity on two prompts belong into one split."""

Reader = Callable[[Sequence[Item]], Iterator[tuple[Item, Example]]]
"""Reads the examples of items again, in order; leaves out what has changed."""

Prepare = Callable[[Example], list[str]]
"""Gives the texts of an example that are compared."""

_PERMUTATIONS = 128
_FOUND = 0.99
_SEED = 1
_PARTNERS = 4
"""With how many of those that agree in a band each row is compared: the first ones."""

_AT_ONCE = 2000
"""Pairs that are compared together: so many texts are in memory at most."""


def unique(
    items: list[Item],
    threshold: float,
    keep: str,
    read: Reader,
    findings: Findings,
    *,
    pairs: bool = False,
) -> list[Item]:
    """Of near-duplicates the one that is to stay; the others are noted.

    Args:
        items: In the order of arrival.
        threshold: The similarity from which two are one.
        keep: The `first` stays, or the `latest` decided.
        read: Gives their examples.
        findings: Takes what is left out.
        pairs: Whether a row has the answer that was rejected, too.
    """
    first = items
    if keep == "latest":
        first = sorted(items, key=lambda item: (item.decided_at, item.seq), reverse=True)
    gone: dict[int, int] = {}
    for kept, place in _alike(first, threshold, read, partial(likeness.parts, pairs=pairs)):
        if kept not in gone and place not in gone:
            gone[place] = kept
    # By identity: a correction and a negative may have all else in common.
    other = {id(first[place]): first[kept] for place, kept in gone.items()}
    stay = []
    for item in items:
        if (near := other.get(id(item))) is None:
            stay.append(item)
        else:
            findings.leave(item, Reason.NEAR_DUPLICATE, f"It is nearly `{shorten(near.id)}`.")
    return stay


def clusters(items: Sequence[Item], read: Reader) -> dict[bytes, bytes]:
    """`Item.prompt` → the least prompt of its cluster, for prompts with near-duplicates.

    Args:
        items: In the order of arrival.
        read: Gives their examples.
    """
    one_each = list({item.prompt: item for item in reversed(items)}.values())[::-1]
    above: dict[bytes, bytes] = {}

    def root(prompt: bytes) -> bytes:
        while (parent := above.get(prompt, prompt)) != prompt:
            above[prompt] = above.get(parent, parent)
            prompt = parent
        return prompt

    for one, other in _alike(one_each, CLUSTERED, read, _of_prompt):
        low, high = sorted((root(one_each[one].prompt), root(one_each[other].prompt)))
        above[high] = above[low] = low
    return {prompt: root(prompt) for prompt in above}


def bands(threshold: float, permutations: int = _PERMUTATIONS) -> tuple[int, int]:
    """(Number of bands, their width): the widest that find almost all pairs that similar.

    Two rows agree in one of b bands of r hashes with the probability 1 - (1 - s^r)^b; see
    http://infolab.stanford.edu/~ullman/mmds/ch3n.pdf.

    Example:
        >>> bands(0.95), bands(0.5)
        ((8, 16), (42, 3))
    """
    for width in range(permutations, 1, -1):
        number = permutations // width
        if 1 - (1 - threshold**width) ** number >= _FOUND:
            return number, width
    return permutations, 1


def _of_prompt(example: Example) -> list[str]:
    return likeness.parts(example, answers=False)


def _alike(
    items: Sequence[Item],
    threshold: float,
    read: Reader,
    prepare: Prepare,
) -> Iterator[tuple[int, int]]:
    """The pairs of places that are near-duplicates, the later one's place ascending."""
    if len(items) < 2:
        return
    pairs = _candidates(_band_keys(items, threshold, read, prepare))
    remaining = iter(pairs)
    while some := list(islice(remaining, _AT_ONCE)):
        wanted = sorted({place for pair in some for place in pair})
        places = {id(items[place]): place for place in wanted}
        prepared = {
            places[id(item)]: prepare(example)
            for item, example in read([items[place] for place in wanted])
        }
        for one, other in some:
            if one not in prepared or other not in prepared:
                continue
            if likeness.same(prepared[one], prepared[other], threshold):
                yield one, other


def _band_keys(
    items: Sequence[Item],
    threshold: float,
    read: Reader,
    prepare: Prepare,
) -> "np.ndarray[Any, np.dtype[np.uint64]]":
    """The hash of each band of each item; what could not be read has hashes of its own."""
    import numpy as np
    from datasketch import MinHash  # type: ignore[import-untyped]  # it comes without types

    number, width = bands(threshold)
    minhash = MinHash(num_perm=_PERMUTATIONS, seed=_SEED, hashfunc=int)
    # Unequal to all others, until it is read.
    found = np.arange(len(items), dtype=np.uint64)[:, None].repeat(number, axis=1)
    mixed = np.random.RandomState(_SEED).randint(2**62, size=width, dtype=np.int64)
    odd = mixed.astype(np.uint64) * np.uint64(2) + np.uint64(1)
    places = {id(item): place for place, item in enumerate(items)}
    for item, example in read(items):
        hashes, telling = likeness.shingles(prepare(example))
        minhash.clear()
        minhash.update_batch(hashes)
        rows = minhash.hashvalues[: number * width].reshape(number, width)
        # What must be the same is in the hash, so that rows that differ in it never meet.
        keys = ((rows ^ np.uint32(telling)) * odd).sum(axis=1)
        found[places[id(item)]] = (keys ^ (keys >> np.uint64(29))) * odd[-1:]
    return found


def _candidates(keys: "np.ndarray[Any, np.dtype[np.uint64]]") -> Iterable[tuple[int, int]]:
    """Pairs of rows that agree in a band, ascending by the later one and then the earlier."""
    import numpy as np

    n = len(keys)
    found: np.ndarray[Any, np.dtype[np.int64]] = np.empty(0, dtype=np.int64)
    for band in keys.T:
        order = np.argsort(band, kind="stable")
        same = band[order][1:] == band[order][:-1]
        start = np.arange(n)
        start[1:][same] = 0
        start = np.maximum.accumulate(start)
        for partner in range(_PARTNERS):
            later = np.flatnonzero(start + partner < np.arange(n))
            found = np.union1d(found, order[later] * n + order[start[later] + partner])
    for pair in found.tolist():
        yield pair % n, pair // n
