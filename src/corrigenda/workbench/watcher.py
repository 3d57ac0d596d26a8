"""The watcher: one thread for each workspace, which tells its listeners what changes.

It looks at the database twice a second while somebody listens, and for a minute after the last
has gone, so that who lost their connection can be told what they missed.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

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


class Listening(NamedTuple):
    """Where somebody begins to listen.

    `at` is the id of the newest event; `missed` is what happened since the one they had heard
    last. `None` says that this is not known any more: another server told it, or it is long ago.
    """

    at: str
    missed: list[Told] | None


class Watcher:
    """Tells listeners what changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()
        self._beginning = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._kept: deque[Told] = deque(maxlen=_KEPT)
        self._series, self._number = new_id()[:12], 0

    @property
    def listening(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def listen(self, listener: Listener, last: str | None = None) -> Listening:
        """Tell somebody what happens from now on, and now what happened after the event `last`."""
        # The first look may take long; who leaves, or is told something, does not wait for it.
        with self._beginning:
            with self._lock:
                self._listeners.add(listener)
                heard = Listening(self._id(), self._since(last))
                watched = self._thread is not None  # and goes on, with somebody to listen
            if self._stop.is_set():
                listener(None)
            elif not watched:
                # Now, not by the thread: whoever listens asks for the state after this, and
                # what happens between the two must be told.
                self._thread = threading.Thread(
                    target=self._run,
                    args=(self._look(None),),
                    name="corrigenda-watcher",
                    daemon=True,
                )
                self._thread.start()
        return heard

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
        with self._beginning:
            thread = self._thread
        if thread is not None:
            thread.join()

    def _since(self, last: str | None) -> list[Told] | None:
        if last is None:
            return []
        missed = next((n for n in range(len(self._kept) + 1) if last == self._id(n)), None)
        return None if missed is None else list(self._kept)[len(self._kept) - missed :]

    def _id(self, ago: int = 0) -> str:
        return f"{self._series}-{self._number - ago}"

    def _look(self, before: Look | None) -> Look | None:
        """Look, and tell what is new; what was last seen, if that cannot be."""
        try:
            after = look(self._database, before)
            events = list(changes(before, after)) if before else []
        except CorrigendaError as error:
            _log.warning("What changes cannot be told now: %s", error)
            return before
        except Exception:  # noqa: BLE001 - this thread must outlive any trouble
            _log.exception("What changes cannot be told now.")
            return before
        for event in events:
            self._tell(event)
        return after

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
            before = self._look(before)
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
