"""Candidates: found by id or place, streamed in the order of arrival, changed by decisions."""

import contextlib
import json
from collections import Counter, namedtuple
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, Record, label, prompt_key, with_state
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import ReviewState, Status
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.errors import UnknownCandidate
from corrigenda.jsonl import dumps
from corrigenda.store import cells, counts, places, rows, search
from corrigenda.store.counts import Dimensions
from corrigenda.store.filters import conditions
from corrigenda.store.schema import candidates, id_key, records, tags

_LOOKUP = 500


@dataclass(frozen=True)
class Stored:
    """A candidate as the database holds it: the record as it came, and where it stands."""

    seq: int
    record: Record
    state: ReviewState
    dimensions: Dimensions

    @property
    def id(self) -> str:
        """The candidate's id in this workspace."""
        value: str = self.record["id"]
        return value

    def as_record(self) -> dict[str, Any]:
        """The record as it now stands."""
        return with_state(self.record, self.state)


_STORED = sa.select(
    candidates.c.seq,
    candidates.c.id,
    records.c.body,
    candidates.c.status,
    candidates.c.corrected_response,
    candidates.c.corrected_parts,
    candidates.c.held_back,
    candidates.c.failure_category,
    candidates.c.revision,
    candidates.c.decided_by,
    candidates.c.decided_at,
    candidates.c.run_id,
    candidates.c.model,
    candidates.c.task_type,
    candidates.c.task,
    candidates.c.held_out,
    candidates.c.model_id,
).join_from(candidates, records)
# Statements that are made once: making one costs several times what running it does.
_BY_KEY = _STORED.where(candidates.c.id_key == sa.bindparam("key"))
_BY_KEY_LOCKED = _BY_KEY.with_for_update(of=candidates)
_STATE = (
    "status",
    "corrected_response",
    "corrected_parts",
    "held_back",
    "exportable",
    "failure_category",
    "revision",
    "decided_by",
    "decided_at",
)
_COLUMNS = tuple(column.name for column in _STORED.selected_columns)
_Row = namedtuple("_Row", _COLUMNS)  # type: ignore[misc]  # mypy wants the names written out
_BY_KEYS = (
    f"SELECT {', '.join(f'{c.table.name}.{c.name}' for c in _STORED.selected_columns)} "
    "FROM candidates JOIN records ON records.seq = candidates.seq WHERE candidates.id_key IN "
)
_LOCKED = {"sqlite": "", "postgresql": " ORDER BY candidates.seq FOR UPDATE OF candidates"}
# Both databases call the columns of `VALUES` so.
_NEW_STATE = ", ".join(f"{name} = new.column{n}" for n, name in enumerate(_STATE, 3))


def record_columns(candidate: Candidate) -> dict[str, Any]:
    """The columns that follow from the record."""
    return {
        "run_id": candidate.run_id,
        "model_id": candidate.model_id,
        "model": candidate.model,
        "task_type": candidate.task_type,
        "task": task_of(candidate.record),
        "quality_score": (score := candidate.record.get("quality_score")),
        "by_score": places.of_score(score),
        "prompt_key": candidate.prompt_key,
        "digest": candidate.digest,
        "held_out": candidate.held_out,
        "cell": cells.number_of(dimensions_of(candidate).cell),
    }


def task_of(record: Record) -> str | None:
    """The task that people see: `task_name`, else `task_id`."""
    return label(record.get("task_name")) or label(record.get("task_id"))


def state_columns(state: ReviewState) -> dict[str, Any]:
    """The columns that decisions change."""
    return {
        "status": state.status.value,
        "corrected_response": state.corrected_response,
        "corrected_parts": state.corrected_parts.as_json() if state.corrected_parts else None,
        "held_back": state.held_back,
        "exportable": state.exportable,
        "failure_category": state.failure_category,
        "revision": state.revision,
        "decided_by": state.decided_by,
        "decided_at": state.decided_at,
    }


def dimensions_of(candidate: Candidate) -> Dimensions:
    """By what a candidate is counted."""
    return Dimensions(
        candidate.run_id,
        candidate.model,
        candidate.task_type,
        task_of(candidate.record),
        candidate.held_out,
        candidate.model_id,
    )


def get(connection: Connection, candidate_id: str, *, lock: bool = False) -> Stored:
    """One candidate; with `lock` no other transaction changes it until this one ends.

    PostgreSQL locks the row; SQLite has one writer at a time in any case.

    Raises:
        UnknownCandidate: There is none of this id.
    """
    try:
        key = id_key(candidate_id)
    except UnicodeEncodeError:  # a lone surrogate: no candidate has such an id
        raise UnknownCandidate(ascii(candidate_id)) from None
    row = connection.execute(_BY_KEY_LOCKED if lock else _BY_KEY, {"key": key}).first()
    if row is None:
        raise UnknownCandidate(candidate_id)
    return _stored(row)


def locked(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """Those of these candidates that exist, as with `get(…, lock=True)`, by their ids.

    Locked in the order of `seq`, so that no two who lock several wait for each other.
    """
    keys = []
    for candidate_id in ids:
        with contextlib.suppress(UnicodeEncodeError):  # a lone surrogate: there is none
            keys.append(id_key(candidate_id))
    if not keys:
        return {}
    statement = _BY_KEYS + rows.marks(connection, len(keys)) + _LOCKED[connection.dialect.name]
    found = (_stored(_decoded(_Row(*row))) for row in rows.execute(connection, statement, keys))
    return {stored.id: stored for stored in found}


def _decoded(row: Any) -> Any:
    """A row of the driver's as SQLAlchemy would give it."""
    text, parts, by = row.corrected_response, row.corrected_parts, row.decided_by
    return row._replace(
        corrected_response=None if text is None else json.loads(text),
        corrected_parts=None if parts is None else json.loads(parts),
        decided_by=None if by is None else json.loads(by),
        held_back=bool(row.held_back),
        held_out=bool(row.held_out),
    )


def find(connection: Connection, ids: Iterable[str]) -> dict[str, Stored]:
    """The candidates of these ids that exist."""
    found: dict[str, Stored] = {}
    keys = [id_key(candidate_id) for candidate_id in ids]
    for start in range(0, len(keys), _LOOKUP):
        query = _STORED.where(candidates.c.id_key.in_(keys[start : start + _LOOKUP]))
        for row in connection.execute(query):
            stored = _stored(row)
            found[stored.id] = stored
    return found


def stream(
    connection: Connection,
    selection: Selection = EVERYTHING,
    *,
    only_exportable: bool = False,
) -> Iterator[Stored]:
    """Every candidate selected, in the order of arrival, in constant memory."""
    after = 0
    while found := batch(connection, selection, after=after, only_exportable=only_exportable):
        yield from found
        after = found[-1].seq


def batch(
    connection: Connection,
    selection: Selection = EVERYTHING,
    *,
    after: int = 0,
    only_exportable: bool = False,
    limit: int = _LOOKUP,
) -> list[Stored]:
    """The next candidates selected after `seq == after`; none at the end."""
    where = conditions(connection, selection)
    if only_exportable:
        where += [candidates.c.exportable, sa.not_(candidates.c.held_out)]
    query = _STORED.where(*where, candidates.c.seq > after).order_by(candidates.c.seq)
    return [_stored(row) for row in connection.execute(query.limit(limit))]


def total(connection: Connection, statuses: Sequence[Status] = tuple(Status)) -> int:
    """How many candidates have one of these statuses, from the kept counts."""
    kept = counts.by_status(connection)
    return sum(kept[status.value] for status in statuses)


def newest_seq(connection: Connection) -> int:
    """The `seq` of the newest candidate, 0 if there is none."""
    return connection.execute(sa.select(sa.func.max(candidates.c.seq))).scalar() or 0


def of_seqs(connection: Connection, seqs: Sequence[int]) -> dict[int, Stored]:
    """The candidates at these places of arrival."""
    query = _STORED.where(candidates.c.seq.in_(seqs))
    return {row.seq: _stored(row) for row in connection.execute(query)}


def of_seqs_in_order(connection: Connection, seqs: Sequence[int]) -> Iterator[Stored]:
    """The same as a stream, in the order given, in constant memory."""
    for start in range(0, len(seqs), _LOOKUP):
        part = seqs[start : start + _LOOKUP]
        found = of_seqs(connection, part)
        yield from (found[seq] for seq in part if seq in found)


def tags_of(connection: Connection, seqs: Sequence[int]) -> dict[int, list[str]]:
    """The tags of these candidates, in alphabetical order; those without are left out."""
    query = sa.select(tags.c.candidate_seq, tags.c.tag).where(tags.c.candidate_seq.in_(seqs))
    found: dict[int, list[str]] = {}
    for seq, tag in sorted(tuple(row) for row in connection.execute(query)):
        found.setdefault(seq, []).append(tag)
    return found


def set_state(connection: Connection, stored: Stored, after: ReviewState) -> bool:
    """Compare-and-set the review state and move the counts; false if somebody was first."""
    return set_states(connection, [(stored, after)])


def set_states(connection: Connection, moved: Sequence[tuple[Stored, ReviewState]]) -> bool:
    """The same for several candidates together; false if somebody was first at one of them.

    In the driver's own words: SQLAlchemy takes longer to prepare the values than the database
    takes to put them in.
    """
    for start in range(0, len(moved), _LOOKUP):
        part = moved[start : start + _LOOKUP]
        given = [
            (stored.seq, stored.state.revision, *_state_values(after)) for stored, after in part
        ]
        changed = rows.execute(
            connection,
            f"UPDATE candidates SET {_NEW_STATE} "
            f"FROM ({rows.values(connection, len(given), len(given[0]))}) AS new "
            "WHERE candidates.seq = new.column1 AND candidates.revision = new.column2",
            rows.flat(given),
        )
        if changed.rowcount != len(given):
            return False
    change: Counter[counts.Key] = Counter()
    for stored, after in moved:
        change.update(counts.keys_of(stored.dimensions, after))
        change.subtract(counts.keys_of(stored.dimensions, stored.state))
    counts.add(connection, change)
    return True


def _state_values(state: ReviewState) -> tuple[Any, ...]:
    """What `state_columns` says, as the columns of `_STATE` hold it."""
    text, parts, by = state.corrected_response, state.corrected_parts, state.decided_by
    return (
        state.status.value,
        None if text is None else json.dumps(text),
        None if parts is None else json.dumps(parts.as_json()),
        state.held_back,
        state.exportable,
        state.failure_category,
        state.revision,
        None if by is None else json.dumps(by),
        state.decided_at,
    )


def replace_record(connection: Connection, candidate: Candidate) -> None:
    """Take over a record that was edited in the workspace's file; its review state stays."""
    before = get(connection, candidate.id)
    if candidate.run_id is None:  # the run that it was imported with
        candidate = replace(candidate, default_run=before.dimensions.run_id)
    if before.dimensions.held_out:  # a program that writes only the fields it knows frees nothing
        candidate = candidate.kept_out()
    connection.execute(
        sa.update(candidates)
        .where(candidates.c.seq == before.seq)
        .values(**record_columns(candidate))
    )
    connection.execute(
        sa.update(records).where(records.c.seq == before.seq).values(body=dumps(candidate.record))
    )
    search.replace(connection, before.seq, before.record, candidate.record)
    was = prompt_key(before.record)
    if (before.dimensions.run_id, before.dimensions.model, was) != (
        candidate.run_id,
        candidate.model,
        candidate.prompt_key,
    ):
        runs = {before.dimensions.run_id, candidate.run_id}
        places.refresh(connection, before.seq, runs, {was, candidate.prompt_key})
    counts.move(
        connection, (before.dimensions, before.state), (dimensions_of(candidate), before.state)
    )


def _stored(row: Any) -> Stored:
    return Stored(
        seq=row.seq,
        record={**json.loads(row.body), "id": row.id},
        state=ReviewState(
            status=Status(row.status),
            corrected_response=row.corrected_response,
            failure_category=row.failure_category,
            revision=row.revision,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            corrected_parts=CorrectedParts.from_json(row.corrected_parts),
            held_back=row.held_back,
        ),
        dimensions=Dimensions(
            row.run_id, row.model, row.task_type, row.task, row.held_out, row.model_id
        ),
    )
