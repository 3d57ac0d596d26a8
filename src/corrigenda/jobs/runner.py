"""The jobs of a workspace in this process: queued, looked at, cancelled, and done.

A job is a row in the database with all that is needed to do it. Whoever has the workspace open may
take it up: the server that was asked, another one, or `corrigenda worker`.
"""

import threading
from typing import Any

from corrigenda import plugins
from corrigenda.clock import new_id, now
from corrigenda.core.recipe import Recipe
from corrigenda.errors import ExportExists, InvalidInput, LotChanged, StorageError
from corrigenda.jobs.kinds import request_as_json
from corrigenda.jobs.model_jobs import ModelJobs
from corrigenda.jobs.places import place_of
from corrigenda.jobs.reports import by
from corrigenda.jobs.worker import Worker
from corrigenda.store import Job, JobState
from corrigenda.store import jobs as rows
from corrigenda.store import lots as stored_lots
from corrigenda.store.jobs import Hold
from corrigenda.store.writer import CLOSED
from corrigenda.workbench import ImportRequest, Workspace, lots, snapshots, uploads
from corrigenda.workbench.reviewing import reviewer_of

_ANYWHERE = (rows.LOT, rows.LOT_UNDO)
"""Kinds that need no files."""


class JobRunner(ModelJobs):
    """The jobs of one workspace in this process.

    A worker of its own begins with the first job that is queued here, or by `work`.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._worker = Worker(workspace, place_of(workspace))
        workspace.before_close.append(self._close)

    def work(self) -> None:
        """Take up what waits in the database, whoever queued it."""
        self._worker.start()

    @property
    def idle(self) -> bool:
        """Whether nothing is done here, and nothing waits that could be."""
        return self._worker.idle

    def start_import(
        self,
        run_id: str | None = None,
        *,
        upload_id: str | None = None,
        request: ImportRequest | None = None,
        reviewer: str | None = None,
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
            params: dict[str, Any] = {"run_id": run_id}
        else:
            upload = uploads.find(workspace.directory, upload_id or "")
            params = {"upload_id": upload.id, "name": upload.name}
        if said := request_as_json(asked):
            params["request"] = said
        params |= by(reviewer)
        return self._queued(
            workspace.database.write(lambda c: self._create(c, rows.IMPORT, params))
        )

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
        params = {"name": name, "recipe": recipe.as_json(), "reviewer": who}

        def begin(connection: Any) -> Job:
            if any(
                job.params["name"] == name for job in rows.lock_unfinished(connection, rows.EXPORT)
            ):
                raise ExportExists(name)
            return self._create(connection, rows.EXPORT, params)

        return self._queued(workspace.database.write(begin))

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
        workspace.refresh()
        planned = lots.plan(workspace.database, workspace.taxonomy, request, lot)
        touches = len(planned.touched)
        params = {"lot_id": lot, "action": request.action, "touches": touches, "reviewer": who}

        at_once = touches <= lots.CHUNK

        def begin(connection: Any) -> tuple[Job, Hold | None, bool]:
            _, new = lots.note(connection, lot, request, who, now())
            earlier = rows.latest_of(connection, [rows.LOT], "lot_id", lot)
            if earlier is not None and earlier.state is not JobState.FAILED:
                return earlier, None, False
            if new and request.expected not in (None, touches):
                raise LotChanged(request.expected or 0, touches)
            return *self._begun(connection, rows.LOT, params, at_once=at_once), True

        return self._carried_on(*workspace.database.write(begin))

    def start_lot_undo(self, lot_id: str, *, reviewer: str | None = None) -> Job:
        """Lead the candidates of a lot back; a small one is done when this returns.

        Raises:
            UnknownLot: There is none of this id.
            StorageError: The workspace is closing, or cannot be written.
        """
        self._refuse_when_closing()
        workspace, who = self._workspace, reviewer_of(reviewer)
        workspace.refresh()
        params = {"lot_id": lot_id, "reviewer": who}

        def begin(connection: Any) -> tuple[Job, Hold | None, bool]:
            lot = stored_lots.get(connection, lot_id)
            earlier = rows.latest_of(connection, [rows.LOT_UNDO], "lot_id", lot_id)
            if earlier is not None and (lot.undone_at or not earlier.state.finished):
                return earlier, None, False
            at_once = lot.n <= lots.CHUNK
            return *self._begun(connection, rows.LOT_UNDO, params, at_once=at_once), True

        return self._carried_on(*workspace.database.write(begin))

    def get(self, job_id: str) -> Job:
        """One job.

        Raises:
            UnknownJob: There is none of this id.
        """
        with self._workspace.database.reading() as connection:
            return rows.get(connection, job_id)

    def newest(self, limit: int = 50) -> list[Job]:
        """The newest jobs, newest first."""
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
        if self._worker.closing:
            raise StorageError(CLOSED)

    def _create(self, connection: Any, kind: str, params: dict[str, Any]) -> Job:
        return rows.create(
            connection,
            job_id=new_id(),
            kind=kind,
            params=params,
            unit=rows.UNITS[kind],
            at=now(),
            place=None if kind in _ANYWHERE else self._worker.place,
        )

    def _begun(
        self, connection: Any, kind: str, params: dict[str, Any], *, at_once: bool
    ) -> tuple[Job, Hold | None]:
        """A new job; one that is done at once is in our hands before anybody sees it."""
        job = self._create(connection, kind, params)
        if not at_once:
            return job, None
        owner, place = self._worker.owner, self._worker.place
        taken = rows.take(
            connection, owner=owner, kinds=[kind], place=place, at=now(), job_id=job.id
        )
        assert taken is not None
        return taken

    def _carried_on(self, job: Job, hold: Hold | None, fresh: bool) -> Job:
        """The job as it then is: done here and now, queued, or what somebody asked for before."""
        if hold is not None:
            self._worker.do_now(job, hold)
            return self.get(job.id)
        return self._queued(job) if fresh else job

    def _queued(self, job: Job) -> Job:
        self._worker.start()
        self._worker.wake()
        return job

    def _close(self) -> None:
        self._worker.close()
        with _making:
            _runners.pop(self._workspace, None)


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
