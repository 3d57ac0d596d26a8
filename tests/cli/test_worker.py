"""`corrigenda worker`: does what servers on PostgreSQL have queued."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corrigenda.jobs import runner_of
from corrigenda.store import JobState
from corrigenda.workbench import Workspace
from tests.cli.conftest import Corrigenda

PROGRAM = Path(sys.executable).with_name("corrigenda")


def queue_an_import(folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, n: int) -> str:
    """As a server does that is gone before it could begin."""
    run = folder / "runs" / "r1"
    run.mkdir(parents=True)
    lines = (json.dumps({"id": f"c{number}"}) + "\n" for number in range(n))
    (run / "sft_candidates.jsonl").write_text("".join(lines), encoding="utf-8")
    with Workspace.open(folder, database_url=url) as workspace:
        workspace.set_bench_results_dir("runs")
        runner = runner_of(workspace)
        monkeypatch.setattr(runner._worker, "start", lambda: None)
        return runner.start_import("r1").id


def test_it_does_what_waits(
    postgres_url: str, here: Path, corrigenda: Corrigenda, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = here / "ws"
    folder.mkdir()
    job_id = queue_an_import(folder, postgres_url, monkeypatch, 3)
    # One that has another directory has not the files.
    (here / "other").mkdir()
    words = ("--database-url", postgres_url, "--once")
    corrigenda("worker", "-w", str(here / "other"), *words)
    with Workspace.open(folder, database_url=postgres_url) as workspace:
        assert runner_of(workspace).get(job_id).state is JobState.QUEUED
    said = corrigenda("worker", "-w", str(folder), *words)
    assert said.stderr == f"Working in {folder}\nStopped.\n"
    with Workspace.open(folder, database_url=postgres_url) as workspace:
        done = runner_of(workspace).get(job_id)
        assert (done.state, done.result) == (JobState.DONE, {"imported": 3, "skipped": 0})


def test_what_it_is_doing_when_it_is_stopped_goes_back(
    postgres_url: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = here / "ws"
    job_id = queue_an_import(folder, postgres_url, monkeypatch, 40_000)
    words = ["worker", "-w", str(folder), "--database-url", postgres_url]
    process = subprocess.Popen([PROGRAM, *words], stderr=subprocess.PIPE, text=True)
    with Workspace.open(folder, database_url=postgres_url) as workspace:
        runner = runner_of(workspace)
        deadline = time.monotonic() + 60
        while not runner.get(job_id).done:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said.splitlines()[-1]) == (0, "Stopped.")
        left = runner.get(job_id)
        assert (left.state, left.attempts) == (JobState.QUEUED, 0)


def test_on_sqlite_the_server_does_it(here: Path, corrigenda: Corrigenda) -> None:
    Workspace.open(here / "ws").close()
    said = corrigenda("worker", "-w", str(here / "ws"), code=1).stderr
    assert "`corrigenda serve` does the work" in said
