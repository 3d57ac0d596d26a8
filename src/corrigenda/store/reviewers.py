"""Reviewers: who may sign in, each known by the hash of a token."""

from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.errors import ReviewerExists, UnknownReviewer
from corrigenda.store.schema import reviewers


@dataclass(frozen=True)
class Reviewer:
    """One reviewer. Times are ISO 8601 in UTC; who has a `revoked_at` cannot sign in."""

    name: str
    lead: bool
    created_at: str
    revoked_at: str | None
    token_hash: bytes = field(repr=False)


def every(connection: Connection) -> list[Reviewer]:
    """All of them, those who are revoked included, in the order in which they were added."""
    rows = connection.execute(sa.select(reviewers).order_by(reviewers.c.id))
    return [_reviewer(row) for row in rows]


def add(connection: Connection, name: str, *, lead: bool, token_hash: bytes, at: str) -> Reviewer:
    """Add a reviewer.

    Raises:
        ReviewerExists: There is one of this name, revoked or not.
    """
    if _find(connection, name) is not None:
        raise ReviewerExists(name)
    connection.execute(
        sa.insert(reviewers).values(name=name, lead=lead, token_hash=token_hash, created_at=at)
    )
    return Reviewer(name, lead, at, None, token_hash)


def renew(connection: Connection, name: str, *, token_hash: bytes) -> Reviewer:
    """Give a reviewer another token; one who was revoked may sign in again.

    Raises:
        UnknownReviewer: There is none of this name.
    """
    found = replace(_get(connection, name), token_hash=token_hash, revoked_at=None)
    _change(connection, name, token_hash=token_hash, revoked_at=None)
    return found


def revoke(connection: Connection, name: str, *, at: str) -> Reviewer:
    """Let a reviewer sign in no more; their decisions stay.

    Raises:
        UnknownReviewer: There is none of this name.
    """
    found = _get(connection, name)
    if found.revoked_at is None:
        _change(connection, name, revoked_at=at)
        found = replace(found, revoked_at=at)
    return found


def forget(connection: Connection, name: str) -> None:
    """Remove a reviewer; their decisions stay.

    Raises:
        UnknownReviewer: There is none of this name.
    """
    if not connection.execute(sa.delete(reviewers).where(reviewers.c.name == name)).rowcount:
        raise UnknownReviewer(name)


def _change(connection: Connection, name: str, **values: object) -> None:
    connection.execute(sa.update(reviewers).where(reviewers.c.name == name).values(**values))


def _get(connection: Connection, name: str) -> Reviewer:
    if (found := _find(connection, name)) is None:
        raise UnknownReviewer(name)
    return found


def _find(connection: Connection, name: str) -> Reviewer | None:
    row = connection.execute(sa.select(reviewers).where(reviewers.c.name == name)).first()
    return None if row is None else _reviewer(row)


def _reviewer(row: Row[Any]) -> Reviewer:
    return Reviewer(row.name, row.lead, row.created_at, row.revoked_at, bytes(row.token_hash))
