"""Which backups of this workspace were made: a short list, so that a removal can name them.

Databases that were kept aside, by a restore or before an upgrade, are looked into instead.
"""

import contextlib
import json
import socket
import sqlite3
from collections.abc import Iterator, Set
from dataclasses import asdict, dataclass
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store import candidates, passes
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


def of_now(connection: Connection, path: Path, at: str) -> Backup:
    """A backup, at a path, of what a database holds."""
    newest, sample = candidates.newest_seq(connection), passes.newest_seq(connection)
    return Backup(str(path), here(), at, newest, sample)


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


def has(file: Path, ids: Set[str], sample_ids: Set[str]) -> bool:
    """Whether a database file has one of these candidates or passes; so, too, if nobody can tell.

    The file is read as it is, and nothing is written beside it: of whatever schema it is.
    """
    log = file.with_name(f"{file.name}-wal")
    if log.exists() and log.stat().st_size:  # a program was killed, and not all is in the file
        return True
    place = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        with contextlib.closing(sqlite3.connect(place, uri=True)) as connection:
            return any(
                name in wanted
                for table, wanted in (("candidates", ids), ("passes", sample_ids))
                if wanted
                for (name,) in connection.execute(f"SELECT id FROM {table}")
            )
    except sqlite3.Error:
        return True


def holding(connection: Connection, candidate: int | None, sample: int | None) -> Iterator[Backup]:
    """The backups that were made after a candidate (at `seq`) or a pass had arrived."""
    for each in listing(connection):
        held = (candidate is not None and each.candidates >= candidate) or (
            sample is not None and each.passes >= sample
        )
        if held and not each.gone:
            yield each
