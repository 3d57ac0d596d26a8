"""Snapshots: exports under a name, whole or not at all, and never changed again."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from corrigenda.errors import ConfigError, ExportExists, InvalidInput, NotFound, UnknownExport
from corrigenda.jobs import runner_of
from corrigenda.store import Job, JobState
from corrigenda.workbench import Workspace, snapshots
from corrigenda.workbench.curating.report import ExportReport
from tests.workbench.desk import opened
from tests.workbench.exports import contents, filled, recipe


def folders(workspace: Workspace) -> list[str]:
    """What is in the folder of snapshots, hidden or not."""
    place = workspace.directory / "exports"
    return sorted(path.name for path in place.iterdir()) if place.exists() else []


def test_a_snapshot_is_listed_and_read_only(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        assert workspace.exports() == []
        report = workspace.make_export(recipe(), name="rc-1", reviewer="kim")
        workspace.make_export(recipe(format="kto"), name="rc-2")
        newest, oldest = workspace.exports()
        assert (oldest["name"], oldest["created_by"], oldest["rows"]) == ("rc-1", "kim", 40)
        assert (newest["name"], newest["created_by"]) == ("rc-2", "local")
        assert (oldest["format"], oldest["files"]) == ("prompt_completion", 1)
        assert (oldest["contaminated"], oldest["problem"]) == (False, None)
        assert report.name == "rc-1"
        found = workspace.export_named("rc-1")
        assert {file["name"] for file in found["files"]} == {
            "README.md",
            "data.jsonl",
            "left_out.jsonl",
            "manifest.json",
            "rows.jsonl",
        }
        folder = workspace.export_folder("rc-1")
        for path in folder.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o444
        assert folders(workspace) == ["rc-1", "rc-2"]


def test_a_name_is_taken_for_good(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        workspace.make_export(recipe(), name="rc-1")
        before = contents(workspace.export_folder("rc-1"))
        with pytest.raises(ExportExists, match="choose another name"):
            workspace.make_export(recipe(seed=9), name="rc-1")
        assert contents(workspace.export_folder("rc-1")) == before
        (workspace.directory / "exports/mine").mkdir()
        with pytest.raises(ExportExists):
            workspace.make_export(recipe(), name="mine")
        assert folders(workspace) == ["mine", "rc-1"]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "a/b", "../a", "/etc", "a\0b", ".hidden", "-x", "a b", "ä", "x" * 101, "a\n"],
    ids=ascii,
)
def test_a_name_is_no_path(tmp_path: Path, name: str) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        with pytest.raises(InvalidInput, match=r"cannot be an export's name"):
            workspace.make_export(recipe(), name=name)
        for ask in (workspace.export_named, workspace.export_folder):
            with pytest.raises(UnknownExport):
                ask(name)
        with pytest.raises(UnknownExport):
            workspace.changes_since(name, only_names=True)
        assert folders(workspace) == []


@pytest.mark.parametrize(
    "file",
    ["", ".", "..", "../rc-1/data.jsonl", "/etc/passwd", "nothing", "link", "sub", "\0"],
    ids=ascii,
)
def test_only_a_file_of_the_snapshot_is_given(tmp_path: Path, file: str) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(), name="rc-1")
        folder = workspace.export_folder("rc-1")
        (folder / "link").symlink_to("/etc/passwd")
        (folder / "sub").mkdir()
        with pytest.raises(UnknownExport):
            workspace.export_file("rc-1", file)
        assert workspace.export_file("rc-1", "data.jsonl").read_bytes()


def test_a_snapshot_whose_folder_is_gone_says_so(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        for name in ("gone", "less", "more"):
            workspace.make_export(recipe(), name=name)
        for path in workspace.export_folder("gone").iterdir():
            path.unlink()
        workspace.export_folder("gone").rmdir()
        (workspace.export_folder("less") / "data.jsonl").unlink()
        changed = workspace.export_folder("more") / "data.jsonl"
        changed.chmod(0o644)
        changed.write_bytes(b"{}\n")
        problems = {each["name"]: each["problem"] for each in workspace.exports()}
        assert problems == {
            "gone": "Its folder `exports/gone` is gone.",
            "less": "Its file `data.jsonl` is gone.",
            "more": "Its file `data.jsonl` is not as it was written.",
        }
        assert workspace.export_named("gone")["manifest"]["files"][0]["rows"] == 40
        with pytest.raises(NotFound, match="gone"):
            workspace.export_file("gone", "data.jsonl")
        with pytest.raises(InvalidInput, match="list of rows"):
            workspace.changes_since("gone")
        with pytest.raises(ExportExists):
            workspace.make_export(recipe(), name="gone")


def test_two_at_once_one_wins(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        barrier = threading.Barrier(4)
        results: list[str] = []

        def make(seed: int) -> None:
            barrier.wait()
            try:
                results.append(str(workspace.make_export(recipe(seed=seed), name="rc").rows))
            except ExportExists as error:
                results.append(error.code)

        threads = [threading.Thread(target=make, args=(seed,)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert sorted(results) == [
            "40",
            "export_exists",
            "export_exists",
            "export_exists",
        ]
        assert folders(workspace) == ["rc"]
        assert [each["problem"] for each in workspace.exports()] == [None]


@pytest.mark.parametrize("at", ["first", "second"])
def test_one_that_is_stopped_leaves_nothing(tmp_path: Path, database_url: str, at: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        report = workspace.make_export(
            recipe(),
            name="rc",
            progress=lambda done, total: at == "first" or done == total,
        )
        assert report == ExportReport(name="rc", stopped=True)
        assert (workspace.exports(), folders(workspace)) == ([], [])


def test_one_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)

        def full(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(snapshots, "_rename", full)
            with pytest.raises(Exception, match="No space"):
                workspace.make_export(recipe(), name="rc")
        assert (workspace.exports(), folders(workspace)) == ([], [])
        assert workspace.make_export(recipe(), name="rc").rows == 40


KILLED = """
import sys, time
from pathlib import Path
from corrigenda.workbench import Workspace, snapshots
from corrigenda.core.recipe import Recipe

def hang(*_, **__):
    print("here", flush=True)
    time.sleep(60)

if sys.argv[3] == "writing":
    snapshots.publish = hang
else:
    snapshots._rename = hang
workspace = Workspace.open(sys.argv[1], database_url=sys.argv[2] or None)
workspace.make_export(Recipe.from_json({"format": "prompt_completion", "seed": 3}), name="rc")
"""


@pytest.mark.parametrize("at", ["writing", "renaming"])
def test_what_a_killed_process_leaves_is_swept(tmp_path: Path, database_url: str, at: str) -> None:
    url = "" if database_url.startswith("sqlite") else database_url
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        place = workspace.directory
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, place, url, at], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        with opened(tmp_path, database_url) as workspace:
            # It lives, and its draft is left alone.
            assert any(name.endswith(".tmp") for name in folders(workspace))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
    with opened(tmp_path, database_url) as workspace:
        if at == "writing":
            assert (workspace.exports(), folders(workspace)) == ([], [])
            workspace.make_export(recipe(), name="rc")
        # Where only the renaming was missing, it is brought to its end.
        assert folders(workspace) == ["rc"]
        (found,) = workspace.exports()
        assert (found["rows"], found["problem"]) == (40, None)
        for path in workspace.export_folder("rc").iterdir():
            assert not os.access(path, os.W_OK) or os.geteuid() == 0


# ---- as jobs


def over(workspace: Workspace, job: Job) -> Job:
    deadline = time.monotonic() + 60
    while not (found := runner_of(workspace).get(job.id)).state.finished:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def test_a_job_makes_a_snapshot(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        runner = runner_of(workspace)
        job = runner.start_export("rc", recipe(), reviewer="kim")
        assert (job.kind, job.unit) == ("export", "candidates")
        with pytest.raises(ExportExists):
            runner.start_export("rc", recipe())
        done = over(workspace, job)
        assert (done.state, done.done, done.total) == (JobState.DONE, 40, 40)
        assert done.result is not None
        assert (done.result["name"], done.result["rows"]) == ("rc", 40)
        assert workspace.exports()[0]["created_by"] == "kim"
        with pytest.raises(ExportExists):
            runner.start_export("rc", recipe())


def test_a_job_that_is_cancelled_leaves_nothing(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr("corrigenda.jobs.worker._PROGRESS_SECONDS", 0)
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        make = workspace.make_export

        def slow(*args: object, **named: object) -> ExportReport:
            assert go_on.wait(30)
            return make(*args, **named)  # type: ignore[arg-type]

        monkeypatch.setattr(workspace, "make_export", slow)
        job = runner_of(workspace).start_export("rc", recipe())
        while runner_of(workspace).get(job.id).state is not JobState.RUNNING:
            time.sleep(0.01)
        runner_of(workspace).cancel(job.id)
        go_on.set()
        assert over(workspace, job).state is JobState.CANCELLED
        assert (workspace.exports(), folders(workspace)) == ([], [])


def test_a_job_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        config = workspace.config_dir / "label_tool.yaml"
        config.write_text("sft: [", encoding="utf-8")
        found = over(workspace, runner_of(workspace).start_export("rc", recipe()))
        assert found.state is JobState.FAILED
        assert "label_tool.yaml" in (found.error or "")
        with pytest.raises(ConfigError):
            workspace.make_export(recipe(), name="rc")
        config.unlink()
        assert (workspace.exports(), folders(workspace)) == ([], [])
