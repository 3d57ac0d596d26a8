"""Dividing rows into splits by group.

Rows that share a key are one group, and so are those that are connected through others. A group
goes to a split by a hash of its smallest key, never by chance or order; a key that went to a
split once stays there:

    rows      a: p1 d1     b: p2 d1     c: p3        stored    p3 → train
    groups    {a, b}: by the hash of min(p1, p2, d1)           {c}: train

Where a group has keys of several splits, such as after a row that connects two older groups,
its rows are taken in their order: one that touches two splits is in none.
"""

import heapq
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, KeysView, Mapping, Sequence
from dataclasses import dataclass, field

from corrigenda.core.groups import KEY_BYTES


@dataclass
class Division:
    """Which split each row went to.

    Attributes:
        splits: The split of each row, in order; `None` for one that touches several.
        touched: The number of each such row → the splits it touches.
        new: The keys that have a split now and had none → that split.
    """

    splits: list[str | None]
    touched: dict[int, tuple[str, ...]] = field(default_factory=dict)
    new: dict[bytes, str] = field(default_factory=dict)


class Groups:
    """Rows with their keys, to be divided.

    Example:
        >>> groups = Groups()
        >>> for keys in (b"a" * 16, b"b" * 16), (b"b" * 16,), (b"c" * 16,):
        ...     groups.add(keys)
        >>> groups.divide({b"a" * 16: "test"}, lambda smallest: "train").splits
        ['test', 'test', 'train']
    """

    def __init__(self) -> None:
        self._ids: dict[bytes, int] = {}
        self._parents = array("i")
        self._row_keys = array("i")
        self._ends = array("q", [0])

    def __len__(self) -> int:
        return len(self._ends) - 1

    @property
    def keys(self) -> KeysView[bytes]:
        """All keys, in the order of their first appearance."""
        return self._ids.keys()

    def add(self, keys: Iterable[bytes]) -> None:
        """Take the next row, which has at least one key of `KEY_BYTES`."""
        first = -1
        for each in keys:
            number = self._ids.setdefault(each, len(self._parents))
            if number == len(self._parents):
                self._parents.append(number)
            self._row_keys.append(number)
            if first < 0:
                first = number
            else:
                self._join(first, number)
        self._ends.append(len(self._row_keys))

    def largest(self) -> int:
        """How many rows the largest group has."""
        counted = Counter(self._root(self._row_keys[start]) for start in self._ends[:-1])
        return max(counted.values(), default=0)

    def divide(self, known: Mapping[bytes, str], drawn: Callable[[bytes], str]) -> Division:
        """Divide the rows.

        Args:
            known: Key → its split, from before.
            drawn: The split of a group none of whose keys is known, by its smallest key.
        """
        smallest, said, torn = self._looked_at(known)
        of_root = {}
        for root, least in smallest.items():
            if root not in torn:
                of_root[root] = said.get(root) or drawn(least)
        del smallest
        division = Division([None] * len(self))
        open_rows: dict[int, list[int]] = {}
        for row in range(len(self)):
            root = self._root(self._row_keys[self._ends[row]])
            if root in torn:
                open_rows.setdefault(root, []).append(row)
            else:
                division.splits[row] = of_root[root]
        for name, number in self._ids.items():
            if name not in known and len(name) == KEY_BYTES:
                root = self._root(number)
                if root not in torn:
                    division.new[name] = of_root[root]
        if open_rows:
            self._one_by_one(open_rows.values(), known, drawn, division)
        return division

    def _looked_at(
        self, known: Mapping[bytes, str]
    ) -> tuple[dict[int, bytes], dict[int, str], set[int]]:
        """Each group's smallest key and known split; and the groups that know several."""
        smallest: dict[int, bytes] = {}
        said: dict[int, str] = {}
        torn: set[int] = set()
        for name, number in self._ids.items():
            root = self._root(number)
            if len(name) == KEY_BYTES and (root not in smallest or name < smallest[root]):
                smallest[root] = name
            split = known.get(name)
            if split is not None and said.setdefault(root, split) != split:
                torn.add(root)
        return smallest, said, torn

    def _one_by_one(
        self,
        groups: Iterable[list[int]],
        known: Mapping[bytes, str],
        drawn: Callable[[bytes], str],
        division: Division,
    ) -> None:
        names = list(self._ids)
        for rows in groups:
            _Torn({row: self._keys_of(row) for row in rows}, names, known).divide(drawn, division)

    def _keys_of(self, row: int) -> "array[int]":
        return self._row_keys[self._ends[row] : self._ends[row + 1]]

    def _root(self, number: int) -> int:
        parents = self._parents
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    def _join(self, one: int, other: int) -> None:
        one, other = self._root(one), self._root(other)
        if one != other:
            # The older key leads, so that the paths stay short.
            self._parents[max(one, other)] = min(one, other)


class _Torn:
    """A group that knows several splits: its rows are taken one by one.

    A row's turn comes when one of its keys has a split, so those of earlier exports are first.
    """

    def __init__(
        self, rows: "Mapping[int, array[int]]", names: Sequence[bytes], known: Mapping[bytes, str]
    ) -> None:
        self._rows = rows
        self._names = names
        self._known = known
        self._with_key: dict[int, list[int]] = {}
        for row, numbers in rows.items():
            for number in numbers:
                self._with_key.setdefault(number, []).append(row)
        self._splits = {n: known[names[n]] for n in self._with_key if names[n] in known}

    def divide(self, drawn: Callable[[bytes], str], division: Division) -> None:
        ready = sorted({row for number in self._splits for row in self._with_key[number]})
        seen: set[int] = set()
        for row in self._rows:
            while ready:
                self._take(heapq.heappop(ready), ready, seen, drawn, division)
            self._take(row, ready, seen, drawn, division)
        while ready:
            self._take(heapq.heappop(ready), ready, seen, drawn, division)

    def _take(
        self,
        row: int,
        ready: list[int],
        seen: set[int],
        drawn: Callable[[bytes], str],
        division: Division,
    ) -> None:
        if row in seen:
            return
        seen.add(row)
        numbers, splits, names = self._rows[row], self._splits, self._names
        touched = sorted({splits[number] for number in numbers if number in splits})
        if len(touched) > 1:
            division.touched[row] = tuple(touched)
            return
        kept = [names[number] for number in numbers if len(names[number]) == KEY_BYTES]
        split = touched[0] if touched else drawn(min(kept))
        division.splits[row] = split
        division.new |= {name: split for name in kept if name not in self._known}
        for number in numbers:
            if number not in splits:
                splits[number] = split
                for other in self._with_key[number]:
                    heapq.heappush(ready, other)
