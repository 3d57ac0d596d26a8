"""The bytes of `sft_approved.jsonl`: append a line, blank a line, find a line.

Nothing here knows the database. A blanked line is overwritten with spaces up to its line end,
which readers of JSON lines skip; so an undo costs the same however long the file is.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from corrigenda.jsonl import atomic_write, loads, read_lines
from corrigenda.mirror.seen import Stamp, stamp_of


@dataclass(frozen=True)
class Span:
    """Where a line stands: its first byte and its length, line end included."""

    offset: int
    length: int


@dataclass(frozen=True)
class Scanned:
    """A line that was found: its number (from 1), place and text without the line end."""

    number: int
    span: Span
    data: bytes

    @property
    def id(self) -> str | None:
        """The id that it names, `None` if it is no record."""
        return _id_of(self.data)


class ApprovedLines:
    """The file, opened anew for each piece of work: it may be another one by then."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def end(self) -> int:
        """Where the next line will stand."""
        with self._open(os.O_RDONLY) as handle:
            return _end(handle) if handle is not None else 0

    def append(self, line: bytes) -> int:
        """Add a line; returns where it stands. Half a line is never left behind.

        Raises:
            OSError: The disk refuses.
        """
        with self._open(os.O_RDWR | os.O_CREAT) as handle:
            assert handle is not None
            size = os.fstat(handle).st_size
            offset = _end(handle)
            data = b"\n" * (offset - size) + line
            try:
                os.lseek(handle, 0, os.SEEK_END)
                while data:
                    data = data[os.write(handle, data) :]
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(handle, size)
                raise
            return offset

    def blank(self, span: Span, candidate_id: str) -> bool:
        """Blank a line; false if another line stands there (blank already counts as done).

        Raises:
            OSError: The disk refuses.
        """
        with self._open(os.O_RDWR) as handle:
            if handle is None:
                return True
            data = os.pread(handle, span.length, span.offset)
            line = data.removesuffix(b"\n")
            if not line.strip():
                return True
            if _id_of(line) != candidate_id:
                return False
            _blank(handle, span.offset, len(line))
            return True

    def finish_blank(self, span: Span) -> None:
        """Blank what is left of a line that a killed process has blanked in part.

        The system ends a write of a killed process between two pages. Ours go from the front to
        the back, so such a line begins with a space, as no record of ours does.
        """
        with self._open(os.O_RDWR) as handle:
            if handle is None:
                return
            data = os.pread(handle, span.length, span.offset)
            line = data.removesuffix(b"\n")
            begins = not span.offset or os.pread(handle, 1, span.offset - 1) == b"\n"
            if begins and len(line) == span.length - 1 and line[:1] == b" " and b"\n" not in line:
                _blank(handle, span.offset, len(line))

    def drop_torn_line(self, expected: list[bytes]) -> None:
        """Cut off a last line without an end if it is the beginning of one of ours."""
        with self._open(os.O_RDWR) as handle:
            if handle is None:
                return
            end, start = os.fstat(handle).st_size, _start_of_last_line(handle)
            tail = os.pread(handle, end - start, start)
            if tail and any(line.startswith(tail) for line in expected):
                os.ftruncate(handle, start)

    def scan(self) -> Iterator[Scanned]:
        """Every line that is not blank, and where it stands."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            for number, (raw, offset) in enumerate(_raw_lines(file), 1):
                for line in read_lines([raw]):
                    yield Scanned(number, Span(offset, len(raw)), line.data)

    def stamp(self) -> Stamp | None:
        """What tells this state of the file from another, `None` if there is no file."""
        return stamp_of(self.path)

    def has_blank_lines(self) -> bool:
        """Whether there is anything to compact."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            return any(not raw.strip() for raw in file)
        return False

    def sync(self) -> None:
        """Make what was written durable."""
        with self._open(os.O_RDONLY) as handle:
            if handle is not None:
                os.fsync(handle)

    def compact(self) -> dict[int, int]:
        """Rewrite the file without blank lines; returns where lines went: old → new offset.

        Does nothing, and returns nothing, if the file was changed by others meanwhile.
        """
        moved: dict[int, int] = {}
        with contextlib.suppress(FileNotFoundError, _ChangedMeanwhile):
            before = self.path.stat()
            with self.path.open("rb") as file, atomic_write(self.path) as target:
                new = 0
                for raw, offset in _raw_lines(file):
                    if raw.strip():
                        moved[offset] = new
                        target.write(raw)
                        new += len(raw)
                now = self.path.stat()
                if (now.st_ino, now.st_size) != (before.st_ino, before.st_size):
                    raise _ChangedMeanwhile
            return moved
        return {}

    @contextlib.contextmanager
    def _open(self, flags: int) -> Iterator[int | None]:
        try:
            handle = os.open(self.path, flags, 0o666)
        except FileNotFoundError:
            yield None
            return
        try:
            yield handle
        finally:
            os.close(handle)


class _ChangedMeanwhile(Exception):
    pass


def _raw_lines(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    offset = 0
    for raw in file:
        yield raw, offset
        offset += len(raw)


def _blank(handle: int, offset: int, length: int) -> None:
    end = offset + length
    while offset < end:
        offset += os.pwrite(handle, b" " * (end - offset), offset)


def _end(handle: int) -> int:
    size = os.fstat(handle).st_size
    if size and os.pread(handle, 1, size - 1) != b"\n":
        return size + 1
    return size


def _start_of_last_line(handle: int) -> int:
    position = os.fstat(handle).st_size
    while position:
        step = min(position, 1 << 16)
        newline = os.pread(handle, step, position - step).rfind(b"\n")
        if newline >= 0:
            return position - step + newline + 1
        position -= step
    return 0


def _id_of(data: bytes) -> str | None:
    try:
        record = loads(data)
    except ValueError:
        return None
    found = record.get("id") if isinstance(record, dict) else None
    return found if isinstance(found, str) else None
