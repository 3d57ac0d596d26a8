"""Has a file changed since we read it, and was it only added to?"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any

from corrigenda.jsonl import Line, read_lines

_CHUNK = 1 << 20
# A file changed twice within one tick of the clock looks unchanged the second time.
_RACY_NS = 100_000_000


@dataclass(frozen=True)
class Stamp:
    """What tells one state of a file from another without reading it."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "Stamp":
        """From a stat result."""
        return cls(stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)

    @property
    def settled(self) -> bool:
        """Whether the last change is long enough ago that another would show.

        By the ctime: a program can set the other to any time.
        """
        return time.time_ns() - self.ctime_ns > _RACY_NS


@dataclass(frozen=True)
class Seen:
    """How far a file was read: its stamp then, and the bytes read with their hash.

    `trusted` is false where the file had changed so shortly before that an equal stamp proves
    nothing; then the bytes are compared.
    """

    stamp: Stamp
    offset: int
    lines: int
    digest: str
    trusted: bool = True

    def unchanged(self, stamp: Stamp) -> bool:
        """Whether a file with this stamp is surely as it was."""
        return self.trusted and stamp == self.stamp

    def renamed(self, stamp: Stamp) -> "Seen":
        """The same of a file that we have written and renamed, whose stamp is now this one.

        Its renaming is a change by the ctime. But whoever writes into it from now on leaves
        another mtime, if ours is not from just now: then nothing has to be compared.
        """
        ours = (stamp.inode, stamp.size, stamp.mtime_ns) == (
            self.stamp.inode,
            self.stamp.size,
            self.stamp.mtime_ns,
        )
        if not ours or time.time_ns() - stamp.mtime_ns <= _RACY_NS:
            return self
        return replace(self, stamp=stamp, trusted=True)

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Seen":
        """From what `as_json` gave."""
        return cls(**{**value, "stamp": Stamp(**value["stamp"])})


class Reading:
    """The whole lines of a file from a place on, and how far they go.

    A last line without an end is given out, too, but does not count as read: it will be read
    again when it is whole.
    """

    def __init__(self, file: Iterable[bytes], seen: Seen, hasher: "Hasher") -> None:
        self._file = file
        self._stamp = seen.stamp
        self._offset = seen.offset
        self._lines = seen.lines
        self._hasher = hasher

    def batches(self, size: int) -> Iterator[list[Line]]:
        """The non-blank lines, `size` at a time; `seen` is up to date after each batch."""
        batch: list[Line] = []
        for raw in self._file:
            batch += read_lines([raw], number=self._lines, offset=self._offset)
            if raw.endswith(b"\n"):
                self._hasher.add(raw)
                self._offset += len(raw)
                self._lines += 1
            if len(batch) == size:
                yield batch
                batch = []
            if not raw.endswith(b"\n"):
                break  # the rest of it may be there by now, but would look like a line of its own
        if batch:
            yield batch

    @property
    def seen(self) -> Seen:
        """How far the file is read."""
        return Seen(
            self._stamp, self._offset, self._lines, self._hasher.digest, self._stamp.settled
        )


class Hasher:
    """The hash of what was read so far."""

    def __init__(self) -> None:
        self._hash = hashlib.blake2b(digest_size=16)

    def add(self, data: bytes) -> None:
        """Go on with `data`."""
        self._hash.update(data)

    def add_from(self, file: IO[bytes], size: int) -> bool:
        """Go on with the next `size` bytes of a file; false if there are fewer."""
        while size:
            data = file.read(min(size, _CHUNK))
            if not data:
                return False
            self._hash.update(data)
            size -= len(data)
        return True

    @property
    def digest(self) -> str:
        """The hash now."""
        return self._hash.copy().hexdigest()


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of a file, `None` if there is none."""
    try:
        return Stamp.of(path.stat())
    except FileNotFoundError:
        return None
