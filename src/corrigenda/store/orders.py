"""Pages of candidates in any order, each as cheap as the first.

Every order is a few columns, all ascending, that an index has after the status: a page is a
range of that index. Where several statuses are asked for, each gives its next few, and those are
merged; so no order ever sorts more than a page.

Under a filter a page is looked for in a stretch of the order first (`STRETCH` candidates). If
that is not enough, few are to be found, or they stand far away. Then those few are read by the
narrowest index and sorted (`access`), or the cells in which they are (`cells`) are merged, each
of which is a range of an index, too.

The candidates that a reviewer put off come after all others, the one put off first before the
rest. A candidate decided or added meanwhile makes none appear twice: a new sibling may move
others forward, never back.
"""

import heapq
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Status
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.selection import Selection
from corrigenda.store import access, cells, matching
from corrigenda.store.filters import conditions
from corrigenda.store.hints import by_index, by_seq
from corrigenda.store.schema import batch_members, candidates, put_off

STRETCH = 2_000
"""Candidates among which a page is looked for in the order, before another way is tried."""

SHORT_STRETCH = 500
"""The same where the cells lead there as well."""

_COLUMNS: dict[Order, tuple[sa.Column[Any], ...]] = {
    Order.ARRIVAL: (candidates.c.seq,),
    Order.LOWEST_SCORE: (candidates.c.by_score, candidates.c.seq),
    Order.NEWEST_RUN: (candidates.c.by_run, candidates.c.seq),
    Order.SIMILAR_PROMPTS: (candidates.c.by_prompt, candidates.c.seq),
    Order.MOST_FAILING: (candidates.c.by_failing, candidates.c.by_prompt, candidates.c.seq),
    Order.BATCH: (batch_members.c.position,),
}
_INDEX = {
    Order.ARRIVAL: "ix_candidates_status_seq",
    Order.LOWEST_SCORE: "ix_candidates_by_score",
    Order.NEWEST_RUN: "ix_candidates_by_run",
    Order.SIMILAR_PROMPTS: "ix_candidates_by_prompt",
    Order.MOST_FAILING: "ix_candidates_by_failing",
}
_PLACE_OF_RUN = by_index(
    sa.select(candidates.c.by_run)
    .where(candidates.c.cell == sa.bindparam("cell"), candidates.c.run_id == sa.bindparam("run"))
    .limit(1),
    "ix_candidates_cell",
)
_BY_CELLS = (Order.ARRIVAL, Order.NEWEST_RUN)
Condition = sa.ColumnElement[bool]
Values = tuple[Any, ...]


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


@dataclass(frozen=True)
class _Asked:
    """What is asked for in one order."""

    selection: Selection
    where: list[Condition]
    order: Order
    after: Values | None
    offset: int
    limit: int

    @property
    def columns(self) -> tuple[sa.Column[Any], ...]:
        return _COLUMNS[self.order]

    @property
    def statuses(self) -> list[str | None]:
        """Each is a range of the order's index; `None` is all of them in one."""
        asked = [status.value for status in dict.fromkeys(self.selection.statuses)]
        if not asked and self.order is Order.ARRIVAL:
            return [None]
        return [*(asked or (status.value for status in Status))]

    def query(self) -> sa.Select[Any]:
        """All that is asked for and stands after the cursor, in order."""
        labelled = (c.label(f"v{n}") for n, c in enumerate(self.columns))
        query = sa.select(candidates.c.seq, *labelled).where(*self.where).order_by(*self.columns)
        return query if self.after is None else query.where(_beyond(self.columns, self.after))

    def place(self, row: Any) -> Place:
        return Place(row[0], Cursor(self.order, tuple(row[1:])))


def _ordered(
    connection: Connection,
    selection: Selection,
    where: list[Condition],
    order: Order,
    after: Cursor | None,
    offset: int,
    limit: int,
) -> list[Place]:
    asked = _Asked(selection, where, order, after.values if after else None, offset, limit)
    if order is Order.BATCH:
        return _of_batch(connection, asked)
    answered = {"statuses"}
    if order is Order.LOWEST_SCORE:
        asked = _within_scores(asked)
        answered |= {"score_min", "score_max"}
    if selection.restricted <= answered:
        return _walk(connection, asked)
    if not offset:
        found, ended = _nearby(connection, asked)
        if ended or len(found) == limit:
            return found
    return _further(connection, asked)


def _nearby(connection: Connection, asked: _Asked) -> tuple[list[Place], bool]:
    """The first that stand on the next stretch of the order, and whether the order ends there."""
    by_cells = asked.selection.restricted <= cells.TOLD_APART and asked.order in _BY_CELLS
    length = SHORT_STRETCH if by_cells else STRETCH
    query = sa.select(*asked.columns).order_by(*asked.columns).limit(1).offset(length)
    if asked.after is not None:
        query = query.where(_beyond(asked.columns, asked.after))
    ends = [connection.execute(part).first() for part in _by_status(asked, query)]
    end = min((tuple(end) for end in ends if end is not None), default=None)
    if connection.dialect.name == "sqlite" or end is None:
        return _walk(connection, asked, end), end is None
    # PostgreSQL, too, would take another index than that of the order: it does not know how few
    # candidates there are of this status up to that place.
    stretch = sa.select(candidates.c.seq).where(_up_to(asked.columns, end))
    if asked.after is not None:
        stretch = stretch.where(_beyond(asked.columns, asked.after))
    stretch = stretch.order_by(*asked.columns).limit(length + 1)
    seqs = [seq for part in _by_status(asked, stretch) for seq in connection.scalars(part)]
    query = asked.query().where(matching.among(connection, seqs)).limit(asked.limit)
    return [asked.place(row) for row in connection.execute(query)], False


def _further(connection: Connection, asked: _Asked) -> list[Place]:
    """What is not to be found on the first stretch of the order."""
    known = cells.counted(connection, asked.selection)
    if known is not None and not known:
        return []
    way = access.narrowest(connection, asked.selection, known)
    if way is not None and way.n <= access.MOST:
        return _gather(connection, asked, way)
    if known and asked.selection.restricted & cells.COLUMNS:
        if asked.order is Order.ARRIVAL:
            return _merge(connection, asked, cells.numbers(known))
        if asked.order is Order.NEWEST_RUN and not asked.offset:
            return _run_by_run(connection, asked, known)
    return _walk(connection, asked)


def _within_scores(asked: _Asked) -> _Asked:
    """The bounds of the score as places in the order, which then needs no other condition."""
    low, high = asked.selection.score_min, asked.selection.score_max
    where = asked.where
    if low is not None or high is not None:  # those without a score come after all others
        where = [*where, candidates.c.by_score <= (1.0 if high is None else high)]
    if low is None or (asked.after is not None and asked.after[0] >= low):
        return replace(asked, where=where)
    return replace(asked, where=where, after=(low, -1))


def _walk(connection: Connection, asked: _Asked, end: Values | None = None) -> list[Place]:
    """The next in order, up to a place in it."""
    query = asked.query().limit(asked.offset + asked.limit)
    if end is not None:
        query = query.where(_up_to(asked.columns, end))
    parts = [connection.execute(part) for part in _by_status(asked, query)]
    rows = heapq.merge(*parts, key=lambda row: tuple(row[1:]))
    return [asked.place(row) for row in islice(rows, asked.offset, asked.offset + asked.limit)]


def _by_status(asked: _Asked, query: sa.Select[Any]) -> Iterator[sa.Select[Any]]:
    for status in asked.statuses:
        if status is None:
            yield by_seq(query)
        else:
            yield by_index(query.where(candidates.c.status == status), _INDEX[asked.order])


def _gather(connection: Connection, asked: _Asked, way: access.Way) -> list[Place]:
    """Of the few that the narrowest index finds, the first in order."""
    query = by_seq(asked.query().where(access.among(connection, way.seqs)))
    rows = connection.execute(query.limit(asked.limit).offset(asked.offset or None))
    return [asked.place(row) for row in rows]


def _merge(connection: Connection, asked: _Asked, numbers: Sequence[int]) -> list[Place]:
    """The first by arrival of many cells: the first of each, of which the first are taken."""
    most = asked.offset + asked.limit
    if connection.dialect.name == "sqlite":
        cell = sa.func.json_each(json.dumps(numbers)).table_valued("value", name="cell").c.value
    else:
        listed = sa.cast(list(numbers), sa.ARRAY(sa.Integer))
        cell = sa.func.unnest(listed).table_valued("value", name="cell").render_derived().c.value
    here = candidates.c
    firsts = []
    for status in asked.statuses:
        each = asked.query().where(here.cell == cell).limit(most)
        each = each.where(here.status == status) if status else each
        firsts.append(by_index(each, "ix_candidates_cell"))
    found: list[int] = []
    for first in firsts:
        if connection.dialect.name == "sqlite":
            other = candidates.alias("found")
            seqs = first.with_only_columns(here.seq).correlate(cell.table)
            query = sa.select(other.c.seq).join_from(cell.table, other, other.c.seq.in_(seqs))
            query = query.order_by(other.c.seq)
        else:
            part = first.with_only_columns(here.seq).correlate(cell.table).lateral("part")
            query = sa.select(part.c.seq).join_from(cell.table, part, sa.true())
            query = query.order_by(part.c.seq)
        found += connection.execute(query.limit(most)).scalars()
    return [asked.place((seq, seq)) for seq in sorted(found)[asked.offset : most]]


def _run_by_run(
    connection: Connection, asked: _Asked, known: Sequence[cells.Counted]
) -> list[Place]:
    """The runs of some cells one after the other, each of which is a range of the index."""
    one_of_each = {each.cell.run_id: each.cell.number for each in known}
    if None in one_of_each:  # each that has no run is a run of its own
        return _walk(connection, asked)
    places = [
        connection.execute(_PLACE_OF_RUN, {"cell": number, "run": run}).scalar()
        for run, number in one_of_each.items()
    ]
    found: list[Place] = []
    for at in sorted(place for place in places if place is not None):
        if asked.after is None or at >= asked.after[0]:
            where = [*asked.where, candidates.c.by_run == at]
            left = asked.limit - len(found)
            found += _walk(connection, replace(asked, where=where, limit=left))
        if len(found) == asked.limit:
            break
    return found


def _of_batch(connection: Connection, asked: _Asked) -> list[Place]:
    members = sa.and_(
        batch_members.c.candidate_seq == candidates.c.seq,
        batch_members.c.batch_id == asked.selection.batch,
    )
    query = asked.query().join_from(batch_members, candidates, members)
    rows = connection.execute(query.limit(asked.limit).offset(asked.offset or None))
    return [asked.place(row) for row in rows]


def _last(
    connection: Connection,
    where: list[Condition],
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
        query = query.where(_beyond(columns, after.values))
    rows = connection.execute(query.limit(limit).offset(max(0, offset) or None))
    return [Place(row.seq, Cursor(order, (row.at, row.seq), last=True)) for row in rows]


def _beyond(columns: tuple[sa.Column[Any], ...], after: Values) -> Condition:
    if len(columns) == 1:
        return columns[0] > _bound(columns, after)[0]
    return sa.tuple_(*columns) > sa.tuple_(*_bound(columns, after))


def _up_to(columns: tuple[sa.Column[Any], ...], end: Values) -> Condition:
    if len(columns) == 1:
        return columns[0] <= _bound(columns, end)[0]
    return sa.tuple_(*columns) <= sa.tuple_(*_bound(columns, end))


def _bound(columns: tuple[sa.Column[Any], ...], values: Values) -> list[sa.BindParameter[Any]]:
    return [
        sa.bindparam(None, value, type_=column.type)
        for column, value in zip(columns, values, strict=True)
    ]


def _put_off_by(reviewer: str) -> sa.Select[tuple[int]]:
    return sa.select(put_off.c.candidate_seq).where(put_off.c.reviewer == reviewer)


def _any(connection: Connection, reviewer: str) -> bool:
    return connection.execute(_put_off_by(reviewer).limit(1)).first() is not None


def _count(connection: Connection, where: list[Condition]) -> int:
    query = sa.select(sa.func.count()).select_from(candidates).where(*where)
    return connection.execute(query).scalar_one()
