"""Protected benchmarks: their prompts as hashes, never as texts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import protected_prompts as prompts
from corrigenda.store.schema import protected_sets as sets

_BATCH = 1000


@dataclass(frozen=True)
class ProtectedSet:
    """A benchmark's test set, with the number of its different prompts."""

    id: int
    name: str
    ngram: int
    prompts: int
    created_at: str
    created_by: str

    def as_json(self) -> dict[str, Any]:
        """As JSON."""
        return {name: value for name, value in vars(self).items() if name != "id"}


def version(connection: Connection) -> tuple[int, ...]:
    """What changes whenever a set is added or removed: a set has its id for good."""
    return tuple(connection.execute(sa.select(sets.c.id).order_by(sets.c.id)).scalars())


def listing(connection: Connection) -> list[ProtectedSet]:
    """All sets, in the order in which they were added."""
    number = sa.func.count(prompts.c.key)
    query = sa.select(sets, number.label("prompts")).outerjoin(prompts).group_by(sets.c.id)
    return [
        ProtectedSet(r.id, r.name, r.ngram, r.prompts, r.created_at, r.created_by)
        for r in connection.execute(query.order_by(sets.c.id))
    ]


def exists(connection: Connection, name: str) -> bool:
    """Whether there is a set of this name."""
    return connection.execute(sa.select(sets.c.id).where(sets.c.name == name)).first() is not None


def add(
    connection: Connection,
    name: str,
    ngram: int,
    found: Iterable[tuple[bytes, bytes]],
    *,
    author: str,
    at: str,
) -> None:
    """Put in a set with its prompts: (key, n-grams).

    A name that is taken makes an `IntegrityError`.
    """
    row = {"name": name, "ngram": ngram, "created_by": author, "created_at": at}
    inserted = connection.execute(sa.insert(sets).values(row).returning(sets.c.id))
    set_id = inserted.scalar_one()
    values = ({"set_id": set_id, "key": key, "ngrams": ngrams} for key, ngrams in found)
    while part := list(islice(values, _BATCH)):
        connection.execute(sa.insert(prompts), part)


def remove(connection: Connection, name: str) -> bool:
    """Remove a set; false if there is none of this name."""
    set_id = connection.execute(sa.select(sets.c.id).where(sets.c.name == name)).scalar()
    if set_id is None:
        return False
    connection.execute(sa.delete(prompts).where(prompts.c.set_id == set_id))
    connection.execute(sa.delete(sets).where(sets.c.id == set_id))
    return True


def prompts_of(connection: Connection, set_id: int) -> Iterator[tuple[bytes, bytes]]:
    """A set's prompts, as a stream: (key, n-grams)."""
    query = sa.select(prompts.c.key, prompts.c.ngrams).where(prompts.c.set_id == set_id)
    found = connection.execute(query, execution_options={"yield_per": _BATCH})
    for key, ngrams in found:
        yield bytes(key), bytes(ngrams)
