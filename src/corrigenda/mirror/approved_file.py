"""`sft_approved.jsonl`: one line for each approved candidate.

What has to be written follows from the decisions after a horizon: the newest decision that the
file is known to show. In the transaction of a decision it is noted where its line will stand;
after the commit, and before the answer, the line is written. What was noted and may not have
reached the disk is `pending`, and is checked against the file after a crash.
"""

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, parse
from corrigenda.core.decisions import Status
from corrigenda.core.problem import LIMIT, Problem
from corrigenda.errors import CorrigendaError, MalformedRecord
from corrigenda.jsonl import dumps, storage_errors
from corrigenda.mirror.approved_lines import ApprovedLines, Span
from corrigenda.mirror.intake import REVIEWER, Context, file_decision
from corrigenda.store import Database, Stored, candidates, decisions, mirror_state
from corrigenda.store.arrivals import arrive
from corrigenda.store.mirror_state import Pending

NAME = "sft_approved.jsonl"
_BATCH = 500
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

    def __init__(self, directory: Path, database: Database, context: Context) -> None:
        self.path = directory / NAME
        self._lines = ApprovedLines(self.path)
        self._database = database
        self._context = context
        self._lock = threading.Lock()
        self._horizon = 0
        self._planned_horizon = 0
        self._planned: list[Task] = []
        self._undone: list[Task] = []
        self._unsettled: list[int] = []
        self._moved: dict[int, int] = {}

    def open(self) -> list[Problem]:
        """Load the notes; take the file over at first, repair it after a crash."""
        problems: list[Problem] = []
        with self._database.reading() as connection:
            noted = mirror_state.load(connection, NAME)
            pending = mirror_state.pending_places(connection)
        if noted is None:
            with storage_errors(self.path):
                problems = self._take_over()
        else:
            self._horizon = noted["horizon"]
            if pending:
                self._repair(sorted({place.seq for place in pending}))
        self.catch_up()
        return problems

    def catch_up(self) -> None:
        """Carry over what other processes decided, and what the disk refused before."""
        with self._database.reading() as connection:
            behind = decisions.last_seq(connection) > self._horizon
        if behind:
            self._database.write(lambda _: None)  # the commit carries it over
        self._retry()
        self.settle()

    def before_commit(self, connection: Connection) -> None:
        """Note where the lines of the new decisions will stand (see `Companion`)."""
        self._planned, self._planned_horizon = [], self._horizon
        touched = decisions.touched_since(connection, self._horizon)
        if not touched:
            return
        seqs = [row.candidate_seq for row in touched]
        stored = candidates.of_seqs(connection, seqs)
        standing: dict[int, list[mirror_state.Place]] = {}
        for place in mirror_state.places(connection, seqs):
            if place.pending != "blank":
                standing.setdefault(place.seq, []).append(place)
        with storage_errors(self.path):
            end = self._lines.end()
        for seq in seqs:
            for place in standing.get(seq, []):
                mirror_state.mark_blank(connection, place.id)
                span = Span(self._moved.get(place.id, place.offset), place.length)
                self._planned.append(Task(place.id, stored[seq].id, "blank", span))
            if stored[seq].state.status is Status.APPROVED:
                end += self._plan_append(connection, stored[seq], end)
        self._planned_horizon = touched[-1].last
        mirror_state.save(connection, NAME, {"horizon": self._planned_horizon})

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
        if place_ids:

            def note(connection: Connection) -> None:
                for place_id, offset in moved.items():
                    mirror_state.move_place(connection, place_id, offset)
                mirror_state.settle(connection, place_ids)

            self._database.write(note)

    def compact(self) -> None:
        """Drop the blanked lines, if there are any."""
        self.settle()

        def rewrite(connection: Connection) -> None:
            with self._lock:
                moved = self._lines.compact()
            for place in mirror_state.all_places(connection):
                if place.offset in moved and moved[place.offset] != place.offset:
                    mirror_state.move_place(connection, place.id, moved[place.offset])

        with storage_errors(self.path):
            if self._lines.has_blank_lines():
                self._database.write(rewrite)

    def check(self) -> tuple[bool, str]:
        """Whether the file has exactly a line for each approved candidate."""
        standing: dict[str, int] = {}
        for _, record in self._lines.scan():
            if record.get("status", "approved") == "approved":
                standing[record["id"]] = standing.get(record["id"], 0) + 1
        with self._database.reading() as connection:
            approved = candidates.approved_ids(connection)
            extra = mirror_state.known(connection, sorted(set(standing) - approved))
        missing = approved - set(standing)
        twice = [name for name, n in standing.items() if n > 1]
        faults = [
            f"{len(found)} {what}"
            for found, what in (
                (missing, "missing"),
                (extra, "not approved"),
                (twice, "more than once"),
            )
            if found
        ]
        message = f"{NAME}: {len(standing)} approved lines"
        return not faults, ", ".join([message, *faults])

    @property
    def behind(self) -> int:
        """How many lines the disk has refused so far."""
        return len(self._undone)

    def _plan_append(self, connection: Connection, stored: Stored, end: int) -> int:
        line = _line(stored)
        place_id = mirror_state.add_place(connection, stored.seq, end, len(line), "append")
        span = Span(end, len(line))
        self._planned.append(Task(place_id, stored.id, "append", span, line))
        return len(line)

    def _retry(self) -> None:
        with self._lock:
            self._do_undone()

    def _do_undone(self) -> None:
        """Do what is to be done, in order; what the disk refuses stays for the next time."""
        while self._undone:
            task = self._undone[0]
            try:
                self._do(task)
            except OSError as error:
                # The decision is safe in the database; the file follows when it can.
                _log.warning("`%s` cannot be written: %s", self.path, error.strerror)
                return
            self._unsettled.append(task.place_id)
            del self._undone[0]

    def _do(self, task: Task) -> None:
        if task.kind == "append":
            offset = self._lines.append(task.line)
            if offset != task.span.offset:  # somebody else has added a line meanwhile
                self._moved[task.place_id] = offset
        elif not self._lines.blank(task.span, task.candidate_id):
            for span, record in self._lines.scan():  # the file was rearranged by somebody
                if record["id"] == task.candidate_id:
                    self._lines.blank(span, task.candidate_id)

    def _repair(self, seqs: list[int]) -> None:
        """After a crash: make the lines of these candidates what they should be."""
        with self._database.reading() as connection:
            stored = candidates.of_seqs(connection, seqs)
        wanted = {s.id: _line(s) for s in stored.values() if s.state.status is Status.APPROVED}
        self._lines.drop_torn_line(list(wanted.values()))
        named = {s.id: s.seq for s in stored.values()}
        right: dict[str, Span] = {}
        wrong: list[tuple[Span, str]] = []
        for span, record in self._lines.scan():
            name = record["id"]
            if name in named:
                fits = name in wanted and name not in right and _same(record, wanted[name])
                if fits:
                    right[name] = span
                else:
                    wrong.append((span, name))

        def note(connection: Connection) -> None:
            mirror_state.forget_places(connection, seqs)
            for name, span in right.items():
                mirror_state.add_place(connection, named[name], span.offset, span.length, None)
            self._planned = []
            end = self._lines.end()
            for name in wanted:
                if name not in right:
                    end += self._plan_append(connection, stored[named[name]], end)

        with storage_errors(self.path):
            for span, name in wrong:
                self._lines.blank(span, name)
            self._database.write(note)
            self.after_repair()

    def after_repair(self) -> None:
        """Write what the repair found missing."""
        tasks, self._planned = self._planned, []
        with self._lock:
            self._undone += tasks
            self._do_undone()

    def _take_over(self) -> list[Problem]:
        """At the first opening: what the file says is approved, is."""
        problems: list[Problem] = []
        batch: list[tuple[Span, Candidate]] = []
        for number, (span, record) in enumerate(self._lines.scan(), 1):
            if record.get("status", "approved") != "approved":
                continue
            try:
                candidate = parse({**record, "status": "approved"}, self._context.taxonomy())
            except MalformedRecord as error:
                problems.append(Problem(NAME, number, error.message, error.field))
                continue
            batch.append((span, candidate))
            if len(batch) == _BATCH:
                problems += self._take_batch(batch)
                batch = []
        problems += self._take_batch(batch)

        def append_missing(connection: Connection) -> int:
            missing = mirror_state.approved_without_place(connection)
            self._planned, end = [], self._lines.end()
            for stored in candidates.of_seqs_in_order(connection, missing):
                end += self._plan_append(connection, stored, end)
            horizon = decisions.last_seq(connection)
            mirror_state.save(connection, NAME, {"horizon": horizon})
            return horizon

        self._horizon = self._database.write(append_missing)
        self.after_repair()
        return problems[:LIMIT]

    def _take_batch(self, batch: list[tuple[Span, Candidate]]) -> list[Problem]:
        def take(connection: Connection) -> list[Problem]:
            problems = []
            first = {candidate.id: (span, candidate) for span, candidate in reversed(batch)}
            known = mirror_state.known(connection, list(first))
            new = [c for name, (_, c) in first.items() if name not in known]
            seqs = arrive(
                connection,
                new,
                reviewer=REVIEWER,
                at=self._context.now(),
                new_id=self._context.new_id,
            ).new
            for name, (span, candidate) in first.items():
                there = known.get(name)
                if there is not None and there.state.status is not Status.APPROVED:
                    reason = self._approve(connection, candidate, there)
                    if reason:
                        problems.append(Problem(NAME, 0, reason, "status"))
                        continue
                seq = there.seq if there else seqs[name]
                if not mirror_state.places(connection, [seq]):
                    mirror_state.add_place(connection, seq, span.offset, span.length, None)
            return problems

        return self._database.write(take) if batch else []

    def _approve(
        self, connection: Connection, candidate: Candidate, there: mirror_state.Known
    ) -> str | None:
        decision = file_decision(candidate, self._context)
        try:
            with connection.begin_nested():
                decisions.append(connection, decision, self._context.taxonomy())
        except CorrigendaError:
            return (
                f"`{candidate.id}` is approved in {NAME}, but {there.state.status} in the "
                "candidates' file, which counts"
            )
        return None


def _line(stored: Stored) -> bytes:
    return dumps(stored.as_record()).encode("ascii") + b"\n"


def _same(record: dict[str, object], line: bytes) -> bool:
    return dumps(record).encode("ascii") + b"\n" == line
