"""The workspace as a program or a notebook uses it."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import corrigenda
from corrigenda import Workspace
from corrigenda.errors import (
    AlreadyDecided,
    ConfigError,
    InvalidInput,
    StorageError,
    UnknownCandidate,
    UnknownCategory,
    UnknownFormat,
    UnknownRun,
)

BASE = {"model_response": "5", "prompt_messages": [{"role": "user", "content": "2 + 2?"}]}


def record(candidate_id: str, run_id: str = "r1", **fields: Any) -> dict[str, Any]:
    return {"id": candidate_id, "benchmark_run_id": run_id, **BASE, **fields}


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(r) + "\n" for r in records), encoding="utf-8")
    return path


@pytest.fixture(params=["directory", "database"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workspace]:
    url = None if request.param == "directory" else f"sqlite:///{tmp_path / 'elsewhere.db'}"
    with corrigenda.open(tmp_path / "ws", database_url=url) as opened:
        yield opened


def test_the_whole_loop(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path / "run" / "sft_candidates.jsonl", record("a"), record("b"))
    assert workspace.import_path(path.parent).imported == 2
    card = workspace.queue(limit=1).items[0]
    answer = workspace.submit(
        card["id"], "correct", corrected_response="4", failure_category="wrong_answer"
    )
    assert answer.status == "approved"
    workspace.submit("b", "discard")
    workspace.undo("b", reviewer="lee")
    assert [entry["action"] for entry in workspace.history("b")] == ["discard", "undo"]
    assert workspace.stats()["export_ready"] == 1
    assert list(workspace.export()) == [
        {"messages": [*BASE["prompt_messages"], {"role": "assistant", "content": "4"}]}
    ]


# ---- what can be imported


def test_a_file_a_run_or_a_folder_of_runs(workspace: Workspace, tmp_path: Path) -> None:
    one = write(tmp_path / "runs" / "r1" / "sft_candidates.jsonl", {"id": "a"})
    write(tmp_path / "runs" / "r2" / "sft_candidates.jsonl", {"id": "b"}, {"id": "c"})
    (tmp_path / "runs" / "not a run").mkdir()
    other = write(tmp_path / "my-export.txt", {"id": "d"})
    assert workspace.import_path(one).imported == 1
    assert workspace.import_path(one.parent).skipped == 1
    whole = workspace.import_path(tmp_path / "runs")
    assert (whole.imported, whole.skipped) == (2, 1)
    assert workspace.import_path(other).imported == 1
    with workspace.database.reading() as connection:
        from corrigenda.store import runs

        assert runs.imported(connection) == {"r1", "r2", "my-export"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "no file or directory"),
        ("empty", "There is no file in"),
        ("letter.txt", "in no format that is known"),
    ],
)
def test_what_cannot_be_imported(
    workspace: Workspace, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "letter.txt").write_text("Dear reader,\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        workspace.import_path(tmp_path / name)
    assert workspace.stats()["total"] == 0


def test_an_unknown_source(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", {"id": "a"})
    with pytest.raises(UnknownFormat, match="source `nobody`"):
        workspace.import_path(path, format="nobody")
    assert workspace.import_path(path, format="native").imported == 1


def test_an_unknown_run(workspace: Workspace) -> None:
    with pytest.raises(UnknownRun):
        workspace.import_run("r1")


def test_progress_is_told_and_can_stop(workspace: Workspace, tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", *(record(f"c{n}") for n in range(1200)))
    size = path.stat().st_size
    seen: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> bool:
        seen.append((done, total))
        return False

    def stop(done: int, total: int) -> bool:
        tell(done, total)
        return len(seen) == 2

    report = workspace.import_path(path, progress=stop)
    assert report.stopped
    assert report.imported == workspace.stats()["total"] == 1000
    assert seen == sorted(seen)
    assert {total for _, total in seen} == {size}
    seen.clear()
    report = workspace.import_path(path, progress=tell)
    assert (report.imported, report.skipped, report.stopped) == (200, 1000, False)
    assert seen[-1] == (size, size)


# ---- deciding


def test_an_unknown_action(workspace: Workspace) -> None:
    for action in ("undo", "", "CORRECT"):
        with pytest.raises(InvalidInput, match="Unknown action"):
            workspace.submit("a", action)


@pytest.mark.parametrize("seconds", [-1, math.nan, math.inf])
def test_a_time_that_cannot_be(workspace: Workspace, tmp_path: Path, seconds: float) -> None:
    workspace.import_path(write(tmp_path / "x.jsonl", record("a")))
    with pytest.raises(InvalidInput, match="`seconds`"):
        workspace.submit("a", "flag", seconds=seconds)
    assert workspace.history("a") == []


def test_who_was_first(workspace: Workspace, tmp_path: Path) -> None:
    workspace.import_path(write(tmp_path / "x.jsonl", record("a")))
    workspace.submit("a", "flag", reviewer="kim")
    with pytest.raises(AlreadyDecided, match="by `kim` at 20"):
        workspace.submit("a", "flag")
    with pytest.raises(UnknownCandidate):
        workspace.get("b")
    assert workspace.get("a")["status"] == "model_rejected"
    assert [r["id"] for r in workspace.candidates()] == ["a"]


# ---- exporting


@pytest.fixture
def approved(workspace: Workspace, tmp_path: Path) -> Workspace:
    decided = {"status": "approved", "corrected_response": "4"}
    path = write(
        tmp_path / "x.jsonl",
        record("a", failure_category="wrong_answer", **decided),
        record("b", **decided),
    )
    workspace.import_path(path)
    return workspace


def test_an_export_is_checked_at_once_and_made_when_asked(approved: Workspace) -> None:
    with pytest.raises(UnknownCategory):
        approved.export(include_category=["nonsense"])
    with pytest.raises(UnknownFormat):
        approved.export(format="nonsense")
    rows = approved.export()
    assert next(rows)["messages"][-1]["content"] == "4"
    assert len(list(rows)) == 1


def test_an_export_to_a_file(approved: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    rows = approved.export(path, exclude_category=["none"])
    lines = path.read_text("ascii").splitlines()
    assert [json.loads(line) for line in lines] == list(rows)
    assert len(lines) == 1
    with pytest.raises(StorageError, match="missing"):
        approved.export(tmp_path / "missing" / "out.jsonl")
    with pytest.raises(UnknownCategory):
        approved.export(path, include_category=["nonsense"])
    assert path.read_text("ascii").splitlines() == lines


# ---- opening and closing


def test_closing_twice_and_in_order(tmp_path: Path) -> None:
    workspace = corrigenda.open(tmp_path / "ws")
    said: list[str] = []
    workspace.before_close += [lambda: said.append("one"), lambda: said.append("two")]
    workspace.close()
    workspace.close()
    assert said == ["one", "two"]
    assert workspace.closed
    with pytest.raises(StorageError, match="closed"):
        workspace.submit("a", "flag")


def test_the_directory_is_made(tmp_path: Path) -> None:
    with corrigenda.open(tmp_path / "a" / "b c") as workspace:
        assert workspace.directory == tmp_path / "a" / "b c"
        assert workspace.owns_files
    assert (tmp_path / "a" / "b c" / "corrigenda.db").is_file()


def test_a_directory_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="file"):
        corrigenda.open(tmp_path / "file")


def test_with_a_database_url_no_files_are_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    path = write(tmp_path / "x.jsonl", record("a"))
    with corrigenda.open(tmp_path / "ws", database_url=url) as workspace:
        workspace.import_path(path)
        workspace.submit("a", "correct", corrected_response="4")
        assert workspace.mirror is None
        assert workspace.sync() is False
    assert not (tmp_path / "ws").exists()


def test_two_on_one_directory_both_work(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", *(record(name) for name in "abc"))
    with corrigenda.open(tmp_path / "ws") as one, corrigenda.open(tmp_path / "ws") as two:
        assert (one.owns_files, two.owns_files) == (True, False)
        two.import_path(path)
        one.submit("a", "correct", corrected_response="4")
        two.submit("b", "correct", corrected_response="4")
        with pytest.raises(AlreadyDecided):
            two.submit("a", "flag")
        assert one.stats() == two.stats()
        assert one.stats()["by_status"]["approved"] == 2
    lines = [json.loads(x) for x in (tmp_path / "ws/sft_approved.jsonl").read_bytes().splitlines()]
    assert [line["id"] for line in lines] == ["a", "b"]


def test_a_broken_configuration_does_not_stop_the_work(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    config = write(tmp_path / "config" / "label_tool.yaml")
    config.write_text("sft: {categories: [unsafe]}", encoding="utf-8")
    with corrigenda.open(tmp_path / "ws", config_dir=tmp_path / "config") as workspace:
        workspace.import_path(write(tmp_path / "x.jsonl", record("a"), record("b")))
        workspace.submit("a", "flag", failure_category="unsafe")
        config.write_text("sft: [", encoding="utf-8")
        workspace.submit("b", "flag", failure_category="unsafe")
        assert "label_tool.yaml" in caplog.text
        with pytest.raises(ConfigError):
            workspace.runs()


# ---- the doctor


def findings(workspace: Workspace) -> dict[str, bool]:
    return {finding.check: finding.ok for finding in workspace.check() if finding.check != "disk"}


def test_a_sound_workspace(approved: Workspace) -> None:
    found = findings(approved)
    assert set(found.values()) == {True}
    assert found.keys() >= {"database", "schema", "counts"}
    assert ("files" in found) == (approved.mirror is not None)
    (disk,) = [finding for finding in approved.check() if finding.check == "disk"]
    assert disk.message.endswith("GB free")


def test_wrong_counts_are_found(approved: Workspace) -> None:
    from corrigenda.store import counts

    approved.database.write(lambda c: counts.add(c, {("total", "", "approved", ""): 5}))
    assert not findings(approved)["counts"]
    (said,) = [finding.message for finding in approved.check() if finding.check == "counts"]
    assert "total approved: 6 kept, 1 counted" in said


def test_a_file_that_differs_is_found(tmp_path: Path) -> None:
    with corrigenda.open(tmp_path / "ws") as workspace:
        path = write(tmp_path / "x.jsonl", record("a", status="approved", corrected_response="4"))
        workspace.import_path(path)
        assert set(findings(workspace).values()) == {True}
        (tmp_path / "ws" / "sft_approved.jsonl").write_bytes(b"")
        assert False in findings(workspace).values()
