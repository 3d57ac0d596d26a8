"""Which backups of this workspace were made: a short list, so that a removal can name them."""

import json
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import facts

LIMIT = 1000
"""Backups that are remembered, the newest."""

_NAME = "backups"


@dataclass(frozen=True)
class Backup:
    """One backup: the machine and path that it was written to, and the newest that it holds.

    `candidates` and `passes` are the `seq` of the newest of them at that time.
    """

    path: str
    host: str
    at: str
    candidates: int
    passes: int

    @property
    def gone(self) -> bool:
        """Whether it surely is not where it was written to; of another machine nothing is sure."""
        return self.host == here() and not Path(self.path).exists()


def here() -> str:
    """This machine's name."""
    return socket.gethostname()


def note(connection: Connection, backup: Backup) -> None:
    """Remember a backup; what is gone by now is forgotten."""
    kept = [each for each in listing(connection) if not each.gone and each.path != backup.path]
    value = json.dumps([asdict(each) for each in [*kept, backup][-LIMIT:]])
    changed = connection.execute(sa.update(facts).where(facts.c.name == _NAME).values(value=value))
    if changed.rowcount == 0:
        connection.execute(sa.insert(facts).values(name=_NAME, value=value))


def listing(connection: Connection) -> list[Backup]:
    """The backups that were made, oldest first."""
    query = sa.select(facts.c.value).where(facts.c.name == _NAME)
    value = connection.execute(query).scalar()
    return [Backup(**each) for each in json.loads(value)] if value else []


def holding(connection: Connection, candidate: int | None, sample: int | None) -> Iterator[Backup]:
    """The backups that were made after a candidate (at `seq`) or a pass had arrived."""
    for each in listing(connection):
        held = (candidate is not None and each.candidates >= candidate) or (
            sample is not None and each.passes >= sample
        )
        if held and not each.gone:
            yield each
