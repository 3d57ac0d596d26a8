"""One open database: reads from a pool, writes through the writer, schema at its version."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine

from corrigenda.errors import SchemaMismatch, StorageError
from corrigenda.jsonl import storage_errors
from corrigenda.store.decisions import Raced
from corrigenda.store.engine import database_errors, deadlocked, make_engines, parse_url, sqlite_url
from corrigenda.store.gathering import Gatherer
from corrigenda.store.migrations import HEAD, upgrade
from corrigenda.store.upgrading import keep_a_copy
from corrigenda.store.waking import Bell
from corrigenda.store.writer import CLOSED, DirectWriter, GroupWriter, Together, Writer

T = TypeVar("T")
_TRIES = 5
_opening = threading.Lock()


class Database:
    """An open database of a workspace.

    Example:
        >>> database = Database.open("sqlite:///workspace.db")  # doctest: +SKIP
        >>> database.write(lambda connection: candidates.insert(connection, batch))
    """

    def __init__(self, url: URL, writing: Engine, reading: Engine) -> None:
        self.url = url
        self._writing = writing
        self._reading = reading
        self._closed = False
        self.writer: Writer
        self._items: GroupWriter | Gatherer
        if url.get_backend_name() == "sqlite":
            self.writer = self._items = GroupWriter(writing)
        else:
            self.writer = DirectWriter(writing)
            self._items = Gatherer(self.write)

    @classmethod
    def open(cls, url: str | Path) -> "Database":
        """Open (and make, if it is not there) the database of a file or URL.

        Raises:
            ConfigError: The URL cannot be used.
            SchemaMismatch: A newer program made it.
            StorageError: It cannot be opened or written.
        """
        target = sqlite_url(url) if isinstance(url, Path) else parse_url(url)
        if isinstance(url, Path):
            with storage_errors(url.parent):
                url.parent.mkdir(parents=True, exist_ok=True)
        writing, reading = make_engines(target)
        database = cls(target, writing, reading)
        try:
            # Alembic keeps its context in globals, so one opening at a time.
            with _opening, database_errors(target):
                database._bring_up_to_date()
        except BaseException:
            database.close()
            raise
        return database

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.url.get_backend_name()

    @property
    def engine(self) -> Engine:
        """The connections that everything is written by, for what is no transaction."""
        return self._writing

    @property
    def place(self) -> str:
        """The URL without its password, for people."""
        return self.url.render_as_string(hide_password=True)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one state of the database from begin to end.

        Raises:
            StorageError: The database refuses, every connection is in use, or it is closed.
        """
        if self._closed:  # a pool that was let go of would quietly make new connections
            raise StorageError(CLOSED)
        with database_errors(self.url), self._reading.connect() as connection:
            if self.dialect == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction; returns when it is durable.

        `work` may run again when another writer was faster, so it changes nothing but the
        database.
        """
        for _ in range(_TRIES):
            try:
                return self.writer.run(work)
            except (Raced, sa.exc.IntegrityError) as error:
                raced: Exception = error
            except StorageError as error:
                if not deadlocked(error):
                    raise
                raced = error
        raise StorageError("Too many others are writing at the same time; try again.") from raced

    def put(self, together: Together, item: Any, bell: Bell | None = None) -> "Future[Any]":
        """Have an item written by `together` with the others that wait; returns at once.

        The future has what became of it when that is durable. As with `write`, `together` may
        run again, with fewer items, too. `bell` is rung then.

        Raises:
            StorageError: The database is closed.
        """
        return self._items.put(together, item, bell)

    def version(self) -> str | None:
        """The schema's version, `None` if there is none yet."""
        with self.reading() as connection:
            return _version(connection)

    def integrity(self, connection: Connection) -> list[str]:
        """What the database itself finds broken (SQLite checks; PostgreSQL keeps itself)."""
        if self.dialect != "sqlite":
            return []
        found = connection.execute(sa.text("PRAGMA integrity_check(10)")).scalars().all()
        keys = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
        broken = [line for line in found if line != "ok"]
        return broken + [f"{row[0]} refers to a missing {row[2]}" for row in keys]

    def size(self) -> int:
        """Bytes that the database has on its disk, as far as it says."""
        with self.reading() as connection:
            if self.dialect == "postgresql":
                query = sa.select(sa.func.pg_database_size(sa.func.current_database()))
                return int(connection.execute(query).scalar_one())
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            return int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())

    def close(self) -> None:
        """Finish what is waiting and let go of the connections."""
        self._items.close()
        self.writer.close()
        self._closed = True
        self._reading.dispose()
        self._writing.dispose()

    def _bring_up_to_date(self) -> None:
        with self._writing.connect() as connection, connection.begin():
            found = _version(connection)
            if found == HEAD:
                return
        if found is not None and not found < HEAD:
            raise SchemaMismatch(
                f"{self.place} has schema {found}, this program knows {HEAD}; "
                "it was made by a newer version of Corrigenda: upgrade the program."
            )
        if found is not None:
            keep_a_copy(self.url, found, HEAD)
        upgrade(self._writing)


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(
        sa.text("SELECT version_num FROM alembic_version")
    ).scalar()
    return found
