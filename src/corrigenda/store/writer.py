"""How writes reach the database: every write is one transaction that does all or nothing.

SQLite has one writer at a time, and most of the price of a small transaction is its sync to
disk. So one thread writes, and commits what is waiting together: each piece of work runs in a
savepoint of its own, so that one that fails takes nothing of its neighbours with it. PostgreSQL
does this itself; there each piece is a transaction in the thread that asks.
"""

import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from corrigenda.errors import StorageError
from corrigenda.store.engine import database_error, database_errors

T = TypeVar("T")
Work = Callable[[Connection], T]
MAX_TOGETHER = 256
CLOSED = "The workspace is closed."


class Companion(Protocol):
    """Somebody who keeps something in step with the database (the mirror of the files)."""

    def before_commit(self, connection: Connection) -> None:
        """Note in the same transaction what will be done after it."""

    def after_commit(self) -> None:
        """Do it; those whose work was committed wait until this returns."""


class Writer(Protocol):
    """Runs work in a transaction and returns what it returned once that is durable."""

    companion: Companion | None

    def run(self, work: Work[T]) -> T:
        """Commit `work`; what it raises comes out here, and then nothing of it was written."""

    def close(self) -> None:
        """Finish what is waiting; later work is refused."""


class DirectWriter:
    """A transaction for each piece of work, in the thread that asks (PostgreSQL)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closed = False
        self.companion: Companion | None = None

    def run(self, work: Work[T]) -> T:
        """See `Writer.run`."""
        if self._closed:
            raise StorageError(CLOSED)
        with database_errors(self._engine.url):
            with self._engine.begin() as connection:
                result = work(connection)
                if self.companion:
                    self.companion.before_commit(connection)
            if self.companion:
                self.companion.after_commit()
            return result

    def close(self) -> None:
        """See `Writer.close`; nothing waits here."""
        self._closed = True


class GroupWriter:
    """One thread that commits the waiting pieces of work together (SQLite)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self.companion: Companion | None = None

    def run(self, work: Work[T]) -> T:
        """See `Writer.run`."""
        future: Future[T] = Future()
        with self._lock:
            if self._closed:
                raise StorageError(CLOSED)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._loop, name="corrigenda-writer", daemon=True
                )
                self._thread.start()
            self._waiting.put((work, future))
        return future.result()

    def close(self) -> None:
        """See `Writer.close`."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _loop(self) -> None:
        while True:
            group = [self._waiting.get()]
            while len(group) < MAX_TOGETHER and group[-1] is not None:
                try:
                    group.append(self._waiting.get_nowait())
                except queue.Empty:
                    break
            pieces = [piece for piece in group if piece is not None]
            if pieces:
                self._commit(pieces)
            if group[-1] is None:
                return

    def _commit(self, pieces: list[tuple[Work[Any], Future[Any]]]) -> None:
        answers: list[tuple[Future[Any], Any]] = []
        refused: list[tuple[Future[Any], BaseException]] = []
        try:
            with self._engine.begin() as connection:
                for work, future in pieces:
                    try:
                        with connection.begin_nested():
                            answers.append((future, work(connection)))
                    except Exception as error:
                        refused.append((future, error))
                        # On a full disk SQLite takes back the whole transaction by itself.
                        if not _in_transaction(connection):
                            raise
                if answers and self.companion:
                    self.companion.before_commit(connection)
            if answers and self.companion:
                self.companion.after_commit()
        except Exception as error:  # noqa: BLE001 - handed to all who asked
            refused += [(future, error) for future, _ in answers]
            done = {id(future) for future, _ in refused}
            refused += [(future, error) for _, future in pieces if id(future) not in done]
            answers = []
        for future, refusal in refused:
            future.set_exception(self._translated(refusal))
        for future, answer in answers:
            future.set_result(answer)

    def _translated(self, refusal: BaseException) -> BaseException:
        if isinstance(refusal, sa.exc.DBAPIError) and not isinstance(
            refusal, sa.exc.IntegrityError
        ):
            translated = database_error(refusal, self._engine.url)
            translated.__cause__ = refusal
            return translated
        return refusal


def _in_transaction(connection: Connection) -> bool:
    raw: sqlite3.Connection | None = connection.connection.dbapi_connection  # type: ignore[assignment]
    return raw is not None and raw.in_transaction
