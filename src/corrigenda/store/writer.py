"""How writes reach the database: every write is one transaction that does all or nothing.

SQLite has one writer at a time, and most of the price of a small transaction is its sync to
disk. So one thread writes, and commits what is waiting together. There are two kinds of pieces:

    run(work)              any function of a connection, in a savepoint of its own, so that one
                           that fails takes nothing of its neighbours with it
    put(together, item)    one item of many alike: those that wait are handed to `together` at
                           once, which refuses an item by a value and not by raising

PostgreSQL groups commits itself; there each `run` is a transaction in the thread that asks, and
only the items gather in a thread (see `store.gathering`).
"""

import itertools
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from corrigenda.errors import StorageError
from corrigenda.store.engine import database_error, database_errors
from corrigenda.store.waking import Bell

T = TypeVar("T")
Work = Callable[[Connection], T]
Together = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Does many items; the result of each, or the exception that refuses it, in their order."""

MAX_TOGETHER = 256
_LINGER = 0.001
_LINGERED = 8
"""Steps: how long whoever writes looks out for more, while several ask at the same time."""

CLOSED = "The workspace is closed."


class Companion(Protocol):
    """Somebody who keeps something in step with the database (the mirror of the files)."""

    def before_commit(self, connection: Connection, done: Sequence[Any]) -> None:
        """Note in the same transaction what will be done after it.

        `done` is what became of the items that this transaction did together.
        """

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
                    self.companion.before_commit(connection, ())
            if self.companion:
                self.companion.after_commit()
            return result

    def close(self) -> None:
        """See `Writer.close`; nothing waits here."""
        self._closed = True


@dataclass(frozen=True)
class Piece:
    """What waits to be written: work, or an item of those that `together` does.

    `bell` is rung when it is done, and its neighbours are.
    """

    future: "Future[Any]"
    work: Work[Any] | None = None
    together: Together | None = None
    item: Any = None
    bell: Bell | None = None


def ring(pieces: Sequence[Piece]) -> None:
    """Wake those who wait in event loops."""
    for bell in {piece.bell for piece in pieces}:
        if bell is not None:
            bell.ring()


class Waiting:
    """Pieces in the order in which they came; whoever takes them takes all that are there.

    Most of a group's price does not depend on its size, and those who were just answered come
    again while it is being written. So while several are at work, the next group waits as long
    as more keep coming, for some milliseconds at most; one alone never waits (as PostgreSQL's
    `commit_delay` and `commit_siblings`).
    """

    def __init__(self) -> None:
        self._several = False
        self._pieces: queue.SimpleQueue[Piece | None] = queue.SimpleQueue()
        self.qsize = self._pieces.qsize
        self.put = self._pieces.put

    def take(self) -> tuple[list[Piece], bool]:
        """Wait for the next; returns at most `MAX_TOGETHER`, and whether more may come.

        Those whose askers have given up meanwhile are left out.
        """
        taken = [self._pieces.get()]
        if self._several or self.qsize():
            self._linger()
        while len(taken) < MAX_TOGETHER and taken[-1] is not None:
            try:
                taken.append(self._pieces.get_nowait())
            except queue.Empty:
                break
        wanted = [p for p in taken if p is not None and p.future.set_running_or_notify_cancel()]
        self._several = len(wanted) > 1
        return wanted, taken[-1] is not None

    def _linger(self) -> None:
        there = self.qsize()
        for _ in range(_LINGERED):
            time.sleep(_LINGER)
            before, there = there, self.qsize()
            if there == before:
                break


class GroupWriter:
    """One thread that commits the waiting pieces of work together (SQLite)."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting = Waiting()
        self._lock = threading.Lock()
        self._closed = False
        self._thread: threading.Thread | None = None
        self.companion: Companion | None = None

    def run(self, work: Work[T]) -> T:
        """See `Writer.run`."""
        future: Future[T] = Future()
        self._enqueue(Piece(future, work=work))
        return future.result()

    def put(self, together: Together, item: Any, bell: Bell | None = None) -> "Future[Any]":
        """Have `together` do an item among those that wait; its result is durable."""
        future: Future[Any] = Future()
        self._enqueue(Piece(future, together=together, item=item, bell=bell))
        return future

    def close(self) -> None:
        """See `Writer.close`."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _enqueue(self, piece: Piece) -> None:
        with self._lock:
            if self._closed:
                raise StorageError(CLOSED)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._loop, name="corrigenda-writer", daemon=True
                )
                self._thread.start()
            self._waiting.put(piece)

    def _loop(self) -> None:
        more = True
        while more:
            pieces, more = self._waiting.take()
            if pieces:
                self._write(pieces)

    def _write(self, pieces: Sequence[Piece]) -> None:
        group = _Group(self.companion)
        try:
            with self._engine.begin() as connection:
                group.do(connection, pieces)
            if group.answers and group.companion:
                group.companion.after_commit()
        except _Spoilt as spoilt:
            if len(pieces) > 1 and not isinstance(spoilt.error, sa.exc.OperationalError):
                for piece in pieces:  # one of them is to blame, which the others should not feel
                    self._write([piece])
                return
            group.refuse_all(pieces, spoilt.error)
        except Exception as error:  # noqa: BLE001 - handed to all who asked
            group.refuse_all(pieces, error)
        for future, refusal in group.refused:
            future.set_exception(self._translated(refusal))
        for future, answer in group.answers:
            future.set_result(answer)
        ring(pieces)

    def _translated(self, refusal: BaseException) -> BaseException:
        if isinstance(refusal, sa.exc.DBAPIError) and not isinstance(
            refusal, sa.exc.IntegrityError
        ):
            translated = database_error(refusal, self._engine.url)
            translated.__cause__ = refusal
            return translated
        return refusal


class _Group:
    """The pieces of one transaction, and what became of each."""

    def __init__(self, companion: Companion | None) -> None:
        self.companion = companion
        self.answers: list[tuple[Future[Any], Any]] = []
        self.refused: list[tuple[Future[Any], BaseException]] = []

    def do(self, connection: Connection, pieces: Sequence[Piece]) -> None:
        """All, in their order; the companion has the last word."""
        done: list[Any] = []
        for together, part in itertools.groupby(pieces, key=lambda piece: piece.together):
            if together is None:
                for piece in part:
                    self._alone(connection, piece)
            else:
                done += self._at_once(connection, together, list(part))
        if self.answers and self.companion:
            self.companion.before_commit(connection, done)

    def refuse_all(self, pieces: Sequence[Piece], error: BaseException) -> None:
        """The transaction is gone: of no piece anything was written."""
        refused = {id(future) for future, _ in self.refused}
        self.refused += [(p.future, error) for p in pieces if id(p.future) not in refused]
        self.answers = []

    def _alone(self, connection: Connection, piece: Piece) -> None:
        assert piece.work is not None
        try:
            with connection.begin_nested():
                self.answers.append((piece.future, piece.work(connection)))
        except Exception as error:
            self.refused.append((piece.future, error))
            # On a full disk SQLite takes back the whole transaction by itself.
            if not _in_transaction(connection):
                raise

    def _at_once(
        self, connection: Connection, together: Together, pieces: Sequence[Piece]
    ) -> list[Any]:
        try:
            results = together(connection, [piece.item for piece in pieces])
        except Exception as error:
            raise _Spoilt(error) from error
        done = []
        for piece, result in zip(pieces, results, strict=True):
            if isinstance(result, BaseException):
                self.refused.append((piece.future, result))
            else:
                self.answers.append((piece.future, result))
                done.append(result)
        return done


class _Spoilt(Exception):
    """What does many items at once has failed, so that nobody knows what it has written."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


def _in_transaction(connection: Connection) -> bool:
    raw: sqlite3.Connection | None = connection.connection.dbapi_connection  # type: ignore[assignment]
    return raw is not None and raw.in_transaction
