"""One of the programs that share a database fills the index of words; the others need not."""

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from corrigenda.store.database import Database
from corrigenda.store.engine import database_errors

_KEY = 0x436F7276


@contextlib.contextmanager
def turn(database: Database) -> Iterator[bool]:
    """Whether it is this program's turn to fill the index, until the block ends.

    On PostgreSQL by a lock that goes with its connection, so that a program that was killed
    leaves none. SQLite's one owner is known by its files.
    """
    if database.dialect != "postgresql":
        yield True
        return
    with database_errors(database.url), database.engine.connect() as connection:
        outside = connection.execution_options(isolation_level="AUTOCOMMIT")
        asked = {"key": _KEY}
        mine = bool(outside.execute(sa.text("SELECT pg_try_advisory_lock(:key)"), asked).scalar())
        try:
            yield mine
        finally:
            if mine:
                outside.execute(sa.text("SELECT pg_advisory_unlock(:key)"), asked)
