"""The prompts of protected benchmarks, ready to be looked up.

A prompt is found by all its words, or by its n-grams: at least half of those that count must
occur in what is looked at. An n-gram that many prompts of a set have is text of its template,
such as an instruction; neither it nor any n-gram that has a word of it counts.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from corrigenda.core import ngrams
from corrigenda.core.groups import text
from corrigenda.store import Database, protected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.uint64]

SHARED = 10
"""N-grams that more prompts of a set have are its template's; in a large set one in 500."""

_ONE_IN = 500
_FEW = 4
"""From so many prompts on, what more than half of them have is their template, too."""

_BYTES = 8

EXACT, OVERLAP = "exact", "overlap"
"""How a prompt was found."""


@dataclass(frozen=True)
class Match:
    """A protected prompt that was found: whose, and `exact` or by `overlap`."""

    set_name: str
    how: str

    @property
    def message(self) -> str:
        """A sentence for people."""
        if self.how == EXACT:
            return f"Its prompt is in the protected set `{self.set_name}`."
        return f"Its prompt has at least half of one in the protected set `{self.set_name}`."


class Index:
    """All protected prompts of a workspace; empty where there are none."""

    def __init__(self, sets: Sequence["IndexedSet"] = ()) -> None:
        self._sets = sets

    def __bool__(self) -> bool:
        return bool(self._sets)

    def find(self, messages: Sequence[Mapping[str, Any]]) -> Match | None:
        """The first set that a prompt belongs to; an exact match goes before an overlap."""
        if not self._sets:
            return None
        keys, parts = looked_at(messages)
        for each in self._sets:
            if any(key in each.keys for key in keys):
                return Match(each.name, EXACT)
        for each in self._sets:
            if each.overlaps(parts):
                return Match(each.name, OVERLAP)
        return None


class IndexedSet:
    """One set: its prompts by key, and the n-grams that count, sorted, with their prompts.

    A prompt's place is that in which it was given.
    """

    def __init__(self, name: str, ngram: int, prompts: Iterable[tuple[bytes, bytes]]) -> None:
        import numpy as np

        self.name = name
        self._ngram = ngram
        self.keys: set[bytes] = set()
        self._short: dict[int, list[int]] = {}
        long: list[Numbers] = []
        self._places: list[int] = []
        for place, (key, stored) in enumerate(prompts):
            self.keys.add(key)
            found = np.frombuffer(stored, dtype=">u8").astype(np.uint64)
            if len(found) == 1 and ngrams.size_of(int(found[0])) < ngram:
                self._short.setdefault(int(found[0]), []).append(place)
            elif len(found):
                long.append(found)
                self._places.append(place)
        self._sizes = sorted({ngrams.size_of(each) for each in self._short})
        self._ngrams, self._owners, self._needed = _counting(long, ngram, len(self.keys))

    def overlaps(self, texts: Sequence[ngrams.Words]) -> bool:
        """Whether the texts have enough of one of the prompts."""
        return next(self.overlapped(texts), None) is not None

    def overlapped(self, texts: Sequence[ngrams.Words]) -> Iterator[int]:
        """The places of the prompts of which the texts have enough; some may come twice."""
        if self._short:
            for each in texts:
                for found in ngrams.sentences(each, self._sizes):
                    yield from self._short.get(found, ())
        if not len(self._ngrams):
            return
        import numpy as np

        n = self._ngram
        own = {g for each in texts if len(each.words) >= n for g in ngrams.ngrams(each, n)}
        wanted = np.fromiter(own, dtype=np.uint64, count=len(own))
        first = np.searchsorted(self._ngrams, wanted, "left")
        last = np.searchsorted(self._ngrams, wanted, "right")
        there = last > first
        if not there.any():
            return
        ranges = zip(first[there].tolist(), last[there].tolist(), strict=True)
        owners = np.concatenate([self._owners[start:end] for start, end in ranges])
        prompts, times = np.unique(owners, return_counts=True)
        for prompt in prompts[times >= self._needed[prompts]].tolist():
            yield self._places[prompt]


def index_of(database: Database) -> Index:
    """The index of a workspace; made again only when a set was added or removed."""
    with database.reading() as connection:
        version = protected.version(connection)
    if not version:
        return _EMPTY
    with _making:
        made = _made.get(database)
        if made is None or made[0] != version:
            with database.reading() as connection:
                version = protected.version(connection)
                made = (
                    version,
                    Index(
                        [
                            IndexedSet(s.name, s.ngram, protected.prompts_of(connection, s.id))
                            for s in protected.listing(connection)
                        ]
                    ),
                )
            _made[database] = made
        return made[1]


_EMPTY = Index()
_making = threading.Lock()
_made: WeakKeyDictionary[Database, tuple[tuple[int, ...], Index]] = WeakKeyDictionary()


def entry(prompt: str | Sequence[Mapping[str, Any]], n: int) -> tuple[bytes, bytes] | None:
    """A prompt as it is kept: (key, n-grams of what it asks); `None` of one without words."""
    said = prompt if isinstance(prompt, str) else prompt_text(prompt)
    whole = ngrams.words(said)
    if not whole.words:
        return None
    asked = ngrams.question(said)
    words = whole if asked == said else ngrams.words(asked)
    return whole.key, _stored(words, n) or _stored(whole, n)


def _stored(found: ngrams.Words, n: int) -> bytes:
    return b"".join(each.to_bytes(_BYTES) for each in ngrams.ngrams(found, n))


def prompt_text(messages: Sequence[Mapping[str, Any]]) -> str:
    """What of a conversation is the benchmark's: the last message of the user.

    One of a few words, such as `And in French?`, is nothing without those before.
    """
    said = [text(each) for each in messages if each.get("role") == "user"]
    if not said:
        return "\n".join(text(each) for each in messages)
    alone = len(said) == 1 or len(ngrams.words(said[-1]).words) >= ngrams.SHORTEST
    return said[-1] if alone else "\n".join(said)


def looked_at(messages: Sequence[Mapping[str, Any]]) -> tuple[list[bytes], list[ngrams.Words]]:
    """The keys of what of a prompt may be a protected one as a whole; and its messages."""
    texts = [text(each) for each in messages]
    said = [text(each) for each in messages if each.get("role") == "user"]
    whole = {"\n".join(each) for each in (texts, said) if len(each) > 1}
    if said:
        whole.add(ngrams.question(said[-1]))
    parts = [ngrams.words(each) for each in texts]
    wholes = [ngrams.words(each) for each in whole - set(texts)]
    return [each.key for each in (*wholes, *parts) if each.words], parts


def _counting(prompts: list["Numbers"], n: int, total: int) -> tuple["Numbers", Any, Any]:
    """The n-grams that count, sorted; whose each is; and of how many a prompt needs to be found."""
    import numpy as np

    if not prompts:
        return np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32)
    lengths = np.array([len(each) for each in prompts])
    flat = np.concatenate(prompts)
    owners = np.repeat(np.arange(len(prompts), dtype=np.uint32), lengths)
    common = _common(flat, owners, max(SHARED, total // _ONE_IN), total)
    if len(common):
        near = _near(np.isin(flat, common), lengths, n - 1)
        flat, owners = flat[~near], owners[~near]
    order = np.lexsort((owners, flat))
    flat, owners = flat[order], owners[order]
    first = np.ones(len(flat), dtype=bool)
    first[1:] = (flat[1:] != flat[:-1]) | (owners[1:] != owners[:-1])
    flat, owners = flat[first], owners[first]
    needed = (np.bincount(owners, minlength=len(prompts)) + 1) // 2
    return flat, owners, needed


def _common(flat: "Numbers", owners: Any, limit: int, total: int) -> "Numbers":
    """The n-grams that are a template's."""
    import numpy as np

    order = np.lexsort((owners, flat))
    flat, owners = flat[order], owners[order]
    first = np.ones(len(flat), dtype=bool)
    first[1:] = (flat[1:] != flat[:-1]) | (owners[1:] != owners[:-1])
    found, times = np.unique(flat[first], return_counts=True)
    most = total / 2 if total >= _FEW else total
    return found[(times > limit) | (times > most)]


def _near(marked: Any, lengths: Any, reach: int) -> Any:
    """Which places are at most `reach` away from a marked one of the same prompt."""
    import numpy as np

    ends = np.repeat(np.cumsum(lengths), lengths)
    begins = ends - np.repeat(lengths, lengths)
    places = np.arange(len(marked))
    so_far = np.concatenate([[0], np.cumsum(marked)])
    low = np.maximum(places - reach, begins)
    high = np.minimum(places + reach + 1, ends)
    return so_far[high] > so_far[low]
