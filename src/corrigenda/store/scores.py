"""How many samples of a run, a model and a task are known, right or wrong."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import ARTIFACT, Status
from corrigenda.store.schema import candidates, passes
from corrigenda.store.verdicts import BY_REVIEWERS

Group = tuple[str | None, str | None, str | None]
"""A run, a task and a model; `None` where the samples do not say."""

_ARTIFACT = sa.and_(
    BY_REVIEWERS,
    candidates.c.failure_category == ARTIFACT,
    candidates.c.status.in_([Status.APPROVED.value, Status.DISCARDED.value]),
)


@dataclass
class Tally:
    """What is known of one group; artifacts are among the decided."""

    passes: int = 0
    undecided: int = 0
    decided: int = 0
    artifacts: int = 0


def tallies(connection: Connection) -> dict[Group, Tally]:
    """The groups of every run in which a scoring artifact was found, in order."""
    wanted = sa.select(_run(candidates)).where(_ARTIFACT).distinct()
    found: dict[Group, Tally] = {}
    artifact = sa.case((_ARTIFACT, 1), else_=0)
    columns = [candidates.c[name] for name in ("run_id", "task", "model")]
    waits = sa.case((BY_REVIEWERS, 0), else_=1)
    query = (
        sa.select(
            *columns,
            sa.func.count().label("n"),
            sa.func.sum(waits).label("waiting"),
            sa.func.sum(artifact).label("artifacts"),
        )
        .where(_run(candidates).in_(wanted))
        .group_by(*columns)
    )
    for row in connection.execute(query):
        tally = found.setdefault((row.run_id, row.task, row.model), Tally())
        tally.undecided, tally.decided = row.waiting, row.n - row.waiting
        tally.artifacts = row.artifacts
    columns = [passes.c[name] for name in ("run_id", "task", "model")]
    query = sa.select(*columns, sa.func.count().label("n")).where(_run(passes).in_(wanted))
    for row in connection.execute(query.group_by(*columns)):
        found.setdefault((row.run_id, row.task, row.model), Tally()).passes = row.n
    return dict(sorted(found.items(), key=lambda item: [name or "" for name in item[0]]))


def _run(table: sa.Table) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(table.c.run_id, "")
