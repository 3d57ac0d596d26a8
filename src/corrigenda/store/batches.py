"""Batches: named random samples of candidates, with their members in the order of review."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.decisions import Status
from corrigenda.core.sampling import Sample, Stratum
from corrigenda.core.selection import Selection
from corrigenda.store.filters import CATEGORY, conditions
from corrigenda.store.schema import batch_members, batches, candidates, put_off

STRATIFY_BY = {
    "task_type": candidates.c.task_type,
    "task": candidates.c.task,
    "model": candidates.c.model,
    "run_id": candidates.c.run_id,
}
"""What a sample can be stratified by."""

_WAITING = candidates.c.status == Status.NEEDS_REVIEW.value
_INSERT_MEMBERS = sa.insert(batch_members)


@dataclass(frozen=True)
class Batch:
    """A sample, and how much of it is reviewed.

    `strata` has for each (values, members in the population, members in the sample).
    """

    id: int
    name: str
    seed: int
    size: int
    population: int
    stratify_by: tuple[str, ...]
    strata: tuple[tuple[Stratum, int, int], ...]
    selection: dict[str, Any]
    created_by: str
    created_at: str
    reviewed: int

    def as_json(self) -> dict[str, Any]:
        """As JSON, without the strata."""
        return {
            "id": self.id,
            "name": self.name,
            "size": self.size,
            "seed": self.seed,
            "stratify_by": list(self.stratify_by),
            "filter": self.selection,
            "population": self.population,
            "created_at": self.created_at,
            "created_by": self.created_by,
            "reviewed": self.reviewed,
            "remaining": self.size - self.reviewed,
        }


@dataclass(frozen=True)
class Member:
    """A member in the order of review; `put_off` by anybody."""

    stratum: int
    reviewed: bool
    category: str
    put_off: bool


def population(
    connection: Connection, selection: Selection, stratify_by: Sequence[str]
) -> Iterator[tuple[int, str, Stratum]]:
    """What a sample is drawn from: (seq, id, stratum) of each candidate selected."""
    columns = [STRATIFY_BY[name] for name in stratify_by]
    query = sa.select(candidates.c.seq, candidates.c.id, *columns).where(
        *conditions(connection, selection)
    )
    for seq, name, *stratum in connection.execute(query):
        yield seq, name, tuple(stratum)


def insert(
    connection: Connection,
    sample: Sample,
    *,
    name: str,
    seed: int,
    stratify_by: Sequence[str],
    selection: Selection,
    created_by: str,
    created_at: str,
) -> int | None:
    """Put in a sample; returns its id, `None` if there is one of this name."""
    if exists(connection, name):
        return None
    statement = sa.insert(batches).values(
        name=name,
        seed=seed,
        size=len(sample.members),
        population=sum(n for _, n, _ in sample.strata),
        stratify_by=list(stratify_by),
        strata=sample.strata,
        selection=selection.as_json(),
        created_by=created_by,
        created_at=created_at,
    )
    batch_id: int = connection.execute(statement.returning(batches.c.id)).scalar_one()
    rows = [
        {"batch_id": batch_id, "candidate_seq": seq, "position": position, "stratum": stratum}
        for position, (seq, stratum) in enumerate(sample.members, start=1)
    ]
    connection.execute(_INSERT_MEMBERS, rows)
    return batch_id


def exists(connection: Connection, name: str) -> bool:
    """Whether there is a batch of this name."""
    return (
        connection.execute(sa.select(batches.c.id).where(batches.c.name == name)).first()
        is not None
    )


def found(connection: Connection, batch_id: int | None = None) -> list[Batch]:
    """Every batch, or the one of this id, newest first."""
    reviewed = (
        sa.select(sa.func.count())
        .select_from(batch_members)
        .join(candidates, candidates.c.seq == batch_members.c.candidate_seq)
        .where(batch_members.c.batch_id == batches.c.id, ~_WAITING)
        .scalar_subquery()
    )
    query = sa.select(batches, reviewed.label("reviewed")).order_by(batches.c.id.desc())
    if batch_id is not None:
        query = query.where(batches.c.id == batch_id)
    return [_batch(row) for row in connection.execute(query)]


def members(connection: Connection, batch_id: int) -> list[Member]:
    """The members of a batch, in the order of review."""
    query = (
        sa.select(
            batch_members.c.stratum,
            (~_WAITING).label("reviewed"),
            CATEGORY.label("category"),
            batch_members.c.candidate_seq.in_(sa.select(put_off.c.candidate_seq)).label("put_off"),
        )
        .join(candidates, candidates.c.seq == batch_members.c.candidate_seq)
        .where(batch_members.c.batch_id == batch_id)
        .order_by(batch_members.c.position)
    )
    return [
        Member(row.stratum, bool(row.reviewed), row.category, bool(row.put_off))
        for row in connection.execute(query)
    ]


def delete(connection: Connection, batch_id: int) -> bool:
    """Forget a batch; false if there is none of this id."""
    connection.execute(sa.delete(batch_members).where(batch_members.c.batch_id == batch_id))
    return connection.execute(sa.delete(batches).where(batches.c.id == batch_id)).rowcount == 1


def _batch(row: Row[Any]) -> Batch:
    return Batch(
        id=row.id,
        name=row.name,
        seed=row.seed,
        size=row.size,
        population=row.population,
        stratify_by=tuple(row.stratify_by),
        strata=tuple((tuple(values), n, drawn) for values, n, drawn in row.strata),
        selection=row.selection,
        created_by=row.created_by,
        created_at=row.created_at,
        reviewed=row.reviewed,
    )
