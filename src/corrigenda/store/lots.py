"""Lots: bulk decisions, whole chunks at a time, each candidate with a decision of its own."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.candidate import storable
from corrigenda.core.decisions import Action, Decision, ReviewState, Status, decide
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import Conflict, InvalidInput, UnknownLot
from corrigenda.store import decisions
from corrigenda.store.candidates import Stored, of_seqs, set_states
from corrigenda.store.filters import conditions
from corrigenda.store.schema import candidates, id_key, lots, tags
from corrigenda.store.schema import decisions as decision_rows

_PART = 500


@dataclass(frozen=True)
class Lot:
    """One lot: what was asked for in `params`, and how many decisions it has made, `n`."""

    id: str
    action: str
    params: dict[str, Any]
    n: int
    reviewer: str
    created_at: str
    undone_at: str | None


@dataclass(frozen=True)
class Standing:
    """Where one candidate stands, without its record."""

    seq: int
    status: Status
    category: str | None


def create(
    connection: Connection, lot_id: str, action: str, params: dict[str, Any], reviewer: str, at: str
) -> Lot:
    """Put in a lot that has decided nothing yet; one of the same id is an `IntegrityError`."""
    lot = Lot(lot_id, action, params, 0, reviewer, created_at=at, undone_at=None)
    connection.execute(sa.insert(lots).values(vars(lot)))
    return lot


def find(connection: Connection, lot_id: str) -> Lot | None:
    """The lot of this id."""
    if not storable(lot_id):
        return None
    row = connection.execute(sa.select(lots).where(lots.c.id == lot_id)).first()
    return None if row is None else _lot(row)


def get(connection: Connection, lot_id: str) -> Lot:
    """One lot.

    Raises:
        UnknownLot: There is none of this id.
    """
    found = find(connection, lot_id)
    if found is None:
        raise UnknownLot(lot_id if storable(lot_id) else ascii(lot_id))
    return found


def newest(connection: Connection, limit: int) -> list[Lot]:
    """The newest lots, newest first."""
    query = sa.select(lots).order_by(lots.c.seq.desc()).limit(limit)
    return [_lot(row) for row in connection.execute(query)]


def count(connection: Connection, lot_id: str, more: int) -> None:
    """Say that a lot has made so many decisions more."""
    connection.execute(sa.update(lots).where(lots.c.id == lot_id).values(n=lots.c.n + more))


def undone(connection: Connection, lot_id: str, at: str) -> None:
    """Say that a lot was undone, the first time."""
    first = sa.and_(lots.c.id == lot_id, lots.c.undone_at.is_(None))
    connection.execute(sa.update(lots).where(first).values(undone_at=at))


def selected(connection: Connection, selection: Selection) -> list[int]:
    """The candidates that a filter finds, in the order of arrival."""
    query = sa.select(candidates.c.seq).where(*conditions(connection, selection))
    return list(connection.execute(query.order_by(candidates.c.seq)).scalars())


def named(connection: Connection, ids: Iterable[str]) -> list[int]:
    """The candidates of these ids that exist, each once, in the order of arrival."""
    keys = [id_key(found) for found in ids if storable(found)]
    found: set[int] = set()
    for part in _parts(keys):
        query = sa.select(candidates.c.seq).where(candidates.c.id_key.in_(part))
        found.update(connection.execute(query).scalars())
    return sorted(found)


def decided(connection: Connection, lot_id: str) -> list[int]:
    """The candidates that a lot has decided, in the order of arrival."""
    query = sa.select(decision_rows.c.candidate_seq).where(decision_rows.c.lot == lot_id)
    return sorted(set(connection.execute(query).scalars()))


def standings(connection: Connection, seqs: Sequence[int]) -> list[Standing]:
    """Where candidates stand."""
    query = sa.select(candidates.c.seq, candidates.c.status, candidates.c.failure_category)
    return [
        Standing(row.seq, Status(row.status), row.failure_category)
        for part in _parts(seqs)
        for row in connection.execute(query.where(candidates.c.seq.in_(part)))
    ]


def locked(connection: Connection, seqs: Sequence[int]) -> list[Stored]:
    """Candidates, in order; none of them is changed by another until this transaction ends."""
    query = sa.select(candidates.c.seq).where(candidates.c.seq.in_(seqs))
    # In this order, so that two lots at once wait for one another rather than deadlock.
    # A lock that leaves the key alone: a batch being drawn refers to candidates in random order.
    connection.execute(query.order_by(candidates.c.seq).with_for_update(key_share=True)).all()
    found = of_seqs(connection, seqs)
    return [found[seq] for seq in sorted(found)]


def histories(connection: Connection, chunk: Sequence[Stored]) -> dict[int, list[Decision]]:
    """The binding decisions of each candidate, oldest first."""
    ids = {stored.seq: stored.id for stored in chunk}
    query = (
        sa.select(decision_rows)
        .where(decision_rows.c.candidate_seq.in_(list(ids)), decision_rows.c.binding)
        .order_by(decision_rows.c.seq)
    )
    found: dict[int, list[Decision]] = defaultdict(list)
    for row in connection.execute(query):
        entry = decisions.entry(ids[row.candidate_seq], row)
        found[row.candidate_seq].append(entry.decision)
    return found


def tags_of(connection: Connection, seqs: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The tags of the candidates that have any."""
    found: dict[int, tuple[str, ...]] = {}
    query = sa.select(tags.c.candidate_seq, tags.c.tag).where(tags.c.candidate_seq.in_(seqs))
    for seq, tag in connection.execute(query.order_by(tags.c.tag)):
        found[seq] = (*found.get(seq, ()), tag)
    return found


def known(connection: Connection, decision_ids: Sequence[str]) -> set[str]:
    """Those of these decisions that were made already."""
    query = sa.select(decision_rows.c.decision_id)
    found: set[str] = set()
    for part in _parts(decision_ids):
        found.update(
            connection.execute(query.where(decision_rows.c.decision_id.in_(part))).scalars()
        )
    return found


def append_all(
    connection: Connection, wanted: Sequence[tuple[Stored, Sequence[Decision]]], taxonomy: Taxonomy
) -> dict[int, Conflict | InvalidInput]:
    """Make decisions on several candidates that are locked: as `decisions.append`, but together.

    Args:
        connection: The transaction that holds the locks.
        wanted: Each candidate as it stands, once, and what to decide on it, in order; decisions
            that were made already are not asked for again.
        taxonomy: The categories that there are.

    Returns:
        Why a candidate was refused, by its `seq`; on such a one nothing was written.

    Raises:
        Raced: Somebody was in between; the caller tries again.
    """
    moved: list[tuple[Stored, ReviewState]] = []
    rows: list[dict[str, Any]] = []
    named: dict[int, tuple[str, ...]] = {}
    refused: dict[int, Conflict | InvalidInput] = {}
    for stored, steps in wanted:
        state, made = stored.state, []
        try:
            for step in steps:
                after = decide(state, step, taxonomy, stored.record)
                made.append(decisions.row_of(stored.seq, step, state.status, after))
                state = after
        except (Conflict, InvalidInput) as refusal:
            refused[stored.seq] = refusal
            continue
        if made:
            moved.append((stored, state))
            rows += made
            last = [step for step in steps if step.action is not Action.UNDO]
            named |= {stored.seq: last[-1].tags} if last else {}
    if rows:
        if not set_states(connection, moved):
            raise decisions.Raced
        connection.execute(sa.insert(decision_rows), rows)
        _set_tags(connection, named)
    return refused


def _set_tags(connection: Connection, named: dict[int, tuple[str, ...]]) -> None:
    connection.execute(sa.delete(tags).where(tags.c.candidate_seq.in_(list(named))))
    rows = [{"tag": tag, "candidate_seq": seq} for seq, found in named.items() for tag in found]
    if rows:
        connection.execute(sa.insert(tags), rows)


def _parts(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + _PART] for start in range(0, len(values), _PART))


def _lot(row: Row[Any]) -> Lot:
    return Lot(row.id, row.action, row.params, row.n, row.reviewer, row.created_at, row.undone_at)
