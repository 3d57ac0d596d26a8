"""Long work, one row each: what was asked for, how far it is, what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.candidate import storable
from corrigenda.errors import UnknownJob
from corrigenda.store.schema import jobs

IMPORT = "import"
"""The kind of job that brings in a run, or a file that was uploaded."""

LOT = "lot"
"""The kind of job that decides on many candidates."""

LOT_UNDO = "lot_undo"
"""The kind of job that leads them back."""

EXPORT = "export"
"""The kind of job that makes a snapshot."""

UNITS = {IMPORT: "bytes", LOT: "candidates", LOT_UNDO: "candidates", EXPORT: "candidates"}
"""In what `done` and `total` are counted."""


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True)
class Job:
    """One job. `done` and `total` are counted in `unit`; times are ISO 8601, UTC."""

    id: str
    kind: str
    state: JobState
    params: dict[str, Any]
    done: int
    total: int | None
    unit: str
    result: dict[str, Any] | None
    error: str | None
    cancel_requested: bool
    owner: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None


_UNFINISHED = [state.value for state in JobState if not state.finished]


def create(
    connection: Connection,
    *,
    job_id: str,
    kind: str,
    params: dict[str, Any],
    unit: str,
    at: str,
    lease_until: str,
) -> Job:
    """Queue a job."""
    connection.execute(
        sa.insert(jobs).values(
            id=job_id,
            kind=kind,
            state=JobState.QUEUED.value,
            params=params,
            done=0,
            unit=unit,
            cancel_requested=False,
            created_at=at,
            lease_until=lease_until,
        )
    )
    return get(connection, job_id)


def get(connection: Connection, job_id: str) -> Job:
    """One job.

    Raises:
        UnknownJob: There is none of this id.
    """
    if not storable(job_id):
        raise UnknownJob(ascii(job_id))
    row = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
    if row is None:
        raise UnknownJob(job_id)
    return _job(row)


def newest(connection: Connection, limit: int) -> list[Job]:
    """The newest jobs, newest first."""
    query = sa.select(jobs).order_by(jobs.c.seq.desc()).limit(limit)
    return [_job(row) for row in connection.execute(query)]


def latest(connection: Connection, kind: str, params: dict[str, Any]) -> Job | None:
    """The newest job that was asked for the same."""
    query = sa.select(jobs).where(jobs.c.kind == kind, jobs.c.params == params)
    row = connection.execute(query.order_by(jobs.c.seq.desc()).limit(1)).first()
    return None if row is None else _job(row)


def unfinished(connection: Connection, kind: str) -> list[Job]:
    """The jobs of a kind that wait or run."""
    query = sa.select(jobs).where(jobs.c.kind == kind, jobs.c.state.in_(_UNFINISHED))
    return [_job(row) for row in connection.execute(query)]


def start(connection: Connection, job_id: str, *, owner: str, at: str, lease_until: str) -> bool:
    """Take a queued job; false if somebody else has it or it was cancelled."""
    taken = connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.QUEUED.value)
        .values(state=JobState.RUNNING.value, owner=owner, started_at=at, lease_until=lease_until)
    )
    return taken.rowcount == 1


def progress(
    connection: Connection,
    job_id: str,
    *,
    done: int,
    total: int | None,
    lease_until: str,
    alive: Sequence[str] = (),
) -> bool:
    """Say how far a job is, and that its worker lives; true if it should stop.

    `alive` are the jobs that the same worker will do next; they live as well.
    """
    _renew(connection, alive, lease_until=lease_until)
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING.value)
        .values(done=done, total=total, lease_until=lease_until)
    )
    return get(connection, job_id).cancel_requested


def finish(
    connection: Connection,
    job_id: str,
    state: JobState,
    *,
    at: str,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> None:
    """Say what came of a job, if nobody has yet."""
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.in_(_UNFINISHED))
        .values(state=state.value, result=result, error=error, finished_at=at)
    )


def cancel(connection: Connection, job_id: str, *, at: str) -> Job:
    """Ask a job to stop; one that has not begun stops at once, one that is over stays.

    Raises:
        UnknownJob: There is none of this id.
    """
    get(connection, job_id)
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.QUEUED.value)
        .values(state=JobState.CANCELLED.value, finished_at=at)
    )
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state == JobState.RUNNING.value)
        .values(cancel_requested=True)
    )
    return get(connection, job_id)


def any_expired(connection: Connection, *, now: str) -> bool:
    """Whether there is a job whose worker has not been heard of."""
    query = sa.select(jobs.c.seq).where(jobs.c.state.in_(_UNFINISHED), jobs.c.lease_until < now)
    return connection.execute(query.limit(1)).first() is not None


def expire(connection: Connection, *, now: str, lease_until: str, alive: Sequence[str] = ()) -> int:
    """Fail the jobs whose worker has not been heard of; returns how many.

    `alive` are those that the caller itself does or will do: whatever its clock says, they live.
    """
    _renew(connection, alive, lease_until=lease_until)
    left = connection.execute(
        sa.update(jobs)
        .where(
            jobs.c.state.in_(_UNFINISHED),
            jobs.c.lease_until < now,
            jobs.c.id.not_in(alive),
        )
        .values(
            state=JobState.FAILED.value,
            error="The server stopped before this was done; start it again.",
            finished_at=now,
        )
    )
    return left.rowcount


def _renew(connection: Connection, alive: Sequence[str], *, lease_until: str) -> None:
    if alive:
        connection.execute(
            sa.update(jobs)
            .where(jobs.c.id.in_(alive), jobs.c.state.in_(_UNFINISHED))
            .values(lease_until=lease_until)
        )


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=JobState(row.state),
        params=row.params,
        done=row.done,
        total=row.total,
        unit=row.unit,
        result=row.result,
        error=row.error,
        cancel_requested=row.cancel_requested,
        owner=row.owner,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
