"""Tombstones: what was removed for good, so that it does not come in again.

    kind       key                     run_key
    candidate  the id of a candidate   its run, if it was of one
    pass       the id of a pass        its run, if it was of one
    run        the name of a run       -

All are hashes (`id_key`): the names themselves are gone. An id may be used by several runs, so a
sample of another run than the one that was removed is another sample: it comes in under its
second name, `run_id:id`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate
from corrigenda.store.schema import id_key, tombstones

CANDIDATE = "candidate"
PASS = "pass"
RUN = "run"

_PART = 500
_ANY = sa.select(tombstones.c.kind).limit(1)
_OF = sa.select(tombstones.c.key, tombstones.c.run_key).where(
    tombstones.c.kind == sa.bindparam("of_kind"),
    tombstones.c.key.in_(sa.bindparam("keys", expanding=True)),
)


def purged(connection: Connection, ids: Collection[str], kind: str = CANDIDATE) -> set[str]:
    """Which of these ids were removed for good.

    Example:
        >>> purged(connection, ["a1", "a2"])  # doctest: +SKIP
        {'a2'}
    """
    return set(_stones(connection, ids, kind))


def sift(
    connection: Connection,
    batch: Sequence[Candidate],
    kind: str = CANDIDATE,
    *,
    allow: bool = False,
) -> tuple[list[Candidate], int]:
    """Those of arriving samples that may come in, and how many may not.

    Args:
        connection: The transaction in which they arrive.
        batch: The samples.
        kind: `candidate` or `pass`.
        allow: Forget the tombstones of what arrives; then all may come in.

    Returns:
        The samples, in order, and the number of those that were removed for good.
    """
    if not batch or connection.execute(_ANY).first() is None:
        return list(batch), 0
    if allow:
        _forget(connection, RUN, _runs(connection, batch))
        _forget(connection, kind, _stones(connection, _names(batch), kind))
        return list(batch), 0
    found = names_for(connection, batch, kind)
    kept = [
        each if name == each.id else each.renamed(name)
        for each, name in zip(batch, found, strict=True)
        if name is not None
    ]
    return kept, len(batch) - len(kept)


def names_for(
    connection: Connection, batch: Sequence[Candidate], kind: str = CANDIDATE
) -> list[str | None]:
    """Under which id each of some samples may come in; `None` if it may not."""
    runs = _runs(connection, batch)
    stones = _stones(connection, _names(batch), kind)
    found: list[str | None] = []
    for each in batch:
        second = _second_name(each)
        if each.run_id in runs or second in stones:
            found.append(None)
        elif each.id not in stones:
            found.append(each.id)
        else:
            found.append(second if _of_another_run(each, stones[each.id]) else None)
    return found


def lay(
    connection: Connection,
    kind: str,
    gone: Iterable[tuple[str, str | None]],
    *,
    by: str,
    at: str,
) -> None:
    """Leave tombstones for what was removed: (name, the run that it was of)."""
    rows = [
        {
            "kind": kind,
            "key": id_key(name),
            "run_key": None if run_id is None else id_key(run_id),
            "n": 1,
            "removed_by": by,
            "removed_at": at,
        }
        for name, run_id in gone
    ]
    if rows:
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        connection.execute(insert(tombstones).on_conflict_do_nothing(), rows)


def _second_name(sample: Candidate) -> str:
    """The id that a sample gets where its own is taken."""
    return sample.id if sample.run_id is None else f"{sample.run_id}:{sample.id}"


def _of_another_run(sample: Candidate, run_key: bytes | None) -> bool:
    return run_key is not None and sample.run_id is not None and id_key(sample.run_id) != run_key


def _runs(connection: Connection, batch: Sequence[Candidate]) -> dict[str, bytes | None]:
    return _stones(connection, {each.run_id for each in batch if each.run_id is not None}, RUN)


def _names(batch: Sequence[Candidate]) -> set[str]:
    return {each.id for each in batch} | {_second_name(each) for each in batch}


def _stones(connection: Connection, names: Iterable[str], kind: str) -> dict[str, bytes | None]:
    """The tombstones of these names: name → the key of its run."""
    by_key = {id_key(name): name for name in names}
    keys = list(by_key)
    found: dict[str, bytes | None] = {}
    for start in range(0, len(keys), _PART):
        part = {"of_kind": kind, "keys": keys[start : start + _PART]}
        for key, run_key in connection.execute(_OF, part):
            found[by_key[bytes(key)]] = None if run_key is None else bytes(run_key)
    return found


def _forget(connection: Connection, kind: str, stones: Mapping[str, object]) -> None:
    keys = [id_key(name) for name in stones]
    for start in range(0, len(keys), _PART):
        gone = sa.and_(tombstones.c.kind == kind, tombstones.c.key.in_(keys[start : start + _PART]))
        connection.execute(sa.delete(tombstones).where(gone))
