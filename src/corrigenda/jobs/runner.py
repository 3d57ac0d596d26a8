"""Runs jobs, one after the other, in a thread of the process that was asked.

A job is a row with a lease: its worker renews it with the progress. A job whose worker died is
failed when its lease runs out, so that nobody waits for it.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from corrigenda import plugins
from corrigenda.clock import new_id, now
from corrigenda.core.recipe import Recipe
from corrigenda.errors import (
    CorrigendaError,
    ExportExists,
    InvalidInput,
    LotChanged,
    StorageError,
)
from corrigenda.store import Job, JobState
from corrigenda.store import jobs as rows
from corrigenda.store import lots as stored_lots
from corrigenda.store.writer import CLOSED
from corrigenda.workbench import ImportRequest, Workspace, lots, snapshots, uploads
from corrigenda.workbench.reviewing import reviewer_of

_LEASE_SECONDS = 30
_PROGRESS_SECONDS = 0.25
_log = logging.getLogger(__name__)

Progress = Callable[[int, int], bool]
"""Called with how much is done of how much; returns true to stop soon."""

Work = Callable[[Progress], Any]
"""What a job does; gives a report with `as_dict` and `stopped`."""


class JobRunner:
    """The jobs of one workspace in this process."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._waiting: queue.SimpleQueue[tuple[str, Work] | None] = queue.SimpleQueue()
        self._mine: dict[str, None] = {}  # the job that runs, and those that wait for their turn
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closing = False
        workspace.before_close.append(self._close)

    def start_import(
        self,
        run_id: str | None = None,
        *,
        upload_id: str | None = None,
        request: ImportRequest | None = None,
    ) -> Job:
        """Queue the import of a run of the benchmark folder, or of a file that was uploaded.

        Raises:
            InvalidInput: Neither or both are given, or an option does not fit.
            UnknownRun, UnknownUpload: There is no such run or file.
            StorageError: The workspace is closing, or cannot be written.
        """
        if (run_id is None) == (upload_id is None):
            raise InvalidInput("Give either `run_id` or `upload_id`.")
        self._refuse_when_closing()
        workspace, asked = self._workspace, request or ImportRequest()
        asked.options(workspace.mappings() if asked.mapping_name else {})
        if run_id is not None:
            workspace.find_run(run_id)
            wanted = run_id
            params: dict[str, Any] = {"run_id": run_id}
            work: Work = lambda progress: workspace.import_run(wanted, progress, asked)  # noqa: E731
        else:
            upload = uploads.find(workspace.directory, upload_id or "")
            params = {"upload_id": upload.id, "name": upload.name}
            work = lambda progress: workspace.import_upload(upload.id, progress, asked)  # noqa: E731
        job = workspace.database.write(lambda c: _create(c, rows.IMPORT, params))
        self._queue(job.id, work)
        return job

    def start_export(self, name: str, recipe: Recipe, *, reviewer: str | None = None) -> Job:
        """Queue a snapshot; one that is stopped or fails leaves nothing behind.

        Raises:
            InvalidInput: The name or the recipe cannot be used.
            ExportExists: There is a snapshot of this name, or a job that makes one.
            StorageError: The workspace is closing, or cannot be written.
        """
        self._refuse_when_closing()
        workspace, who = self._workspace, reviewer_of(reviewer)
        recipe.checked(workspace.taxonomy)
        plugins.named(plugins.EXPORTS, recipe.format)
        snapshots.refuse_taken(workspace.directory, workspace.database, name)
        self._expire()
        params = {"name": name, "recipe": recipe.as_json()}

        def begin(connection: Any) -> Job:
            if any(job.params["name"] == name for job in rows.unfinished(connection, rows.EXPORT)):
                raise ExportExists(name)
            return _create(connection, rows.EXPORT, params)

        job = workspace.database.write(begin)
        self._queue(
            job.id,
            lambda progress: workspace.make_export(
                recipe, name=name, reviewer=who, progress=progress
            ),
        )
        return job

    def start_lot(
        self, request: lots.LotRequest, *, lot_id: str | None = None, reviewer: str | None = None
    ) -> Job:
        """Decide on many candidates; a small lot is done when this returns.

        Sent again with the same `lot_id`, it answers with the same job; one that failed goes on.

        Raises:
            InvalidInput: See `workbench.lots.LotRequest.checked`.
            LotChanged: The lot would touch another number than expected; nothing was done.
            LotIdReused: Another lot has this id.
            StorageError: The workspace is closing, or cannot be written.
        """
        self._refuse_when_closing()
        workspace, who = self._workspace, reviewer_of(reviewer)
        lot = lots.lot_id_of(new_id() if lot_id is None else lot_id)
        params = {"lot_id": lot, "action": request.action}
        workspace.refresh()
        self._expire()
        planned = lots.plan(workspace.database, workspace.taxonomy, request, lot)

        def begin(connection: Any) -> tuple[Job, bool]:
            _, new = lots.note(connection, lot, request, who, now())
            earlier = rows.latest(connection, rows.LOT, params)
            if earlier is not None and earlier.state is not JobState.FAILED:
                return earlier, False
            if new and request.expected not in (None, len(planned.touched)):
                raise LotChanged(request.expected or 0, len(planned.touched))
            return _create(connection, rows.LOT, params), True

        job, fresh = workspace.database.write(begin)
        if not fresh:
            return job
        return self._do(
            job.id,
            lambda progress: lots.run(
                workspace.database, workspace.taxonomy, lot, planned, progress
            ),
            at_once=len(planned.touched) <= lots.CHUNK,
        )

    def start_lot_undo(self, lot_id: str, *, reviewer: str | None = None) -> Job:
        """Lead the candidates of a lot back; a small one is done when this returns.

        Raises:
            UnknownLot: There is none of this id.
            StorageError: The workspace is closing, or cannot be written.
        """
        self._refuse_when_closing()
        workspace, who = self._workspace, reviewer_of(reviewer)
        workspace.refresh()
        self._expire()
        params = {"lot_id": lot_id}

        def begin(connection: Any) -> tuple[Job, bool, int]:
            lot = stored_lots.get(connection, lot_id)
            earlier = rows.latest(connection, rows.LOT_UNDO, params)
            if earlier is not None and (lot.undone_at or not earlier.state.finished):
                return earlier, False, lot.n
            return _create(connection, rows.LOT_UNDO, params), True, lot.n

        job, fresh, n = workspace.database.write(begin)
        if not fresh:
            return job
        return self._do(
            job.id,
            lambda progress: lots.undo(
                workspace.database, workspace.taxonomy, lot_id, who, progress
            ),
            at_once=n <= lots.CHUNK,
        )

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

    def _refuse_when_closing(self) -> None:
        if self._closing:
            raise StorageError(CLOSED)

    def _do(self, job_id: str, work: Work, *, at_once: bool) -> Job:
        """Do it here and now, or in its turn; returns the job as it then is."""
        if at_once:
            try:
                self._run(job_id, work)
            except Exception as error:
                self._give_up(job_id, error)
                raise
        else:
            self._queue(job_id, work)
        return self.get(job_id)

    def _queue(self, job_id: str, work: Work) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._loop, name="corrigenda-jobs", daemon=True
                )
                self._thread.start()
            self._mine[job_id] = None
            self._waiting.put((job_id, work))

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
        while (waiting := self._waiting.get()) is not None:
            job_id, work = waiting
            try:
                if not self._closing:
                    self._run(job_id, work)
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

    def _run(self, job_id: str, work: Work) -> None:
        database = self._workspace.database
        owner = f"{os.getpid()}"
        if not database.write(
            lambda c: rows.start(c, job_id, owner=owner, at=now(), lease_until=_lease())
        ):
            return
        state, result, error = JobState.DONE, None, None
        try:
            report = work(self._progress_of(job_id))
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

    def _progress_of(self, job_id: str) -> Progress:
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

        return progress


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


def _create(connection: Any, kind: str, params: dict[str, Any]) -> Job:
    return rows.create(
        connection,
        job_id=new_id(),
        kind=kind,
        params=params,
        unit=rows.UNITS[kind],
        at=now(),
        lease_until=_lease(),
    )


def _lease() -> str:
    until = datetime.now(UTC) + timedelta(seconds=_LEASE_SECONDS)
    return until.isoformat(timespec="microseconds").replace("+00:00", "Z")
