"""Candidates that a reviewer wants to see last.

A row matters only while its candidate waits for review. Those that were decided since go when
the same reviewer puts off another: nothing else has to think of them.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Status
from corrigenda.store.candidates import get
from corrigenda.store.schema import candidates, put_off

# Asked row by row: a list of all that waits would be made anew for each card that is put off.
_DECIDED = (
    sa.select(candidates.c.seq)
    .where(
        candidates.c.seq == put_off.c.candidate_seq,
        candidates.c.status != Status.NEEDS_REVIEW.value,
    )
    .correlate(put_off)
    .exists()
)
_INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def put(connection: Connection, reviewer: str, candidate_id: str, *, at: str) -> None:
    """Put a candidate at the end of this reviewer's queue; again moves it behind the others.

    Raises:
        UnknownCandidate: There is none of this id.
    """
    seq = get(connection, candidate_id).seq
    theirs = put_off.c.reviewer == reviewer
    connection.execute(sa.delete(put_off).where(theirs, _DECIDED))
    insert = _INSERT[connection.dialect.name](put_off)
    connection.execute(
        insert.on_conflict_do_update(index_elements=["reviewer", "candidate_seq"], set_={"at": at}),
        {"reviewer": reviewer, "candidate_seq": seq, "at": at},
    )


def take_back(connection: Connection, reviewer: str, candidate_id: str) -> None:
    """Let a candidate stand where it stood.

    Raises:
        UnknownCandidate: There is none of this id.
    """
    seq = get(connection, candidate_id).seq
    connection.execute(
        sa.delete(put_off).where(put_off.c.reviewer == reviewer, put_off.c.candidate_seq == seq)
    )


def of(connection: Connection, reviewer: str) -> list[str]:
    """The ids of what this reviewer has put off and what still waits, in that order."""
    query = (
        sa.select(candidates.c.id)
        .join_from(put_off, candidates)
        .where(put_off.c.reviewer == reviewer)
        .where(candidates.c.status == Status.NEEDS_REVIEW.value)
        .order_by(put_off.c.at, put_off.c.candidate_seq)
    )
    return list(connection.execute(query).scalars())
