"""Runs jobs, one after the other, in a thread of the process that was asked.

A job is a row with a lease: its worker renews it with the progress. A job whose worker died is
failed when its lease runs out, so that nobody waits for it.
"""

import logging
import os
import queue
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from corrigenda.clock import new_id, now
from corrigenda.errors import CorrigendaError, StorageError
from corrigenda.store import Job, JobState
from corrigenda.store import jobs as rows
from corrigenda.store.writer import CLOSED
from corrigenda.workbench import ImportReport, Workspace

_LEASE_SECONDS = 30
_PROGRESS_SECONDS = 0.25
_log = logging.getLogger(__name__)


class JobRunner:
    """The jobs of one workspace in this process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._mine: dict[str, None] = {}  # the job that runs, and those that wait for their turn
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closing = False
        workspace.before_close.append(self._close)

    def start_import(self, run_id: str) -> Job:
        """Queue the import of a run of the benchmark folder.

        Raises:
            UnknownRun: There is no such run.
            StorageError: The workspace is closing, or cannot be written.
        """
        if self._closing:
            raise StorageError(CLOSED)
        self._workspace.find_run(run_id)
        job_id = new_id()
        job = self._workspace.database.write(
            lambda connection: rows.create(
                connection,
                job_id=job_id,
                kind=rows.IMPORT,
                params={"run_id": run_id},
                unit="bytes",
                at=now(),
                lease_until=_lease(),
            )
        )
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._loop, name="corrigenda-jobs", daemon=True
                )
                self._thread.start()
            self._mine[job.id] = None
            self._waiting.put(job.id)
        return job

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            UnknownJob: There is none of this id.
        """
        self._expire()
        with self._workspace.database.reading() as connection:
            return rows.get(connection, job_id)

    def newest(self, limit: int = 50) -> list[Job]:
        """The newest jobs, newest first."""
        self._expire()
        with self._workspace.database.reading() as connection:
            return rows.newest(connection, limit)

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; what it has done stays.

        Raises:
            UnknownJob: There is none of this id.
        """
        return self._workspace.database.write(
            lambda connection: rows.cancel(connection, job_id, at=now())
        )

    def _expire(self) -> None:
        with self._workspace.database.reading() as connection:
            stale = rows.any_expired(connection, now=now())
        if stale:
            alive = self._alive()
            self._workspace.database.write(
                lambda c: rows.expire(c, now=now(), lease_until=_lease(), alive=alive)
            )

    def _alive(self) -> tuple[str, ...]:
        """Our own jobs, as long as there is a thread to do them."""
        with self._lock:
            working = self._thread is not None and self._thread.is_alive()
            return tuple(self._mine) if working else ()

    def _close(self) -> None:
        with self._lock:
            self._closing = True
            thread = self._thread
            self._waiting.put(None)
        if thread is not None:
            thread.join()
        with _making:
            _runners.pop(self._workspace, None)

    def _loop(self) -> None:
        while (job_id := self._waiting.get()) is not None:
            try:
                if not self._closing:
                    self._run(job_id)
            except Exception as error:  # noqa: BLE001 - the jobs after this one have their turn
                _log.warning("the job %s cannot be noted: %r", job_id, error)
                self._give_up(job_id, error)
            finally:
                with self._lock:
                    self._mine.pop(job_id, None)

    def _give_up(self, job_id: str, error: Exception) -> None:
        said = error.message if isinstance(error, CorrigendaError) else f"{error!r}"
        try:
            self._workspace.database.write(
                lambda c: rows.finish(c, job_id, JobState.FAILED, at=now(), error=said)
            )
        except Exception as again:  # noqa: BLE001 - then it fails when its lease runs out
            _log.warning("the job %s cannot be failed: %r", job_id, again)

    def _run(self, job_id: str) -> None:
        database = self._workspace.database
        owner = f"{os.getpid()}"
        if not database.write(
            lambda c: rows.start(c, job_id, owner=owner, at=now(), lease_until=_lease())
        ):
            return
        state, result, error = JobState.DONE, None, None
        try:
            report = self._import(job_id)
            result = report.as_dict()
            if report.stopped:
                state = JobState.CANCELLED
        except CorrigendaError as refusal:
            state, error = JobState.FAILED, refusal.message
        except Exception as failure:  # noqa: BLE001 - a job's row must tell of any failure
            state, error = JobState.FAILED, f"An unexpected error: {failure!r}"
        database.write(
            lambda c: rows.finish(c, job_id, state, at=now(), result=result, error=error)
        )

    def _import(self, job_id: str) -> ImportReport:
        with self._workspace.database.reading() as connection:
            params: dict[str, Any] = rows.get(connection, job_id).params
        last = 0.0

        def progress(done: int, total: int) -> bool:
            nonlocal last
            if self._closing:
                return True
            if done < total and time.monotonic() - last < _PROGRESS_SECONDS:
                return False
            last = time.monotonic()
            alive = self._alive()
            return self._workspace.database.write(
                lambda c: rows.progress(
                    c,
                    job_id,
                    done=min(done, total),
                    total=total,
                    lease_until=_lease(),
                    alive=alive,
                )
            )

        return self._workspace.import_run(params["run_id"], progress)


def runner_of(workspace: Workspace) -> JobRunner:
    """The runner of a workspace, made when it is first asked for, gone when that is closed.

    Raises:
        StorageError: The workspace is closed.
    """
    with _making:
        if workspace not in _runners:
            if workspace.closed:
                raise StorageError(CLOSED)
            _runners[workspace] = JobRunner(workspace)
        return _runners[workspace]


_runners: dict[Workspace, JobRunner] = {}
_making = threading.Lock()


def _lease() -> str:
    until = datetime.now(UTC) + timedelta(seconds=_LEASE_SECONDS)
    return until.isoformat(timespec="microseconds").replace("+00:00", "Z")
