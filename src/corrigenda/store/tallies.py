"""Candidates counted for the dashboard, by a few columns at a time, under any selection.

Where nothing is selected every number comes from the kept counts, however many candidates there
are. Under a selection they are counted: what waits only by value, since it is most of a young
workspace; the rest by status and category, too.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.decisions import ARTIFACT, Status
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.store import counts
from corrigenda.store.filters import CATEGORY, conditions
from corrigenda.store.schema import candidates
from corrigenda.store.schema import counts as counted

_N = sa.func.count().label("n")
_HOUR = sa.func.substr(candidates.c.decided_at, 1, 13).label("hour")
# Named one by one, so that the index on the status finds them.
_REVIEWED = candidates.c.status.in_([s.value for s in Status if s is not Status.NEEDS_REVIEW])

TASK = counts.TASK
_COLUMNS = {
    TASK: candidates.c.task,
    counts.MODEL: candidates.c.model,
    counts.TASK_TYPE: candidates.c.task_type,
    counts.RUN: candidates.c.run_id,
}


_CATEGORY = sa.case((counted.c.category == "", UNCATEGORISED), else_=counted.c.category)
# PostgreSQL's sum of whole numbers is a decimal.
_SUM = sa.cast(sa.func.sum(counted.c.n), sa.BigInteger)
_KEPT_HOURS = (
    sa.select(
        counted.c.value.label("hour"),
        _CATEGORY.label("category"),
        _SUM.label("n"),
    )
    .where(counted.c.dimension == counts.HOUR)
    .group_by(counted.c.value, counted.c.category)
    .having(_SUM > 0)
    .order_by(counted.c.value)
)
_ARTIFACTS = sa.cast(
    sa.func.sum(sa.case((counted.c.category == ARTIFACT, counted.c.n), else_=0)), sa.BigInteger
)
_KEPT_TASKS = (
    sa.select(counted.c.value, _SUM, _ARTIFACTS)
    .where(counted.c.dimension == counts.TASK)
    .group_by(counted.c.value)
    .having(_ARTIFACTS > 0)
)


@dataclass
class Tally:
    """The candidates of one model, task type, run or task; `counts` has the reviewed ones."""

    value: str
    total: int = 0
    flagged: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def reviewed(self) -> int:
        """How many are reviewed."""
        return self.counts.total()

    def add(self, status: str, category: str, n: int) -> None:
        """Count reviewed ones."""
        self.counts[category] += n
        if status == Status.MODEL_REJECTED:
            self.flagged += n


def by_status(connection: Connection, selection: Selection) -> dict[Status, int]:
    """How many candidates each status has."""
    if not selection.restricted:
        kept = counts.by_status(connection)
        return {status: kept[status.value] for status in Status}
    column = candidates.c.status
    query = sa.select(column, _N).where(*conditions(connection, selection)).group_by(column)
    found = {Status(row.status): row.n for row in connection.execute(query)}
    return {status: found.get(status, 0) for status in Status}


@dataclass(frozen=True)
class Approved:
    """How many approved candidates can be exported, and how many are kept back or out."""

    export_ready: int
    held_back: int
    held_out: int


def approved(connection: Connection, selection: Selection) -> Approved:
    """What there is to export."""
    if not selection.restricted:
        return Approved(
            *(
                counts.by_status(connection, dimension)[Status.APPROVED.value]
                for dimension in (counts.EXPORTABLE, counts.HELD_BACK, counts.HELD_OUT)
            )
        )
    here = candidates.c
    flags = (sa.and_(here.exportable, sa.not_(here.held_out)), here.held_back, here.held_out)
    query = sa.select(*(sa.func.coalesce(sa.func.sum(sa.case((f, 1), else_=0)), 0) for f in flags))
    where = conditions(connection, selection)
    return Approved(
        *connection.execute(query.where(here.status == Status.APPROVED.value, *where)).one()
    )


def of(connection: Connection, selection: Selection, dimension: str) -> list[Tally]:
    """A tally of each model, task type or run."""
    found: dict[str, Tally] = {}
    if not selection.restricted:
        for (_, value, status, category), n in counts.read(connection, dimension).items():
            if value:
                tally = found.setdefault(value, Tally(value))
                tally.total += n
                if status != Status.NEEDS_REVIEW:
                    tally.add(status, category or UNCATEGORISED, n)
        return list(found.values())
    for value, n in _totals(connection, selection, dimension).items():
        found[value] = Tally(value, n)
    for row in _reviewed(connection, selection, dimension):
        found.setdefault(row.value, Tally(row.value)).add(row.status, row.category, row.n)
    return list(found.values())


def of_tasks(connection: Connection, selection: Selection) -> list[Tally]:
    """A tally of each task of which something is reviewed, without the total.

    Of the categories only artifacts are told apart: there may be as many tasks as candidates.
    """
    if selection.restricted:
        found: dict[str, Tally] = {}
        for row in _reviewed(connection, selection, TASK):
            found.setdefault(row.value, Tally(row.value)).add(row.status, row.category, row.n)
        return list(found.values())
    return [
        Tally(task, counts=Counter({ARTIFACT: artifacts, UNCATEGORISED: reviewed - artifacts}))
        for task, reviewed, artifacts in connection.execute(_KEPT_TASKS)
    ]


def by_hour(connection: Connection, selection: Selection) -> Sequence[Row[*tuple[Any, ...]]]:
    """(hour such as `2026-11-22T20`, category, n) of the decisions that stand, in order."""
    if not selection.restricted:
        return connection.execute(_KEPT_HOURS).all()
    query = (
        sa.select(_HOUR, CATEGORY.label("category"), _N)
        .where(*conditions(connection, selection), _REVIEWED, candidates.c.decided_at.is_not(None))
        .group_by(_HOUR, candidates.c.failure_category)
        .order_by(_HOUR)
    )
    return connection.execute(query).all()


def _totals(connection: Connection, selection: Selection, dimension: str) -> dict[str, int]:
    column = _COLUMNS[dimension]
    query = sa.select(column.label("value"), _N).where(
        *conditions(connection, selection), column.is_not(None)
    )
    return {row.value: row.n for row in connection.execute(query.group_by(column))}


def _reviewed(connection: Connection, selection: Selection, dimension: str) -> Sequence[Row[Any]]:
    column = _COLUMNS[dimension]
    groups = (column.label("value"), candidates.c.status, CATEGORY.label("category"))
    query = (
        sa.select(*groups, _N)
        .where(_REVIEWED, *conditions(connection, selection), column.is_not(None))
        .group_by(column, candidates.c.status, candidates.c.failure_category)
    )
    return connection.execute(query).all()
