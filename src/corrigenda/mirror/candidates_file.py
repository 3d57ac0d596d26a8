"""`sft_candidates.jsonl`: read whenever it changes, rewritten whole.

While it is rewritten another program may be adding lines to the file that is being displaced.
So the displaced file stays as a hard link beside it for a while, and lines that turn up there
are taken in.
"""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO

from sqlalchemy.engine import Connection

from corrigenda.core.candidate import with_state
from corrigenda.core.problem import LIMIT, Problem
from corrigenda.jsonl import atomic_write, dumps, storage_errors
from corrigenda.mirror.intake import (
    REVIEWER,
    Context,
    Duplicated,
    Intake,
    Mode,
    parse_lines,
    take,
)
from corrigenda.mirror.kept import free_name
from corrigenda.mirror.notes import Displaced, Notes, Written
from corrigenda.mirror.open_files import is_open
from corrigenda.mirror.seen import Hasher, Reading, Seen, Stamp, stamp_of
from corrigenda.store import Database, candidates, decisions, mirror_state

NAME = "sft_candidates.jsonl"
_BATCH = 500
_KEEP_SECONDS = 600
_KEEP_FILES = 8
_BEGINNING = Seen(Stamp(0, 0, 0, 0), 0, 0, "")


class CandidatesFile:
    """The file, with what is known of it. Not thread-safe: its owner holds a lock."""

    def __init__(
        self, directory: Path, database: Database, new_context: Callable[[str], Context]
    ) -> None:
        self.path = directory / NAME
        self._database = database
        self._new_context = new_context
        self.notes = Notes()

    def load(self) -> None:
        """Read the notes; nothing is changed."""
        with self._database.reading() as connection:
            noted = mirror_state.load(connection, NAME)
        if noted is not None:
            self.notes = Notes.from_json(noted)

    def open(self) -> None:
        """Read the notes, and repair what a crash left."""
        self.load()
        for leftover in self.path.parent.glob(f".{NAME}.*.tmp"):
            leftover.unlink(missing_ok=True)
        if self.notes.writing is not None:
            self._after_rename(self.notes.writing)

    def changed(self) -> bool:
        """Whether the file is not as we last saw it (one system call)."""
        with storage_errors(self.path):
            stamp = stamp_of(self.path)
        if stamp is None:
            return False
        current = self.notes.current
        return current is None or not current.seen.unchanged(stamp) or self._categories_changed()

    def _categories_changed(self) -> bool:
        """Whether lines that were left out might be taken now."""
        return bool(self.notes.problems) and (
            self._new_context(NAME).taxonomy.names != self.notes.categories
        )

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

    def write_out(self, *, force: bool = False) -> Intake | None:
        """Rewrite the file if the database has moved on.

        Returns:
            What was taken in around it, `None` if there was nothing to write.
        """
        with self._database.reading() as connection:
            horizon = decisions.last_seq(connection)
            newest = candidates.newest_seq(connection)
            now, current = (horizon, newest), self.notes.current
            shown = (current.horizon, current.newest) if current else None
            if not newest or (now == shown and not force and self.path.exists()):
                return None
            with atomic_write(self.path) as file:
                seen = self._write_all(connection, file)
                writing = Written(seen, horizon, newest)
                intake = self.take_in()  # as late as can be: what comes now would be displaced
                self._before_rename(writing)
        self._after_rename(writing)
        intake.add(self.take_in(displaced=True))
        return intake

    def check(self) -> list[tuple[bool, str]]:
        """What of the file is not in the database; nothing is changed."""
        if not self.path.exists():
            return [(True, f"{NAME} is not written yet")]
        context, lines, missing, named = self._new_context(NAME), 0, 0, set[int]()
        with self.path.open("rb") as file, self._database.reading() as connection:
            for batch in Reading(file, _BEGINNING, Hasher()).batches(_BATCH):
                good = parse_lines(batch, context, Intake(), named)
                known = mirror_state.known(connection, [f.candidate.id for f in good])
                lines += len(good)
                missing += sum(f.candidate.id not in known for f in good)
        message = f"{NAME}: {lines} candidates"
        if missing:
            message += f", {missing} not taken in yet (`corrigenda sync` does)"
        return [(not missing, message)]

    def forget_displaced(self) -> None:
        """Let go of the files that were displaced; what was not taken over of them is kept."""
        for earlier in self.notes.displaced:
            path = self.path.with_name(earlier.name)
            if earlier.flawed and path.exists():
                path.rename(free_name(self.path))
            path.unlink(missing_ok=True)
        self._save(replace(self.notes, displaced=()))

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
            # Not the inode: the system gives those out again, and the name would be taken by a
            # file that somebody still adds to.
            name = f".{NAME}.displaced-{time.time_ns()}"
            os.link(self.path, self.path.with_name(name))
            flawed = bool(self.notes.problems)
            displaced += (Displaced(name, self.notes.current.seen, time.time(), flawed),)
        self._save(replace(self.notes, writing=writing, displaced=displaced))

    def _after_rename(self, writing: Written) -> None:
        """The file is the new one; or, after a crash, is still the old one."""
        stamp = stamp_of(self.path)
        if stamp is None or stamp.inode != writing.seen.stamp.inode:
            self._save(replace(self.notes, writing=None))
            return
        current = replace(writing, seen=writing.seen.renamed(stamp))
        notes = replace(self.notes, writing=None, current=current, problems=())

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
                and not self._categories_changed()
                and current.seen.offset <= stamp.size
                and hasher.add_from(file, current.seen.offset)
                and hasher.digest == current.seen.digest
            )
            if current is None or not grown:
                return self._read_whole(file, stamp)
            try:
                start = replace(current.seen, stamp=stamp)
                seen, intake = self._read(file, start, hasher, "added")
            except Duplicated:
                return self._read_whole(file, stamp)
        problems = (*self.notes.problems, *intake.problems)[:LIMIT]
        notes = replace(self.notes, current=replace(current, seen=seen), problems=problems)
        if seen != current.seen or intake.problems:
            self._save(notes)
        self.notes = notes
        return intake

    def _read_whole(self, file: IO[bytes], stamp: Stamp) -> Intake:
        current = self.notes.current
        with self._database.reading() as connection:
            before = decisions.last_seq(connection)
            newest = candidates.newest_seq(connection)
        file.seek(0)
        seen, intake = self._read(file, replace(_BEGINNING, stamp=stamp), Hasher(), "whole")
        if current is None:
            # The file shows the statuses that it brought itself, but no decision that another
            # process made while it was read.
            with self._database.reading() as connection:
                if not mirror_state.others_decided(connection, before, REVIEWER):
                    before = decisions.last_seq(connection)
                # Candidates that were there already need not stand in it: it is written anew.
                newest = 0 if newest else candidates.newest_seq(connection)
            current = Written(seen, before, newest)
        self._save(
            replace(
                self.notes,
                current=replace(current, seen=seen),
                problems=tuple(intake.problems),
                categories=self._new_context(NAME).taxonomy.names,
            )
        )
        return intake

    def _read(
        self, file: IO[bytes], start: Seen, hasher: Hasher, mode: Mode
    ) -> tuple[Seen, Intake]:
        """Take in the lines from `start` on; returns how far the file is read now."""
        total = Intake()
        horizon = self.notes.current.horizon if self.notes.current else 0
        context = replace(self._new_context(NAME), horizon=horizon, mode=mode)
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
                seen, intake = self._read(file, start, Hasher(), "displaced")
        others = tuple(d for d in self.notes.displaced if d.name != earlier.name)
        if seen.offset > earlier.seen.offset:
            flawed = earlier.flawed or bool(intake.problems)
            kept = Displaced(earlier.name, seen, time.time(), flawed)
            self._save(replace(self.notes, displaced=(*others, kept)))
        elif stamp is None or self._forgettable(path, earlier, others):
            if stamp is not None and earlier.flawed:
                path.rename(free_name(self.path))
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
