"""The runs that can be compared, and whether their samples are still what they were."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import storable
from corrigenda.store import counts, decisions
from corrigenda.store.schema import candidates, passes, runs, tombstones
from corrigenda.store.schema import counts as counts_table

Stamp = tuple[object, ...]
"""Equal to another one if nothing has changed between the two."""


@dataclass(frozen=True)
class ComparableRun:
    """A run with samples: how many failed and how many passed.

    `imported_at` is `None` where its samples came by another way than an import of the run.
    """

    run_id: str
    candidates: int
    passes: int
    imported_at: str | None


def comparable(connection: Connection) -> list[ComparableRun]:
    """Every run that has samples: the newest import first, then those that were not imported."""
    failed: dict[str, int] = {}
    for (_, run_id, _, _), n in counts.read(connection, counts.RUN).items():
        failed[run_id] = failed.get(run_id, 0) + n
    query = sa.select(passes.c.run_id, sa.func.count()).group_by(passes.c.run_id)
    passed = {run_id or "": n for run_id, n in connection.execute(query)}
    times = {row.run_id: row.imported_at or None for row in connection.execute(sa.select(runs))}
    found = [
        ComparableRun(run_id, failed.get(run_id, 0), passed.get(run_id, 0), times.get(run_id))
        for run_id in sorted({*failed, *passed})
        if run_id and failed.get(run_id, 0) + passed.get(run_id, 0)
    ]
    return sorted(found, key=lambda run: run.imported_at or "", reverse=True)


def quick_stamp(connection: Connection, run_ids: Sequence[str]) -> Stamp:
    """What changes with every decision in the workspace, and with the samples of these runs.

    Costs next to nothing.
    """
    return (decisions.last_seq(connection), *_samples(connection, run_ids))


def exact_stamp(connection: Connection, run_ids: Sequence[str]) -> Stamp:
    """What changes with the samples of these runs and the decisions on them alone.

    Every decision adds one to its candidate's revision. Reads the candidates of these runs.
    """
    names = _storable(run_ids)
    query = sa.select(
        candidates.c.run_id,
        sa.func.count(),
        sa.func.max(candidates.c.seq),
        sa.cast(sa.func.sum(candidates.c.revision), sa.BigInteger),
    )
    query = query.where(candidates.c.run_id.in_(names)).group_by(candidates.c.run_id)
    rows = sorted(tuple(row) for row in connection.execute(query))
    return (*rows, *_samples(connection, run_ids))


def _samples(connection: Connection, run_ids: Sequence[str]) -> Stamp:
    names, here = _storable(run_ids), counts_table.c
    failed = sa.select(here.value, here.status, here.category, here.n).where(
        here.dimension == counts.RUN, here.value.in_(names), here.n != 0
    )
    passed = (
        sa.select(passes.c.run_id, sa.func.count(), sa.func.max(passes.c.seq))
        .where(passes.c.run_id.in_(names))
        .group_by(passes.c.run_id)
    )
    # What an export was made of may be removed, too.
    removed = connection.execute(sa.select(sa.func.count()).select_from(tombstones)).scalar_one()
    found = [sorted(tuple(row) for row in connection.execute(query)) for query in (failed, passed)]
    return (tuple(found[0]), tuple(found[1]), removed)


def _storable(run_ids: Sequence[str]) -> list[str]:
    return [each for each in run_ids if storable(each)]
