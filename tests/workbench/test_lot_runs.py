"""Lots that are stopped, crash, go on, run as jobs, or meet: nothing is lost or doubled."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.errors import StorageError
from corrigenda.jobs import runner_of
from corrigenda.store import Job, JobState, jobs
from corrigenda.store import lots as rows
from corrigenda.workbench import Workspace, lots
from corrigenda.workbench.lots import LotRequest
from tests.workbench.desk import fill, opened, record

WAITING = Selection(statuses=(Status.NEEDS_REVIEW,))
DISCARD = LotRequest("discard", selection=WAITING)


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


def over(workspace: Workspace, job: Job) -> Job:
    deadline = time.monotonic() + 60
    while not (found := runner_of(workspace).get(job.id)).state.finished:
        assert time.monotonic() < deadline, found
        time.sleep(0.01)
    return found


def result(touched: int) -> dict[str, Any]:
    return {"touched": touched, "skipped": []}


def many(workspace: Workspace, n: int) -> None:
    fill(workspace, *(record(f"c{index}") for index in range(n)))


def planned_lot(
    workspace: Workspace, lot_id: str = "l1", request: LotRequest = DISCARD
) -> lots.Plan:
    def note(connection: Any) -> None:
        lots.note(connection, lot_id, request, "kim", "2026-01-01T00:00:00Z")

    workspace.database.write(note)
    return lots.plan(workspace.database, workspace.taxonomy, request, lot_id)


def test_a_lot_that_is_stopped_can_be_undone(workspace: Workspace) -> None:
    many(workspace, 2 * lots.CHUNK + 1)
    seen = []

    def progress(done: int, total: int) -> bool:
        seen.append((done, total))
        return True

    planned = planned_lot(workspace)
    report = lots.run(workspace.database, workspace.taxonomy, "l1", planned, progress)
    assert (report.stopped, report.touched, seen) == (True, lots.CHUNK, [(lots.CHUNK, 401)])
    assert workspace.lots()[0]["n"] == lots.CHUNK
    assert runner_of(workspace).start_lot_undo("l1").result == result(lots.CHUNK)
    assert workspace.stats()["by_status"]["needs_review"] == 401


def test_a_lot_that_crashed_goes_on_and_doubles_nothing(workspace: Workspace) -> None:
    many(workspace, lots.CHUNK + 1)
    planned = planned_lot(workspace)
    lots.run(workspace.database, workspace.taxonomy, "l1", planned, lambda *_: True)
    again = over(workspace, runner_of(workspace).start_lot(DISCARD, lot_id="l1", reviewer="kim"))
    assert again.result == result(lots.CHUNK + 1)
    assert workspace.lots()[0]["n"] == lots.CHUNK + 1
    assert {len(workspace.history(f"c{n}")) for n in range(0, lots.CHUNK + 1, 50)} == {1}
    # Nor does running the very plan of before.
    report = lots.run(workspace.database, workspace.taxonomy, "l1", planned)
    assert report.as_dict() == result(lots.CHUNK + 1)
    assert workspace.stats()["by_status"]["discarded"] == lots.CHUNK + 1


def test_a_chunk_is_decided_whole_or_not_at_all(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(workspace, 3)
    planned = planned_lot(workspace)

    def broken(*_: object) -> None:
        raise RuntimeError("the power went")

    monkeypatch.setattr(rows, "count", broken)
    with pytest.raises(RuntimeError):
        lots.run(workspace.database, workspace.taxonomy, "l1", planned)
    assert workspace.stats()["by_status"]["needs_review"] == 3
    assert workspace.history("c0") == []


def test_a_large_lot_is_a_job_with_progress(workspace: Workspace) -> None:
    many(workspace, 3 * lots.CHUNK)
    job = over(workspace, runner_of(workspace).start_lot(DISCARD))
    assert (job.state, job.result, job.done, job.total) == (
        JobState.DONE,
        result(600),
        600,
        600,
    )
    back = over(workspace, runner_of(workspace).start_lot_undo(job.params["lot_id"]))
    assert (back.state, back.result) == (JobState.DONE, result(600))
    assert workspace.stats()["by_status"]["needs_review"] == 600


def test_two_lots_at_once_decide_each_candidate_once(workspace: Workspace) -> None:
    many(workspace, 3 * lots.CHUNK)
    flag = LotRequest("flag", selection=WAITING)
    plans = {"l1": planned_lot(workspace), "l2": planned_lot(workspace, "l2", flag)}
    together = threading.Barrier(2)

    def go(name: str) -> int:
        together.wait()
        return lots.run(workspace.database, workspace.taxonomy, name, plans[name]).touched

    with ThreadPoolExecutor(2) as pool:
        touched = list(pool.map(go, plans))
    assert sum(touched) == 600
    by_status = workspace.stats()["by_status"]
    assert [by_status["discarded"], by_status["model_rejected"]] == touched
    assert {len(workspace.history(f"c{n}")) for n in range(0, 600, 37)} == {1}


def test_a_lot_whose_worker_died_goes_on_by_itself(workspace: Workspace) -> None:
    many(workspace, 2 * lots.CHUNK)
    planned = planned_lot(workspace)
    lots.run(workspace.database, workspace.taxonomy, "l1", planned, lambda *_: True)

    def die(connection: Any) -> None:
        at = "2026-01-01T00:00:00Z"
        params = {"lot_id": "l1", "action": "discard", "touches": 2 * lots.CHUNK}
        jobs.create(
            connection, job_id="dead", kind=jobs.LOT, params=params, unit="candidates", at=at
        )
        jobs.take(connection, owner="dead", kinds=[jobs.LOT], place=None, at=at, lease=-1)

    workspace.database.write(die)
    runner = runner_of(workspace)
    # Sent again it is the same one.
    again = runner.start_lot(DISCARD, lot_id="l1", reviewer="kim")
    assert again.id == "dead"
    runner.work()
    again = over(workspace, again)
    assert (again.state, again.result) == (JobState.DONE, result(2 * lots.CHUNK))
    assert len(workspace.history("c0")) == 1


def test_a_lot_that_failed_goes_on_when_sent_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(workspace, 2 * lots.CHUNK)
    count = rows.count

    def full_at_the_second(connection: Any, lot_id: str, more: int) -> None:
        if next(chunks):
            raise StorageError("The disk is full.")
        count(connection, lot_id, more)

    chunks = itertools.count()
    monkeypatch.setattr(rows, "count", full_at_the_second)
    runner = runner_of(workspace)
    failed = over(workspace, runner.start_lot(DISCARD, lot_id="l1"))
    assert (failed.state, failed.error) == (JobState.FAILED, "The disk is full.")
    monkeypatch.undo()
    again = over(workspace, runner.start_lot(DISCARD, lot_id="l1"))
    assert again.id != failed.id
    assert (again.state, again.result) == (JobState.DONE, result(2 * lots.CHUNK))
    assert len(workspace.history("c0")) == 1


def test_cancelling_a_lot_keeps_what_is_done_and_it_can_be_undone(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corrigenda.jobs.worker._PROGRESS_SECONDS", 0)
    many(workspace, 3 * lots.CHUNK)
    runner = runner_of(workspace)
    count = rows.count

    def cancel_in_the_middle(connection: Any, lot_id: str, more: int) -> None:
        count(connection, lot_id, more)
        cancelled.set()
        jobs.cancel(connection, runner.newest(1)[0].id, at="2026-01-01T00:00:00Z")

    cancelled = threading.Event()
    monkeypatch.setattr(rows, "count", cancel_in_the_middle)
    job = over(workspace, runner.start_lot(DISCARD, lot_id="l1"))
    assert cancelled.is_set()
    assert (job.state, job.result) == (JobState.CANCELLED, result(lots.CHUNK))
    # It was cancelled by somebody: sent again it stays so.
    assert runner.start_lot(DISCARD, lot_id="l1").id == job.id
    assert runner.start_lot_undo("l1").result == result(lots.CHUNK)
    assert workspace.stats()["by_status"]["needs_review"] == 600
