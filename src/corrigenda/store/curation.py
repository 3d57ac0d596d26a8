"""Reads for making training sets: candidates and passes with what curating chooses by.

A record is decoded once and takes its review fields in place, since an export reads all of them
twice.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import storable
from corrigenda.core.correction import FIELD as PARTS
from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.store import bodies
from corrigenda.store.filters import conditions
from corrigenda.store.schema import candidates, passes, records

BATCH = 500
"""How many are read at once."""


@dataclass(slots=True)
class Picked:
    """A candidate as it now stands, or a pass.

    `prompt_key` is that of the whole prompt, see `core.candidate.prompt_key`. `turn` is the
    place of the message that the correction replaces. A pass has no review fields.
    """

    seq: int
    record: dict[str, Any]
    prompt_key: str | None
    run_id: str | None
    model: str | None
    task: str | None
    category: str | None = None
    turn: int | None = None
    revision: int = 0
    decided_at: str | None = None
    held_out: bool = False
    held_back: bool = False
    exportable: bool = True

    @property
    def id(self) -> str:
        """The id of the candidate or of the pass."""
        value: str = self.record["id"]
        return value


_OF_RECORD = ("seq", "id", "prompt_key", "run_id", "model", "task", "held_out")
_CANDIDATE = sa.select(
    *(candidates.c[name] for name in _OF_RECORD),
    records.c.body,
    candidates.c.status,
    # As it lies there: SQLAlchemy decodes with the standard library, several times slower.
    sa.type_coerce(candidates.c.corrected_response, sa.Text),
    candidates.c.corrected_parts,
    candidates.c.failure_category,
    candidates.c.revision,
    candidates.c.decided_at,
    candidates.c.held_back,
    candidates.c.exportable,
).join_from(candidates, records)
_PASS = sa.select(*(passes.c[name] for name in _OF_RECORD), passes.c.body)


def candidates_after(
    connection: Connection,
    selection: Selection,
    *,
    after: int = 0,
    limit: int = BATCH,
    only_exportable: bool = False,
) -> list[Picked]:
    """The next candidates selected after `seq == after`; none at the end."""
    where = conditions(connection, selection)
    if only_exportable:
        where += [candidates.c.exportable, sa.not_(candidates.c.held_out)]
    query = _CANDIDATE.where(*where, candidates.c.seq > after).order_by(candidates.c.seq)
    return [_candidate(row) for row in connection.execute(query.limit(limit))]


def candidates_at(connection: Connection, seqs: Sequence[int]) -> dict[int, Picked]:
    """The candidates at these places of arrival."""
    query = _CANDIDATE.where(candidates.c.seq.in_(seqs))
    return {row.seq: _candidate(row) for row in connection.execute(query)}


def candidates_of_prompts(connection: Connection, prompt_keys: Sequence[str]) -> list[Picked]:
    """The approved candidates of these prompts that may be exported."""
    query = _CANDIDATE.where(
        candidates.c.prompt_key.in_(prompt_keys),
        candidates.c.status == Status.APPROVED.value,
        candidates.c.exportable,
        sa.not_(candidates.c.held_out),
    )
    return [_candidate(row) for row in connection.execute(query)]


def passes_after(
    connection: Connection, selection: Selection, *, after: int = 0, limit: int = 10 * BATCH
) -> list[tuple[int, str, str | None]]:
    """The next passes that may be trained on after `seq == after`, as (seq, id, prompt key).

    Of the selection count the models, tasks, task types and runs.
    """
    query = (
        sa.select(passes.c.seq, passes.c.id, passes.c.prompt_key)
        .where(*of_passes(selection), sa.not_(passes.c.held_out), passes.c.seq > after)
        .order_by(passes.c.seq)
        .limit(limit)
    )
    return [(row.seq, row.id, row.prompt_key) for row in connection.execute(query)]


def passes_at(connection: Connection, seqs: Sequence[int]) -> dict[int, Picked]:
    """The passes at these places of arrival."""
    query = _PASS.where(passes.c.seq.in_(seqs))
    return {
        row.seq: Picked(
            row.seq, _record(row), row.prompt_key, row.run_id, row.model, row.task, None
        )
        for row in connection.execute(query)
    }


def of_passes(selection: Selection) -> list[sa.ColumnElement[bool]]:
    """What of a selection passes can meet: the models, tasks, task types and runs."""
    here = passes.c
    wanted: list[tuple[tuple[sa.Column[Any], ...], tuple[str, ...]]] = [
        ((here.model, here.model_id), selection.models),
        ((here.task,), selection.tasks),
        ((here.task_type,), selection.task_types),
        ((here.run_id,), selection.run_ids),
    ]
    return [
        sa.or_(*(column.in_([v for v in values if storable(v)]) for column in columns))
        for columns, values in wanted
        if values
    ]


def _record(row: Any) -> dict[str, Any]:
    record = bodies.decode(row.body)
    record["id"] = row.id
    return record


def _text(encoded: str) -> Any:
    try:
        return orjson.loads(encoded)
    except orjson.JSONDecodeError:  # a lone surrogate
        return json.loads(encoded)


def _candidate(row: Any) -> Picked:
    # Unpacked at once, which costs less than by names.
    (
        seq, name, prompt_key, run_id, model, task, held_out, body, status, corrected, parts,
        category, revision, decided_at, held_back, exportable,
    ) = row  # fmt: skip
    record = bodies.decode(body)
    record["id"] = name
    record["status"] = status
    record["corrected_response"] = None if corrected is None else _text(corrected)
    record["failure_category"] = category
    record.pop(PARTS, None)
    if parts:
        record[PARTS] = parts
    turn = parts.get("turn") if parts else None
    return Picked(
        seq, record, prompt_key, run_id, model, task, category, turn, revision, decided_at,
        held_out, held_back, exportable,
    )  # fmt: skip
