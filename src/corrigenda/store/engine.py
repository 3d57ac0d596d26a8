"""Connections: what each database needs to keep a promise.

SQLite: write-ahead log, `synchronous=FULL` (a decision that was acknowledged survives a power
cut), foreign keys on, `BEGIN IMMEDIATE` for writes. Reads come from a pool of their own, which
cannot write.

What an error says goes into the log, so none shows the parameters: they are people's texts.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, make_url

from corrigenda.errors import ConfigError, StorageError, StorageFull
from corrigenda.store import hints
from corrigenda.store.rows import execute

BUSY_SECONDS = 10
_PG_DRIVER = "postgresql+psycopg"


def sqlite_url(path: Path) -> URL:
    """The URL of a workspace's own database file."""
    return URL.create("sqlite", database=str(path))


def parse_url(text: str) -> URL:
    """A SQLite or PostgreSQL URL; `postgres://` and `postgresql://` mean psycopg.

    Raises:
        ConfigError: It is not a URL, or names another database or driver.
    """
    try:
        url = make_url(text)
    except (sa.exc.ArgumentError, ValueError):
        raise ConfigError(
            "The database URL cannot be read; it should look like "
            "`postgresql://user:password@host/database`."
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername=_PG_DRIVER)
    if url.drivername not in ("sqlite", _PG_DRIVER):
        raise ConfigError(f"`{url.drivername}` is not supported; use a SQLite or PostgreSQL URL.")
    if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
        raise ConfigError("A SQLite URL must name a file: `sqlite:////path/to/workspace.db`.")
    return url


def make_engines(url: URL) -> tuple[Engine, Engine]:
    """The engines for (writing, reading); on PostgreSQL they are one.

    Raises:
        ConfigError: The PostgreSQL driver is not installed.
    """
    if url.get_backend_name() == "sqlite":
        return _sqlite_engine(url, writer=True), _sqlite_engine(url, writer=False)
    try:
        engine = sa.create_engine(
            url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True
        )
    except ModuleNotFoundError:
        raise ConfigError(
            "PostgreSQL needs its driver: `pip install 'corrigenda[postgres]'`."
        ) from None
    return engine, engine


def _sqlite_engine(url: URL, *, writer: bool) -> Engine:
    engine = sa.create_engine(
        url,
        poolclass=sa.pool.QueuePool,
        pool_size=1 if writer else 8,
        max_overflow=0 if writer else 24,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
    )
    hints.install(engine)

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: Any) -> None:
        # SQLAlchemy's own "begin" is replaced below; the driver's must not interfere.
        connection.isolation_level = None
        cursor = connection.cursor()
        # Of a new file only. Records of two kilobytes leave a quarter of smaller pages empty;
        # with larger ones each decision would write more.
        cursor.execute("PRAGMA page_size=8192")
        _use_wal(cursor)
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-16384")
        if not writer:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        execute(connection, "BEGIN IMMEDIATE" if writer else "BEGIN")

    return engine


@contextlib.contextmanager
def database_errors(url: URL) -> Iterator[None]:
    """Turn the database's refusals into one sentence, without the URL's password.

    Raises:
        StorageFull, StorageError: Nothing of the transaction was written.
    """
    try:
        yield
    except sa.exc.IntegrityError:
        raise  # a race or a mistake of ours, not the database's refusal
    except sa.exc.DBAPIError as error:
        raise database_error(error, url) from error
    except sa.exc.TimeoutError as error:
        place = url.render_as_string(hide_password=True)
        raise StorageError(f"`{place}` is too busy: every connection is in use.") from error


def deadlocked(error: StorageError) -> bool:
    """Whether PostgreSQL gave up one of two writers that waited for each other."""
    refusal = getattr(error.__cause__, "orig", None)
    return getattr(refusal, "sqlstate", None) in ("40P01", "40001")


def database_error(error: sa.exc.DBAPIError, url: URL) -> StorageError:
    """The sentence for one refusal."""
    place = f"`{url.render_as_string(hide_password=True)}`"
    text = str(error.orig).strip().split("\n")[0]
    if "disk is full" in text or "No space left" in text:
        return StorageFull(f"No space is left for {place}; nothing was changed.")
    if "locked" in text:
        return StorageError(f"{place} is locked by another program; nothing was changed.")
    return StorageError(f"{place} refuses: {text}")


def _use_wal(cursor: sqlite3.Cursor) -> None:
    # Changing a new database to WAL does not wait for another process that does the same.
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return
