"""Candidates counted by one dimension, status and category, with the change that they count.

The rows are sums of what was added and taken away, never a scan. `fresh` scans, so that a
check can prove that they agree.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import ReviewState, Status
from corrigenda.store import cells, rows
from corrigenda.store.schema import candidates, counts

Key = tuple[str, str, str, str]
"""(dimension, value, status, failure category); what is missing is the empty text."""

TOTAL = "total"
RUN = "run"
MODEL = "model"
TASK_TYPE = "task_type"
TASK = "task"
"""Of those that are reviewed: there may be a task for each candidate."""

HOUR = "hour"
"""When the decision that stands was made, such as `2026-11-22T20`, of those that are reviewed."""

CELL = "cell"
"""Combinations of run, model and task type, see `cells`; those of status `""` are all in it."""

EXPORTABLE = "exportable"
HELD_BACK = "held_back"
HELD_OUT = "held_out"

_PART = 500
_REVIEWED = candidates.c.status != Status.NEEDS_REVIEW.value
_HOUR = sa.func.substr(candidates.c.decided_at, 1, 13)
_CELL = (
    candidates.c.run_id,
    candidates.c.model,
    candidates.c.model_id,
    candidates.c.task_type,
)
_COUNTED: dict[str, tuple[sa.ColumnElement[Any] | None, sa.ColumnElement[bool]]] = {
    TOTAL: (None, sa.true()),
    RUN: (candidates.c.run_id, sa.true()),
    MODEL: (candidates.c.model, sa.true()),
    TASK_TYPE: (candidates.c.task_type, sa.true()),
    TASK: (candidates.c.task, sa.and_(_REVIEWED, candidates.c.task.is_not(None))),
    HOUR: (_HOUR, sa.and_(_REVIEWED, candidates.c.decided_at.is_not(None))),
    EXPORTABLE: (None, sa.and_(candidates.c.exportable, sa.not_(candidates.c.held_out))),
    HELD_BACK: (None, candidates.c.held_back),
    HELD_OUT: (None, candidates.c.held_out),
}


@dataclass(frozen=True)
class Dimensions:
    """The columns of a candidate's record by which it is counted.

    What is `held_out` of training is never counted among the exportable ones.
    """

    run_id: str | None
    model: str | None
    task_type: str | None
    task: str | None = None
    held_out: bool = False
    model_id: str | None = None

    @property
    def cell(self) -> str:
        """The combination of run, model and task type, see `cells`."""
        return cells.value_of(self.run_id, self.model, self.model_id, self.task_type)


def keys_of(dimensions: Dimensions, state: ReviewState) -> list[Key]:
    """The counts in which a candidate stands."""
    status, category = state.status.value, state.failure_category or ""
    keys = [
        (TOTAL, "", status, category),
        (RUN, dimensions.run_id or "", status, category),
        (MODEL, dimensions.model or "", status, category),
        (TASK_TYPE, dimensions.task_type or "", status, category),
        (CELL, dimensions.cell, status, category),
        (CELL, dimensions.cell, "", ""),
    ]
    if state.status is not Status.NEEDS_REVIEW:
        if dimensions.task is not None:
            keys.append((TASK, dimensions.task, status, category))
        if state.decided_at is not None:
            keys.append((HOUR, state.decided_at[:13], status, category))
    if state.exportable and not dimensions.held_out:
        keys.append((EXPORTABLE, "", status, category))
    if state.held_back:
        keys.append((HELD_BACK, "", status, category))
    if dimensions.held_out:
        keys.append((HELD_OUT, "", status, category))
    return keys


def move(
    connection: Connection,
    before: tuple[Dimensions, ReviewState],
    after: tuple[Dimensions, ReviewState],
) -> None:
    """One candidate has changed."""
    change: Counter[Key] = Counter(keys_of(*after))
    change.subtract(keys_of(*before))
    add(connection, change)


def add(connection: Connection, change: Mapping[Key, int]) -> None:
    """Add to the counts; in the order of the keys, so that two writers cannot deadlock."""
    added = [(*key, n) for key, n in sorted(change.items()) if n]
    for start in range(0, len(added), _PART):
        part = added[start : start + _PART]
        rows.execute(
            connection,
            f"INSERT INTO counts (dimension, value, status, category, n) "
            f"{rows.values(connection, len(part), 5)} "
            "ON CONFLICT (dimension, value, status, category) "
            "DO UPDATE SET n = counts.n + excluded.n",
            rows.flat(part),
        )


def read(connection: Connection, *dimensions: str) -> Counter[Key]:
    """The counts of some dimensions (of all, if none is named)."""
    query = sa.select(counts)
    if dimensions:
        query = query.where(counts.c.dimension.in_(dimensions))
    return Counter({(d, v, s, c): n for d, v, s, c, n in connection.execute(query) if n})


def by_status(connection: Connection, dimension: str = TOTAL) -> Counter[str]:
    """The candidates of a dimension, of each status."""
    found: Counter[str] = Counter()
    for (_, _, status, _), n in read(connection, dimension).items():
        found[status] += n
    return found


def fresh(connection: Connection) -> Counter[Key]:
    """The same as `read`, counted anew from the candidates."""
    found: Counter[Key] = Counter()
    status, category = candidates.c.status, candidates.c.failure_category
    for dimension, (column, condition) in _COUNTED.items():
        groups = [status, category] if column is None else [status, category, column]
        query = sa.select(sa.func.count(), *groups).where(condition).group_by(*groups)
        for n, of_status, of_category, *value in connection.execute(query):
            named = (value[0] or "") if value else ""
            found[dimension, named, of_status, of_category or ""] += n
    groups = [*_CELL, status, category]
    for n, *of_cell, of_status, of_category in connection.execute(
        sa.select(sa.func.count(), *groups).group_by(*groups)
    ):
        name = cells.value_of(*of_cell)
        found[CELL, name, of_status, of_category or ""] += n
        found[CELL, name, "", ""] += n
    return found
