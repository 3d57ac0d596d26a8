"""The watcher: one thread for each workspace, which tells its listeners what changes.

It looks at the database twice a second while somebody listens, and for a minute after the last
has gone, so that a page that lost its connection misses nothing.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable

from corrigenda.clock import new_id
from corrigenda.errors import CorrigendaError
from corrigenda.store import Database
from corrigenda.workbench.watching import Event, Look, changes, look
from corrigenda.workbench.workspace import Workspace

SECONDS = 0.5
"""Between two looks."""

LINGER_SECONDS = 60
_KEPT = 1000
_log = logging.getLogger(__name__)

Told = tuple[str, Event]
"""An event with its id, which a page sends when it comes back."""

Listener = Callable[[Told | None], None]
"""Called in the watcher's thread, and returns at once; `None` is the end."""


class Watcher:
    """Tells listeners what changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._kept: deque[Told] = deque(maxlen=_KEPT)
        self._series, self._number = new_id()[:12], 0

    @property
    def listening(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def listen(self, listener: Listener, last: str | None = None) -> list[Told] | None:
        """Tell somebody what happens from now on; returns what happened after the event `last`.

        `None` says that this is not known any more: another server told it, or it is long ago.
        """
        with self._lock:
            self._listeners.add(listener)
            missed = self._since(last)
            if self._stop.is_set():
                listener(None)
            elif self._thread is None:
                # Now, not by the thread: whoever listens asks for the state after this, and
                # what happens between the two must be told.
                self._thread = threading.Thread(
                    target=self._run,
                    args=(self._look(None),),
                    name="corrigenda-watcher",
                    daemon=True,
                )
                self._thread.start()
        return missed

    def leave(self, listener: Listener) -> None:
        """Tell somebody nothing more."""
        with self._lock:
            self._listeners.discard(listener)

    def stop(self) -> None:
        """Tell all that this is the end; does not wait, so that a signal may call it."""
        self._stop.set()

    def close(self) -> None:
        """Stop, and wait for the thread's end."""
        self._stop.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _since(self, last: str | None) -> list[Told] | None:
        if last is None:
            return []
        ids = [told for told, _ in self._kept]
        if last == self._id():
            return []
        return list(self._kept)[ids.index(last) + 1 :] if last in ids else None

    def _id(self) -> str:
        return f"{self._series}-{self._number}"

    def _look(self, before: Look | None) -> Look | None:
        try:
            return look(self._database, before)
        except CorrigendaError as error:
            _log.warning("What changes cannot be told now: %s", error)
            return None

    def _run(self, before: Look | None) -> None:
        idle = 0.0
        while not self._stop.wait(SECONDS):
            with self._lock:
                idle = 0.0 if self._listeners else idle + SECONDS
                if idle > LINGER_SECONDS:
                    # What happens from here on nobody sees: ids of before lead nowhere.
                    self._series, self._thread = new_id()[:12], None
                    self._kept.clear()
                    return
            after = self._look(before)
            if after is None:
                continue
            if before is not None:
                for event in changes(before, after):
                    self._tell(event)
            before = after
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener(None)

    def _tell(self, event: Event) -> None:
        with self._lock:
            self._number += 1
            told = (self._id(), event)
            self._kept.append(told)
            listeners = list(self._listeners)
        for listener in listeners:
            listener(told)


def watcher_of(workspace: Workspace) -> Watcher:
    """The watcher of a workspace, made when it is first asked for, gone when that is closed."""
    with _making:
        if workspace not in _watchers:
            watcher = _watchers[workspace] = Watcher(workspace.database)

            def close() -> None:
                _watchers.pop(workspace, None)
                watcher.close()

            workspace.before_close.append(close)
        return _watchers[workspace]


def stop_all() -> None:
    """Tell every listener in this process that it is the end: a server is about to stop."""
    for watcher in list(_watchers.values()):
        watcher.stop()


_watchers: dict[Workspace, Watcher] = {}
_making = threading.Lock()
