"""Making decisions: many at once, each as if it were alone.

Most of a decision's price is the way to the database and back, so those that wait together are
read, judged and written together: one look for all their candidates, one for what was decided
before, one statement for each table. What is judged in between is pure (`core.decisions`). A
refusal is a value: nothing has been written of it that would have to be taken back.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core import tags as quick_tags
from corrigenda.core.decisions import Action, Decision, ReviewState, Status, decide
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import (
    AlreadyDecided,
    ClaimTakenOver,
    CorrigendaError,
    DecisionIdReused,
    UnknownCandidate,
)
from corrigenda.store import claims, decisions, rows
from corrigenda.store.candidates import Stored, locked, set_states
from corrigenda.store.schema import decisions as decision_rows
from corrigenda.store.schema import tags

_BY_ID = sa.select(decision_rows).where(
    decision_rows.c.decision_id.in_(sa.bindparam("wanted", expanding=True))
)


@dataclass(frozen=True)
class Asked:
    """A decision that somebody asks for, with the categories that there are.

    `claim` is the token by which its reviewer holds the candidate, if they hold it.
    """

    decision: Decision
    taxonomy: Taxonomy
    claim: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What a decision did: the state after it, and whether it had been sent before.

    `record` is the candidate's, as it came. Of a decision that was made now, `stood` is the
    candidate before it, and `state` where it stands after it.
    """

    decision: Decision
    status: Status
    revision: int
    record: Mapping[str, Any] = field(hash=False)
    replayed: bool = False
    stood: Stored | None = field(default=None, compare=False, repr=False)
    state: ReviewState | None = field(default=None, compare=False, repr=False)


def append(connection: Connection, decision: Decision, taxonomy: Taxonomy) -> Outcome:
    """Apply one decision: compare-and-set the state, append the decision, move the counts.

    The candidate's tags become the decision's, tidied; an undo leaves them. A `decision_id`
    that is known already returns the first answer.

    Raises:
        DecisionIdReused: The same id came before with another content.
        UnknownCandidate: There is none of this id.
        AlreadyDecided: With the `decision` that stands.
        NothingToUndo, NothingToAmend, BlankCorrection, UnknownCategory, InvalidInput:
            See `core.decisions.decide` and `core.tags.clean`. Nothing is written.
        Raced: On PostgreSQL, another writer was in between; the caller tries again.
    """
    (outcome,) = append_many(connection, [Asked(decision, taxonomy)])
    if isinstance(outcome, CorrigendaError):
        raise outcome
    return outcome


def append_many(connection: Connection, asked: Sequence[Asked]) -> list[Outcome | CorrigendaError]:
    """Apply many decisions at once, each as `append` does; a refusal is a value, in its place.

    Later ones see what earlier ones did. A decision with a claim that somebody else took over
    is refused with `ClaimTakenOver`; what is decided is nobody's claim any more.

    Raises:
        Raced: On PostgreSQL, another writer was in between; the caller tries again.
    """
    outcomes: list[Outcome | CorrigendaError] = []
    for part in _apart(asked):
        outcomes += _append_apart(connection, part)
    return outcomes


def _apart(asked: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Parts, in order, within which each candidate and each decision is named once."""
    part: list[Asked] = []
    named: set[str] = set()
    ids: set[str] = set()
    for each in asked:
        if each.decision.candidate_id in named or each.decision.decision_id in ids:
            yield part
            part, named, ids = [], set(), set()
        part.append(each)
        named.add(each.decision.candidate_id)
        ids.add(each.decision.decision_id)
    if part:
        yield part


def _append_apart(
    connection: Connection, asked: Sequence[Asked]
) -> list[Outcome | CorrigendaError]:
    # In this order: if the state shows that the same request was faster, so does the next look.
    # Locked, so that those who come for one candidate at once queue up rather than race.
    found = locked(connection, (each.decision.candidate_id for each in asked))
    earlier = _made(connection, [each.decision.decision_id for each in asked])
    held = claims.against(
        connection,
        [
            (found[each.decision.candidate_id].seq, each.claim)
            for each in asked
            if each.claim is not None and each.decision.candidate_id in found
        ],
    )
    outcomes = [_decided(connection, each, found, earlier, held) for each in asked]
    _write(connection, [o for o in outcomes if isinstance(o, Outcome) and not o.replayed])
    return outcomes


def _decided(
    connection: Connection,
    asked: Asked,
    found: Mapping[str, Stored],
    earlier: Mapping[str, Row[Any]],
    held: Mapping[int, claims.Claim],
) -> Outcome | CorrigendaError:
    """What becomes of one; nothing is written yet."""
    decision = asked.decision
    stored = found.get(decision.candidate_id)
    if stored is None:
        return UnknownCandidate(decision.candidate_id)
    if (row := earlier.get(decision.decision_id)) is not None:
        if row.digest != decision.digest:  # of another candidate, too
            return DecisionIdReused(decision.decision_id)
        first = decisions.entry(decision.candidate_id, row).decision
        return Outcome(first, Status(row.to_status), row.revision, stored.record, replayed=True)
    try:
        if asked.claim is not None and (claim := held.get(stored.seq)) is not None:
            return _taken_over(connection, stored, claim)
        after = decide(stored.state, decision, asked.taxonomy, stored.record)
        quick_tags.clean(decision.tags)
    except AlreadyDecided as refusal:
        refusal.details["decision"] = decisions.standing(connection, stored)
        return refusal
    except CorrigendaError as refusal:
        return refusal
    return Outcome(decision, after.status, after.revision, stored.record, stood=stored, state=after)


def _write(connection: Connection, made: Sequence[Outcome]) -> None:
    """Put in decisions on different candidates; all of them are new."""
    if not made:
        return
    moved: list[tuple[Stored, ReviewState]] = []
    written: list[dict[str, Any]] = []
    tagged: dict[int, tuple[str, ...]] = {}
    for outcome in made:
        stored, after, decision = outcome.stood, outcome.state, outcome.decision
        assert stored is not None
        assert after is not None
        names = quick_tags.clean(decision.tags)
        moved.append((stored, after))
        written.append(
            {**decisions.row_of(stored.seq, decision, stored.state.status, after), "tags": names}
        )
        # Before the first decision there are none, and an undo leaves them.
        if decision.action is not Action.UNDO and (names or stored.state.revision):
            tagged[stored.seq] = names
    if not set_states(connection, moved):
        raise decisions.Raced
    rows.insert(connection, decision_rows, written)
    _set_tags(connection, tagged)
    claims.drop(
        connection, [s.seq for s, after in moved if after.status is not Status.NEEDS_REVIEW]
    )


def _taken_over(connection: Connection, stored: Stored, claim: claims.Claim) -> ClaimTakenOver:
    state = stored.state
    if state.status is Status.NEEDS_REVIEW:
        return ClaimTakenOver(stored.id, claim.reviewer)
    return ClaimTakenOver(
        stored.id,
        claim.reviewer,
        decided_status=state.status.value,
        decided_by=state.decided_by,
        decided_at=state.decided_at,
        decision=decisions.standing(connection, stored),
    )


def _made(connection: Connection, decision_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """Those of these decisions that there are already."""
    if not decisions.known_ids(connection, decision_ids):  # as it is nearly always
        return {}
    found = connection.execute(_BY_ID, {"wanted": list(decision_ids)})
    return {row.decision_id: row for row in found}


def _set_tags(connection: Connection, tagged: Mapping[int, Sequence[str]]) -> None:
    if not tagged:
        return
    rows.execute(
        connection,
        f"DELETE FROM tags WHERE candidate_seq IN {rows.marks(connection, len(tagged))}",
        tuple(tagged),
    )
    named = [(name, seq) for seq, names in tagged.items() for name in names]
    rows.insert(connection, tags, [{"tag": name, "candidate_seq": seq} for name, seq in named])
