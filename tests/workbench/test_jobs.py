"""The thread that does jobs: nothing ends it, and what it leaves another takes up."""

import gc
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

import corrigenda
from corrigenda.errors import LotChanged, StorageError
from corrigenda.jobs import places, runner_of, worker
from corrigenda.store import Job, JobState, schema
from corrigenda.store import jobs as rows
from corrigenda.workbench import Workspace, importing
from tests.workbench.desk import opened

SECONDS = 90
BIG = 8_000


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    write_runs(tmp_path, {"r1": 1, "r2": 1, "big": BIG})
    with opened(tmp_path, database_url) as found:
        found.set_bench_results_dir("runs")
        yield found


def write_runs(folder: Path, runs: dict[str, int]) -> None:
    for name, n in runs.items():
        (folder / "workspace" / "runs" / name).mkdir(parents=True)
        file = folder / "workspace" / "runs" / name / "sft_candidates.jsonl"
        lines = (json.dumps({"id": f"{name}-{number}"}) + "\n" for number in range(n))
        file.write_text("".join(lines), encoding="utf-8")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def over(workspace: Workspace, job: Job) -> Job:
    until(lambda: runner_of(workspace).get(job.id).state.finished)
    return runner_of(workspace).get(job.id)


@pytest.fixture
def held_up(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Imports wait until this is set."""
    go_on = threading.Event()
    importer = importing.import_found

    def slow(*args: object, **named: object) -> object:
        assert go_on.wait(SECONDS)
        return importer(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "import_found", slow)
    return go_on


def test_a_step_that_takes_longer_than_a_lease_is_not_taken_for_dead(
    workspace: Workspace, held_up: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.02)
    for name in ("take", "progress", "take_back"):
        monkeypatch.setattr(rows, name, partial(getattr(rows, name), lease=0.5))
    runner = runner_of(workspace)
    first, second = runner.start_import("r1"), runner.start_import("r2")
    until(lambda: runner.get(first.id).state is JobState.RUNNING)
    time.sleep(1)
    assert [(job.state, job.attempts) for job in runner.newest()] == [
        (JobState.QUEUED, 0),
        (JobState.RUNNING, 1),
    ]
    held_up.set()
    assert [over(workspace, job).state for job in (first, second)] == [JobState.DONE] * 2


def test_a_job_that_cannot_be_taken_at_once_is_taken_later(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LOOK_SECONDS", 0.02)
    take, failures = rows.take, iter([RuntimeError("broken")] * 3)

    def broken(*args: object, **named: object) -> object:
        for failure in failures:
            raise failure
        return take(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rows, "take", broken)
    runner = runner_of(workspace)
    jobs = [runner.start_import("r1"), runner.start_import("r2")]
    assert [over(workspace, job).state for job in jobs] == [JobState.DONE] * 2


def test_an_unexpected_failure_is_told_and_the_next_has_its_turn(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer, failures = importing.import_found, iter([RuntimeError("broken")])

    def once_broken(*args: object, **named: object) -> object:
        for failure in failures:
            raise failure
        return importer(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "import_found", once_broken)
    runner = runner_of(workspace)
    first, second = runner.start_import("r1"), runner.start_import("r2")
    assert over(workspace, second).state is JobState.DONE
    failed = over(workspace, first)
    said = "An unexpected error: RuntimeError('broken')"
    assert (failed.state, failed.error) == (JobState.FAILED, said)


def test_what_a_closed_workspace_was_doing_goes_on_when_somebody_works_there_again(
    tmp_path: Path, database_url: str
) -> None:
    write_runs(tmp_path, {"big": BIG, "r1": 1})
    with opened(tmp_path, database_url) as first:
        first.set_bench_results_dir("runs")
        runner = runner_of(first)
        jobs = [runner.start_import("big"), runner.start_import("r1")]
        until(lambda: runner.get(jobs[0].id).done > 0)
    with opened(tmp_path, database_url) as second:
        runner = runner_of(second)
        states = [runner.get(job.id) for job in jobs]
        assert [(job.state, job.attempts) for job in states] == [(JobState.QUEUED, 0)] * 2
        there = second.stats()["total"]
        assert 0 < there < BIG
        runner.work()
        results = [over(second, job).result for job in jobs]
    assert results == [
        {"imported": BIG - there, "skipped": there},
        {"imported": 1, "skipped": 0},
    ]


_SERVER = """
import sys
import corrigenda
from corrigenda.jobs import runner_of

with corrigenda.open(sys.argv[1], database_url=sys.argv[2] or None) as workspace:
    runner_of(workspace).start_import("big")
    print("begun", flush=True)
    sys.stdin.read()
"""


def test_the_job_of_a_killed_process_is_taken_over(tmp_path: Path, database_url: str) -> None:
    write_runs(tmp_path, {"big": BIG})
    with opened(tmp_path, database_url) as workspace:
        workspace.set_bench_results_dir("runs")
        url = "" if workspace.mirror is not None else database_url
    killed = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(tmp_path / "workspace"), url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert killed.stdout is not None
    assert killed.stdout.readline() == b"begun\n"
    with opened(tmp_path, database_url) as workspace:
        runner = runner_of(workspace)
        until(lambda: runner.newest()[0].done > 0)
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()
        before = runner.newest()[0]
        assert before.state is JobState.RUNNING
        # Half a minute later.
        over_since = sa.update(schema.jobs).values(lease_until="2026-01-01")
        workspace.database.write(lambda c: c.execute(over_since))
        runner.work()
        after = over(workspace, before)
        assert (after.state, after.attempts) == (JobState.DONE, 2)
        assert after.result is not None
        assert after.result["imported"] + after.result["skipped"] == BIG
        assert workspace.stats()["total"] == BIG


def test_a_lot_that_another_takes_up_touches_no_more_than_was_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    from corrigenda.core.decisions import Status
    from corrigenda.core.selection import Selection
    from corrigenda.workbench.lots import LotRequest

    workspace.import_run("big")
    runner = runner_of(workspace)
    monkeypatch.setattr(runner._worker, "start", lambda: None)
    waiting = LotRequest("discard", selection=Selection(statuses=(Status.NEEDS_REVIEW,)))
    job = runner.start_lot(waiting, reviewer="kim")
    workspace.import_run("r1")  # comes in while it waits
    monkeypatch.undo()
    runner.work()
    failed = over(workspace, job)
    assert (failed.state, failed.error) == (JobState.FAILED, LotChanged(BIG, BIG + 1).message)
    assert workspace.stats()["by_status"]["needs_review"] == BIG + 1


def test_a_place_is_a_directory(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path / "a", database_url) as workspace:
        first = places.place_of(workspace)
        if workspace.mirror is not None:
            assert first is None
            return
        assert places.place_of(workspace) == first
        (workspace.directory / places.FILE).write_text("torn")
        assert places.place_of(workspace) not in (first, None)


def test_a_database_that_is_away_for_a_moment_fails_no_job(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_PROGRESS_SECONDS", 0)
    progress, troubles = rows.progress, itertools.count()

    def sometimes_away(*args: object, **named: object) -> object:
        if next(troubles) % 2 == 0:
            raise StorageError("The database is away.")
        return progress(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(rows, "progress", sometimes_away)
    job = over(workspace, runner_of(workspace).start_import("big"))
    assert next(troubles) > 2
    assert (job.state, job.result) == (JobState.DONE, {"imported": BIG, "skipped": 0})


def test_a_closed_workspace_is_let_go(tmp_path: Path) -> None:
    other = corrigenda.open(tmp_path / "other")
    runner_of(other)
    other.close()
    with pytest.raises(StorageError, match="closed"):
        runner_of(other)
    kept = weakref.ref(other)
    del other
    gc.collect()
    assert kept() is None
