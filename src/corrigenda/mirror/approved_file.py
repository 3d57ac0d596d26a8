"""`sft_approved.jsonl`: one line for each approved candidate.

What has to be written follows from the decisions after a horizon: the newest decision that the
file is known to show. In the transaction of a decision it is noted where its line will stand;
after the commit, and before the answer, the line is written. What was noted and may not have
reached the disk is `pending`, and is made right after a crash.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Status
from corrigenda.core.problem import Problem
from corrigenda.jsonl import dumps, loads, storage_errors
from corrigenda.mirror.approved_lines import ApprovedLines, Scanned, Span
from corrigenda.mirror.intake import Context
from corrigenda.mirror.kept import free_name
from corrigenda.mirror.seen import Stamp
from corrigenda.mirror.takeover import take_over
from corrigenda.store import Database, Outcome, Stored, candidates, decisions, mirror_state
from corrigenda.store.mirror_state import Pending

NAME = "sft_approved.jsonl"
_PART = 500
_AT_ONCE = 1 << 20
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """One thing to do to the file after the commit."""

    place_id: int
    candidate_id: str
    kind: Pending
    span: Span
    line: bytes = b""


class ApprovedFile:
    """The file, kept in step with the decisions; a `Companion` of the database's writer."""

    def __init__(
        self, directory: Path, database: Database, new_context: Callable[[str], Context]
    ) -> None:
        self.path = directory / NAME
        self._lines = ApprovedLines(self.path)
        self._database = database
        self._new_context = new_context
        self._lock = threading.Lock()
        self._horizon = 0
        self._stamp: Stamp | None = None
        self._planned_horizon = 0
        self._planned: list[Task] = []
        self._undone: list[Task] = []
        self._unsettled: list[int] = []
        self._moved: dict[int, int] = {}

    def open(self) -> list[Problem]:
        """Read the notes; take the file over at first, make it right after a crash."""
        for leftover in self.path.parent.glob(f".{NAME}.*.tmp"):
            leftover.unlink(missing_ok=True)
        with self._database.reading() as connection:
            noted = mirror_state.load(connection, NAME)
            pending = mirror_state.pending_places(connection)
        problems: list[Problem] = []
        with storage_errors(self.path):
            if noted is None:
                problems = take_over(self._lines, self._database, self._new_context(NAME))
                self.make_right()
            else:
                self._horizon = noted["horizon"]
                self._stamp = Stamp(**noted["stamp"]) if noted["stamp"] else None
                if pending:
                    self.make_right({place.seq for place in pending})
                self.notice_strangers()
        return problems

    def catch_up(self) -> None:
        """Carry over what other processes decided, and what the disk refused before."""
        while self._behind():
            self._database.write(lambda _: None)  # the commit carries a part over
        with self._lock:
            self._do_undone()
        self.settle()

    def before_commit(self, connection: Connection, done: Sequence[Outcome] = ()) -> None:
        """Note where the lines of the new decisions will stand (see `Companion`).

        They are the outcomes `done`, if nothing else was decided since the horizon: else they
        are asked for.
        """
        self._planned, self._planned_horizon = [], self._horizon
        made = [outcome for outcome in done if not outcome.replayed]
        last = decisions.last_seq(connection)
        if made and last == self._horizon + len(made):
            self._plan_made(connection, made)
            self._planned_horizon = last
        elif last > self._horizon:
            touched = decisions.touched_since(connection, self._horizon, limit=_PART)
            if touched:
                self._plan(connection, [row.candidate_seq for row in touched])
                self._planned_horizon = touched[-1].last
        if self._planned_horizon != self._horizon:
            self._note(connection, self._planned_horizon)

    def after_commit(self) -> None:
        """Write the lines (see `Companion`)."""
        self._horizon = self._planned_horizon
        tasks, self._planned = self._planned, []
        with self._lock:
            self._undone += tasks
            self._do_undone()

    def settle(self) -> None:
        """Make what was written durable, and note that it is."""
        with self._lock:
            place_ids, self._unsettled = self._unsettled, []
            moved, self._moved = self._moved, {}
            if place_ids:
                self._lines.sync()

        def note(connection: Connection) -> None:
            for place_id, offset in moved.items():
                mirror_state.move_place(connection, place_id, offset)
            mirror_state.settle(connection, place_ids)
            self._note(connection, self._horizon)

        if place_ids:
            self._database.write(note)

    def rewrite(self, seqs: Iterable[int]) -> None:
        """Write the lines of these candidates anew: their records were edited."""
        for part in _parts(sorted(set(seqs))):
            self.make_right(set(part))

    def compact(self) -> None:
        """Drop the blanked lines, if there are any."""
        self.settle()

        def drop(connection: Connection) -> None:
            with self._lock:
                moved = self._lines.compact()
                self._stamp = self._lines.stamp()
            for place in mirror_state.all_places(connection):
                if moved.get(place.offset, place.offset) != place.offset:
                    mirror_state.move_place(connection, place.id, moved[place.offset])
            self._note(connection, self._horizon)

        with storage_errors(self.path):
            if self._lines.has_blank_lines():
                self._database.write(drop)

    def notice_strangers(self) -> None:
        """If somebody else has changed the file, make it right; what they wrote is kept apart."""
        if self._lines.stamp() != self._stamp:
            with storage_errors(self.path):
                self.make_right()

    def make_right(self, seqs: set[int] | None = None) -> None:
        """Let the file have one right line for each approved candidate, and no wrong one.

        Args:
            seqs: The candidates to look at; all, if it is `None`. Lines of ids that are no
                candidate's are left alone.
        """

        def plan(connection: Connection) -> None:
            self._planned_horizon = self._horizon
            found = _Comparison.of(connection, self._lines, seqs)
            if seqs is None and found.wrong:
                kept = free_name(self.path)
                shutil.copy2(self.path, kept)
                _log.warning("`%s` was changed by others; as it was it is `%s`", NAME, kept.name)
            if seqs is not None:  # after a crash half of a line may be there, or half a blank one
                for place in mirror_state.pending_places(connection):
                    if place.pending == "blank":
                        self._lines.finish_blank(Span(place.offset, place.length))
                missing = candidates.of_seqs_in_order(connection, found.missing)
                self._lines.drop_torn_line([_line(stored) for stored in missing])
            mirror_state.forget_places(connection, None if seqs is None else sorted(seqs))
            for span, name in found.wrong:
                self._lines.blank(span, name)
            spans = ((seq, span.offset, span.length) for seq, span in found.right.items())
            mirror_state.add_places(connection, spans)
            self._planned = []
            self._plan_appends(connection, candidates.of_seqs_in_order(connection, found.missing))
            if seqs is None:
                self._planned_horizon = decisions.last_seq(connection)
            self._note(connection, self._planned_horizon)

        with _Aside(self._database):
            self._database.write(plan)
            self.after_commit()
        with self._lock:
            self._stamp = self._lines.stamp()
        self.settle()
        self._database.write(lambda connection: self._note(connection, self._horizon))

    def check(self) -> tuple[bool, str]:
        """Whether the file has exactly a right line for each approved candidate."""
        with self._database.reading() as connection:
            found = _Comparison.of(connection, self._lines, None)
        faults = [
            f"{len(some)} {what}"
            for some, what in ((found.missing, "missing"), (found.wrong, "wrong"))
            if some
        ]
        message = ", ".join([f"{NAME}: {len(found.right)} approved lines", *faults])
        return not faults, message + (" (`corrigenda sync` mends it)" if faults else "")

    def _behind(self) -> bool:
        with self._database.reading() as connection:
            return decisions.last_seq(connection, binding=True) > self._horizon

    def _note(self, connection: Connection, horizon: int) -> None:
        stamp = vars(self._stamp) if self._stamp else None
        mirror_state.save(connection, NAME, {"horizon": horizon, "stamp": stamp})

    def _plan_made(self, connection: Connection, made: Sequence[Outcome]) -> None:
        first: dict[int, Stored] = {}
        now: dict[int, Stored] = {}
        for outcome in made:
            stood, state = outcome.stood, outcome.state
            if stood is not None and state is not None:
                first.setdefault(stood.seq, stood)
                now[stood.seq] = replace(stood, state=state)
        # Only who was approved has a line.
        shown = [seq for seq, stood in first.items() if stood.state.status is Status.APPROVED]
        self._plan_blanks(connection, {seq: now[seq].id for seq in shown})
        self._plan_appends(connection, _approved(now.values()))

    def _plan(self, connection: Connection, seqs: Sequence[int]) -> None:
        stored = candidates.of_seqs(connection, seqs)
        self._plan_blanks(connection, {seq: each.id for seq, each in stored.items()})
        self._plan_appends(connection, _approved(stored[seq] for seq in seqs))

    def _plan_blanks(self, connection: Connection, ids: Mapping[int, str]) -> None:
        if not ids:
            return
        found = [p for p in mirror_state.places(connection, ids) if p.pending != "blank"]
        for place in found:
            span = Span(self._moved.get(place.id, place.offset), place.length)
            self._planned.append(Task(place.id, ids[place.seq], "blank", span))
        if found:
            mirror_state.mark_blank(connection, [place.id for place in found])

    def _plan_appends(self, connection: Connection, approved: Iterable[Stored]) -> None:
        end: int | None = None
        for part in _parts((stored, _line(stored)) for stored in approved):
            spans = []
            for stored, line in part:
                end = self._end() if end is None else end
                spans.append((stored.seq, end, len(line)))
                end += len(line)
            places = mirror_state.add_pending(connection, spans)
            for place, (stored, line), (_, offset, length) in zip(places, part, spans, strict=True):
                span = Span(offset, length)
                self._planned.append(Task(place, stored.id, "append", span, line))

    def _end(self) -> int:
        try:
            return self._lines.end()
        except OSError:  # the line is written when the file can be, wherever that is then
            return self._stamp.size if self._stamp else 0

    def _do_undone(self) -> None:
        """Do what is to be done, in order; what the disk refuses stays for the next time."""
        while self._undone:
            tasks = _first(self._undone)
            try:
                self._do(tasks)
            except OSError as error:
                # The decision is safe in the database; the file follows when it can.
                _log.warning("`%s` cannot be written: %s", self.path, error.strerror)
                return
            self._unsettled += [task.place_id for task in tasks]
            del self._undone[: len(tasks)]

    def _do(self, tasks: Sequence[Task]) -> None:
        """Append lines together, or blank one."""
        before, task = self._lines.stamp(), tasks[0]
        if task.kind == "append":
            offset = self._lines.append(b"".join(task.line for task in tasks))
            for task in tasks:
                if offset != task.span.offset:  # somebody else has added a line meanwhile
                    self._moved[task.place_id] = offset
                offset += len(task.line)
        elif not self._lines.blank(task.span, task.candidate_id):
            for found in self._lines.scan():  # the file was rearranged by somebody
                if found.id == task.candidate_id:
                    self._lines.blank(found.span, task.candidate_id)
        if before == self._stamp:  # else others have changed it, which is noticed later
            self._stamp = self._lines.stamp()


@dataclass(frozen=True)
class _Comparison:
    """The file against the database: lines that are right, wrong (place, id), and missing."""

    right: dict[int, Span]
    wrong: list[tuple[Span, str]]
    missing: list[int]

    @classmethod
    def of(
        cls, connection: Connection, lines: ApprovedLines, seqs: set[int] | None
    ) -> "_Comparison":
        right: dict[int, Span] = {}
        wrong: list[tuple[Span, str]] = []
        for part in _parts(found for found in lines.scan() if found.id is not None):
            stored = candidates.find(connection, [found.id or "" for found in part])
            for found in part:
                there = stored.get(found.id or "")
                if there is None or (seqs is not None and there.seq not in seqs):
                    continue
                if there.seq not in right and _is_right(found, there):
                    right[there.seq] = found.span
                else:
                    wrong.append((found.span, there.id))
        approved = mirror_state.approved_seqs(connection, seqs)
        return cls(right, wrong, [seq for seq in approved if seq not in right])


class _Aside:
    """While the file is made right, commits do not carry anything over to it."""

    def __init__(self, database: Database) -> None:
        self._writer = database.writer

    def __enter__(self) -> None:
        self._companion, self._writer.companion = self._writer.companion, None

    def __exit__(self, *_: object) -> None:
        self._writer.companion = self._companion


def write_anew(directory: Path, database: Database) -> None:
    """Make the file from what the database says, whatever it says itself.

    The file in a backup may be some decisions ahead of the database in it. Of a workspace whose
    files nobody kept, it is left as it is, to be taken over.
    """
    with database.reading() as connection:
        if mirror_state.load(connection, NAME) is None:
            return
    (directory / NAME).unlink(missing_ok=True)
    ApprovedFile(directory, database, _no_context).make_right()


def _no_context(file: str) -> Context:
    raise AssertionError(f"nothing is read of `{file}`")


def _approved(found: Iterable[Stored]) -> Iterator[Stored]:
    return (stored for stored in found if stored.state.status is Status.APPROVED)


def _first(undone: Sequence[Task]) -> Sequence[Task]:
    """What can be done at once of the beginning: one line to blank, or lines to append."""
    tasks, size = [undone[0]], len(undone[0].line)
    for task in undone[1:]:
        size += len(task.line)
        if size > _AT_ONCE or task.kind != "append" or tasks[0].kind != "append":
            break
        tasks.append(task)
    return tasks


def _line(stored: Stored) -> bytes:
    return dumps(stored.as_record()).encode("ascii") + b"\n"


def _is_right(found: Scanned, stored: Stored) -> bool:
    """Whether a line says what it should; a field that is null may be missing."""
    if stored.state.status is not Status.APPROVED:
        return False
    shown, current = loads(found.data), stored.as_record()
    return set(shown) <= set(current) and all(shown.get(k) == v for k, v in current.items())


def _parts(items: Iterable[Any]) -> Iterable[list[Any]]:
    part: list[Any] = []
    for item in items:
        part.append(item)
        if len(part) == _PART:
            yield part
            part = []
    if part:
        yield part
