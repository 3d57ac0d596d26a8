"""What was decided lately, and by whom: read from the newest on, by an index."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.decisions import Status
from corrigenda.store.schema import candidates, decisions

Place = tuple[str, int]
"""Where a page of the feed ended: (`decided_at`, `seq`) of its last decision."""

_WAITS = Status.NEEDS_REVIEW.value
# Named one by one, so that the index on the reviewer and the status finds them.
_REVIEWED = [status.value for status in Status if status is not Status.NEEDS_REVIEW]
_HOUR = sa.func.substr(decisions.c.decided_at, 1, 13)
_STANDS = sa.and_(
    decisions.c.binding,
    decisions.c.to_status != _WAITS,
    decisions.c.to_status == candidates.c.status,
    # A category that was changed later leaves a correction standing.
    sa.or_(
        decisions.c.revision == candidates.c.revision,
        decisions.c.decided_at == candidates.c.decided_at,
    ),
)
_FEED = sa.select(
    decisions,
    candidates.c.id.label("candidate_id"),
    candidates.c.task,
    candidates.c.model,
    _STANDS.label("stands"),
).join_from(decisions, candidates)


@dataclass(frozen=True)
class Done:
    """What one reviewer did: candidates whose decision stands, and active seconds."""

    candidates: int
    seconds: float


def newest(
    connection: Connection,
    *,
    reviewer: str | None = None,
    since: str | None = None,
    after: Place | None = None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Decisions, newest first, those after a place in the feed.

    Args:
        connection: Where from.
        reviewer: Only this one's.
        since: Only those of this time (ISO 8601, UTC, microseconds) and later.
        after: Where the page before ended.
        limit: At most so many.
    """
    query = _FEED.where(*_of(reviewer, since))
    at, seq = decisions.c.decided_at, decisions.c.seq
    if after is not None:
        query = query.where(sa.tuple_(at, seq) < sa.tuple_(*map(sa.literal, after)))
    return connection.execute(query.order_by(at.desc(), seq.desc()).limit(limit)).all()


def done(connection: Connection, reviewer: str, since: str | None) -> Done:
    """What a reviewer has done since."""
    seconds = sa.select(sa.func.sum(decisions.c.seconds)).where(*_of(reviewer, since))
    standing = sa.select(sa.func.count()).where(
        candidates.c.decided_by == reviewer, candidates.c.status.in_(_REVIEWED)
    )
    if since is not None:
        standing = standing.where(candidates.c.decided_at >= since)
    return Done(
        connection.execute(standing).scalar_one(), connection.execute(seconds).scalar() or 0.0
    )


def by_hour(connection: Connection, reviewer: str, since: str) -> list[tuple[str, int]]:
    """How many decisions a reviewer made in each hour, such as `2026-04-07T10`; undos apart."""
    query = (
        sa.select(_HOUR, sa.func.count())
        .where(*_of(reviewer, since), decisions.c.binding, decisions.c.to_status != _WAITS)
        .group_by(_HOUR)
        .order_by(_HOUR)
    )
    return [(hour, n) for hour, n in connection.execute(query)]


def uses_of_category(connection: Connection, name: str) -> int:
    """How many decisions name a failure category."""
    query = sa.select(sa.func.count()).where(decisions.c.failure_category == name)
    return connection.execute(query).scalar_one()


def _of(reviewer: str | None, since: str | None) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if reviewer is not None:
        found.append(decisions.c.reviewer == reviewer)
    if since is not None:
        found.append(decisions.c.decided_at >= since)
    return found
