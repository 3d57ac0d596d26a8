"""The index of words follows the candidates: a thread that keeps it up to date."""

import contextlib
import logging
import threading
from abc import abstractmethod
from collections.abc import Callable, Iterator

from corrigenda.errors import CorrigendaError
from corrigenda.store import Database, search
from corrigenda.store.search_lock import turn

SOON = 20_000
"""So many candidates an import makes findable before it returns; more are left to the thread."""

_TICK_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Indexer:
    """Fills the index of words while nothing more urgent is done.

    Args:
        database: Whose candidates.
        mine: Whether it is this process that keeps the workspace.
    """

    def __init__(self, database: Database, mine: Callable[[], bool]) -> None:
        self._database = database
        self._mine = mine
        self._stop = threading.Event()
        self._imports = 0
        self._lock = threading.Lock()
        self._filling = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="corrigenda-search", daemon=True)

    def start(self) -> None:
        """Begin, a moment from now: what only looks at a workspace ends before."""
        self._thread.start()

    def stop(self) -> None:
        """Stop at once; what was not put in yet is read again the next time."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """An import goes first."""
        with self._lock:
            self._imports += 1
        try:
            yield
        finally:
            with self._lock:
                self._imports -= 1

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing is read or put in meanwhile, not even the rest of what was begun."""
        with self.waiting(), self._filling:
            yield

    def _run(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            try:
                if self._mine():
                    self._catch_up()
            except CorrigendaError as error:
                _log.warning("the index of words cannot be kept up to date for now: %s", error)
            except Exception:  # noqa: BLE001 - this thread must outlive any trouble
                _log.exception("the index of words cannot be kept up to date for now")

    def _catch_up(self) -> None:
        if self._held() or not search.waits(self._database):
            return
        with self._filling, turn(self._database) as ours:
            if ours and not self._held():
                search.catch_up(self._database, stop=self._held)

    def _held(self) -> bool:
        return self._stop.is_set() or self._imports > 0


class SearchingMethods:
    """What `Workspace` knows of its index of words."""

    database: Database
    before_close: list[Callable[[], None]]
    indexer: Indexer | None = None

    @property
    @abstractmethod
    def owns_files(self) -> bool:
        """Whether this process keeps the workspace."""

    def search_progress(self) -> search.Progress:
        """How many of the candidates can be found by their words already."""
        with self.database.reading() as connection:
            return search.progress(connection)

    def follow_words(self) -> None:
        """Keep the index of words up to date from now on, in the background."""
        self.indexer = Indexer(self.database, lambda: self.owns_files)
        self.before_close.append(self.indexer.stop)
        self.indexer.start()

    @contextlib.contextmanager
    def importing(self) -> Iterator[None]:
        """The index waits meanwhile; what is not much is findable at the end."""
        with self.indexer.waiting() if self.indexer else contextlib.nullcontext():
            yield
            search.catch_up(self.database, at_most=SOON)
