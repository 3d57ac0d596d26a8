"""Items that many ask for at once, done together in one transaction (PostgreSQL).

A decision takes some ten statements, and on PostgreSQL each is a journey to the server and back.
A thread takes what waits and makes the journeys once for all of it. On SQLite the writer's own
thread does this (`GroupWriter.put`).
"""

import itertools
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any

from corrigenda.errors import StorageError
from corrigenda.store.waking import Bell
from corrigenda.store.writer import CLOSED, Piece, Together, Waiting, Work, ring


class Gatherer:
    """One thread that hands what waits to `write`, which commits or raises (`Database.write`)."""

    def __init__(self, write: Callable[[Work[Any]], Any]) -> None:
        self._write = write
        self._waiting = Waiting()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def put(self, together: Together, item: Any, bell: Bell | None = None) -> "Future[Any]":
        """See `GroupWriter.put`."""
        future: Future[Any] = Future()
        with self._lock:
            if self._closed:
                raise StorageError(CLOSED)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._loop, name="corrigenda-gatherer", daemon=True
                )
                self._thread.start()
            self._waiting.put(Piece(future, together=together, item=item, bell=bell))
        return future

    def close(self) -> None:
        """Finish what is waiting; what comes later is refused."""
        with self._lock:
            self._closed = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join()

    def _loop(self) -> None:
        more = True
        while more:
            pieces, more = self._waiting.take()
            for together, part in itertools.groupby(pieces, key=lambda piece: piece.together):
                assert together is not None
                self._do(together, list(part))

    def _do(self, together: Together, pieces: Sequence[Piece]) -> None:
        items = [piece.item for piece in pieces]
        try:
            results = self._write(lambda connection: together(connection, items))
        except Exception as error:  # noqa: BLE001 - handed to all who asked
            if len(pieces) > 1 and not isinstance(error, StorageError):
                for piece in pieces:  # one of them is to blame, which the others should not feel
                    self._do(together, [piece])
                return
            results = [error] * len(pieces)
        for piece, result in zip(pieces, results, strict=True):
            if isinstance(result, BaseException):
                piece.future.set_exception(result)
            else:
                piece.future.set_result(result)
        ring(pieces)
