"""What was decided lately, for those who watch."""

from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import candidates, decisions


class Decided(NamedTuple):
    """A decision: its `seq`, its candidate's id, and the status that the candidate has now."""

    seq: int
    id: str
    status: str


_NEWEST = (
    sa.select(decisions.c.seq, candidates.c.id, candidates.c.status)
    .join_from(decisions, candidates)
    .where(decisions.c.seq > sa.bindparam("after"), decisions.c.binding)
    .order_by(decisions.c.seq.desc())
    .limit(sa.bindparam("most"))
)


def decided(connection: Connection, *, after: int, most: int) -> list[Decided]:
    """The newest decisions that changed a state, newest first, after the decision `after`."""
    rows = connection.execute(_NEWEST, {"after": after, "most": most})
    return [Decided(*row) for row in rows]
