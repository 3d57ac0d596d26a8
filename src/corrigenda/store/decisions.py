"""Decisions as rows: appended, never changed. How they are made: `corrigenda.store.deciding`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import Action, Decision, ReviewState, Status
from corrigenda.core.history import steps
from corrigenda.store.bulk import insert_rows
from corrigenda.store.candidates import Stored, get
from corrigenda.store.rows import execute, marks
from corrigenda.store.schema import decisions, tags

_PART = 500
_STANDING = (
    sa.select(decisions)
    .where(
        decisions.c.candidate_seq == sa.bindparam("of_seq"),
        decisions.c.binding,
        decisions.c.action != Action.CATEGORISE.value,
    )
    .order_by(decisions.c.seq.desc())
    .limit(1)
)


_LAST = sa.func.max(decisions.c.seq).label("last")
_TOUCHED = (
    sa.select(decisions.c.candidate_seq, _LAST)
    .where(decisions.c.seq > sa.bindparam("horizon"), decisions.c.binding)
    .group_by(decisions.c.candidate_seq)
    .order_by(_LAST)
    .limit(sa.bindparam("part"))
)


class Raced(Exception):
    """Another transaction changed the candidate between our look and our write; try again."""


@dataclass(frozen=True)
class Entry:
    """One line of a candidate's history."""

    decision: Decision
    from_status: Status
    to_status: Status
    revision: int

    def as_json(self) -> dict[str, Any]:
        """As JSON, for people's programs."""
        decision = self.decision
        parts = decision.corrected_parts
        return {
            "decision_id": decision.decision_id,
            "action": decision.action.value,
            "from_status": self.from_status.value,
            "to_status": self.to_status.value,
            "corrected_response": decision.corrected_response,
            "corrected_parts": parts.as_json() if parts else None,
            "failure_category": decision.failure_category,
            "note": decision.note,
            "tags": list(decision.tags),
            "seconds": decision.seconds,
            "reviewer": decision.reviewer,
            "decided_at": decision.decided_at,
            "revision": self.revision,
            "binding": decision.binding,
            "guidelines_version": decision.guidelines_version,
            "lot": decision.lot,
            "artifact_kind": decision.artifact_kind,
        }


def append_imported(
    connection: Connection, arrived: Iterable[tuple[int, ReviewState, Decision]]
) -> None:
    """Tell the status that candidates arrived with as decisions, so that history explains it."""
    rows = [
        row_of(seq, decision, Status.NEEDS_REVIEW, ReviewState(state.status, revision=1))
        for seq, state, decision in arrived
    ]
    insert_rows(connection, decisions, rows)


def append_restored(
    connection: Connection, restored: Iterable[tuple[int, Sequence[Decision]]]
) -> None:
    """Put in the histories that candidates came with, and the tags that follow from them.

    The candidates themselves stand where their histories lead already.
    """
    rows: list[dict[str, Any]] = []
    tagged: list[dict[str, Any]] = []
    for seq, given in restored:
        for number, (decision, (before, after)) in enumerate(
            zip(given, steps(given), strict=True), 1
        ):
            rows.append(row_of(seq, decision, before, ReviewState(after, revision=number)))
        said = [each for each in given if each.action is not Action.UNDO]
        names = said[-1].tags if said else ()
        tagged += [{"tag": name, "candidate_seq": seq} for name in names]
    insert_rows(connection, decisions, rows)
    insert_rows(connection, tags, tagged)


def known_ids(connection: Connection, decision_ids: Sequence[str]) -> set[str]:
    """Which of these decisions there are already."""
    found: set[str] = set()
    for start in range(0, len(decision_ids), _PART):
        part = decision_ids[start : start + _PART]
        query = "SELECT decision_id FROM decisions WHERE decision_id IN "
        made = execute(connection, query + marks(connection, len(part)), tuple(part))
        found.update(row[0] for row in made)
    return found


def history(connection: Connection, candidate_id: str) -> list[Entry]:
    """A candidate's decisions, oldest first.

    Raises:
        UnknownCandidate: There is no such candidate.
    """
    stored = get(connection, candidate_id)
    query = (
        sa.select(decisions)
        .where(decisions.c.candidate_seq == stored.seq)
        .order_by(decisions.c.seq)
    )
    return [entry(candidate_id, row) for row in connection.execute(query)]


def entry(candidate_id: str, row: Row[Any]) -> Entry:
    """The entry of a row of `decisions`."""
    decision = _decision(candidate_id, row)
    return Entry(decision, Status(row.from_status), Status(row.to_status), row.revision)


def standing(connection: Connection, stored: Stored) -> dict[str, Any] | None:
    """The last decision that said more than a category, for somebody who came too late."""
    row = connection.execute(_STANDING, {"of_seq": stored.seq}).first()
    return entry(stored.id, row).as_json() if row is not None else None


def last_seq(connection: Connection, *, binding: bool = False) -> int:
    """The `seq` of the newest decision (of the newest that changed a state), 0 if none."""
    which = " WHERE binding" if binding else ""
    (found,) = execute(connection, f"SELECT max(seq) FROM decisions{which}").fetchone()
    return found or 0


def total(connection: Connection) -> int:
    """How many decisions there are."""
    return connection.execute(sa.select(sa.func.count()).select_from(decisions)).scalar_one()


def touched_since(
    connection: Connection, seq: int, *, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Which candidates were decided after the decision `seq`: (candidate_seq, last seq).

    In the order of their last decisions, so that one may go on after the last of a part.
    """
    return connection.execute(_TOUCHED, {"horizon": seq, "part": limit}).all()


def row_of(seq: int, decision: Decision, before: Status, after: ReviewState) -> dict[str, Any]:
    """The columns of `decisions` that tell of one decision."""
    return {
        "decision_id": decision.decision_id,
        "candidate_seq": seq,
        "action": decision.action.value,
        "from_status": before.value,
        "to_status": after.status.value,
        "revision": after.revision,
        "corrected_response": decision.corrected_response,
        "failure_category": decision.failure_category,
        "note": decision.note,
        "tags": list(decision.tags),
        "seconds": decision.seconds,
        "reviewer": decision.reviewer,
        "decided_at": decision.decided_at,
        "binding": decision.binding,
        "digest": decision.digest,
        "corrected_parts": decision.corrected_parts.as_json() if decision.corrected_parts else None,
        "guidelines_version": decision.guidelines_version,
        "lot": decision.lot,
        "artifact_kind": decision.artifact_kind,
    }


def _decision(candidate_id: str, row: Row[Any]) -> Decision:
    return Decision(
        candidate_id=candidate_id,
        action=Action(row.action),
        decision_id=row.decision_id,
        reviewer=row.reviewer,
        decided_at=row.decided_at,
        corrected_response=row.corrected_response,
        failure_category=row.failure_category,
        note=row.note,
        tags=tuple(row.tags),
        seconds=row.seconds,
        binding=row.binding,
        corrected_parts=CorrectedParts.from_json(row.corrected_parts),
        guidelines_version=row.guidelines_version,
        lot=row.lot,
        artifact_kind=row.artifact_kind,
    )
