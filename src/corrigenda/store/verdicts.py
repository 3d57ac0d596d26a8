"""The verdicts on two runs' samples, prompt by prompt.

Candidates and passes of both runs are read in the order of their prompt keys and merged, so that
memory does not depend on how many there are: the databases sort on disk. The texts are read only
where they are asked for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import storable
from corrigenda.core.decisions import ARTIFACT, Status
from corrigenda.store import bodies
from corrigenda.store.hints import by_index
from corrigenda.store.schema import candidates, id_key, passes, records, runs

_TOGETHER = 1000
_PART = 500
_MODELS = 5
_DECIDED = (Status.APPROVED.value, Status.DISCARDED.value)

EVALUATED = "evaluate"
"""Who sets failures aside that came of asking a model again: nobody has looked at them."""

BY_REVIEWERS = sa.and_(
    candidates.c.status != Status.NEEDS_REVIEW.value,
    candidates.c.decided_by.is_distinct_from(EVALUATED),
)
"""Of candidates: whether a decision on them stands that is not `EVALUATED`'s."""

_ASIDE = sa.and_(
    candidates.c.status == Status.DISCARDED.value,
    candidates.c.decided_by == EVALUATED,
    sa.func.coalesce(candidates.c.failure_category, "") != ARTIFACT,
)

Place = tuple[bool, int]
"""Whether a sample is a pass, and its `seq` among passes or candidates."""


@dataclass(slots=True)
class Verdict:
    """One sample: of a run after the first (else of the first), right or wrong.

    `artifact` says that reviewers found a failing answer to be fine; a pass has no category.
    """

    second: bool
    right: bool
    seq: int
    id: str
    held_out: bool
    task_type: str | None
    task: str | None
    category: str | None
    artifact: bool

    @property
    def place(self) -> Place:
        """Where its record is found."""
        return self.right, self.seq


@dataclass(frozen=True)
class Counted:
    """A run's samples: how many there are, and how many have no prompt."""

    candidates: int
    passes: int
    artifacts: int
    undecided: int
    without_prompt: int
    models: tuple[str, ...]


def by_prompt(connection: Connection, *run_ids: str) -> Iterator[tuple[str, list[Verdict]]]:
    """(prompt key, verdicts) of each prompt of some runs, ascending; first those of the first."""
    streams = [
        _rows(connection, table, run_id, second)
        for second, run_id in enumerate(run_ids)
        for table in (candidates, passes)
    ]
    merged = merge(*streams, key=itemgetter(0))
    for key, found in groupby(merged, key=itemgetter(0)):
        yield key, [verdict for _, verdict in found]


def counted(connection: Connection, run_id: str) -> Counted:
    """How many samples a run has."""
    if not storable(run_id):
        return Counted(0, 0, 0, 0, 0, ())
    here = candidates.c
    artifact = sa.and_(here.failure_category == ARTIFACT, here.status.in_(_DECIDED))
    query = sa.select(
        sa.func.count(),
        _number(artifact),
        _number(sa.not_(BY_REVIEWERS)),
        _number(here.prompt_key.is_(None)),
    ).where(here.run_id == run_id)
    failing, artifacts, undecided, without = connection.execute(query).one()
    of_passes = sa.select(sa.func.count(), _number(passes.c.prompt_key.is_(None)))
    passing, more_without = connection.execute(of_passes.where(passes.c.run_id == run_id)).one()
    models: dict[str, None] = {}
    for table in (candidates, passes):
        names = sa.select(table.c.model).where(table.c.run_id == run_id).distinct()
        found = connection.execute(names.order_by(table.c.model).limit(_MODELS)).scalars()
        models |= dict.fromkeys(name for name in found if name)
    return Counted(
        failing, passing, artifacts, undecided, without + more_without, (*models,)[:_MODELS]
    )


def run_ids(connection: Connection) -> list[str]:
    """Every run that there is a sample of, or that was imported."""
    queries = [sa.select(column).distinct() for column in (candidates.c.run_id, passes.c.run_id)]
    found = {
        name
        for query in (*queries, sa.select(runs.c.run_id))
        for name in connection.execute(query).scalars()
        if name
    }
    return sorted(found)


def records_at(connection: Connection, places: Sequence[Place]) -> Iterator[tuple[Place, Any]]:
    """(place, record) of each of these samples, in any order."""
    for right, table, body in ((False, candidates, records.c.body), (True, passes, passes.c.body)):
        seqs = [seq for is_pass, seq in places if is_pass == right]
        query = sa.select(table.c.seq, table.c.id, body)
        if not right:
            query = query.join_from(candidates, records)
        for start in range(0, len(seqs), _PART):
            rows = connection.execute(query.where(table.c.seq.in_(seqs[start : start + _PART])))
            for seq, name, text in rows:
                yield (right, seq), {**bodies.decode(text), "id": name}


def prompts_of(
    connection: Connection, ids: Sequence[str], *, right: bool
) -> dict[str, tuple[int, str | None]]:
    """By id (`seq`, prompt key) of those of these candidates, or passes, that are there."""
    table = passes if right else candidates
    query = sa.select(table.c.id, table.c.seq, table.c.prompt_key)
    found: dict[str, tuple[int, str | None]] = {}
    for start in range(0, len(ids), _PART):
        keys = [id_key(each) for each in ids[start : start + _PART] if storable(each)]
        for name, seq, prompt_key in connection.execute(query.where(table.c.id_key.in_(keys))):
            found[name] = seq, prompt_key
    return found


def set_aside(connection: Connection, ids: Sequence[str]) -> list[str]:
    """The ids of those of these candidates that were set aside, by `EVALUATED`."""
    found: list[str] = []
    for start in range(0, len(ids), _PART):
        keys = [id_key(each) for each in ids[start : start + _PART]]
        query = sa.select(candidates.c.id).where(candidates.c.id_key.in_(keys), _ASIDE)
        found += connection.execute(query).scalars()
    return found


def waiting(connection: Connection, ids: Sequence[str]) -> list[tuple[int, str]]:
    """(`seq`, id) of those of these candidates that wait for review."""
    # The status is no condition: half of all may have it, and an index might look promising.
    query = sa.select(candidates.c.seq, candidates.c.id, candidates.c.status)
    found: list[tuple[int, str]] = []
    for start in range(0, len(ids), _PART):
        keys = [id_key(each) for each in ids[start : start + _PART]]
        for seq, name, status in connection.execute(query.where(candidates.c.id_key.in_(keys))):
            if status == Status.NEEDS_REVIEW.value:
                found.append((seq, name))
    return found


def _rows(
    connection: Connection, table: sa.Table, run_id: str, second: int
) -> Iterator[tuple[str, Verdict]]:
    here, right = table.c, table is passes
    key: sa.ColumnElement[Any] = here.prompt_key
    if connection.dialect.name == "postgresql":
        key = sa.collate(key, "C")  # the order in which Python merges
    columns = [here.prompt_key, here.seq, here.id, here.held_out, here.task_type, here.task]
    if not right:
        columns += [here.failure_category, here.status]
    query = sa.select(*columns).where(here.run_id == run_id, here.prompt_key.is_not(None))
    if not right:
        query = by_index(query, "ix_candidates_run_id")
    ordered = query.order_by(key, here.seq)
    # Closed also where the reader stops before the end.
    with connection.execute(ordered, execution_options={"yield_per": _TOGETHER}) as found:
        for prompt_key, seq, name, held_out, task_type, task, *state in found:
            category, status = state or (None, None)
            artifact = category == ARTIFACT and status in _DECIDED
            where = (seq, name, held_out, task_type, task, category, artifact)
            yield prompt_key, Verdict(bool(second), right, *where)


def _number(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    number = sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
    return sa.cast(number, sa.BigInteger)
