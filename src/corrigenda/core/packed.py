"""A long list of JSON objects, kept small: compressed, and read as a stream."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corrigenda.core.parts import in_parts

TOGETHER = 1000
"""Objects of a chunk; the last one may have fewer."""

_LEVEL = 1  # the ids and names of one run are alike: more effort would gain little


@dataclass(frozen=True)
class Packed:
    """See the module; two with the same objects are equal.

    Example:
        >>> found = Packed.of({"n": n} for n in range(3))
        >>> len(found), list(found)
        (3, [{'n': 0}, {'n': 1}, {'n': 2}])
    """

    chunks: tuple[bytes, ...] = ()
    n: int = 0

    @classmethod
    def of(cls, objects: Iterable[Mapping[str, Any]]) -> "Packed":
        """Those objects, in their order."""
        chunks, n = [], 0
        for part in in_parts(objects, TOGETHER):
            text = json.dumps(part, separators=(",", ":"))
            chunks.append(zlib.compress(text.encode("ascii"), _LEVEL))
            n += len(part)
        return cls(tuple(chunks), n)

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for number in range(len(self.chunks)):
            yield from self.chunk(number)

    def chunk(self, number: int) -> list[dict[str, Any]]:
        """Some `TOGETHER` objects that stand together; the first ones are chunk 0."""
        found: list[dict[str, Any]] = json.loads(zlib.decompress(self.chunks[number]))
        return found
