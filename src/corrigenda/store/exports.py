"""Snapshots: the exports that were made under a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.selection import Selection
from corrigenda.errors import ExportExists, UnknownExport
from corrigenda.store.filters import conditions
from corrigenda.store.schema import candidates, decisions, exports, id_key

_PART = 500


@dataclass(frozen=True)
class Export:
    """A snapshot; `manifest` is the text of its manifest."""

    name: str
    manifest: str
    created_by: str
    created_at: str


@dataclass(frozen=True)
class Standing:
    """Where a candidate stands by now; `exportable`: approved and not kept out of training."""

    seq: int
    revision: int
    exportable: bool


@dataclass(frozen=True)
class LastDecision:
    """What was last done to a candidate, by whom, and when."""

    action: str
    reviewer: str
    at: str


def add(connection: Connection, name: str, manifest: str, *, by: str, at: str) -> None:
    """Note a snapshot.

    Raises:
        ExportExists: There is one of this name.
    """
    if find(connection, name) is not None:
        raise ExportExists(name)
    connection.execute(
        sa.insert(exports).values(name=name, manifest=manifest, created_by=by, created_at=at)
    )


def remove(connection: Connection, name: str) -> None:
    """Forget a snapshot that did not come about."""
    connection.execute(sa.delete(exports).where(exports.c.name == name))


def find(connection: Connection, name: str) -> Export | None:
    """The snapshot of a name, if there is one."""
    row = connection.execute(sa.select(exports).where(exports.c.name == name)).first()
    return None if row is None else _export(row)


def get(connection: Connection, name: str) -> Export:
    """One snapshot.

    Raises:
        UnknownExport: There is none of this name.
    """
    found = find(connection, name)
    if found is None:
        raise UnknownExport(name)
    return found


def newest(connection: Connection) -> list[Export]:
    """All snapshots, newest first."""
    return [
        _export(row)
        for row in connection.execute(sa.select(exports).order_by(exports.c.seq.desc()))
    ]


def standings(connection: Connection, ids: Sequence[str]) -> dict[str, Standing]:
    """Where these candidates stand; those that are not there are left out."""
    found: dict[str, Standing] = {}
    keys = [id_key(each) for each in ids]
    for start in range(0, len(keys), _PART):
        query = sa.select(
            candidates.c.id,
            candidates.c.seq,
            candidates.c.revision,
            candidates.c.exportable,
            candidates.c.held_out,
        ).where(candidates.c.id_key.in_(keys[start : start + _PART]))
        for row in connection.execute(query):
            exportable = row.exportable and not row.held_out
            found[row.id] = Standing(row.seq, row.revision, exportable)
    return found


def last_decisions(connection: Connection, seqs: Sequence[int]) -> dict[int, LastDecision]:
    """What was last done to the candidates at these places of arrival."""
    newest_of = (
        sa.select(sa.func.max(decisions.c.seq))
        .where(decisions.c.candidate_seq.in_(seqs), decisions.c.binding)
        .group_by(decisions.c.candidate_seq)
    )
    query = sa.select(
        decisions.c.candidate_seq,
        decisions.c.action,
        decisions.c.reviewer,
        decisions.c.decided_at,
    ).where(decisions.c.seq.in_(newest_of))
    return {
        row.candidate_seq: LastDecision(row.action, row.reviewer, row.decided_at)
        for row in connection.execute(query)
    }


def selected_seqs(
    connection: Connection,
    selection: Selection,
    *,
    after: int,
    limit: int,
    only_exportable: bool,
) -> list[int]:
    """The places of arrival, after `after`, of the candidates selected, in order."""
    where = conditions(connection, selection)
    if only_exportable:
        where += [candidates.c.exportable, sa.not_(candidates.c.held_out)]
    query = sa.select(candidates.c.seq).where(*where, candidates.c.seq > after)
    return list(connection.execute(query.order_by(candidates.c.seq).limit(limit)).scalars())


def _export(row: Any) -> Export:
    return Export(row.name, row.manifest, row.created_by, row.created_at)
