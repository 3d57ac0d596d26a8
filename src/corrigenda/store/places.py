"""Where a candidate stands in each order: the columns `by_*`, which follow from all records.

    by_score     the score; 2.0 without one
    by_run       minus the `seq` of the run's first candidate; without a run, minus its own
    by_prompt    the `seq` of the first candidate of the same prompt; without a prompt, its own
    by_failing   minus the number of models that failed on the prompt

They are kept as candidates arrive, and `wrong` compares them, and the number of the cell (see
`cells`), with a fresh computation.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate
from corrigenda.store import cells
from corrigenda.store.rows import marks
from corrigenda.store.schema import candidates

NO_SCORE = 2.0
_PART = 500

_MODEL = sa.func.coalesce(candidates.c.model, "")
_RUN_OF = sa.select(candidates.c.by_run).where(candidates.c.run_id == sa.bindparam("run")).limit(1)
_LOCK_SIBLINGS = (
    sa.select(candidates.c.seq)
    .where(candidates.c.prompt_key.in_(sa.bindparam("keys", expanding=True)))
    .order_by(candidates.c.seq)
    .with_for_update(key_share=True)
)
_SET_FAILING = (
    sa.update(candidates)
    .where(candidates.c.prompt_key == sa.bindparam("at_key"))
    .values(by_failing=sa.bindparam("to_failing"))
)


def of_score(score: float | None) -> float:
    """`by_score` of a quality score."""
    return NO_SCORE if score is None else float(score)


def of_new(
    connection: Connection, arriving: Sequence[tuple[int, Candidate]]
) -> list[dict[str, int]]:
    """The columns of candidates that are about to be put in; their siblings are updated."""
    runs = _runs(connection, {c.run_id for _, c in arriving if c.run_id is not None})
    firsts, models = _prompts(connection, {c.prompt_key for _, c in arriving if c.prompt_key})
    before = {key: len(found) for key, found in models.items()}
    for seq, candidate in arriving:
        if candidate.run_id is not None:
            runs.setdefault(candidate.run_id, -seq)
        if candidate.prompt_key:
            firsts.setdefault(candidate.prompt_key, seq)
            models.setdefault(candidate.prompt_key, set()).add(candidate.model or "")
    changed = [
        {"at_key": key, "to_failing": -len(models[key])}
        for key, n in before.items()
        if n != len(models[key])
    ]
    if changed:
        if connection.dialect.name == "postgresql":
            # In the order in which lots lock theirs, so that neither waits for the other.
            keys = {"keys": [row["at_key"] for row in changed]}
            connection.execute(_LOCK_SIBLINGS, keys).all()
        connection.execute(_SET_FAILING, changed)
    return [
        {
            "by_run": -seq if candidate.run_id is None else runs[candidate.run_id],
            "by_prompt": firsts.get(candidate.prompt_key or "", seq),
            "by_failing": -len(models.get(candidate.prompt_key or "", {""})),
        }
        for seq, candidate in arriving
    ]


def refresh(
    connection: Connection,
    seq: int,
    run_ids: Iterable[str | None],
    prompt_keys: Iterable[str | None],
) -> None:
    """The candidate at `seq` has moved between these runs and prompts: compute them anew."""
    own = {"by_run": -seq, "by_prompt": seq, "by_failing": -1}
    connection.execute(sa.update(candidates).where(candidates.c.seq == seq).values(own))
    for run_id in {run_id for run_id in run_ids if run_id is not None}:
        members = candidates.c.run_id == run_id
        first = sa.select(-sa.func.min(candidates.c.seq)).where(members)
        by_run = connection.execute(first).scalar()
        connection.execute(sa.update(candidates).where(members).values(by_run=by_run))
    for key in {key for key in prompt_keys if key is not None}:
        members = candidates.c.prompt_key == key
        query = sa.select(
            sa.func.min(candidates.c.seq).label("by_prompt"),
            (-sa.func.count(_MODEL.distinct())).label("by_failing"),
        ).where(members)
        values = dict(connection.execute(query).mappings().one())
        connection.execute(sa.update(candidates).where(members).values(values))


def first_of_runs(connection: Connection) -> dict[str, int]:
    """The `seq` of each run's first candidate."""
    here = candidates.c
    some = cells.of_runs(connection) or {}
    one_of_each = sa.select(sa.func.min(here.seq)).where(here.cell.in_(set(some.values())))
    query = sa.select(here.run_id, -here.by_run).where(
        here.seq.in_(one_of_each.group_by(here.cell)), here.run_id.is_not(None)
    )
    found = dict(connection.execute(query).all()) if some else {}
    if found.keys() >= some.keys() and some:
        return found
    query = sa.select(here.run_id, sa.func.min(here.seq)).where(here.run_id.is_not(None))
    return dict(connection.execute(query.group_by(here.run_id)).all())


def wrong(connection: Connection) -> int:
    """How many candidates have a column that a fresh computation gives another value."""
    run = (
        sa.select(candidates.c.run_id, sa.func.min(candidates.c.seq).label("first"))
        .group_by(candidates.c.run_id)
        .subquery()
    )
    prompt = (
        sa.select(
            candidates.c.prompt_key,
            sa.func.min(candidates.c.seq).label("first"),
            sa.func.count(_MODEL.distinct()).label("models"),
        )
        .group_by(candidates.c.prompt_key)
        .subquery()
    )
    here = candidates.c
    query = (
        sa.select(sa.func.count())
        .select_from(candidates)
        .outerjoin(run, run.c.run_id == here.run_id)
        .outerjoin(prompt, prompt.c.prompt_key == here.prompt_key)
        .where(
            sa.or_(
                here.by_score != sa.func.coalesce(here.quality_score, NO_SCORE),
                here.by_run != -sa.func.coalesce(run.c.first, here.seq),
                here.by_prompt != sa.func.coalesce(prompt.c.first, here.seq),
                here.by_failing != -sa.func.coalesce(prompt.c.models, 1),
            )
        )
    )
    return connection.execute(query).scalar_one() + _in_wrong_cells(connection)


def _in_wrong_cells(connection: Connection) -> int:
    here = candidates.c
    columns = (here.run_id, here.model, here.model_id, here.task_type, here.cell)
    rows = connection.execute(sa.select(sa.func.count(), *columns).group_by(*columns))
    return sum(n for n, *names, cell in rows if cells.number_of(cells.value_of(*names)) != cell)


def _runs(connection: Connection, run_ids: Iterable[str]) -> dict[str, int]:
    found = {run: connection.execute(_RUN_OF, {"run": run}).scalar() for run in sorted(run_ids)}
    return {run: by_run for run, by_run in found.items() if by_run is not None}


def _prompts(
    connection: Connection, prompt_keys: Iterable[str]
) -> tuple[dict[str, int], dict[str, set[str]]]:
    firsts: dict[str, int] = {}
    models: dict[str, set[str]] = {}
    keys = sorted(prompt_keys)
    for start in range(0, len(keys), _PART):
        part = tuple(keys[start : start + _PART])
        query = (
            "SELECT prompt_key, coalesce(model, ''), min(by_prompt) FROM candidates "
            f"WHERE prompt_key IN {marks(connection, len(part))} GROUP BY 1, 2"
        )
        for key, model, first in connection.exec_driver_sql(query, part):
            firsts[key] = min(first, firsts.get(key, first))
            models.setdefault(key, set()).add(model)
    return firsts, models
