"""Candidates counted for the dashboard, by a few columns at a time, under any selection.

What is not reviewed yet is most of a young workspace, so it is only counted, and from the kept
counts where nothing is selected; the rest is grouped by status and category.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.store import counts
from corrigenda.store.filters import CATEGORY, conditions
from corrigenda.store.schema import candidates

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


def by_status(connection: Connection, selection: Selection) -> dict[Status, int]:
    """How many candidates each status has."""
    if not selection.restricted:
        kept = counts.by_status(connection)
        return {status: kept[status.value] for status in Status}
    column = candidates.c.status
    query = sa.select(column, _N).where(*conditions(connection, selection)).group_by(column)
    found = {Status(row.status): row.n for row in connection.execute(query)}
    return {status: found.get(status, 0) for status in Status}


def approved(connection: Connection, selection: Selection) -> Sequence[Row[Any]]:
    """(exportable, held_back, held_out, n) of the approved ones."""
    columns = (candidates.c.exportable, candidates.c.held_back, candidates.c.held_out)
    is_approved = candidates.c.status == Status.APPROVED.value
    query = sa.select(*columns, _N).where(is_approved, *conditions(connection, selection))
    return connection.execute(query.group_by(*columns)).all()


def of(connection: Connection, selection: Selection, dimension: str) -> list[Tally]:
    """A tally of each model, task type, run or task; for tasks without the total."""
    found: dict[str, Tally] = {}
    if dimension != TASK:
        for value, n in _totals(connection, selection, dimension).items():
            found[value] = Tally(value, n)
    for row in _reviewed(connection, selection, dimension):
        tally = found.setdefault(row.value, Tally(row.value))
        tally.counts[row.category] += row.n
        if row.status == Status.MODEL_REJECTED:
            tally.flagged += row.n
    return list(found.values())


def first_of_runs(connection: Connection) -> dict[str, int]:
    """The `seq` of each run's first candidate."""
    run = candidates.c.run_id
    query = sa.select(run, sa.func.min(candidates.c.seq).label("first")).where(run.is_not(None))
    return {row.run_id: row.first for row in connection.execute(query.group_by(run))}


def by_hour(connection: Connection, selection: Selection) -> Sequence[Row[Any]]:
    """(hour such as `2026-11-22T20`, category, n) of the decisions that stand, in order."""
    query = (
        sa.select(_HOUR, CATEGORY.label("category"), _N)
        .where(*conditions(connection, selection), _REVIEWED, candidates.c.decided_at.is_not(None))
        .group_by(_HOUR, candidates.c.failure_category)
        .order_by(_HOUR)
    )
    return connection.execute(query).all()


def _totals(connection: Connection, selection: Selection, dimension: str) -> dict[str, int]:
    if not selection.restricted:
        found: Counter[str] = Counter()
        for (_, value, _, _), n in counts.read(connection, dimension).items():
            found[value] += n
        del found[""]
        return found
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
