"""What a monitor asks for, cheap enough to be asked every few seconds, however much there is."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store import counts
from corrigenda.store.facts import workspace_id
from corrigenda.store.mirror_state import load
from corrigenda.store.schema import claims, decisions, jobs, mirror_approved

_APPROVED = "sft_approved.jsonl"
_PENDING = (
    sa.select(sa.func.count())
    .select_from(mirror_approved)
    .where(mirror_approved.c.pending.is_not(None))
)
_BY_ACTION = (
    sa.select(decisions.c.action, sa.func.count(), sa.func.max(decisions.c.seq))
    .where(decisions.c.seq > sa.bindparam("after"))
    .group_by(decisions.c.action)
)
_BY_STATE = sa.select(jobs.c.kind, jobs.c.state, sa.func.count()).group_by(
    jobs.c.kind, jobs.c.state
)
_BEHIND = (
    sa.select(sa.func.count())
    .select_from(decisions)
    .where(decisions.c.seq > sa.bindparam("after"), decisions.c.binding)
)


@dataclass(frozen=True)
class Measures:
    """How a workspace does.

    `claims` counts those whose lease may have ended, too, until somebody takes them over;
    `mirror_pending` the decisions that may not have reached the approved file's disk yet.
    """

    candidates: dict[str, int]
    jobs: dict[tuple[str, str], int]
    claims: int
    mirror_pending: int


def read(connection: Connection, *, mirrored: bool) -> Measures:
    """Measure."""
    return Measures(
        dict(counts.by_status(connection)),
        {(kind, state): n for kind, state, n in connection.execute(_BY_STATE)},
        connection.execute(sa.select(sa.func.count()).select_from(claims)).scalar_one(),
        _pending(connection) if mirrored else 0,
    )


class DecisionCounts:
    """All decisions by action; each time only those are counted that have come since."""

    def __init__(self) -> None:
        self._workspace = ""
        self._after = 0
        self._found: Counter[str] = Counter()

    def read(self, connection: Connection) -> dict[str, int]:
        """The decisions by action, such as `{"correct": 310, "undo": 4}`."""
        if (workspace := workspace_id(connection)) != self._workspace:
            self._workspace, self._after, self._found = workspace, 0, Counter()
        rows: list[Any] = list(connection.execute(_BY_ACTION, {"after": self._after}))
        for action, n, last in rows:
            self._found[action] += n
            self._after = max(self._after, last)
        return dict(self._found)


def _pending(connection: Connection) -> int:
    noted = load(connection, _APPROVED)
    lines = connection.execute(_PENDING).scalar_one()
    if noted is None:
        return lines
    behind = connection.execute(_BEHIND, {"after": noted["horizon"]}).scalar_one()
    return lines + behind
