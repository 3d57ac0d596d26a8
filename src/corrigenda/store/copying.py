"""A whole database as it is at one moment, copied while others write to it.

SQLite's file is copied page by page. Out of PostgreSQL, and into it, the rows are copied: the
tables are the same on both.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.errors import Conflict
from corrigenda.store import mirror_state
from corrigenda.store.database import Database
from corrigenda.store.engine import database_errors
from corrigenda.store.schema import claims, metadata

_PART = 1000
APPROVED = "sft_approved.jsonl"


def copy_to_file(database: Database, path: Path) -> None:
    """Copy a database into a new SQLite file; nobody has to wait meanwhile.

    Raises:
        StorageError: A database or the disk refuses.
    """
    if database.dialect == "sqlite":
        _copy_pages(database, path)
    else:
        made = Database.open(path)
        try:
            copy_rows(database, made)
        finally:
            made.close()


def detach(database: Database) -> None:
    """In a copy nothing is in anybody's hands, and where lines stand in files is not known."""

    def forget(connection: Connection) -> None:
        connection.execute(sa.delete(claims))
        mirror_state.forget_places(connection)
        if (noted := mirror_state.load(connection, APPROVED)) is not None:
            mirror_state.save(connection, APPROVED, {**noted, "stamp": None})

    database.write(forget)


def copy_rows(source: Database, target: Database) -> None:
    """Copy every row into a database that has none.

    Raises:
        Conflict: The target is in use already.
        StorageError: A database refuses; the target is as empty as before.
    """
    with source.reading() as connection:
        target.write(lambda into: _copy_all(connection, into, target.place))


def _copy_all(source: Connection, target: Connection, place: str) -> None:
    for table in reversed(metadata.sorted_tables):
        if table.name == "facts":
            target.execute(sa.delete(table))
        elif target.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise Conflict(f"There is something in {place} already; name a database that is empty.")
    for table in metadata.sorted_tables:
        rows = source.execute(sa.select(table), execution_options={"yield_per": _PART})
        for part in rows.mappings().partitions(_PART):
            target.execute(sa.insert(table), [dict(row) for row in part])
    if target.dialect.name == "postgresql":
        _go_on_counting(target)


def _go_on_counting(connection: Connection) -> None:
    """Rows that come next get numbers after those that were copied."""
    for table in metadata.sorted_tables:
        for column in table.primary_key:
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            name = connection.execute(sa.select(sequence)).scalar()
            if name is None:
                continue
            last = connection.execute(sa.select(sa.func.max(column))).scalar()
            if last is not None:
                connection.execute(sa.select(sa.func.setval(name, last)))


def _copy_pages(database: Database, path: Path) -> None:
    target = sqlite3.connect(path)
    try:
        target.execute("PRAGMA synchronous=OFF")  # it is synced at the end, as a whole
        with database.reading() as connection, database_errors(database.url):
            source: Any = connection.connection.driver_connection
            try:
                source.backup(target)
            except sqlite3.Error as error:
                raise sa.exc.OperationalError("backup", None, error) from error
    finally:
        target.close()
    _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
