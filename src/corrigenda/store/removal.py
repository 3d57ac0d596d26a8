"""Removing candidates and passes for good: rows, words, history, counts; a tombstone is left.

Each call is a part of one transaction and takes a few hundred samples, newest first, so that what
the others of their run or prompt are ordered by changes seldom.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store import counts, purging, search
from corrigenda.store.candidates import Stored
from corrigenda.store.lots import locked
from corrigenda.store.schema import (
    batch_members,
    candidates,
    claims,
    decisions,
    id_key,
    jobs,
    lots,
    mirror_approved,
    mirror_lines,
    passes,
    put_off,
    records,
    reference_versions,
    runs,
    tags,
)
from corrigenda.store.schema import counts as counted

_DEPENDENT = (
    decisions.c.candidate_seq,
    tags.c.candidate_seq,
    put_off.c.candidate_seq,
    batch_members.c.candidate_seq,
    claims.c.candidate_seq,
    mirror_lines.c.seq,
    mirror_approved.c.seq,
    records.c.seq,
    candidates.c.seq,
)
"""What is deleted of a candidate, in this order."""

_PART = 500
_TABLES = {purging.CANDIDATE: candidates, purging.PASS: passes}
_MODEL = sa.func.coalesce(candidates.c.model, "")
_MOVE_PROMPT = (
    sa.update(candidates)
    .where(
        candidates.c.prompt_key == sa.bindparam("of_key"),
        sa.or_(
            candidates.c.by_prompt != sa.bindparam("first"),
            candidates.c.by_failing != sa.bindparam("failing"),
        ),
    )
    .values(by_prompt=sa.bindparam("first"), by_failing=sa.bindparam("failing"))
)


def of_ids(connection: Connection, ids: Sequence[str], kind: str) -> dict[str, int]:
    """Where the candidates, or the passes, of these ids are: id → `seq`, of those that are there.

    An id may be that of a candidate and of a pass.
    """
    found: dict[str, int] = {}
    table = _TABLES[kind]
    keys = [id_key(each) for each in ids]
    for start in range(0, len(keys), _PART):
        there = table.c.id_key.in_(keys[start : start + _PART])
        for row in connection.execute(sa.select(table.c.id, table.c.seq).where(there)):
            found[row.id] = row.seq
    return found


def of_run(connection: Connection, run_id: str) -> tuple[list[int], list[int]] | None:
    """The candidates and the passes of a run, newest first.

    `None` if there are none, and no run of this name was noted or purged before.
    """
    mine, good = (
        list(connection.execute(query.order_by(table.c.seq.desc())).scalars())
        for table in _TABLES.values()
        for query in [sa.select(table.c.seq).where(table.c.run_id == run_id)]
    )
    noted = sa.select(runs.c.run_id).where(runs.c.run_id == run_id)
    if mine or good or connection.execute(noted).first() is not None:
        return mine, good
    return ([], []) if purging.purged(connection, [run_id], purging.RUN) else None


def ids_of(connection: Connection, seqs: Sequence[int], kind: str) -> list[str]:
    """The ids of candidates or passes at these places of arrival."""
    table = _TABLES[kind]
    query = sa.select(table.c.id).where(table.c.seq.in_(seqs))
    return list(connection.execute(query.order_by(table.c.seq)).scalars())


def remove_candidates(connection: Connection, seqs: Sequence[int], *, by: str, at: str) -> int:
    """Remove candidates with all that belongs to them; returns how many decisions went."""
    found = locked(connection, seqs)
    if not found:
        return 0
    there = [stored.seq for stored in found]
    keys = _prompt_keys(connection, candidates, there)
    firsts = _firsts_of_runs(connection, there)
    search.forget(connection, [(stored.seq, stored.record) for stored in found])
    change: Counter[counts.Key] = Counter()
    for stored in found:
        change.subtract(counts.keys_of(stored.dimensions, stored.state))
    counts.add(connection, change)
    _cut_lots(connection, found)
    gone = 0
    for column in _DEPENDENT:
        deleted = connection.execute(sa.delete(column.table).where(column.in_(there)))
        gone += deleted.rowcount if column.table is decisions else 0
    _reorder(connection, firsts, keys)
    _forget_references(connection, keys)
    stones = [(stored.id, stored.dimensions.run_id) for stored in found]
    purging.lay(connection, purging.CANDIDATE, stones, by=by, at=at)
    return gone


def remove_passes(connection: Connection, seqs: Sequence[int], *, by: str, at: str) -> None:
    """Remove passes."""
    query = sa.select(passes.c.id, passes.c.run_id).where(passes.c.seq.in_(seqs))
    stones = [(row.id, row.run_id) for row in connection.execute(query)]
    keys = _prompt_keys(connection, passes, seqs)
    connection.execute(sa.delete(passes).where(passes.c.seq.in_(seqs)))
    _forget_references(connection, keys)
    purging.lay(connection, purging.PASS, stones, by=by, at=at)


def remove_run(connection: Connection, run_id: str, *, by: str, at: str) -> None:
    """Remove a run's own row; nothing of it comes in any more."""
    connection.execute(sa.delete(runs).where(runs.c.run_id == run_id))
    purging.lay(connection, purging.RUN, [(run_id, None)], by=by, at=at)


def tidy(connection: Connection) -> None:
    """Remove what may name removed samples: counts of nothing, the lists in reports of jobs."""
    connection.execute(sa.delete(counted).where(counted.c.n == 0))
    query = sa.select(jobs.c.seq, jobs.c.result).where(jobs.c.result.is_not(None))
    for seq, result in connection.execute(query).all():
        numbers = {name: value for name, value in result.items() if not isinstance(value, list)}
        if numbers != result:
            connection.execute(sa.update(jobs).where(jobs.c.seq == seq).values(result=numbers))


def _prompt_keys(connection: Connection, table: sa.Table, seqs: Sequence[int]) -> list[str]:
    query = sa.select(table.c.prompt_key).where(table.c.seq.in_(seqs)).distinct()
    return sorted(key for key in connection.execute(query).scalars() if key is not None)


def _firsts_of_runs(connection: Connection, seqs: Sequence[int]) -> list[str]:
    """The runs that lose the candidate by which all of theirs are ordered."""
    query = sa.select(candidates.c.run_id).where(
        candidates.c.seq.in_(seqs),
        candidates.c.by_run == -candidates.c.seq,
        candidates.c.run_id.is_not(None),
    )
    return sorted(connection.execute(query).scalars())


def _reorder(connection: Connection, runs_moved: Iterable[str], keys: Sequence[str]) -> None:
    """Let those that are left stand where a fresh computation would put them."""
    for run_id in runs_moved:
        members = candidates.c.run_id == run_id
        first = connection.execute(sa.select(sa.func.min(candidates.c.seq)).where(members)).scalar()
        if first is not None:
            connection.execute(sa.update(candidates).where(members).values(by_run=-first))
    query = (
        sa.select(
            candidates.c.prompt_key,
            sa.func.min(candidates.c.seq),
            sa.func.count(_MODEL.distinct()),
        )
        .where(candidates.c.prompt_key.in_(keys))
        .group_by(candidates.c.prompt_key)
    )
    left = [
        {"of_key": key, "first": first, "failing": -models}
        for key, first, models in connection.execute(query)
    ]
    if left:
        connection.execute(_MOVE_PROMPT, left)


def _forget_references(connection: Connection, keys: Sequence[str]) -> None:
    """The right answers of a prompt of which nothing is left here."""
    kept: set[str] = set()
    for table in (candidates, passes):
        query = sa.select(table.c.prompt_key).where(table.c.prompt_key.in_(keys)).distinct()
        kept.update(connection.execute(query).scalars())
    gone = [key for key in keys if key not in kept]
    if gone:
        connection.execute(
            sa.delete(reference_versions).where(reference_versions.c.prompt_key.in_(gone))
        )


def _cut_lots(connection: Connection, found: Sequence[Stored]) -> None:
    """Take the candidates out of what lots say of themselves; an empty lot goes."""
    seqs, ids = [stored.seq for stored in found], {stored.id for stored in found}
    query = (
        sa.select(decisions.c.lot, sa.func.count())
        .where(decisions.c.candidate_seq.in_(seqs), decisions.c.lot.is_not(None))
        .group_by(decisions.c.lot)
    )
    losses = {row[0]: row[1] for row in connection.execute(query)}
    for row in connection.execute(sa.select(lots)).all() if losses else ():
        if row.id not in losses:
            continue
        left = row.n - losses[row.id]
        here = lots.c.id == row.id
        if left <= 0:
            connection.execute(sa.delete(lots).where(here))
            continue
        params = _without_ids(row.params, ids)
        connection.execute(sa.update(lots).where(here).values(n=left, params=params))


def _without_ids(params: Mapping[str, Any], ids: set[str]) -> dict[str, Any]:
    request = dict(params.get("request") or {})
    if request.get("ids"):
        request["ids"] = [each for each in request["ids"] if each not in ids]
    return {**params, "request": request}
