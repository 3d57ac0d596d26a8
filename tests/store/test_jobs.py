"""Jobs: rows that say what was asked for, how far it is, and what came of it."""

from typing import Any

import pytest
from sqlalchemy.engine import Connection

from corrigenda.errors import UnknownJob
from corrigenda.store import Database, Job, JobState, jobs

EARLY, NOW, LATE = "2026-04-07T09:00:00Z", "2026-04-07T10:00:00Z", "2026-04-07T11:00:00Z"


def create(database: Database, job_id: str, lease_until: str = LATE) -> Job:
    return database.write(
        lambda c: jobs.create(
            c,
            job_id=job_id,
            kind="import",
            params={"run_id": "\x00\ud800"},
            unit="bytes",
            at=EARLY,
            lease_until=lease_until,
        )
    )


def get(database: Database, job_id: str) -> Job:
    with database.reading() as connection:
        return jobs.get(connection, job_id)


def start(database: Database, job_id: str, owner: str = "1", lease_until: str = LATE) -> bool:
    return database.write(
        lambda c: jobs.start(c, job_id, owner=owner, at=NOW, lease_until=lease_until)
    )


def progress(database: Database, job_id: str, done: int, **more: Any) -> bool:
    values = {"total": 10, "lease_until": LATE, **more}
    return database.write(lambda c: jobs.progress(c, job_id, done=done, **values))


def expire(database: Database, now: str = NOW, alive: tuple[str, ...] = ()) -> int:
    return database.write(lambda c: jobs.expire(c, now=now, lease_until=LATE, alive=alive))


def test_a_job_from_begin_to_end(database: Database) -> None:
    made = create(database, "j1")
    assert made == Job(
        id="j1",
        kind="import",
        state=JobState.QUEUED,
        params={"run_id": "\x00\ud800"},
        done=0,
        total=None,
        unit="bytes",
        result=None,
        error=None,
        cancel_requested=False,
        owner=None,
        created_at=EARLY,
        started_at=None,
        finished_at=None,
    )
    assert start(database, "j1")
    assert (get(database, "j1").state, get(database, "j1").started_at) == (JobState.RUNNING, NOW)
    assert not progress(database, "j1", 4)
    assert (get(database, "j1").done, get(database, "j1").total) == (4, 10)
    database.write(lambda c: jobs.finish(c, "j1", JobState.DONE, at=LATE, result={"imported": 2}))
    over = get(database, "j1")
    assert (over.state, over.result, over.error, over.finished_at) == (
        JobState.DONE,
        {"imported": 2},
        None,
        LATE,
    )


def test_one_worker_takes_a_job(database: Database) -> None:
    create(database, "j1")
    assert [start(database, "j1", owner) for owner in ("1", "2")] == [True, False]
    assert get(database, "j1").owner == "1"


def test_the_newest_come_first(database: Database) -> None:
    for name in ("j1", "j2", "j3"):
        create(database, name)
    with database.reading() as connection:
        assert [job.id for job in jobs.newest(connection, 2)] == ["j3", "j2"]


@pytest.mark.parametrize("name", ["j2", "", "j\x00", "\ud800", "x" * 100_000], ids=ascii)
def test_a_job_that_nobody_started(database: Database, name: str) -> None:
    create(database, "j1")
    with pytest.raises(UnknownJob):
        get(database, name)
    with pytest.raises(UnknownJob):
        database.write(lambda c: jobs.cancel(c, name, at=NOW))


def test_cancelling_what_has_not_begun(database: Database) -> None:
    create(database, "j1")
    cancelled = database.write(lambda c: jobs.cancel(c, "j1", at=NOW))
    assert (cancelled.state, cancelled.finished_at) == (JobState.CANCELLED, NOW)
    assert not start(database, "j1")


def test_cancelling_what_runs_asks_its_worker(database: Database) -> None:
    create(database, "j1")
    start(database, "j1")
    asked = database.write(lambda c: jobs.cancel(c, "j1", at=NOW))
    assert (asked.state, asked.cancel_requested) == (JobState.RUNNING, True)
    assert progress(database, "j1", 5)


@pytest.mark.parametrize("state", [s for s in JobState if s.finished])
def test_what_is_over_stays(database: Database, state: JobState) -> None:
    create(database, "j1")
    start(database, "j1")
    database.write(lambda c: jobs.finish(c, "j1", state, at=NOW, error="because"))
    before = get(database, "j1")

    def everything(connection: Connection) -> None:
        jobs.cancel(connection, "j1", at=LATE)
        jobs.progress(connection, "j1", done=9, total=9, lease_until=EARLY)
        jobs.finish(connection, "j1", JobState.DONE, at=LATE)
        jobs.expire(connection, now="2030-01-01T00:00:00Z", lease_until=LATE)

    database.write(everything)
    assert get(database, "j1") == before
    assert not start(database, "j1")


def test_a_job_whose_worker_died_is_failed(database: Database) -> None:
    for name, lease in (("dead", EARLY), ("alive", LATE), ("forgotten", EARLY)):
        create(database, name, lease)
        if name != "forgotten":
            start(database, name, lease_until=lease)
    with database.reading() as connection:
        assert jobs.any_expired(connection, now=NOW)
    assert expire(database) == 2
    assert [get(database, name).state for name in ("dead", "alive", "forgotten")] == [
        JobState.FAILED,
        JobState.RUNNING,
        JobState.FAILED,
    ]
    assert "start it again" in (get(database, "dead").error or "")
    with database.reading() as connection:
        assert not jobs.any_expired(connection, now=NOW)


def test_starting_and_progress_renew_the_lease(database: Database) -> None:
    create(database, "j1", EARLY)
    start(database, "j1", lease_until=LATE)
    assert expire(database) == 0
    progress(database, "j1", 1, lease_until=EARLY)
    assert expire(database) == 1


def test_those_that_wait_for_a_living_worker_live(database: Database) -> None:
    for name in ("running", "next", "stranger"):
        create(database, name, EARLY)
    start(database, "running")
    progress(database, "running", 1, alive=("next",))
    assert expire(database) == 1
    assert get(database, "next").state is JobState.QUEUED
    assert get(database, "stranger").state is JobState.FAILED
    create(database, "mine", EARLY)
    assert expire(database, alive=("mine",)) == 0
    assert start(database, "mine")
