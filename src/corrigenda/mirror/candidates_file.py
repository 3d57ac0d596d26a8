"""`sft_candidates.jsonl`: read whenever it changes, rewritten whole.

While it is rewritten another program may be adding lines to the file that is being displaced.
So the displaced file stays as a hard link beside it for a while, and lines that turn up there
are taken in.
"""

import contextlib
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from sqlalchemy.engine import Connection

from corrigenda.core.candidate import with_state
from corrigenda.core.problem import LIMIT, Problem
from corrigenda.jsonl import atomic_write, dumps, storage_errors
from corrigenda.mirror.intake import Context, Duplicated, Intake, parse_lines, take
from corrigenda.mirror.open_files import is_open
from corrigenda.mirror.seen import Hasher, Reading, Seen, Stamp, stamp_of
from corrigenda.store import Database, candidates, decisions, mirror_state

NAME = "sft_candidates.jsonl"
_BATCH = 500
_KEEP_SECONDS = 600
_KEEP_FILES = 8


@dataclass(frozen=True)
class Written:
    """One state of the file, with the newest decision and candidate that it shows."""

    seen: Seen
    horizon: int
    newest: int


@dataclass(frozen=True)
class Displaced:
    """A file whose place was taken: how far it was read, and when it last grew (Unix time)."""

    name: str
    seen: Seen
    grew_at: float


@dataclass(frozen=True)
class Notes:
    """What is kept about the file between processes; `writing` is about to take its place."""

    current: Written | None = None
    writing: Written | None = None
    displaced: tuple[Displaced, ...] = ()
    problems: tuple[Problem, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "current": _written_as_json(self.current),
            "writing": _written_as_json(self.writing),
            "displaced": [[d.name, d.seen.as_json(), d.grew_at] for d in self.displaced],
            "problems": [problem.as_dict() for problem in self.problems],
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Notes":
        """From what `as_json` gave."""
        return cls(
            current=_written_from_json(value["current"]),
            writing=_written_from_json(value["writing"]),
            displaced=tuple(
                Displaced(name, Seen.from_json(seen), at) for name, seen, at in value["displaced"]
            ),
            problems=tuple(Problem(**problem) for problem in value["problems"]),
        )


class CandidatesFile:
    """The file, with what is known of it. Not thread-safe: its owner holds a lock."""

    def __init__(self, directory: Path, database: Database, context: Context) -> None:
        self.path = directory / NAME
        self._database = database
        self._context = context
        self.notes = Notes()

    def open(self) -> bool:
        """Load the notes and repair what a crash left; true at the very first opening."""
        with self._database.reading() as connection:
            noted = mirror_state.load(connection, NAME)
        for leftover in self.path.parent.glob(f".{NAME}.*.tmp"):
            leftover.unlink(missing_ok=True)
        if noted is None:
            self._save(Notes())
            return True
        self.notes = Notes.from_json(noted)
        if self.notes.writing is not None:
            self._after_rename(self.notes.writing)
        return False

    def changed(self) -> bool:
        """Whether the file is not as we last saw it (one system call)."""
        stamp = stamp_of(self.path)
        if stamp is None:
            return False
        return self.notes.current is None or not self.notes.current.seen.unchanged(stamp)

    def take_in(self, *, displaced: bool = False) -> Intake:
        """Read what is new in the file, and in those that it displaced."""
        total = Intake()
        if displaced:
            for earlier in self.notes.displaced:
                total.add(self._take_displaced(earlier))
        if self.changed():
            # It may be gone again by now: then there is nothing to take in.
            with storage_errors(self.path), contextlib.suppress(FileNotFoundError):
                total.add(self._take_current())
        return total

    def write_out(self, *, force: bool = False) -> bool:
        """Rewrite the file if the database has moved on; true if it was written."""
        self.take_in(displaced=True)
        with self._database.reading() as connection:
            horizon = decisions.last_seq(connection)
            newest = candidates.newest_seq(connection)
            now, current = (horizon, newest), self.notes.current
            shown = (current.horizon, current.newest) if current else None
            if not newest or (now == shown and not force and self.path.exists()):
                return False
            with atomic_write(self.path) as file:
                seen = self._write_all(connection, file)
                writing = Written(seen, horizon, newest)
                self._before_rename(writing)
        self._after_rename(writing)
        self.take_in(displaced=True)
        return True

    def check(self) -> list[tuple[bool, str]]:
        """What of the file is not in the database."""
        if not self.path.exists():
            return [(True, f"{NAME} is not written yet")]
        with self._database.reading() as connection, self.path.open("rb") as file:
            lines = missing = 0
            for batch in Reading(file, Seen(Stamp(0, 0, 0, 0), 0, 0, ""), Hasher()).batches(_BATCH):
                good = parse_lines(batch, self._context, Intake(), set())
                known = mirror_state.known(connection, [c.id for _, c in good])
                lines += len(good)
                missing += sum(c.id not in known for _, c in good)
        message = f"{NAME}: {lines} candidates"
        return [(not missing, message + (f", {missing} not taken in yet" if missing else ""))]

    def add_problems(self, found: list[Problem]) -> None:
        """Keep what was found wrong in the other file, too."""
        problems = (*self.notes.problems, *found)[:LIMIT]
        self._save(replace(self.notes, problems=problems))

    def _write_all(self, connection: Connection, file: IO[bytes]) -> Seen:
        hasher, lines = Hasher(), 0
        for stored in candidates.stream(connection):
            data = dumps(with_state(stored.record, stored.state)).encode("ascii") + b"\n"
            hasher.add(data)
            file.write(data)
            lines += 1
        file.flush()
        stamp = Stamp.of(os.fstat(file.fileno()))
        return Seen(stamp, stamp.size, lines, hasher.digest, trusted=False)

    def _before_rename(self, writing: Written) -> None:
        """Note what is about to happen, and keep a way to the file that will be gone."""
        displaced = self.notes.displaced
        if self.notes.current is not None and self.path.exists():
            name = f".{NAME}.displaced-{writing.seen.stamp.inode}"
            link = self.path.with_name(name)
            link.unlink(missing_ok=True)
            os.link(self.path, link)
            displaced += (Displaced(name, self.notes.current.seen, time.time()),)
        self._save(replace(self.notes, writing=writing, displaced=displaced))

    def _after_rename(self, writing: Written) -> None:
        """The file is the new one; or, after a crash, is still the old one."""
        stamp = stamp_of(self.path)
        if stamp is None or stamp.inode != writing.seen.stamp.inode:
            self._save(replace(self.notes, writing=None))
            return
        notes = replace(self.notes, writing=None, current=writing)

        def note(connection: Connection) -> None:
            mirror_state.forget_lines(connection)
            mirror_state.save(connection, NAME, notes.as_json())

        self._database.write(note)
        self.notes = notes

    def _save(self, notes: Notes) -> None:
        self._database.write(lambda c: mirror_state.save(c, NAME, notes.as_json()))
        self.notes = notes

    def _take_current(self) -> Intake:
        current = self.notes.current
        with self.path.open("rb") as file:
            stamp = Stamp.of(os.fstat(file.fileno()))
            hasher = Hasher()
            grown = (
                current is not None
                and current.seen.offset <= stamp.size
                and hasher.add_from(file, current.seen.offset)
                and hasher.digest == current.seen.digest
            )
            if current is None or not grown:
                return self._read_whole(file, stamp)
            try:
                start = replace(current.seen, stamp=stamp)
                seen, intake = self._read(file, start, hasher, whole=False)
            except Duplicated:
                return self._read_whole(file, stamp)
        problems = (*self.notes.problems, *intake.problems)[:LIMIT]
        notes = replace(self.notes, current=replace(current, seen=seen), problems=problems)
        if seen.offset != current.seen.offset or intake.problems:
            self._save(notes)
        self.notes = notes
        return intake

    def _read_whole(self, file: IO[bytes], stamp: Stamp) -> Intake:
        file.seek(0)
        seen, intake = self._read(file, Seen(stamp, 0, 0, ""), Hasher(), whole=True)
        current = self.notes.current
        with self._database.reading() as connection:
            written = Written(
                seen,
                current.horizon if current else decisions.last_seq(connection),
                current.newest if current else candidates.newest_seq(connection),
            )
        self._save(replace(self.notes, current=written, problems=tuple(intake.problems)))
        return intake

    def _read(
        self, file: IO[bytes], start: Seen, hasher: Hasher, *, whole: bool
    ) -> tuple[Seen, Intake]:
        """Take in the lines from `start` on; returns how far the file is read now."""
        total = Intake()
        horizon = self.notes.current.horizon if self.notes.current else 0
        context = replace(self._context, horizon=horizon, whole=whole)
        named: set[int] = set()
        reading = Reading(file, start, hasher)
        for lines in reading.batches(_BATCH):
            good = parse_lines(lines, context, total, named)
            if good:
                total.add(self._database.write(lambda c, g=good: take(c, g, context)))  # type: ignore[misc]
        return reading.seen, total

    def _take_displaced(self, earlier: Displaced) -> Intake:
        """Lines that were added to a file after its place had been taken."""
        path = self.path.with_name(earlier.name)
        stamp = stamp_of(path)
        intake = Intake()
        seen = earlier.seen
        if stamp is not None and stamp.size > seen.offset:
            with path.open("rb") as file:
                file.seek(seen.offset)
                start = replace(seen, stamp=stamp)
                seen, intake = self._read(file, start, Hasher(), whole=True)
        others = tuple(d for d in self.notes.displaced if d.name != earlier.name)
        if seen.offset > earlier.seen.offset:
            kept = Displaced(earlier.name, seen, time.time())
            self._save(replace(self.notes, displaced=(*others, kept)))
        elif stamp is None or self._forgettable(path, earlier, others):
            path.unlink(missing_ok=True)
            self._save(replace(self.notes, displaced=others))
        return intake

    @staticmethod
    def _forgettable(path: Path, one: Displaced, others: tuple[Displaced, ...]) -> bool:
        """Nobody can add to it any more.

        Where that cannot be known: nobody has for long, or there are many, and to this one
        somebody has added least lately.
        """
        busy = is_open(path)
        if busy is not None:
            return not busy
        quiet = time.time() - one.grew_at > _KEEP_SECONDS
        lately = sum(other.grew_at > one.grew_at for other in others)
        return quiet or lately >= _KEEP_FILES


def _written_as_json(written: Written | None) -> dict[str, Any] | None:
    if written is None:
        return None
    seen = written.seen.as_json()
    return {"seen": seen, "horizon": written.horizon, "newest": written.newest}


def _written_from_json(value: dict[str, Any] | None) -> Written | None:
    if value is None:
        return None
    return Written(Seen.from_json(value["seen"]), value["horizon"], value["newest"])
