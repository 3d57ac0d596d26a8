"""A worker that is killed when a job is done, and before its row says so: it is done once."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from corrigenda.errors import ExportExists
from corrigenda.jobs import runner_of
from corrigenda.store import Job, JobState, schema
from corrigenda.workbench import Workspace, snapshots, uploads
from tests.workbench.desk import opened
from tests.workbench.exports import filled, recipe
from tests.workbench.test_jobs import over, until
from tests.workbench.test_uploads import bare, lines

WORKER = """
import sys, time
import corrigenda
from corrigenda.jobs import runner_of
from corrigenda.store import jobs
from corrigenda.workbench import snapshots, uploads

def hang(*_, **__):
    print("here", flush=True)
    time.sleep(600)

place, url, module, name = sys.argv[1:]
setattr({"jobs": jobs, "snapshots": snapshots, "uploads": uploads}[module], name, hang)
with corrigenda.open(place, database_url=url or None) as workspace:
    runner_of(workspace).work()
    sys.stdin.read()
"""
"""Works, and hangs at a given function."""


@contextlib.contextmanager
def killed(place: Path, database_url: str, at: str) -> Iterator[Workspace]:
    """The workspace, half a minute after its worker was killed on the way into a function."""
    url = "" if database_url.startswith("sqlite") else database_url
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(place / "workspace"), url, *at.split()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"here\n"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()
    with opened(place, database_url) as workspace:
        assert runner_of(workspace).newest()[0].state is JobState.RUNNING
        over_since = sa.update(schema.jobs).values(lease_until="2026-01-01")
        workspace.database.write(lambda c: c.execute(over_since))
        yield workspace


def queued(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on jobs wait for another process."""
    monkeypatch.setattr(runner_of(workspace)._worker, "start", lambda: None)


def finished(workspace: Workspace, job: Job) -> Job:
    runner_of(workspace).work()
    return over(workspace, job)


@pytest.mark.parametrize("at", ["jobs finish", "snapshots _rename"])
def test_an_export_that_was_published(
    tmp_path: Path, database_url: str, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, database_url) as workspace, monkeypatch.context() as patched:
        filled(workspace)
        queued(workspace, patched)
        job = runner_of(workspace).start_export("rc", recipe(), reviewer="kim")
    with killed(tmp_path, database_url, at) as workspace:
        done = finished(workspace, job)
        assert (done.state, done.error, done.attempts) == (JobState.DONE, None, 2)
        assert done.result is not None
        assert (done.result["name"], done.result["rows"]) == ("rc", 40)
        (found,) = workspace.exports()
        assert (found["created_by"], found["rows"], found["problem"]) == ("kim", 40, None)
        assert [path.name for path in (workspace.directory / "exports").iterdir()] == ["rc"]
        with pytest.raises(ExportExists):
            runner_of(workspace).start_export("rc", recipe())


@pytest.mark.parametrize("at", ["uploads remove", "jobs finish"])
def test_an_import_whose_file_was_to_go(
    tmp_path: Path, database_url: str, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, database_url) as workspace, monkeypatch.context() as patched:
        upload = workspace.upload("kim.jsonl", lines(bare("a"), bare("b")))
        queued(workspace, patched)
        job = runner_of(workspace).start_import(upload_id=upload["upload_id"])
    with killed(tmp_path, database_url, at) as workspace:
        done = finished(workspace, job)
        assert (done.state, done.error) == (JobState.DONE, None)
        assert done.result is not None
        # What the first attempt has brought in, not what the second has found there.
        assert (done.result["imported"], done.result["skipped"]) == (2, 0)
        assert list((workspace.directory / uploads.FOLDER).iterdir()) == []
        assert workspace.stats()["total"] == 2


def test_a_snapshot_of_somebody_elses_is_none_of_the_jobs(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        with monkeypatch.context() as patched:
            queued(workspace, patched)
            job = runner_of(workspace).start_export("rc", recipe())
        workspace.make_export(recipe(), name="rc", reviewer="lee")
        failed = finished(workspace, job)
        assert (failed.state, failed.error) == (JobState.FAILED, ExportExists("rc").message)
        assert workspace.exports()[0]["created_by"] == "lee"


def test_one_who_was_given_up_for_dead_publishes_nothing(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = snapshots._settle
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)

        def late(file: Path) -> None:
            with contextlib.suppress(FileNotFoundError):
                settle(file)
            # Another has the job by now.
            taken = sa.update(schema.jobs).values(owner="another", attempts=2)
            workspace.database.write(lambda c: c.execute(taken))

        monkeypatch.setattr(snapshots, "_settle", late)
        job = runner_of(workspace).start_export("rc", recipe())
        until(lambda: runner_of(workspace).get(job.id).owner == "another")
        until(lambda: not any((workspace.directory / "exports").iterdir()))
        assert workspace.exports() == []
        found = runner_of(workspace).get(job.id)
        assert (found.state, found.result) == (JobState.RUNNING, None)


def test_what_cannot_be_put_in_its_place_was_not_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(snapshots, "_rename", full)
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        failed = over(workspace, runner_of(workspace).start_export("rc", recipe()))
        assert (failed.state, failed.result) == (JobState.FAILED, None)
        assert workspace.exports() == []
