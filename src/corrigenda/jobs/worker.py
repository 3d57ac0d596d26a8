"""A worker: threads that take jobs from the database and do them, one for each lane.

While a job runs another thread renews its lease, so that a step which tells no progress is not
taken for a dead one. A worker that is told that its job is in other hands (it was away longer than
its lease) stops, and what it still says of it is not heard.

A worker that closes stops its job at the next step and puts it back into the queue.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from corrigenda.clock import new_id, now
from corrigenda.errors import Conflict, CorrigendaError
from corrigenda.jobs.kinds import KINDS, Kind, Lane
from corrigenda.jobs.reports import Report
from corrigenda.jobs.training import abilities
from corrigenda.store import Job, JobState
from corrigenda.store import jobs as rows
from corrigenda.store.jobs import LEASE_SECONDS, Hold, Order
from corrigenda.workbench import Workspace

BEAT_SECONDS = LEASE_SECONDS / 4
LOOK_SECONDS = 1.0
"""Between two looks at the queue; a job that is queued in this process wakes its worker at once."""

_LANES = tuple(dict.fromkeys(kind.lane for kind in KINDS.values()))
_PROGRESS_SECONDS = 0.25
_log = logging.getLogger(__name__)


class Worker:
    """Does the jobs of one workspace.

    Attributes:
        owner: Its name, which no other worker has.
        place: The folder whose files it has; see `jobs.places`.
    """

    def __init__(self, workspace: Workspace, place: str | None) -> None:
        self._workspace = workspace
        self.place = place
        self.owner = f"{socket.gethostname()[:60]}:{os.getpid()}:{new_id()[:8]}"
        self._threads: list[threading.Thread] = []
        self._wake = {lane: threading.Event() for lane in Lane}
        self._lock = threading.Lock()
        self._looking = dict.fromkeys(Lane, False)
        self._closing = threading.Event()
        self._able: dict[str, bool] = {}

    @property
    def closing(self) -> bool:
        """Whether it takes nothing any more."""
        return self._closing.is_set()

    def start(self) -> None:
        """Begin to take jobs; once begun this does nothing."""
        with self._lock:
            if self._threads or self.closing:
                return
            for lane in _LANES:
                name = f"corrigenda-jobs-{lane}"
                thread = threading.Thread(target=self._loop, args=(lane,), name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    @property
    def idle(self) -> bool:
        """Whether it is doing nothing, and nothing waits that it could do."""
        with self._workspace.database.reading() as connection:
            waiting = any(
                rows.any_waiting(connection, self._kinds(lane), self.place) for lane in _LANES
            )
        return not waiting and not any(self._looking.values())

    def wake(self) -> None:
        """Look at the queue now."""
        for event in self._wake.values():
            event.set()

    def close(self) -> None:
        """Stop at the next step, and wait until it is so."""
        with self._lock:
            self._closing.set()
        self.wake()
        for thread in self._threads:
            thread.join()

    def do_now(self, job: Job, hold: Hold) -> None:
        """Do a job that was taken in this worker's name, in the thread of the caller.

        Raises:
            Exception: What went wrong, after it was noted.
        """
        if (failure := self._do(job, hold)) is not None:
            raise failure

    def take_back(self) -> None:
        """Put back what a worker was doing that has not been heard of."""
        back = self._workspace.database.write(partial(rows.take_back, at=now()))
        for job_id in back:
            _log.warning("the worker of the job %s was not heard of any more", job_id)

    def _loop(self, lane: Lane) -> None:
        kinds, wake = self._kinds(lane), self._wake[lane]
        while not self.closing:
            wake.clear()
            self._looking[lane] = True
            try:
                taken = self._next(kinds)
                if taken is not None:
                    self._do(*taken)
                    continue
            except Exception as error:  # noqa: BLE001 - a database that is away comes back
                _log.warning("no job can be taken: %r", error)
            self._looking[lane] = False
            wake.wait(LOOK_SECONDS)

    def _kinds(self, lane: Lane) -> tuple[str, ...]:
        """The kinds of a lane that this worker takes.

        On SQLite it is the only one, and takes all, so that what it cannot do fails with a
        sentence. On PostgreSQL what needs torch is left to those who have it.
        """
        found = [kind for kind in KINDS.values() if kind.lane == lane]
        return tuple(kind.name for kind in found if self._is_able(kind))

    def _is_able(self, kind: Kind) -> bool:
        if self._workspace.mirror is not None or not kind.packages:
            return True
        if kind.name not in self._able:
            lacking = abilities(kind.packages)["missing"]
            if lacking:
                _log.info("jobs of the kind %s are left to others: no %s", kind.name, lacking)
            self._able[kind.name] = not lacking
        return self._able[kind.name]

    def _next(self, kinds: Sequence[str]) -> tuple[Job, Hold] | None:
        with self._workspace.database.reading() as connection:
            if not rows.any_waiting(connection, kinds, self.place):
                return None
        self.take_back()
        return self._take(kinds)

    def _take(self, kinds: Sequence[str]) -> tuple[Job, Hold] | None:
        return self._workspace.database.write(
            partial(rows.take, owner=self.owner, kinds=kinds, place=self.place, at=now())
        )

    def _do(self, job: Job, hold: Hold) -> Exception | None:
        """Do a job, and note what came of it; returns what went wrong, if anything."""
        task = _Task(self._workspace, hold, self._closing, job.result)
        try:
            with task:
                report = KINDS[job.kind].work(self._workspace, job.params, task)
        except Exception as error:  # noqa: BLE001 - a job's row must tell of any failure
            task.failed(error)
            return error
        task.ended(report)
        return None


class _Task:
    """A job in the hands of a worker: its lease, its progress, its end."""

    def __init__(
        self,
        workspace: Workspace,
        hold: Hold,
        closing: threading.Event,
        noted: Mapping[str, Any] | None,
    ) -> None:
        self.noted = noted
        self._database = workspace.database
        self._hold = hold
        self._closing = closing
        self._over = threading.Event()
        self._order = Order.GO_ON
        self._told = 0.0
        self._beat = threading.Thread(target=self._renew, name="corrigenda-lease", daemon=True)

    def __enter__(self) -> None:
        self._beat.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._beat.join()

    def __call__(self, done: int, total: int, /) -> bool:
        """See `reports.Progress`."""
        if self._closing.is_set():
            return True
        if 0 < total <= done or time.monotonic() - self._told >= _PROGRESS_SECONDS:
            self._told = time.monotonic()
            self._try_to_say(min(done, total), total or None)
        return self._order is not Order.GO_ON

    @property
    def lost(self) -> bool:
        """See `reports.Progress`."""
        return self._order is Order.LEAVE

    def note(self, connection: Any, report: Report | None) -> None:
        """See `reports.Progress`."""
        kept = rows.note(connection, self._hold, None if report is None else report.as_dict())
        if not kept and report is not None:
            raise Conflict("Somebody else has taken this job up meanwhile.")

    def ended(self, report: Report) -> None:
        """It came to its end, or was stopped."""
        if not report.stopped:
            self._end(JobState.DONE, report)
        elif self._order is not Order.STOP and self._closing.is_set() and self._given_back():
            return
        else:
            self._end(JobState.CANCELLED, report)

    def failed(self, error: Exception) -> None:
        """It failed."""
        if isinstance(error, CorrigendaError):
            said = error.message
        else:
            said = f"An unexpected error: {error!r}"
            _log.warning("the job %s failed", self._hold.job_id, exc_info=error)
        self._end(JobState.FAILED, None, said)

    def _try_to_say(self, done: int | None = None, total: int | None = None) -> None:
        say = partial(rows.progress, hold=self._hold, done=done, total=total)
        try:
            self._order = self._database.write(say)
        except Exception as error:  # noqa: BLE001 - said again at the next beat, or at the end
            _log.warning("a lease cannot be renewed: %r", error)

    def _renew(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            self._try_to_say()

    def _given_back(self) -> bool:
        return self._database.write(partial(rows.give_back, hold=self._hold))

    def _end(self, state: JobState, report: Report | None, error: str | None = None) -> None:
        result = None if report is None else report.as_dict()
        finish = partial(
            rows.finish, hold=self._hold, state=state, at=now(), result=result, error=error
        )
        try:
            self._database.write(finish)
        except Exception as trouble:  # noqa: BLE001 - then its lease runs out
            _log.warning("the end of the job %s cannot be noted: %r", self._hold.job_id, trouble)
