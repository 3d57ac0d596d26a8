"""Long work, one row each: what was asked for, how far it is, what came of it.

    queued ──take──▶ running ──finish──▶ done | failed | cancelled
       ▲                │
       └── take_back ───┘   its worker was not heard of; or is stopping, and gives it back

A worker that has taken a job holds it under a lease, which it renews while it works. Whoever
finds a lease that ran out puts the job back into the queue; after `MOST_ATTEMPTS` it is failed, so
that what kills its worker does not go on for ever. Every write of a worker's says which attempt it
is of, so that one that was given up for dead and comes back changes nothing any more.

What cannot be done twice is done in one transaction with `note`. A job whose result is noted has
happened: it can neither fail nor be cancelled any more, and whoever takes it up ends it.

Leases run by the clock of the claims. One that ends later than any can, by a clock that was set
back since, counts as run out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from corrigenda.core.candidate import storable
from corrigenda.errors import UnknownJob
from corrigenda.store.claims import now as lease_clock
from corrigenda.store.schema import jobs

IMPORT, EXPORT, LOT, LOT_UNDO = "import", "export", "lot", "lot_undo"
"""Kinds: bringing a run or a file in, making a snapshot, deciding on many, leading them back."""

TRAIN, EVALUATE, EVALUATE_ENDPOINT = "train", "evaluate", "evaluate_endpoint"
"""Kinds: training a model, asking one on the worker's machine, asking one at an endpoint."""

UNITS = dict.fromkeys((LOT, LOT_UNDO, EXPORT), "candidates") | {IMPORT: "bytes", TRAIN: "steps"}
UNITS |= dict.fromkeys((EVALUATE, EVALUATE_ENDPOINT), "answers")
"""In what `done` and `total` are counted."""

OUTLIVES = (TRAIN,)
"""Kinds whose work goes on when its worker is gone: only a worker can cancel one that was begun."""

_LOCK = 0x636F72720004
LEASE_SECONDS = 30.0
MOST_ATTEMPTS = 3

_GIVEN_UP = (
    "Whoever worked on this stopped in the middle, {n} times; it is not tried again by itself."
)


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
    """One job.

    `done` and `total` are counted in `unit`; times are ISO 8601, UTC. `place` says whose files it
    needs, `attempts` how often it was taken up.
    """

    id: str
    kind: str
    state: JobState
    params: dict[str, Any]
    place: str | None
    done: int
    total: int | None
    unit: str
    result: dict[str, Any] | None
    error: str | None
    cancel_requested: bool
    owner: str | None
    attempts: int
    created_at: str
    started_at: str | None
    finished_at: str | None


@dataclass(frozen=True)
class Hold:
    """One attempt at a job, by one worker."""

    job_id: str
    owner: str
    attempt: int


class Order(StrEnum):
    """What a worker is to do with the job that it holds."""

    GO_ON = "go on"
    STOP = "stop"
    LEAVE = "leave"
    """Somebody else has it, or it is over."""


_UNFINISHED = [state.value for state in JobState if not state.finished]
_QUEUED, _RUNNING = JobState.QUEUED.value, JobState.RUNNING.value


def create(
    connection: Connection,
    *,
    job_id: str,
    kind: str,
    params: dict[str, Any],
    unit: str,
    at: str,
    place: str | None = None,
) -> Job:
    """Queue a job."""
    connection.execute(
        sa.insert(jobs).values(
            id=job_id,
            kind=kind,
            state=_QUEUED,
            params=params,
            place=place,
            done=0,
            unit=unit,
            cancel_requested=False,
            attempts=0,
            created_at=at,
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
    """The newest jobs, newest first; those that are not over stand with them, however old."""
    query = sa.select(jobs).order_by(jobs.c.seq.desc()).limit(limit)
    found = connection.execute(query).all()
    older = jobs.c.seq < found[-1].seq if found else sa.false()
    query = sa.select(jobs).where(jobs.c.state.in_(_UNFINISHED), older).order_by(jobs.c.seq.desc())
    return [_job(row) for row in (*found, *connection.execute(query))]


def latest_of(connection: Connection, kinds: Sequence[str], name: str, value: str) -> Job | None:
    """The newest job of these kinds with a parameter, such as `lot_id`, of this value."""
    said = json.dumps({name: value}).strip("{}")
    named = sa.type_coerce(jobs.c.params, sa.Text).contains(said, autoescape=True)
    query = sa.select(jobs).where(jobs.c.kind.in_(kinds), named)
    for row in connection.execute(query.order_by(jobs.c.seq.desc())):
        if (job := _job(row)).params.get(name) == value:
            return job
    return None


def newest_of(connection: Connection, kinds: Sequence[str], name: str) -> dict[str, Job]:
    """By the value of a parameter the newest job of these kinds."""
    query = sa.select(jobs).where(jobs.c.kind.in_(kinds)).order_by(jobs.c.seq)
    return {str(job.params.get(name)): job for job in map(_job, connection.execute(query))}


def lock_unfinished(connection: Connection, *kinds: str) -> list[Job]:
    """The jobs of these kinds that wait or run; nobody else queues one until this has ended."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    query = sa.select(jobs).where(jobs.c.kind.in_(kinds), jobs.c.state.in_(_UNFINISHED))
    return [_job(row) for row in connection.execute(query)]


def any_waiting(connection: Connection, kinds: Sequence[str], place: str | None) -> bool:
    """Whether there is something that `take` would take, or `take_back` would put back."""
    if _expired(connection, limit=1):
        return True
    query = sa.select(jobs.c.seq).where(_takeable(kinds, place)).limit(1)
    return connection.execute(query).first() is not None


def take(
    connection: Connection,
    *,
    owner: str,
    kinds: Sequence[str],
    place: str | None,
    at: str,
    job_id: str | None = None,
    lease: float = LEASE_SECONDS,
) -> tuple[Job, Hold] | None:
    """Take the job of these kinds that has waited longest, or the one of `job_id`.

    Two who ask at the same moment get two jobs, or one gets none.
    """
    wanted = _takeable(kinds, place)
    if job_id is not None:
        wanted = sa.and_(wanted, jobs.c.id == job_id)
    query = sa.select(jobs.c.seq).where(wanted).order_by(jobs.c.seq).limit(1)
    seq = connection.execute(query.with_for_update(skip_locked=True)).scalar()
    if seq is None:
        return None
    taken = connection.execute(
        sa.update(jobs)
        .where(jobs.c.seq == seq, jobs.c.state == _QUEUED)
        .values(
            state=_RUNNING,
            owner=owner,
            attempts=jobs.c.attempts + 1,
            started_at=sa.func.coalesce(jobs.c.started_at, at),
            lease_until=lease_clock(connection, lease),
        )
        .returning(jobs)
    ).first()
    if taken is None:
        return None
    job = _job(taken)
    return job, Hold(job.id, owner, job.attempts)


def progress(
    connection: Connection,
    hold: Hold,
    done: int | None = None,
    total: int | None = None,
    *,
    lease: float = LEASE_SECONDS,
) -> Order:
    """Say that the worker lives, and how far the job is, if anything new can be said."""
    values: dict[str, Any] = {"lease_until": lease_clock(connection, lease)}
    if done is not None:
        values |= {"done": done, "total": total}
    kept = connection.execute(
        sa.update(jobs).where(_held(hold)).values(**values).returning(jobs.c.cancel_requested)
    ).first()
    if kept is None:
        return Order.LEAVE
    return Order.STOP if kept.cancel_requested else Order.GO_ON


def note(connection: Connection, hold: Hold, result: dict[str, Any] | None) -> bool:
    """Say what has come of a job that is not over yet; false if it is no longer this worker's.

    `None`: it has not come about after all.
    """
    noted = connection.execute(sa.update(jobs).where(_held(hold)).values(result=result))
    return noted.rowcount == 1


def finish(
    connection: Connection,
    hold: Hold,
    state: JobState,
    *,
    at: str,
    result: dict[str, Any] | None = None,
    error: str | None = None,
) -> bool:
    """Say what came of a job; false if it is no longer this worker's to say."""
    ended = connection.execute(
        sa.update(jobs)
        .where(_held(hold))
        .values(state=state.value, result=result, error=error, finished_at=at, lease_until=None)
    )
    return ended.rowcount == 1


def give_back(connection: Connection, hold: Hold) -> bool:
    """Put a job that its worker stops working on back, as if it had not been taken up.

    One that was to be cancelled stays with its worker, who knows what has come of it.
    """
    given = connection.execute(
        sa.update(jobs)
        .where(_held(hold), jobs.c.cancel_requested.is_(False))
        .values(state=_QUEUED, owner=None, attempts=jobs.c.attempts - 1, lease_until=None)
    )
    return given.rowcount == 1


def take_back(connection: Connection, *, at: str, lease: float = LEASE_SECONDS) -> list[str]:
    """Put the jobs back whose worker has not been heard of; returns the ids.

    One that was to be cancelled is, and one that was taken up too often is failed; but for one
    that has happened already. What outlives its worker is cancelled by the next, who stops it.
    """
    found = _expired(connection, lease=lease, lock=True)
    for row in found:
        values: dict[str, Any] = {"state": _QUEUED, "owner": None, "lease_until": None}
        if row.result is not None:
            if row.attempts >= MOST_ATTEMPTS:
                values |= {"state": JobState.DONE.value, "finished_at": at}
        elif row.cancel_requested and row.kind in OUTLIVES:
            pass
        elif row.cancel_requested:
            values |= {"state": JobState.CANCELLED.value, "finished_at": at}
        elif row.attempts >= MOST_ATTEMPTS:
            error = _GIVEN_UP.format(n=row.attempts)
            values |= {"state": JobState.FAILED.value, "finished_at": at, "error": error}
        connection.execute(sa.update(jobs).where(jobs.c.seq == row.seq).values(**values))
    return [row.id for row in found]


def cancel(connection: Connection, job_id: str, *, at: str) -> Job:
    """Ask a job to stop; one that has not begun stops at once, one that is over stays.

    What outlives its worker, and was begun, may be going on: it stops when it is taken up.

    Raises:
        UnknownJob: There is none of this id.
    """
    get(connection, job_id)
    idle = sa.or_(jobs.c.kind.not_in(OUTLIVES), jobs.c.attempts == 0)
    waits = sa.and_(jobs.c.state == _QUEUED, jobs.c.result.is_(None), idle)
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.state.in_(_UNFINISHED))
        .values(
            # In one statement: between two the job could be taken, or given back.
            state=sa.case((waits, JobState.CANCELLED.value), else_=jobs.c.state),
            finished_at=sa.case((waits, at)),
            cancel_requested=sa.not_(waits),
        )
    )
    return get(connection, job_id)


def _held(hold: Hold) -> sa.ColumnElement[bool]:
    return sa.and_(
        jobs.c.id == hold.job_id,
        jobs.c.state == _RUNNING,
        jobs.c.owner == hold.owner,
        jobs.c.attempts == hold.attempt,
    )


def _takeable(kinds: Sequence[str], place: str | None) -> sa.ColumnElement[bool]:
    here = sa.or_(jobs.c.place.is_(None), jobs.c.place == place)
    return sa.and_(jobs.c.state == _QUEUED, jobs.c.kind.in_(kinds), here)


def _expired(
    connection: Connection,
    *,
    lease: float = LEASE_SECONDS,
    limit: int | None = None,
    lock: bool = False,
) -> Sequence[Row[Any]]:
    now = lease_clock(connection)
    over = sa.or_(
        jobs.c.lease_until.is_(None),
        jobs.c.lease_until < now,
        jobs.c.lease_until > lease_clock(connection, 2 * lease),
    )
    query = sa.select(jobs).where(jobs.c.state == _RUNNING, over).order_by(jobs.c.seq).limit(limit)
    if lock:
        query = query.with_for_update(skip_locked=True)
    return connection.execute(query).all()


def _job(row: Row[Any]) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=JobState(row.state),
        params=row.params,
        place=row.place,
        done=row.done,
        total=row.total,
        unit=row.unit,
        result=row.result,
        error=row.error,
        cancel_requested=row.cancel_requested,
        owner=row.owner,
        attempts=row.attempts,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
