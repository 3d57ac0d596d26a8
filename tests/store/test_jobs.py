"""Jobs: rows that say what was asked for, how far it is, and what came of it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.errors import UnknownJob
from corrigenda.store import Database, Job, JobState, jobs, schema
from corrigenda.store.jobs import Hold, Order

EARLY, NOW, LATE = "2026-04-07T09:00:00Z", "2026-04-07T10:00:00Z", "2026-04-07T11:00:00Z"
KINDS = ("import", "lot")


def create(
    database: Database, job_id: str, *, kind: str = "import", place: str | None = None
) -> Job:
    return database.write(
        lambda c: jobs.create(
            c,
            job_id=job_id,
            kind=kind,
            params={"run_id": "\x00\ud800"},
            unit="bytes",
            at=EARLY,
            place=place,
        )
    )


def get(database: Database, job_id: str) -> Job:
    with database.reading() as connection:
        return jobs.get(connection, job_id)


def take(database: Database, owner: str = "w1", **more: Any) -> Hold | None:
    asked = {"kinds": KINDS, "place": None, "at": NOW, **more}
    taken = database.write(lambda c: jobs.take(c, owner=owner, **asked))
    return None if taken is None else taken[1]


def taken(database: Database, job_id: str, **more: Any) -> Hold:
    hold = take(database, job_id=job_id, **more)
    assert hold is not None
    return hold


def progress(database: Database, hold: Hold, done: int | None = None) -> Order:
    return database.write(lambda c: jobs.progress(c, hold, done, 10))


def finish(database: Database, hold: Hold, state: JobState = JobState.DONE, **more: Any) -> bool:
    return database.write(lambda c: jobs.finish(c, hold, state, at=LATE, **more))


def take_back(database: Database) -> list[str]:
    return database.write(lambda c: jobs.take_back(c, at=LATE))


def expire(database: Database) -> None:
    """Half a minute later."""
    database.write(lambda c: c.execute(sa.update(schema.jobs).values(lease_until="2026-01-01")))


def waiting(database: Database) -> bool:
    with database.reading() as connection:
        return jobs.any_waiting(connection, KINDS, None)


def test_a_job_from_begin_to_end(database: Database) -> None:
    made = create(database, "j1", place="p1")
    assert made == Job(
        id="j1",
        kind="import",
        state=JobState.QUEUED,
        params={"run_id": "\x00\ud800"},
        place="p1",
        done=0,
        total=None,
        unit="bytes",
        result=None,
        error=None,
        cancel_requested=False,
        owner=None,
        attempts=0,
        created_at=EARLY,
        started_at=None,
        finished_at=None,
    )
    hold = taken(database, "j1", place="p1")
    running = get(database, "j1")
    assert (running.state, running.started_at, running.owner) == (JobState.RUNNING, NOW, "w1")
    assert progress(database, hold, 4) is Order.GO_ON
    assert progress(database, hold) is Order.GO_ON
    assert (get(database, "j1").done, get(database, "j1").total) == (4, 10)
    assert finish(database, hold, result={"imported": 2})
    over = get(database, "j1")
    assert (over.state, over.result, over.error, over.finished_at) == (
        JobState.DONE,
        {"imported": 2},
        None,
        LATE,
    )


def test_those_that_wait_are_taken_in_their_order(database: Database) -> None:
    assert not waiting(database)
    for name in ("j1", "j2", "j3"):
        create(database, name)
    assert waiting(database)
    holds = [take(database) for _ in range(4)]
    assert [hold and hold.job_id for hold in holds] == ["j1", "j2", "j3", None]
    assert not waiting(database)
    with database.reading() as connection:
        assert [job.id for job in jobs.newest(connection, 2)] == ["j3", "j2", "j1"]


def test_a_worker_takes_what_it_can_do_where_it_is(database: Database) -> None:
    create(database, "elsewhere", place="p2")
    create(database, "unknown", kind="dream")
    create(database, "anywhere")
    create(database, "here", place="p1")
    found = [take(database, place="p1") for _ in range(3)]
    assert [hold and hold.job_id for hold in found] == ["anywhere", "here", None]
    assert take(database, place=None) is None


def test_of_many_workers_each_job_has_one(database: Database) -> None:
    names = [f"j{n:02}" for n in range(20)]
    for name in names:
        create(database, name)
    together = threading.Barrier(5)

    def work(owner: str) -> list[str]:
        together.wait()
        mine = []
        while (hold := take(database, owner)) is not None or waiting(database):
            if hold is not None:
                mine.append(hold.job_id)
        return mine

    with ThreadPoolExecutor(5) as pool:
        done = list(pool.map(work, ["a", "b", "c", "d", "e"]))
    assert sorted(name for mine in done for name in mine) == names


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
    assert take(database) is None


def test_cancelling_what_runs_asks_its_worker(database: Database) -> None:
    create(database, "j1")
    hold = taken(database, "j1")
    asked = database.write(lambda c: jobs.cancel(c, "j1", at=NOW))
    assert (asked.state, asked.cancel_requested) == (JobState.RUNNING, True)
    assert progress(database, hold, 5) is Order.STOP
    assert not database.write(lambda c: jobs.give_back(c, hold))
    assert finish(database, hold, JobState.CANCELLED)


@pytest.mark.parametrize("state", [s for s in JobState if s.finished])
def test_what_is_over_stays(database: Database, state: JobState) -> None:
    create(database, "j1")
    hold = taken(database, "j1")
    finish(database, hold, state, error="because")
    before = get(database, "j1")

    def everything(connection: Connection) -> None:
        jobs.cancel(connection, "j1", at=EARLY)
        assert jobs.progress(connection, hold, 9, 9) is Order.LEAVE
        assert not jobs.finish(connection, hold, JobState.DONE, at=EARLY)
        assert not jobs.give_back(connection, hold)
        assert jobs.take_back(connection, at=EARLY, lease=-60) == []

    database.write(everything)
    assert get(database, "j1") == before
    assert take(database) is None


def test_a_job_whose_worker_died_is_taken_up_by_another(database: Database) -> None:
    for name in ("dead", "alive"):
        create(database, name)
    dead = taken(database, "dead", lease=-1)
    taken(database, "alive")
    assert waiting(database)
    assert take_back(database) == ["dead"]
    assert [get(database, name).state for name in ("dead", "alive")] == [
        JobState.QUEUED,
        JobState.RUNNING,
    ]
    again = taken(database, "dead", owner="w2")
    assert again.attempt == 2
    # It was only away: what it says is not heard any more.
    assert progress(database, dead, 9) is Order.LEAVE
    assert not finish(database, dead)
    assert progress(database, again, 3) is Order.GO_ON
    assert get(database, "dead").done == 3
    # Even where it takes the same job again, its first attempt is over.
    assert Hold("dead", "w2", 1) != again
    assert progress(database, Hold("dead", "w2", 1), 1) is Order.LEAVE


def test_what_kills_its_worker_is_given_up(database: Database) -> None:
    create(database, "j1")
    for _ in range(jobs.MOST_ATTEMPTS):
        assert get(database, "j1").state is JobState.QUEUED
        taken(database, "j1", lease=-1)
        take_back(database)
    over = get(database, "j1")
    assert (over.state, over.finished_at) == (JobState.FAILED, LATE)
    assert "3 times" in (over.error or "")


def test_what_was_to_be_cancelled_when_its_worker_died_is(database: Database) -> None:
    create(database, "j1")
    taken(database, "j1", lease=-1)
    database.write(lambda c: jobs.cancel(c, "j1", at=NOW))
    take_back(database)
    assert get(database, "j1").state is JobState.CANCELLED


def test_what_outlives_its_worker_is_cancelled_by_the_next(database: Database) -> None:
    create(database, "j1", kind=jobs.TRAIN)
    kinds = (jobs.TRAIN,)
    for asked_while in (JobState.RUNNING, JobState.QUEUED):
        taken(database, "j1", kinds=kinds)
        if asked_while is JobState.RUNNING:
            database.write(lambda c: jobs.cancel(c, "j1", at=LATE))
        expire(database)
        assert take_back(database) == ["j1"]
        if asked_while is JobState.QUEUED:
            database.write(lambda c: jobs.cancel(c, "j1", at=LATE))
        assert get(database, "j1").state is JobState.QUEUED
    hold = taken(database, "j1", kinds=kinds)
    assert progress(database, hold) is Order.STOP
    assert finish(database, hold, JobState.CANCELLED)


def test_a_training_that_nobody_began_is_cancelled_at_once(database: Database) -> None:
    create(database, "j1", kind=jobs.TRAIN)
    cancelled = database.write(lambda c: jobs.cancel(c, "j1", at=LATE))
    assert cancelled.state is JobState.CANCELLED


def test_a_job_that_was_given_back_is_as_new(database: Database) -> None:
    create(database, "j1")
    for _ in range(2 * jobs.MOST_ATTEMPTS):
        hold = taken(database, "j1")
        assert database.write(partial(jobs.give_back, hold=hold))
    assert (get(database, "j1").state, get(database, "j1").attempts) == (JobState.QUEUED, 0)


@pytest.mark.parametrize("until", [None, "2999-01-01T00:00:00.000000Z"])
def test_a_lease_that_no_clock_can_have_given_is_over(
    database: Database, until: str | None
) -> None:
    create(database, "j1")
    taken(database, "j1")
    wrong = sa.update(schema.jobs).values(lease_until=until)
    database.write(lambda c: c.execute(wrong))
    assert take_back(database) == ["j1"]


def test_progress_renews_the_lease(database: Database) -> None:
    create(database, "j1")
    hold = taken(database, "j1", lease=-1)
    progress(database, hold)
    assert take_back(database) == []


def test_what_is_not_over_stands_with_the_newest(database: Database) -> None:
    for number in range(5):
        create(database, f"j{number}")
    for number in (0, 2, 3, 4):
        database.write(partial(jobs.cancel, job_id=f"j{number}", at=EARLY))
    with database.reading() as connection:
        found = [job.id for job in jobs.newest(connection, 2)]
        assert [job.id for job in jobs.newest(connection, 9)] == ["j4", "j3", "j2", "j1", "j0"]
    assert found == ["j4", "j3", "j1"]


def test_the_newest_job_of_a_lot(database: Database) -> None:
    for job_id, lot_id in (("a", "l_1"), ("b", "l_1"), ("c", "lx1"), ("d", "l_11")):
        params = {"lot_id": lot_id, "action": "discard"}
        make = partial(jobs.create, job_id=job_id, kind="lot", params=params)
        database.write(partial(make, unit="candidates", at=EARLY))
    with database.reading() as connection:
        found = [
            jobs.latest_of(connection, ["lot"], "lot_id", each) for each in ("l_1", "l_11", "l")
        ]
    assert [job and job.id for job in found] == ["b", "d", None]


def test_what_was_noted_has_happened(database: Database) -> None:
    create(database, "j1")
    first = taken(database, "j1")
    assert database.write(lambda c: jobs.note(c, first, {"n": 1}))
    assert database.write(lambda c: jobs.cancel(c, "j1", at=LATE)).cancel_requested
    expire(database)
    assert take_back(database) == ["j1"]
    # It is not cancelled: whoever takes it up sees what has come of it.
    assert (get(database, "j1").state, get(database, "j1").result) == (JobState.QUEUED, {"n": 1})
    assert database.write(lambda c: jobs.cancel(c, "j1", at=LATE)).state is JobState.QUEUED
    assert not database.write(lambda c: jobs.note(c, first, {"n": 2}))
    second = taken(database, "j1")
    assert get(database, "j1").result == {"n": 1}
    assert finish(database, second, result={"n": 1})


def test_what_was_noted_is_done_however_often_its_worker_dies(database: Database) -> None:
    create(database, "j1")
    hold = taken(database, "j1")
    assert database.write(lambda c: jobs.note(c, hold, {"n": 1}))
    for _ in range(jobs.MOST_ATTEMPTS):
        expire(database)
        take_back(database)
        take(database)
    found = get(database, "j1")
    assert (found.state, found.result, found.finished_at) == (JobState.DONE, {"n": 1}, LATE)


def test_what_did_not_come_about_is_noted_no_more(database: Database) -> None:
    create(database, "j1")
    hold = taken(database, "j1")
    assert database.write(lambda c: jobs.note(c, hold, {"n": 1}))
    assert database.write(lambda c: jobs.note(c, hold, None))
    assert get(database, "j1").result is None
