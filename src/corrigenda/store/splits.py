"""Which split a group's keys went to, once and for all; see `core.groups`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection

from corrigenda.core.groups import key
from corrigenda.store.schema import split_assignments as rows

_PART = 500
_BATCH = 10_000
_MANY = 20_000
"""Of how many keys all that is stored is read, rather than asking for each."""

_SHARES = key("the shares of the last export")


class Overtaken(Exception):
    """Another export has given one of the keys another split."""


def read(connection: Connection, seed: int, keys: Collection[bytes]) -> dict[bytes, str]:
    """The splits of those of the keys that have one."""
    query = sa.select(rows.c.key, rows.c.split).where(rows.c.seed == seed)
    if len(keys) > _MANY:
        wanted = keys if isinstance(keys, set | frozenset | Mapping) else set(keys)
        streamed = connection.execute(query, execution_options={"yield_per": _BATCH})
        return {bytes(name): split for name, split in streamed if bytes(name) in wanted}
    found = {}
    several = iter(keys)
    while part := list(islice(several, _PART)):
        for name, split in connection.execute(query.where(rows.c.key.in_(part))):
            found[bytes(name)] = split
    return found


def everything(connection: Connection, seed: int) -> dict[bytes, str]:
    """Every key's split."""
    query = sa.select(rows.c.key, rows.c.split).where(rows.c.seed == seed)
    streamed = connection.execute(query, execution_options={"yield_per": _BATCH})
    return {bytes(name): split for name, split in streamed if name != _SHARES}


def keep(connection: Connection, seed: int, assigned: Mapping[bytes, str]) -> None:
    """Put in splits of keys; those that have the same already stay as they are.

    In the order of the keys, so that two who write at once wait for each other and never both.

    Raises:
        Overtaken: A key has got another one since it was read; nothing must be committed.
    """
    names = sorted(assigned)
    for start in range(0, len(names), _BATCH):
        part = names[start : start + _BATCH]
        if _INSERTS[connection.dialect.name](connection, seed, part, assigned) != len(part):
            kept = read(connection, seed, part)
            if any(kept.get(name) != assigned[name] for name in part):
                raise Overtaken


def shares(connection: Connection, seed: int) -> str | None:
    """The shares that the last export with this seed had, as `note_shares` was told."""
    return read(connection, seed, [_SHARES]).get(_SHARES)


def note_shares(connection: Connection, seed: int, said: str) -> None:
    """Remember the shares; of two who do so at once, those of the later."""
    _INSERTS[connection.dialect.name](connection, seed, [_SHARES], {_SHARES: said})
    here = sa.and_(rows.c.seed == seed, rows.c.key == _SHARES)
    connection.execute(sa.update(rows).where(here).values(split=said))


def _into_sqlite(
    connection: Connection, seed: int, names: Sequence[bytes], assigned: Mapping[bytes, str]
) -> int:
    values: Iterable[dict[str, Any]] = (
        {"seed": seed, "key": name, "split": assigned[name]} for name in names
    )
    statement = sqlite.insert(rows).on_conflict_do_nothing()
    return connection.execute(statement, list(values)).rowcount


# One statement of a few arrays: a row at a time takes ten times as long.
_INTO_POSTGRESQL = sa.text(
    "INSERT INTO split_assignments (seed, key, split) "
    "SELECT :seed, said.key, said.split "
    "FROM unnest(CAST(:names AS bytea[]), CAST(:splits AS text[])) AS said (key, split) "
    "ON CONFLICT DO NOTHING"
)


def _into_postgresql(
    connection: Connection, seed: int, names: Sequence[bytes], assigned: Mapping[bytes, str]
) -> int:
    values = {"names": list(names), "splits": [assigned[name] for name in names]}
    return connection.execute(_INTO_POSTGRESQL, {"seed": seed, **values}).rowcount


_INSERTS = {"sqlite": _into_sqlite, "postgresql": _into_postgresql}
