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
from weakref import WeakKeyDictionary

from corrigenda.clock import new_id, now
from corrigenda.errors import CorrigendaError
from corrigenda.store import Job, JobState
from corrigenda.store import jobs as rows
from corrigenda.workbench import ImportReport, Workspace

IMPORT = "import"
_LEASE_SECONDS = 30
_PROGRESS_SECONDS = 0.25
_log = logging.getLogger(__name__)


class JobRunner:
    """The jobs of one workspace in this process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._queued: dict[str, None] = {}
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closing = False
        workspace.before_close.append(self._close)

    def start_import(self, run_id: str) -> Job:
        """Queue the import of a run of the benchmark folder.

        Raises:
            UnknownRun: There is no such run.
        """
        self._workspace.find_run(run_id)
        job_id = new_id()
        job = self._workspace.database.write(
            lambda connection: rows.create(
                connection,
                job_id=job_id,
                kind=IMPORT,
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
            self._queued[job.id] = None
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
            queued = tuple(self._queued)
            self._workspace.database.write(
                lambda c: rows.expire(c, now=now(), lease_until=_lease(), queued=queued)
            )

    def _close(self) -> None:
        with self._lock:
            self._closing = True
            thread = self._thread
            self._waiting.put(None)
        if thread is not None:
            thread.join()

    def _loop(self) -> None:
        while (job_id := self._waiting.get()) is not None:
            try:
                if not self._closing:
                    self._run(job_id)
            except CorrigendaError as refusal:  # its lease runs out, and the next may fare better
                _log.warning("the job %s cannot be noted: %s", job_id, refusal)
            finally:
                self._queued.pop(job_id, None)

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
            queued = tuple(self._queued)
            return self._workspace.database.write(
                lambda c: rows.progress(
                    c,
                    job_id,
                    done=min(done, total),
                    total=total,
                    lease_until=_lease(),
                    queued=queued,
                )
            )

        return self._workspace.import_run(params["run_id"], progress)


def runner_of(workspace: Workspace) -> JobRunner:
    """The runner of a workspace, made when it is first asked for."""
    with _making:
        if workspace not in _runners:
            _runners[workspace] = JobRunner(workspace)
        return _runners[workspace]


_runners: WeakKeyDictionary[Workspace, JobRunner] = WeakKeyDictionary()
_making = threading.Lock()


def _lease() -> str:
    until = datetime.now(UTC) + timedelta(seconds=_LEASE_SECONDS)
    return until.isoformat(timespec="microseconds").replace("+00:00", "Z")
