"""The one way in: candidates are put in, and a status they come with is told as a decision."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate
from corrigenda.core.decisions import ACTION_TO, Decision, ReviewState, Status
from corrigenda.store import counts, decisions, places, purging, restoring, runs, search
from corrigenda.store.bulk import insert_rows, insert_tuples
from corrigenda.store.candidates import dimensions_of, state_columns
from corrigenda.store.known import Known, known
from corrigenda.store.prepared import prepare
from corrigenda.store.schema import candidates, id_key, records

# On PostgreSQL only one import at a time puts rows in, so that they become visible in the order
# of `seq`, and a reader who pages by it never misses one.
_ARRIVAL_LOCK = 0x436F7272
_NEXT_SEQ = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'candidates'")
_NEXT_SEQS = sa.text(
    "SELECT nextval(pg_get_serial_sequence('candidates', 'seq')) FROM generate_series(1, :n)"
)
_WAITING = ReviewState()
_WAITING_COLUMNS = state_columns(_WAITING)
_COUNTED = ("run_id", "model", "task_type", "held_out", "model_id")


@dataclass(frozen=True)
class Arrived:
    """What became of a batch: the new candidates' `seq` by id, and those that were there.

    `renamed` went in as `run_id:id`, since another run had taken the id for another sample;
    `changed` were skipped although their content differs from what is stored; `held_out` of the
    new ones are kept out of training. `unrestored` came with a history whose decisions have ids
    that are taken, and are here without it. `purged` were removed for good before, and stay out.
    """

    new: dict[str, int]
    skipped: int
    renamed: tuple[str, ...]
    changed: tuple[str, ...]
    held_out: int
    unrestored: tuple[str, ...] = ()
    purged: int = 0


def arrive(
    connection: Connection,
    batch: Sequence[Candidate],
    *,
    reviewer: str,
    at: str,
    new_id: Callable[[], str],
    allow_purged: bool = False,
) -> Arrived:
    """Put in those of a batch that are not there yet.

    A candidate that arrives approved, discarded or flagged gets a decision by `reviewer`, so
    that its history explains where it stands; one that comes with a history keeps that. What was
    removed for good stays out, unless that is allowed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ARRIVAL_LOCK)))
    batch, purged = purging.sift(connection, batch, allow=allow_purged)
    restoring.note_shares(connection, batch, at=at)
    for candidate in batch:
        prepare(candidate)
    batch = runs.hold_out(connection, batch)
    there = known(connection, [candidate.id for candidate in batch])
    named = batch
    if there or len({candidate.id for candidate in batch}) < len(batch):
        named = _with_free_ids(batch, there)
    if renames := [new.id for old, new in zip(batch, named, strict=True) if new is not old]:
        there |= known(connection, renames)
    fresh: dict[str, Candidate] = {}
    renamed: list[str] = []
    changed: list[str] = []
    for asked, candidate in zip(batch, named, strict=True):
        before = there.get(candidate.id)
        if before is None:
            there[candidate.id] = Known.arriving(candidate)
            fresh[candidate.id] = candidate
            if candidate is not asked:
                renamed.append(candidate.id)
        elif not before.is_same(candidate):
            changed.append(candidate.id)
    fresh, unrestored = restoring.with_free_decisions(connection, fresh)
    restoring.add_references(connection, list(fresh.values()))
    fresh = {name: _decided(candidate, reviewer, at) for name, candidate in fresh.items()}
    seqs = _insert(connection, list(fresh.values()))
    _tell(connection, fresh, seqs, reviewer, at, new_id)
    held_out = sum(candidate.held_out for candidate in fresh.values())
    skipped = len(batch) - len(fresh)
    return Arrived(
        seqs, skipped, tuple(renamed), tuple(changed), held_out, unrestored, purged=purged
    )


def _tell(
    connection: Connection,
    fresh: dict[str, Candidate],
    seqs: dict[str, int],
    reviewer: str,
    at: str,
    new_id: Callable[[], str],
) -> None:
    """The decisions by which the new candidates stand where they do."""
    told: list[tuple[int, ReviewState, Decision]] = []
    for candidate in fresh.values():
        if candidate.history is None and candidate.state.status is not Status.NEEDS_REVIEW:
            decision = arrival(candidate, reviewer=reviewer, at=at, decision_id=new_id())
            told.append((seqs[candidate.id], candidate.state, decision))
    decisions.append_imported(connection, told)
    decisions.append_restored(
        connection,
        [(seqs[each.id], each.history.decisions) for each in fresh.values() if each.history],
    )


def arrival(candidate: Candidate, *, reviewer: str, at: str, decision_id: str) -> Decision:
    """The decision that leads to the status which a record gives."""
    return Decision(
        candidate_id=candidate.id,
        action=ACTION_TO[candidate.state.status],
        decision_id=decision_id,
        reviewer=reviewer,
        decided_at=at,
        corrected_response=candidate.state.corrected_response,
        failure_category=candidate.state.failure_category,
        corrected_parts=candidate.state.corrected_parts,
    )


def _with_free_ids(batch: Sequence[Candidate], there: dict[str, Known]) -> list[Candidate]:
    """The batch, where an id that another run has for another sample is `run_id:id`."""
    first = dict(there)
    named = []
    for candidate in batch:
        before = first.get(candidate.id)
        if before is None:
            first[candidate.id] = Known.arriving(candidate)
        elif candidate.run_id not in (None, before.run_id) and not before.is_same(candidate):
            candidate = candidate.renamed(f"{candidate.run_id}:{candidate.id}")
        named.append(candidate)
    return named


def _decided(candidate: Candidate, reviewer: str, at: str) -> Candidate:
    """The candidate as the decision leaves it that its status is told by."""
    if candidate.history is not None or candidate.state.status is Status.NEEDS_REVIEW:
        return candidate
    state = replace(candidate.state, revision=1, decided_by=reviewer, decided_at=at)
    return replace(candidate, state=state)


def _insert(connection: Connection, batch: list[Candidate]) -> dict[str, int]:
    if not batch:
        return {}
    seqs = _next_seqs(connection, len(batch))
    orders = places.of_new(connection, list(zip(seqs, batch, strict=True)))
    said = [{**prepare(each)[0], **_state_columns(each.state)} for each in batch]
    insert_rows(
        connection,
        candidates,
        [
            {"seq": seq, "id": each.id, "id_key": id_key(each.id), **columns, **order}
            for seq, each, columns, order in zip(seqs, batch, said, orders, strict=True)
        ],
    )
    bodies = ((seq, prepare(each)[1]) for seq, each in zip(seqs, batch, strict=True))
    insert_tuples(connection, records, bodies, ("seq", "body"))
    search.follow(connection, [(seq, each.record) for seq, each in zip(seqs, batch, strict=True)])
    counts.add(connection, _counted(batch, said))
    return {candidate.id: seq for seq, candidate in zip(seqs, batch, strict=True)}


def _state_columns(state: ReviewState) -> dict[str, Any]:
    return _WAITING_COLUMNS if state == _WAITING else state_columns(state)


def _counted(batch: Sequence[Candidate], said: Sequence[dict[str, Any]]) -> Counter[counts.Key]:
    """What the batch adds to the counts; what waits for review is alike but for its cell."""
    waiting: Counter[tuple[Any, ...]] = Counter()
    found: Counter[counts.Key] = Counter()
    for each, columns in zip(batch, said, strict=True):
        if each.state == _WAITING:
            waiting[tuple(map(columns.__getitem__, _COUNTED))] += 1
        else:
            found.update(counts.keys_of(dimensions_of(each), each.state))
    for (run_id, model, task_type, held_out, model_id), n in waiting.items():
        dimensions = counts.Dimensions(run_id, model, task_type, None, held_out, model_id)
        for key in counts.keys_of(dimensions, _WAITING):
            found[key] += n
    return found


def _next_seqs(connection: Connection, n: int) -> list[int]:
    if connection.dialect.name == "postgresql":
        return list(connection.execute(_NEXT_SEQS, {"n": n}).scalars())
    last: int = connection.execute(_NEXT_SEQ).scalar() or 0
    return list(range(last + 1, last + n + 1))
