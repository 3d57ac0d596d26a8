"""Decisions: appended, never changed; the candidate's state follows in the same transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.decisions import Action, Decision, ReviewState, Status, decide
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import DecisionIdReused
from corrigenda.store.candidates import Stored, get, set_state
from corrigenda.store.schema import candidates, decisions

_INSERT = sa.insert(decisions)
_BY_ID = (
    sa.select(decisions, candidates.c.id)
    .join_from(decisions, candidates)
    .where(decisions.c.decision_id == sa.bindparam("wanted"))
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
class Outcome:
    """What a decision did: the state after it, and whether it had been sent before."""

    decision: Decision
    status: Status
    revision: int
    model_response: str | None
    replayed: bool = False


@dataclass(frozen=True)
class Entry:
    """One line of a candidate's history."""

    decision: Decision
    from_status: Status
    to_status: Status
    revision: int


def append(connection: Connection, decision: Decision, taxonomy: Taxonomy) -> Outcome:
    """Apply one decision: compare-and-set the state, append the decision, move the counts.

    A `decision_id` that is known already returns the first answer.

    Raises:
        DecisionIdReused: The same id came before with another content.
        UnknownCandidate, AlreadyDecided, NothingToUndo, BlankCorrection, UnknownCategory:
            See `core.decisions.decide`. Nothing is written.
        Raced: On PostgreSQL, another writer was in between; the caller tries again.
    """
    # In this order: if the state shows that the same request was faster, so does the next look.
    # Locked, so that those who come for one candidate at once queue up rather than race.
    stored = get(connection, decision.candidate_id, lock=True)
    if (earlier := _replay(connection, decision)) is not None:
        return earlier
    after = decide(stored.state, decision, taxonomy)
    if not set_state(connection, stored, after):
        raise Raced
    connection.execute(_INSERT, [_row(stored.seq, decision, stored.state.status, after)])
    return Outcome(decision, after.status, after.revision, _response(stored))


def append_imported(
    connection: Connection, arrived: Iterable[tuple[int, ReviewState, Decision]]
) -> None:
    """Tell the status that candidates arrived with as decisions, so that history explains it."""
    rows = []
    for seq, state, decision in arrived:
        connection.execute(
            sa.update(candidates)
            .where(candidates.c.seq == seq)
            .values(revision=1, decided_by=decision.reviewer, decided_at=decision.decided_at)
        )
        after = ReviewState(state.status, revision=1)
        rows.append(_row(seq, decision, Status.NEEDS_REVIEW, after))
    if rows:
        connection.execute(_INSERT, rows)


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
    return [
        Entry(
            _decision(candidate_id, row),
            Status(row.from_status),
            Status(row.to_status),
            row.revision,
        )
        for row in connection.execute(query)
    ]


def last_seq(connection: Connection, *, binding: bool = False) -> int:
    """The `seq` of the newest decision (of the newest that changed a state), 0 if none."""
    query = sa.select(sa.func.max(decisions.c.seq))
    if binding:
        query = query.where(decisions.c.binding)
    return connection.execute(query).scalar() or 0


def touched_since(
    connection: Connection, seq: int, *, limit: int
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Which candidates were decided after the decision `seq`: (candidate_seq, last seq).

    In the order of their last decisions, so that one may go on after the last of a part.
    """
    return connection.execute(_TOUCHED, {"horizon": seq, "part": limit}).all()


def _replay(connection: Connection, decision: Decision) -> Outcome | None:
    row = connection.execute(_BY_ID, {"wanted": decision.decision_id}).first()
    if row is None:
        return None
    if row.digest != decision.digest:
        raise DecisionIdReused(decision.decision_id)
    first = _decision(row.id, row)
    stored = get(connection, row.id)
    return Outcome(first, Status(row.to_status), row.revision, _response(stored), replayed=True)


def _row(seq: int, decision: Decision, before: Status, after: ReviewState) -> dict[str, Any]:
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
    )


def _response(stored: Stored) -> str | None:
    value: str | None = stored.record.get("model_response")
    return value
