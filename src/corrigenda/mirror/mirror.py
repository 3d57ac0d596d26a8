"""Who owns the files of a workspace, and when they are looked at."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from corrigenda.clock import new_id, now
from corrigenda.core.problem import Problem
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.jsonl import storage_errors
from corrigenda.mirror import scrubbing
from corrigenda.mirror.approved_file import ApprovedFile
from corrigenda.mirror.candidates_file import CandidatesFile
from corrigenda.mirror.intake import Context, Intake
from corrigenda.store import Database

LOCK_NAME = ".corrigenda.lock"
_TICK_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Mirror:
    """Keeps the two JSONL files of a directory in step with its database.

    Only the process that holds the directory's lock does anything. In any other `owner` is
    false, and it waits to take over when the owner ends.
    """

    def __init__(
        self, directory: Path, database: Database, taxonomy: Callable[[], Taxonomy]
    ) -> None:
        def new_context(file: str) -> Context:
            return Context(file, taxonomy(), 0, now, new_id)

        self._database = database
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._ticker: threading.Thread | None = None
        self._file_lock = FileLock(directory / LOCK_NAME, thread_local=False)
        self.candidates = CandidatesFile(directory, database, new_context)
        self.approved = ApprovedFile(directory, database, new_context)
        self.owner = False

    def open(self) -> None:
        """Try to own the files, and begin to keep step.

        Raises:
            StorageError: The directory cannot be written.
        """
        self._try_to_own()
        self._ticker = threading.Thread(target=self._tick, name="corrigenda-mirror", daemon=True)
        self._ticker.start()

    def is_behind(self) -> bool:
        """Whether there is something to take in; nearly free."""
        return self.owner and self.candidates.changed()

    def refresh(self) -> Intake:
        """Take in the candidates' file if it has changed; nearly free if it has not."""
        if not self.is_behind():
            return Intake()
        with self._lock:
            return self._take_in()

    def sync(self, *, force: bool = False) -> bool:
        """Bring both files up to date; true if the candidates' file was rewritten."""
        if not self.owner:
            return False
        with self._lock:
            self._take_in(displaced=True)
            self.approved.catch_up()
            self.approved.notice_strangers()
            around = self.candidates.write_out(force=force)
            if around is not None and around.stale:
                self.approved.rewrite(around.stale)
            self.approved.catch_up()
            self.approved.compact()
            return around is not None

    def scrub(self) -> int:
        """Take what was purged out of both files and the copies kept of them; returns the lines.

        Raises:
            StorageError: The disk refuses, or somebody writes to a file all the time.
        """
        with self._lock:
            self._take_in(displaced=True)
            self.approved.catch_up()
            self.candidates.forget_displaced()
            files = scrubbing.files_of(self.candidates.path.parent)
            gone = sum(scrubbing.scrub(path, self._database) for path in files)
            self._take_in()
            self.approved.make_right()
            return gone

    def keeps(self, path: Path) -> bool:
        """Whether a path is one of the two files."""
        return path.resolve() in (self.candidates.path.resolve(), self.approved.path.resolve())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong in the files, as last read."""
        return self.candidates.notes.problems

    def check(self) -> list[tuple[bool, str]]:
        """Whether the files agree with the database: (fine, what was found). Changes nothing."""
        if not self.owner:
            self.candidates.load()
        return [
            *self.candidates.check(),
            self.approved.check(),
            *((False, str(problem)) for problem in self.problems),
        ]

    def close(self) -> None:
        """Write out, stop, and let others own the files."""
        self._stop.set()
        if self._ticker is not None:
            self._ticker.join()
        if not self.owner:
            return
        try:
            self.sync()
        finally:
            self._disown()

    def _try_to_own(self) -> None:
        with storage_errors(self.candidates.path.parent):
            try:
                self._file_lock.acquire(timeout=0)
            except Timeout:
                return
        try:
            with self._lock:
                self.candidates.open()
                intake = self.candidates.take_in(displaced=True)
                if found := self.approved.open():
                    self.candidates.add_problems(found)
                self.approved.rewrite(intake.stale)
                self._database.writer.companion = self.approved
                self.approved.catch_up()
                self.owner = True
        except BaseException:
            self._disown()
            raise

    def _disown(self) -> None:
        self.owner = False
        self._database.writer.companion = None
        self._file_lock.release()

    def _take_in(self, *, displaced: bool = False) -> Intake:
        intake = self.candidates.take_in(displaced=displaced)
        if intake.stale:
            self.approved.rewrite(intake.stale)
        return intake

    def _tick(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            try:
                if not self.owner:
                    self._try_to_own()
                    continue
                with self._lock:
                    if self.candidates.notes.displaced or self.candidates.changed():
                        self._take_in(displaced=True)
                    self.approved.catch_up()
            except Exception as error:  # noqa: BLE001 - this thread must outlive any trouble
                _log.warning("the files cannot be kept in step for now: %s", error)
