"""The one way in: candidates are put in, and a status they come with is told as a decision."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, Record, same_content
from corrigenda.core.decisions import ACTION_TO, Decision, ReviewState, Status
from corrigenda.jsonl import dumps
from corrigenda.store import counts, decisions, places, restoring, runs, search
from corrigenda.store.bulk import insert_rows
from corrigenda.store.candidates import (
    Stored,
    dimensions_of,
    find,
    record_columns,
    state_columns,
)
from corrigenda.store.schema import candidates, id_key, records

# On PostgreSQL only one import at a time puts rows in, so that they become visible in the order
# of `seq`, and a reader who pages by it never misses one.
_ARRIVAL_LOCK = 0x436F7272
_NEXT_SEQ = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'candidates'")
_NEXT_SEQS = sa.text(
    "SELECT nextval(pg_get_serial_sequence('candidates', 'seq')) FROM generate_series(1, :n)"
)


@dataclass(frozen=True)
class Arrived:
    """What became of a batch: the new candidates' `seq` by id, and those that were there.

    `renamed` went in as `run_id:id`, since another run had taken the id for another sample;
    `changed` were skipped although their content differs from what is stored; `held_out` of the
    new ones are kept out of training. `unrestored` came with a history whose decisions have ids
    that are taken, and are here without it.
    """

    new: dict[str, int]
    skipped: int
    renamed: tuple[str, ...]
    changed: tuple[str, ...]
    held_out: int
    unrestored: tuple[str, ...] = ()


def arrive(
    connection: Connection,
    batch: Sequence[Candidate],
    *,
    reviewer: str,
    at: str,
    new_id: Callable[[], str],
) -> Arrived:
    """Put in those of a batch that are not there yet.

    A candidate that arrives approved, discarded or flagged gets a decision by `reviewer`, so
    that its history explains where it stands; one that comes with a history keeps that.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ARRIVAL_LOCK)))
    restoring.note_shares(connection, batch, at=at)
    batch = runs.hold_out(connection, batch)
    found = find(connection, [candidate.id for candidate in batch])
    named = _with_free_ids(batch, found)
    renames = [new.id for old, new in zip(batch, named, strict=True) if new is not old]
    found |= find(connection, renames)
    there: dict[str, Record] = {key: stored.record for key, stored in found.items()}
    fresh: dict[str, Candidate] = {}
    renamed: list[str] = []
    changed: list[str] = []
    for asked, candidate in zip(batch, named, strict=True):
        known = there.setdefault(candidate.id, candidate.record)
        if known is candidate.record:
            fresh[candidate.id] = candidate
            if candidate.id != asked.id:
                renamed.append(candidate.id)
        elif not same_content(known, candidate.record):
            changed.append(candidate.id)
    fresh, unrestored = restoring.with_free_decisions(connection, fresh)
    restoring.add_references(connection, list(fresh.values()))
    fresh = {name: _decided(candidate, reviewer, at) for name, candidate in fresh.items()}
    seqs = _insert(connection, list(fresh.values()))
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
    held_out = sum(candidate.held_out for candidate in fresh.values())
    skipped = len(batch) - len(fresh)
    return Arrived(seqs, skipped, tuple(renamed), tuple(changed), held_out, unrestored)


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


def _with_free_ids(batch: Sequence[Candidate], found: dict[str, Stored]) -> list[Candidate]:
    """The batch, where an id that another run has for another sample is `run_id:id`."""
    first: dict[str, tuple[str | None, Record]] = {
        key: (stored.dimensions.run_id, stored.record) for key, stored in found.items()
    }
    named = []
    for candidate in batch:
        run_id, there = first.setdefault(candidate.id, (candidate.run_id, candidate.record))
        other_run = run_id != candidate.run_id
        if other_run and candidate.run_id and not same_content(there, candidate.record):
            named.append(candidate.renamed(f"{candidate.run_id}:{candidate.id}"))
        else:
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
    insert_rows(
        connection,
        candidates,
        [
            {
                "seq": seq,
                "id": candidate.id,
                "id_key": id_key(candidate.id),
                **record_columns(candidate),
                **state_columns(candidate.state),
                **order,
            }
            for seq, candidate, order in zip(seqs, batch, orders, strict=True)
        ],
    )
    insert_rows(
        connection,
        records,
        [
            {"seq": seq, "body": dumps(candidate.record)}
            for seq, candidate in zip(seqs, batch, strict=True)
        ],
    )
    search.insert(
        connection,
        [(seq, candidate.record) for seq, candidate in zip(seqs, batch, strict=True)],
    )
    counts.add(
        connection,
        Counter(
            key
            for candidate in batch
            for key in counts.keys_of(dimensions_of(candidate), candidate.state)
        ),
    )
    return {candidate.id: seq for seq, candidate in zip(seqs, batch, strict=True)}


def _next_seqs(connection: Connection, n: int) -> list[int]:
    if connection.dialect.name == "postgresql":
        return list(connection.execute(_NEXT_SEQS, {"n": n}).scalars())
    last: int = connection.execute(_NEXT_SEQ).scalar() or 0
    return list(range(last + 1, last + n + 1))
