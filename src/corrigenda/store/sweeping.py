"""What a database file still holds of rows that were deleted, and how to be rid of it.

SQLite leaves deleted rows where they were until something else is written there. So what is
removed for good is overwritten (`secure_delete`), and then the whole file is written anew, which
drops what earlier versions of the rows have left. PostgreSQL does
as much by itself as it lets anybody do: `VACUUM` frees the places.
"""

import contextlib
import sqlite3
from collections.abc import Iterator

import sqlalchemy as sa

from corrigenda.store.database import Database
from corrigenda.store.engine import database_errors


@contextlib.contextmanager
def overwriting(database: Database) -> Iterator[None]:
    """What is deleted meanwhile is overwritten with zeros (SQLite)."""
    if database.dialect != "sqlite":
        yield
        return
    # The pool has the one connection by which everything is written.
    with _bare(database) as cursor:
        cursor.execute("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        with _bare(database) as cursor:
            cursor.execute("PRAGMA secure_delete=OFF")


def sweep(database: Database, *, vacuum: bool = True) -> bool:
    """With `vacuum` write everything anew; empty the log of writes.

    Returns:
        Whether nothing of it can be left in the database's own files: false where another
        program was reading, so that the log could not be emptied, or without `vacuum`.
    """
    if database.dialect != "sqlite":
        if vacuum:
            with database_errors(database.url), database.engine.connect() as connection:
                outside = connection.execution_options(isolation_level="AUTOCOMMIT")
                outside.execute(sa.text("VACUUM"))
        return vacuum
    with database_errors(database.url), _bare(database) as cursor:
        cursor.execute("PRAGMA secure_delete=ON")
        if vacuum:
            cursor.execute("VACUUM")
        cursor.execute("PRAGMA secure_delete=OFF")
        busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    return vacuum and not busy


@contextlib.contextmanager
def _bare(database: Database) -> Iterator[sqlite3.Cursor]:
    """A cursor outside any transaction."""
    pooled = database.engine.raw_connection()
    try:
        assert isinstance(pooled.driver_connection, sqlite3.Connection)
        with contextlib.closing(pooled.driver_connection.cursor()) as cursor:
            yield cursor
    finally:
        pooled.close()
