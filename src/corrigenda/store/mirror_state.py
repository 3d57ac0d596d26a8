"""What is known of a workspace's two JSONL files (see `corrigenda.mirror`)."""

import itertools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import Action, ReviewState, Status
from corrigenda.store import rows
from corrigenda.store.schema import (
    candidates,
    decisions,
    id_key,
    mirror_approved,
    mirror_files,
    mirror_lines,
)

Pending = Literal["append", "blank"]

_PART = 500


@dataclass(frozen=True)
class Known:
    """What a line of the file is compared with."""

    seq: int
    digest: str
    run_id: str | None
    state: ReviewState


@dataclass(frozen=True)
class LastSeen:
    """What the file said of a candidate, and the newest decision when it was seen to."""

    review_digest: bytes
    horizon: int


@dataclass(frozen=True)
class Place:
    """Where a candidate's line stands in the approved file; `pending`: not yet on disk."""

    id: int
    seq: int
    offset: int
    length: int
    pending: Pending | None


def load(connection: Connection, name: str) -> dict[str, Any] | None:
    """What was noted of a file."""
    query = sa.select(mirror_files.c.state).where(mirror_files.c.name == name)
    state: dict[str, Any] | None = connection.execute(query).scalar()
    return state


def save(connection: Connection, name: str, state: Mapping[str, Any]) -> None:
    """Note it."""
    rows.execute(
        connection,
        f"INSERT INTO mirror_files (name, state) {rows.values(connection, 1, 2)} "
        "ON CONFLICT (name) DO UPDATE SET state = excluded.state",
        (name, json.dumps(dict(state))),
    )


def known(connection: Connection, ids: Sequence[str]) -> dict[str, Known]:
    """The candidates of these ids that exist, without their records."""
    query = sa.select(
        candidates.c.seq,
        candidates.c.id,
        candidates.c.digest,
        candidates.c.run_id,
        candidates.c.status,
        candidates.c.corrected_response,
        candidates.c.corrected_parts,
        candidates.c.held_back,
        candidates.c.failure_category,
        candidates.c.revision,
        candidates.c.decided_by,
        candidates.c.decided_at,
    ).where(candidates.c.id_key.in_([id_key(i) for i in ids]))
    return {
        row.id: Known(
            row.seq,
            row.digest,
            row.run_id,
            ReviewState(
                Status(row.status),
                row.corrected_response,
                row.failure_category,
                row.revision,
                row.decided_by,
                row.decided_at,
                CorrectedParts.from_json(row.corrected_parts),
                row.held_back,
            ),
        )
        for row in connection.execute(query)
    }


def last_seen(connection: Connection, seqs: Sequence[int]) -> dict[int, LastSeen]:
    """What the file was last seen to say of candidates, where that was noted."""
    query = sa.select(mirror_lines).where(mirror_lines.c.seq.in_(seqs))
    return {row.seq: LastSeen(row.review_digest, row.horizon) for row in connection.execute(query)}


def set_last_seen(connection: Connection, seq: int, digest: bytes) -> None:
    """Note it, with the newest decision of this moment."""
    newest = connection.execute(sa.select(sa.func.max(decisions.c.seq))).scalar() or 0
    connection.execute(sa.delete(mirror_lines).where(mirror_lines.c.seq == seq))
    connection.execute(
        sa.insert(mirror_lines).values(seq=seq, review_digest=digest, horizon=newest)
    )


def forget_lines(connection: Connection) -> None:
    """After the whole file was written: every line is as the database was then."""
    connection.execute(sa.delete(mirror_lines))


def last_decided(connection: Connection, seqs: Sequence[int]) -> dict[int, int]:
    """The newest decision on each of these candidates that has one."""
    query = (
        sa.select(decisions.c.candidate_seq, sa.func.max(decisions.c.seq))
        .where(decisions.c.candidate_seq.in_(seqs), decisions.c.binding)
        .group_by(decisions.c.candidate_seq)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def state_at(
    connection: Connection, seq: int, horizon: int, arrived: Callable[[], ReviewState]
) -> ReviewState:
    """The state, as a line shows it, that the decisions up to `horizon` had led to.

    `arrived` is the state that the record itself gives.
    """
    query = (
        sa.select(decisions)
        .where(decisions.c.candidate_seq == seq, decisions.c.seq <= horizon, decisions.c.binding)
        .order_by(decisions.c.seq.desc())
        .limit(1)
    )
    last = connection.execute(query).first()
    if last is None:
        return arrived()
    if last.action != Action.CATEGORISE.value:
        return _decided(last)
    # All but the category is as the decision before left it.
    told = query.where(decisions.c.action != Action.CATEGORISE.value)
    before = connection.execute(told).first()
    state = arrived() if before is None else _decided(before)
    return replace(state, failure_category=last.failure_category)


def _decided(row: sa.Row[Any]) -> ReviewState:
    status = Status(row.to_status)
    if status is Status.NEEDS_REVIEW:
        return ReviewState()
    # A line may arrive discarded and yet with a text; only a decision drops that.
    arrived = row.revision == 1 and row.reviewer in ("file", "import")
    if not arrived and status is not Status.APPROVED:
        return ReviewState(status, failure_category=row.failure_category)
    return ReviewState(
        status,
        row.corrected_response,
        row.failure_category,
        corrected_parts=CorrectedParts.from_json(row.corrected_parts),
    )


def others_decided(connection: Connection, after: int, reviewer: str) -> bool:
    """Whether anybody but `reviewer` decided after the decision `after`."""
    query = sa.select(decisions.c.reviewer).where(decisions.c.seq > after).distinct()
    return any(row.reviewer != reviewer for row in connection.execute(query))


def places(connection: Connection, seqs: Iterable[int]) -> list[Place]:
    """The lines that these candidates have in the approved file."""
    query = sa.select(mirror_approved).where(mirror_approved.c.seq.in_(list(seqs)))
    return [Place(**row._mapping) for row in connection.execute(query)]


def pending_places(connection: Connection) -> list[Place]:
    """The lines that may not have reached the disk."""
    query = sa.select(mirror_approved).where(mirror_approved.c.pending.is_not(None))
    return [Place(**row._mapping) for row in connection.execute(query.order_by("id"))]


def add_pending(connection: Connection, spans: Sequence[tuple[int, int, int]]) -> list[int]:
    """Note lines that are about to be written: (candidate's seq, offset, length).

    Returns:
        The places' ids, in the order given.
    """
    if not spans:
        return []
    found = rows.execute(
        connection,
        'INSERT INTO mirror_approved (seq, "offset", length, pending) '
        f'{rows.values(connection, len(spans), 4)} RETURNING "offset", id',
        rows.flat((*span, "append") for span in spans),
    )
    ids: dict[int, int] = {row[0]: row[1] for row in found}  # in which order is not said
    return [ids[offset] for _, offset, _ in spans]


def move_place(connection: Connection, place_id: int, offset: int) -> None:
    """Correct where a line stands."""
    connection.execute(
        sa.update(mirror_approved).where(mirror_approved.c.id == place_id).values(offset=offset)
    )


def mark_blank(connection: Connection, place_ids: Sequence[int]) -> None:
    """Note that lines are about to be blanked."""
    rows.execute(
        connection,
        "UPDATE mirror_approved SET pending = 'blank' "
        f"WHERE id IN {rows.marks(connection, len(place_ids))}",
        tuple(place_ids),
    )


def settle(connection: Connection, place_ids: Sequence[int]) -> None:
    """The disk has these: written lines are settled, blanked ones are forgotten."""
    for start in range(0, len(place_ids), _PART):
        part = tuple(place_ids[start : start + _PART])
        these = f"id IN {rows.marks(connection, len(part))} AND pending"
        rows.execute(connection, f"DELETE FROM mirror_approved WHERE {these} = 'blank'", part)
        rows.execute(
            connection, f"UPDATE mirror_approved SET pending = NULL WHERE {these} = 'append'", part
        )


def forget_places(connection: Connection, seqs: Sequence[int] | None = None) -> None:
    """Forget where lines stand: those of some candidates, or all."""
    statement = sa.delete(mirror_approved)
    if seqs is None:
        connection.execute(statement)
        return
    for start in range(0, len(seqs), _PART):  # a person's script may edit every line
        part = seqs[start : start + _PART]
        connection.execute(statement.where(mirror_approved.c.seq.in_(part)))


def approved_seqs(connection: Connection, seqs: Iterable[int] | None = None) -> list[int]:
    """The approved candidates (of some, or all), in the order of arrival."""
    query = sa.select(candidates.c.seq).where(candidates.c.status == Status.APPROVED.value)
    if seqs is None:
        return list(connection.execute(query.order_by(candidates.c.seq)).scalars())
    wanted = sorted(set(seqs))
    parts = (wanted[start : start + _PART] for start in range(0, len(wanted), _PART))
    found = (
        connection.execute(query.where(candidates.c.seq.in_(part))).scalars() for part in parts
    )
    return sorted(itertools.chain.from_iterable(found))


def all_places(connection: Connection) -> list[Place]:
    """Every line noted, in the order of the file."""
    query = sa.select(mirror_approved).order_by(mirror_approved.c.offset)
    return [Place(**row._mapping) for row in connection.execute(query)]


def add_places(connection: Connection, spans: Iterable[tuple[int, int, int]]) -> None:
    """Note lines that are on the disk: (candidate's seq, offset, length)."""
    noted = [{"seq": seq, "offset": o, "length": n, "pending": None} for seq, o, n in spans]
    if noted:
        connection.execute(sa.insert(mirror_approved), noted)
