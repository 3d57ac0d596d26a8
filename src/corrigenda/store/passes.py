"""Passes: samples that a model got right. They are siblings of candidates, and never counted.

Their ids are a space of their own; apart from that they arrive as candidates do: the same sample
again is skipped, and an id that another run has for another sample becomes `run_id:id`.
"""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, Record, same_content
from corrigenda.jsonl import dumps
from corrigenda.store import purging, runs
from corrigenda.store.candidates import record_columns
from corrigenda.store.schema import id_key, passes

_PART = 500
# On PostgreSQL one import at a time, so that two never put in the same sample.
_LOCK = 0x436F7274
_COLUMNS = ("run_id", "model_id", "model", "task_type", "task", "prompt_key", "digest", "held_out")
_BY_KEYS = sa.select(passes.c.id, passes.c.run_id, passes.c.body).where(
    passes.c.id_key.in_(sa.bindparam("keys", expanding=True))
)


def arrive(
    connection: Connection, batch: Sequence[Candidate], *, allow_purged: bool = False
) -> tuple[int, int]:
    """Put in those of a batch that are not there yet.

    Returns:
        How many they are, and how many stay out since they were removed for good, unless that
        is allowed.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    batch, purged = purging.sift(connection, batch, purging.PASS, allow=allow_purged)
    batch = runs.hold_out(connection, batch)
    there = _find(connection, [sample.id for sample in batch])
    fresh: dict[str, Candidate] = {}
    others: list[Candidate] = []
    for sample in batch:
        known = there.setdefault(sample.id, (sample.run_id, sample.record))
        if known[1] is sample.record:
            fresh[sample.id] = sample
        elif (
            known[0] != sample.run_id
            and sample.run_id
            and not same_content(known[1], sample.record)
        ):
            others.append(sample.renamed(f"{sample.run_id}:{sample.id}"))
    taken = _find(connection, [sample.id for sample in others])
    for sample in others:
        if sample.id not in taken:
            fresh.setdefault(sample.id, sample)
    if fresh:
        connection.execute(sa.insert(passes), [_row(sample) for sample in fresh.values()])
    return len(fresh), purged


def of_prompt(connection: Connection, prompt_key: str, *, limit: int) -> list[Record]:
    """The records of the passes on a prompt, in the order of arrival."""
    query = (
        sa.select(passes.c.id, passes.c.run_id, passes.c.body)
        .where(passes.c.prompt_key == prompt_key)
        .order_by(passes.c.seq)
        .limit(limit)
    )
    return [_record(row) for row in connection.execute(query)]


def total(connection: Connection) -> int:
    """How many passes there are."""
    return connection.execute(sa.select(sa.func.count()).select_from(passes)).scalar_one()


def newest_seq(connection: Connection) -> int:
    """The `seq` of the newest pass, 0 if there is none."""
    return connection.execute(sa.select(sa.func.max(passes.c.seq))).scalar() or 0


def _find(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str | None, Record]]:
    found: dict[str, tuple[str | None, Record]] = {}
    keys = [id_key(each) for each in ids]
    for start in range(0, len(keys), _PART):
        for row in connection.execute(_BY_KEYS, {"keys": keys[start : start + _PART]}):
            found[row.id] = (row.run_id, _record(row))
    return found


def _row(sample: Candidate) -> dict[str, Any]:
    columns = record_columns(sample)
    return {
        "id": sample.id,
        "id_key": id_key(sample.id),
        "body": dumps(sample.record),
        **{name: columns[name] for name in _COLUMNS},
    }


def _record(row: Any) -> Record:
    return {**json.loads(row.body), "id": row.id}
