"""Pages of candidates in any order, each as cheap as the first.

Every order is a few columns, all ascending, that an index has after the status: a page is a
range of that index. Where several statuses are asked for, each gives its next few, and those are
merged; so no order ever sorts more than a page.

The candidates that a reviewer put off come after all others, the one put off first before the
rest. A candidate decided or added meanwhile makes none appear twice: a new sibling may move
others forward, never back.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Status
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.selection import Selection
from corrigenda.store.filters import conditions
from corrigenda.store.schema import batch_members, candidates, put_off

_COLUMNS: dict[Order, tuple[sa.Column[Any], ...]] = {
    Order.ARRIVAL: (candidates.c.seq,),
    Order.LOWEST_SCORE: (candidates.c.by_score, candidates.c.seq),
    Order.NEWEST_RUN: (candidates.c.by_run, candidates.c.seq),
    Order.SIMILAR_PROMPTS: (candidates.c.by_prompt, candidates.c.seq),
    Order.MOST_FAILING: (candidates.c.by_failing, candidates.c.by_prompt, candidates.c.seq),
    Order.BATCH: (batch_members.c.position,),
}


@dataclass(frozen=True)
class Place:
    """A candidate, and where it stands in the order."""

    seq: int
    cursor: Cursor


def page(
    connection: Connection,
    selection: Selection,
    order: Order,
    *,
    limit: int,
    after: Cursor | None = None,
    offset: int = 0,
    reviewer: str | None = None,
) -> list[Place]:
    """Up to `limit` candidates after a cursor, or from `offset` on.

    With `reviewer`, those that this reviewer put off come last.
    """
    where = conditions(connection, selection)
    set_aside = _put_off_by(reviewer) if reviewer and _any(connection, reviewer) else None
    first = [*where, candidates.c.seq.not_in(set_aside)] if set_aside is not None else where
    found: list[Place] = []
    if after is None or not after.last:
        found = _ordered(connection, selection, first, order, after, offset, limit)
    if set_aside is not None and reviewer and len(found) < limit:
        rest = None if after is None or not after.last else after
        if offset and not found:
            offset -= _count(connection, first)
        else:
            offset = 0
        found += _last(connection, where, order, reviewer, rest, offset, limit - len(found))
    return found


def _ordered(
    connection: Connection,
    selection: Selection,
    where: list[sa.ColumnElement[bool]],
    order: Order,
    after: Cursor | None,
    offset: int,
    limit: int,
) -> list[Place]:
    columns, statuses = _COLUMNS[order], selection.statuses
    query = sa.select(candidates.c.seq, *(c.label(f"v{n}") for n, c in enumerate(columns)))
    if order is Order.BATCH:
        members = sa.and_(
            batch_members.c.candidate_seq == candidates.c.seq,
            batch_members.c.batch_id == selection.batch,
        )
        query = query.join_from(batch_members, candidates, members)
    query = query.where(*where).order_by(*columns)
    if after is not None:
        query = query.where(_beyond(columns, after))
    if order in (Order.ARRIVAL, Order.BATCH) and len(statuses) <= 1:
        rows: Iterable[Any] = connection.execute(query.limit(limit).offset(offset or None))
    else:
        parts = [
            connection.execute(
                query.where(candidates.c.status == status.value).limit(offset + limit)
            )
            for status in dict.fromkeys(statuses or Status)
        ]
        rows = islice(heapq.merge(*parts, key=lambda row: tuple(row[1:])), offset, offset + limit)
    return [Place(row.seq, Cursor(order, tuple(row[1:]))) for row in rows]


def _last(
    connection: Connection,
    where: list[sa.ColumnElement[bool]],
    order: Order,
    reviewer: str,
    after: Cursor | None,
    offset: int,
    limit: int,
) -> list[Place]:
    columns = (put_off.c.at, candidates.c.seq)
    query = (
        sa.select(candidates.c.seq, put_off.c.at)
        .join_from(put_off, candidates)
        .where(put_off.c.reviewer == reviewer, *where)
        .order_by(*columns)
    )
    if after is not None:
        query = query.where(_beyond(columns, after))
    rows = connection.execute(query.limit(limit).offset(max(0, offset) or None))
    return [Place(row.seq, Cursor(order, (row.at, row.seq), last=True)) for row in rows]


def _beyond(columns: tuple[sa.Column[Any], ...], after: Cursor) -> sa.ColumnElement[bool]:
    values = [
        sa.bindparam(None, value, type_=column.type)
        for column, value in zip(columns, after.values, strict=True)
    ]
    if len(columns) == 1:
        return columns[0] > values[0]
    return sa.tuple_(*columns) > sa.tuple_(*values)


def _put_off_by(reviewer: str) -> sa.Select[tuple[int]]:
    return sa.select(put_off.c.candidate_seq).where(put_off.c.reviewer == reviewer)


def _any(connection: Connection, reviewer: str) -> bool:
    return connection.execute(_put_off_by(reviewer).limit(1)).first() is not None


def _count(connection: Connection, where: list[sa.ColumnElement[bool]]) -> int:
    query = sa.select(sa.func.count()).select_from(candidates).where(*where)
    return connection.execute(query).scalar_one()
