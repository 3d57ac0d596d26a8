"""Random samples that everybody can draw again.

Which candidates are chosen, and in what order they are reviewed, follows from a keyed hash of
seed and id: the same on every database, whatever the order of arrival. The order of review is
drawn apart from the choice, so that those reviewed so far are a random sample at any time.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Stratum = tuple[str | None, ...]
"""The values that the members of a stratum share, such as `("math", "Qwen2.5-3B")`."""


@dataclass(frozen=True)
class Sample:
    """What was drawn: keys in the order of review, and how many there are in each stratum.

    `strata` are sorted; each has (values, members in the population, members in the sample).
    `members` holds (key, place of its stratum in `strata`).
    """

    members: tuple[tuple[int, int], ...]
    strata: tuple[tuple[Stratum, int, int], ...]


def draw(population: Iterable[tuple[int, str, Stratum]], size: int, seed: int) -> Sample:
    """Draw `size` of the population, each stratum in proportion; all of it if there are fewer.

    Args:
        population: (key, id, stratum) of each; the key is what comes back.
        size: How many to draw.
        seed: Another seed gives another sample.

    Example:
        >>> people = [(n, f"c{n}", ("math" if n < 9 else "code",)) for n in range(12)]
        >>> sample = draw(people, 4, seed=7)
        >>> sample.strata
        ((('code',), 3, 1), (('math',), 9, 3))
        >>> draw(reversed(people), 4, seed=7) == sample
        True
    """
    members: dict[Stratum, list[tuple[bytes, int, bytes]]] = {}
    for key, name, stratum in population:
        drawn = (_chance(seed, b"choose", name), key, _chance(seed, b"order", name))
        members.setdefault(stratum, []).append(drawn)
    ordered = sorted(members, key=lambda stratum: [(v is not None, v or "") for v in stratum])
    sizes = allocate({stratum: len(members[stratum]) for stratum in ordered}, size)
    chosen: list[tuple[bytes, int, int]] = []
    for place, stratum in enumerate(ordered):
        for _, key, rank in sorted(members[stratum])[: sizes[stratum]]:
            chosen.append((rank, key, place))
    return Sample(
        tuple((key, place) for _, key, place in sorted(chosen)),
        tuple((stratum, len(members[stratum]), sizes[stratum]) for stratum in ordered),
    )


def allocate(populations: Mapping[Stratum, int], size: int) -> dict[Stratum, int]:
    """How many to draw from each stratum: its share of `size`, by largest remainders.

    Where `size` allows, each stratum gives at least one, so that none goes unseen; equal
    remainders go to the larger stratum, then to the first.

    Example:
        >>> allocate({("a",): 90, ("b",): 9, ("c",): 1}, 10)
        {('a',): 8, ('b',): 1, ('c',): 1}
    """
    total = sum(populations.values())
    if size >= total:
        return dict(populations)
    least = 1 if size >= len(populations) else 0
    exact = {stratum: size * n / total for stratum, n in populations.items()}
    sizes = {stratum: max(least, int(share)) for stratum, share in exact.items()}
    order: Sequence[Stratum] = sorted(
        populations, key=lambda s: (sizes[s] - exact[s], -populations[s])
    )
    missing = size - sum(sizes.values())
    while missing > 0:
        for stratum in order:
            if missing and sizes[stratum] < populations[stratum]:
                sizes[stratum] += 1
                missing -= 1
    while missing < 0:  # what the least ones got beyond their share, the largest give back
        more_than_one = [stratum for stratum, n in sizes.items() if n > 1]
        most = max(more_than_one, key=lambda stratum: sizes[stratum] - exact[stratum])
        sizes[most] -= 1
        missing += 1
    return sizes


def _chance(seed: int, purpose: bytes, name: str) -> bytes:
    key = seed.to_bytes(16, "big", signed=True)
    return hashlib.blake2b(name.encode("utf-8"), key=key, person=purpose, digest_size=8).digest()
