"""The workspace as programs use it, where HTTP would not get them to."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import corrigenda
from corrigenda.errors import InvalidInput, UnknownRun
from corrigenda.store import jobs as rows
from corrigenda.workbench import Workspace
from tests.fixtures.postgres import Server


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    (tmp_path / "runs").mkdir()
    with corrigenda.open(tmp_path) as opened:
        opened.set_bench_results_dir("runs")
        yield opened


def run(workspace: Workspace, name: str, *ids: str) -> Path:
    folder = workspace.directory / "runs" / name
    folder.mkdir()
    lines = (json.dumps({"id": found, "benchmark_run_id": name}) for found in ids)
    (folder / "sft_candidates.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "asked", [{"limit": 0}, {"limit": -1}, {"cursor": -1}, {"offset": -1}], ids=str
)
def test_a_page_that_cannot_be(workspace: Workspace, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match=r"`limit`|`cursor`"):
        workspace.queue(**asked)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../runs/r", "r/", "/", "r/../r", "\x00", "\ud800", "x" * 300],
)
def test_a_run_is_named_and_no_path(workspace: Workspace, name: str) -> None:
    run(workspace, "r", "a")
    (workspace.directory / "sft_candidates.jsonl").touch()
    with pytest.raises(UnknownRun):
        workspace.find_run(name)


def test_a_run_is_found_without_a_look_at_the_others(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = run(workspace, "r", "a")
    monkeypatch.setattr(Path, "iterdir", lambda _: pytest.fail("the folder is listed"))
    (found,) = workspace.find_run("r")
    assert (found.run.run_id, found.run.file.label) == ("r", str(folder / "sft_candidates.jsonl"))


def test_a_run_whose_name_is_no_text_is_left_out(workspace: Workspace) -> None:
    good = run(workspace, "good", "a")
    bad = run(workspace, os.fsdecode(b"bad\xff"), "b")
    assert workspace.import_path(good.parent).imported == 1
    assert [found.run_id for found in workspace.runs()] == ["good"]
    with pytest.raises(InvalidInput):
        workspace.import_path(bad)


def test_a_run_that_was_imported_halfway_is_not_imported(workspace: Workspace) -> None:
    run(workspace, "r", *(f"c{n}" for n in range(501)))

    def begin(name: str, state: rows.JobState) -> None:
        def work(connection: Any) -> None:
            at, kinds = "2026-04-07T10:00:00Z", [rows.IMPORT]
            asked: dict[str, Any] = {"kind": rows.IMPORT, "params": {"run_id": "r"}}
            rows.create(connection, job_id=name, unit="bytes", at=at, **asked)
            taken = rows.take(connection, owner="1", kinds=kinds, place=None, at=at)
            assert taken is not None
            rows.finish(connection, taken[1], state, at=at)

        workspace.database.write(work)

    begin("j1", rows.JobState.CANCELLED)
    assert workspace.import_run("r", lambda *_: True).stopped
    assert [found.already_imported for found in workspace.runs()] == [False]
    workspace.import_run("r")
    assert [found.already_imported for found in workspace.runs()] == [True]


def test_checking_where_the_directory_is_not_there(tmp_path: Path, postgres_server: Server) -> None:
    missing = tmp_path / "missing"
    with (
        postgres_server.fresh_database() as url,
        corrigenda.open(missing, database_url=url) as opened,
    ):
        assert [found.check for found in opened.check()] == [
            "database",
            "schema",
            "counts",
            "orders",
            "search",
        ]
    with corrigenda.open(missing, database_url=f"sqlite:///{tmp_path}/x.db") as opened:
        assert opened.check()[-1].check == "disk"
