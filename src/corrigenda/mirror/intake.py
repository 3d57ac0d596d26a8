"""Take in what somebody wrote into `sft_candidates.jsonl`.

A new id is a new candidate, with the status that its line gives. Of a known id the fields
outside the review state are taken over where they differ. The review fields (status, correction,
category) are compared with what the file said when we last read or wrote it: what somebody
changed since becomes a decision by reviewer `file`, unless somebody decided in Corrigenda
meanwhile; then the database stays as it is and the conflict is reported. A missing line deletes
nothing.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, Record, parse, same_content
from corrigenda.core.correction import FIELD as PARTS
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import Action, Decision, ReviewState, Status
from corrigenda.core.problem import LIMIT, Problem
from corrigenda.core.reasoning import held_back
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import CorrigendaError, InvalidInput, MalformedRecord, shorten
from corrigenda.jsonl import Line, dumps, loads
from corrigenda.store import candidates, deciding, mirror_state
from corrigenda.store.arrivals import arrival, arrive

REVIEWER = "file"


class Duplicated(Exception):
    """An added line speaks of a known candidate otherwise; only the whole file can tell why."""


@dataclass
class Intake:
    """What became of the lines; `stale` are approved candidates whose record was edited."""

    added: int = 0
    edited: int = 0
    stale: list[int] = field(default_factory=list)
    decided: int = 0
    problems: list[Problem] = field(default_factory=list)

    def report(self, problem: Problem) -> None:
        """Keep a problem, up to a limit."""
        if len(self.problems) < LIMIT:
            self.problems.append(problem)

    def add(self, other: "Intake") -> None:
        """Count another batch in."""
        self.added += other.added
        self.edited += other.edited
        self.stale += other.stale
        self.decided += other.decided
        for problem in other.problems:
            self.report(problem)


Mode = Literal["whole", "added", "displaced"]
"""What is read: a whole file, what was added to one, or what was added to one after its place
had been taken (there only new candidates count)."""


@dataclass(frozen=True)
class Context:
    """What the intake of one file needs to know.

    `horizon` is the newest decision that the file as last read or written could show.
    """

    file: str
    taxonomy: Taxonomy
    horizon: int
    now: Callable[[], str]
    new_id: Callable[[], str]
    mode: Mode = "whole"


@dataclass(frozen=True)
class Found:
    """A line that is a candidate; `again`: an earlier line has the id, for another run."""

    line: Line
    candidate: Candidate
    again: bool = False


def parse_lines(
    lines: Iterable[Line], context: Context, intake: Intake, seen: set[int]
) -> list[Found]:
    """The lines that are candidates; the others are reported.

    `seen` holds what earlier lines of the same file named: of two lines with one id and run
    the first counts.
    """
    good = []
    for line in lines:
        try:
            candidate = parse(loads(line.data), context.taxonomy)
        except MalformedRecord as error:
            intake.report(Problem(context.file, line.number, error.message, error.field))
            continue
        except ValueError as error:
            # A last line without an end that cannot be read is being written at this moment.
            if line.complete:
                intake.report(Problem(context.file, line.number, str(error)))
            continue
        name, sample = hash(candidate.id), hash((candidate.id, candidate.run_id))
        if sample in seen:
            reason = f"`{shorten(candidate.id)}` stands in an earlier line, which counts"
            intake.report(Problem(context.file, line.number, reason, "id"))
            continue
        good.append(Found(line, candidate, again=name in seen))
        seen |= {name, sample}
    return good


def take(connection: Connection, good: list[Found], context: Context) -> Intake:
    """Bring a batch of lines into the database; part of one transaction."""
    intake = Intake()
    known = mirror_state.known(connection, [found.candidate.id for found in good])
    seqs = [there.seq for there in known.values()]
    comparison = _Comparison(
        connection,
        context,
        intake,
        mirror_state.last_seen(connection, seqs),
        mirror_state.last_decided(connection, seqs),
    )
    new: list[Found] = []
    for found in good:
        there = known.get(found.candidate.id)
        if there is None or found.again or _another_sample(connection, found.candidate, there):
            new.append(found)
        elif context.mode == "displaced":
            comparison.report_late(found.line, found.candidate, there)
        else:
            comparison.compare(found.line, found.candidate, there)
    _arrive(connection, new, context, intake)
    return intake


def _arrive(connection: Connection, new: list[Found], context: Context, intake: Intake) -> None:
    arrived = arrive(
        connection,
        [found.candidate for found in new],
        reviewer=REVIEWER,
        at=context.now(),
        new_id=context.new_id,
    )
    intake.added += len(arrived.new)
    lines = {f"{f.candidate.run_id}:{f.candidate.id}": f.line.number for f in new}
    for name in arrived.renamed:
        reason = f"another run has this id for another sample; it is kept as `{shorten(name)}`"
        intake.report(Problem(context.file, lines[name], reason, "id"))


def _another_sample(
    connection: Connection, candidate: Candidate, there: mirror_state.Known
) -> bool:
    """Whether a line has the id of a known candidate, but is of another run and says otherwise."""
    if candidate.run_id is None or there.run_id is None or candidate.run_id == there.run_id:
        return False
    return not same_content(candidates.get(connection, candidate.id).record, candidate.record)


def file_decision(candidate: Candidate, context: Context) -> Decision:
    """The decision that a changed line asks for."""
    return arrival(candidate, reviewer=REVIEWER, at=context.now(), decision_id=context.new_id())


def review_digest(state: ReviewState) -> bytes:
    """A hash of the review fields as a line shows them."""
    shown: list[Any] = [state.status.value, state.corrected_response, state.failure_category]
    if state.corrected_parts is not None:  # else as it was noted before there were any
        shown.append(state.corrected_parts.as_json())
    return hashlib.blake2b(dumps(shown).encode("ascii"), digest_size=16).digest()


def _as_arrived(record: Record) -> ReviewState:
    """What a stored record's own review fields say, whatever the categories are today."""
    return ReviewState(
        Status(record.get("status") or Status.NEEDS_REVIEW),
        record.get("corrected_response"),
        record.get("failure_category"),
        corrected_parts=_parts(record),
    )


def _parts(record: Record) -> CorrectedParts | None:
    try:
        return CorrectedParts.from_json(record.get(PARTS))
    except InvalidInput:  # stored when the key meant nothing yet
        return None


@dataclass(frozen=True)
class _Comparison:
    """The lines of a batch against what the database and the notes say of their candidates."""

    connection: Connection
    context: Context
    intake: Intake
    noted: dict[int, mirror_state.LastSeen]
    decided: dict[int, int]

    def compare(self, line: Line, candidate: Candidate, there: mirror_state.Known) -> None:
        """One line of a known candidate."""
        if candidate.digest != there.digest:
            self._only_in_whole()
            candidates.replace_record(self.connection, candidate)
            self.intake.edited += 1
            if there.state.status is Status.APPROVED:
                self.intake.stale.append(there.seq)
                self._hold_back_anew(candidate.id)
        in_file = review_digest(candidate.state)
        noted = self.noted.get(there.seq)
        horizon = noted.horizon if noted else self.context.horizon
        decided_since = self.decided.get(there.seq, 0) > horizon
        if in_file == review_digest(there.state):
            if decided_since:
                mirror_state.set_last_seen(self.connection, there.seq, in_file)
            return
        shown = noted.review_digest if noted else self._shown(candidate, there, decided_since)
        if in_file == shown:
            return  # nobody touched the line; it is merely behind
        self._only_in_whole()
        if decided_since:
            self._report_conflict(line, candidate, there)
        else:
            self._follow(line, candidate, there)
        mirror_state.set_last_seen(self.connection, there.seq, in_file)

    def report_late(self, line: Line, candidate: Candidate, there: mirror_state.Known) -> None:
        """A known candidate in a file whose place had been taken: nothing is taken over."""
        same = candidate.digest == there.digest
        if same and review_digest(candidate.state) == review_digest(there.state):
            return
        reason = f"`{shorten(candidate.id)}` was added to the file after it had been replaced"
        self.intake.report(Problem(self.context.file, line.number, reason, "id"))

    def _hold_back_anew(self, candidate_id: str) -> None:
        """Whether an approved row is held back depends on the record, which was edited."""
        stored = candidates.get(self.connection, candidate_id)
        now = stored.state
        held = held_back(stored.record, now.corrected_response, now.corrected_parts)
        if held != now.held_back:
            candidates.set_state(self.connection, stored, replace(now, held_back=held))

    def _only_in_whole(self) -> None:
        if self.context.mode != "whole":
            raise Duplicated

    def _shown(self, candidate: Candidate, there: mirror_state.Known, decided_since: bool) -> bytes:
        """The review fields that the line had when the file was last written or first read."""
        if not decided_since:
            return review_digest(there.state)
        state = mirror_state.state_at(
            self.connection,
            there.seq,
            self.context.horizon,
            lambda: _as_arrived(candidates.get(self.connection, candidate.id).record),
        )
        return review_digest(state)

    def _report_conflict(self, line: Line, candidate: Candidate, there: mirror_state.Known) -> None:
        by = f" by `{there.state.decided_by}`" if there.state.decided_by else ""
        reason = (
            f"`{candidate.id}` was made {candidate.state.status} here, but is "
            f"{there.state.status}{by} meanwhile; the file's change is left aside"
        )
        self.intake.report(Problem(self.context.file, line.number, reason, "status"))

    def _follow(self, line: Line, candidate: Candidate, there: mirror_state.Known) -> None:
        """Do what the file says: undo what stands, then decide."""
        wanted, before = candidate.state, there.state
        if wanted.status is before.status is Status.NEEDS_REVIEW:
            stored = candidates.get(self.connection, candidate.id)
            suggested = replace(wanted, revision=before.revision)
            candidates.set_state(self.connection, stored, suggested)
            return
        undo = Decision(
            candidate.id, Action.UNDO, self.context.new_id(), REVIEWER, self.context.now()
        )
        steps = [undo] if before.status is not Status.NEEDS_REVIEW else []
        if wanted.status is not Status.NEEDS_REVIEW:
            steps.append(file_decision(candidate, self.context))
        try:
            with self.connection.begin_nested():
                for step in steps:
                    deciding.append(self.connection, step, self.context.taxonomy)
        except CorrigendaError as error:
            field = "corrected_response"
            self.intake.report(Problem(self.context.file, line.number, error.message, field))
        else:
            self.intake.decided += len(steps)
