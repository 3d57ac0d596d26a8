"""Backups: made while others work, tried before they count, and brought back whole."""

import errno
import io
import json
import os
import shutil
import stat
import tarfile
import threading
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from corrigenda.core.recipe import Recipe
from corrigenda.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    SchemaMismatch,
    StorageError,
    StorageFull,
    WorkspaceInUse,
)
from corrigenda.outputs import archive
from corrigenda.store import Database
from corrigenda.workbench import Workspace, backups
from corrigenda.workbench.recovery import restore
from tests.workbench.desk import fill, opened, record, state


def everything(workspace: Workspace) -> dict[str, Any]:
    """What there is to know of a workspace, but for its place."""
    found = list(workspace.candidates())
    return {
        "candidates": found,
        "histories": [workspace.history(each["id"]) for each in found],
        "stats": workspace.stats(),
        "exports": workspace.exports(),
        "guidelines": workspace.guidelines(),
        "taxonomy": workspace.taxonomy,
    }


def filled(workspace: Workspace) -> None:
    fill(workspace, *(record(f"c{n}", quality_score=n / 10) for n in range(10)))
    workspace.submit("c1", "correct", corrected_response="4\x00\ud800", tags=["odd"])
    workspace.submit("c2", "discard", note="no \U0001f989")
    workspace.undo("c2")
    workspace.make_export(Recipe(format="messages"), name="rc-1")
    (workspace.config_dir / "label_tool.yaml").write_text("sft: {categories: [unsafe]}\n")


def packed(path: Path, files: dict[str, bytes], *, sums: bool = True) -> Path:
    """An archive that somebody else has made."""
    with path.open("wb") as file:
        packing = archive.Packing(file)
        for name, data in files.items():
            packing.add_bytes(name, data)
        if not sums:
            packing._sums.clear()
        packing.finish()
    return path


def test_a_workspace_comes_back_whole(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        workspace.sync()
        before = everything(workspace)
        made = workspace.backup(tmp_path)
    assert made.path.parent == tmp_path
    assert made.path.name.startswith("corrigenda-workspace-2")
    assert (made.candidates, made.decisions, made.bytes) == (10, 3, made.path.stat().st_size)
    done = restore(made.path, tmp_path / "elsewhere")
    assert (done.candidates, done.decisions, done.kept) == (10, 3, None)
    # Out of PostgreSQL, too, it comes as a workspace on a directory.
    with Workspace.open(tmp_path / "elsewhere") as again:
        assert everything(again) == before
        assert all(finding.ok for finding in again.check())
        assert (tmp_path / "elsewhere/exports/rc-1/manifest.json").is_file()
        again.submit("c3", "discard")
        fill(again, record("new"))
        assert state(again, "c1")[1] == "4\x00\ud800"
    assert not list(tmp_path.glob(".*")), "nothing is left lying about"


def test_it_goes_into_another_database(tmp_path: Path, postgres_url: str) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        filled(workspace)
        before = everything(workspace)
        made = workspace.backup(tmp_path)
    restore(made.path, tmp_path / "team", database_url=postgres_url)
    assert not (tmp_path / "team/corrigenda.db").exists()
    with Workspace.open(tmp_path / "team", database_url=postgres_url) as team:
        assert everything(team) == before
        fill(team, record("new"))
        team.submit("new", "discard")
        assert all(finding.ok for finding in team.check())
    with pytest.raises(Conflict, match="name a database that is empty"):
        restore(made.path, tmp_path / "other", database_url=postgres_url)
    assert not (tmp_path / "other").exists()


def test_what_a_program_has_left_that_was_killed_goes_after_a_day(tmp_path: Path) -> None:
    for name in (".corrigenda-backup-old", ".again.restoring-old"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "corrigenda.db").write_bytes(b"half")
        os.utime(folder, (0, 0))
    (tmp_path / ".corrigenda-backup-new").mkdir()
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        made = workspace.backup(tmp_path / "b.tar.zst")
    restore(made.path, tmp_path / "again")
    assert [path.name for path in tmp_path.glob(".*")] == [".corrigenda-backup-new"]


def test_others_go_on_meanwhile(
    tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(tmp_path, database_url) as workspace:
        fill(workspace, *(record(f"c{n}") for n in range(300)))
        stop, failures = threading.Event(), []

        def decide() -> None:
            try:
                for n in range(300):
                    if stop.is_set():
                        return
                    workspace.submit(f"c{n}", "correct", corrected_response=str(n))
            except BaseException as failure:  # noqa: BLE001 - a thread's failure must reach the test
                failures.append(failure)

        thread = threading.Thread(target=decide)
        thread.start()
        made = [workspace.backup(tmp_path / f"b{n}.tar.zst") for n in range(3)]
        stop.set()
        thread.join()
        assert failures == []
    for number, each in enumerate(made):
        restore(each.path, tmp_path / f"r{number}")
        with Workspace.open(tmp_path / f"r{number}") as again:
            assert all(finding.ok for finding in again.check())
            assert again.stats()["by_status"]["approved"] == each.decisions
    # Nobody else has changed the files, although they were ahead of the database.
    assert [each.message for each in caplog.records if "changed by others" in each.message] == []


def test_a_database_elsewhere_is_left_alone_while_the_workspace_is_in_use(
    tmp_path: Path, postgres_url: str
) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        filled(workspace)
        made = workspace.backup(tmp_path)
        with pytest.raises(WorkspaceInUse):
            restore(made.path, tmp_path / "ws", database_url=postgres_url, force=True)
    restore(made.path, tmp_path / "ws", database_url=postgres_url, force=True)
    with Workspace.open(tmp_path / "ws", database_url=postgres_url) as again:
        assert again.stats()["total"] == made.candidates
        assert all(finding.ok for finding in again.check())


def test_what_is_there_is_kept(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        filled(workspace)
        made = workspace.backup(tmp_path)
        workspace.submit("c3", "discard")
        with pytest.raises(Conflict, match="keep it aside with `--force`"):
            restore(made.path, tmp_path / "ws")
        with pytest.raises(WorkspaceInUse, match="stop it first"):
            restore(made.path, tmp_path / "ws", force=True)
    done = restore(made.path, tmp_path / "ws", force=True)
    assert done.kept is not None
    with Workspace.open(tmp_path / "ws") as now, Workspace.open(done.kept) as before:
        assert state(now, "c3")[0] == "needs_review"
        assert state(before, "c3")[0] == "discarded"
    (tmp_path / "empty").mkdir()
    assert restore(made.path, tmp_path / "empty").kept is None


@pytest.mark.parametrize("cut", [0, 1, 10, 500, -1, -20])
def test_a_backup_that_is_cut_short(tmp_path: Path, cut: int) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        made = workspace.backup(tmp_path / "whole.tar.zst")
    (tmp_path / "cut.tar.zst").write_bytes(made.path.read_bytes()[:cut])
    with pytest.raises(InvalidInput) as caught:
        restore(tmp_path / "cut.tar.zst", tmp_path / "again")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "again").exists()
    assert not list(tmp_path.glob(".again*"))


def test_a_backup_with_one_wrong_byte(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        made = workspace.backup(tmp_path / "whole.tar.zst")
    wrong, data = tmp_path / "wrong.tar.zst", bytearray(made.path.read_bytes())
    content = unpacked(made.path)
    refused = 0
    for place in range(100, len(data), len(data) // 30):
        data[place] ^= 0x55
        wrong.write_bytes(data)
        try:
            assert unpacked(wrong) == content, "a bit that says nothing"
        except InvalidInput:
            refused += 1
            with pytest.raises(InvalidInput):
                restore(wrong, tmp_path / "again")
        data[place] ^= 0x55
    assert refused > 20
    assert not (tmp_path / "again").exists()


def unpacked(path: Path) -> list[tuple[str, bytes]]:
    return [(name, content.read()) for name, content in archive.members(path)]


ABOUT = {"backup": 1, "schema": "0001", "made_at": "", "candidates": 0, "decisions": 0}


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"corrigenda.db": b"x"},
        {"backup.json": b"[]"},
        {"backup.json": b"{"},
        {"backup.json": b'{"backup": 1}'},
        {"backup.json": json.dumps({**ABOUT, "schema": 7}).encode()},
        {"backup.json": json.dumps(ABOUT).encode()},
        {"backup.json": json.dumps(ABOUT).encode(), "../corrigenda.db": b"x"},
        {"backup.json": json.dumps(ABOUT).encode(), "/tmp/corrigenda.db": b"x"},
        {"backup.json": json.dumps(ABOUT).encode(), "a\\..\\b": b"x"},
        {"backup.json": json.dumps(ABOUT).encode(), "corrigenda.db": b"no database" * 999},
    ],
    ids=lambda files: ", ".join(files) or "nothing",
)
def test_an_archive_of_somebody_else(tmp_path: Path, files: dict[str, bytes]) -> None:
    path = packed(tmp_path / "odd.tar.zst", files)
    with pytest.raises((InvalidInput, StorageError)):
        restore(path, tmp_path / "here" / "again")
    assert not (tmp_path / "here" / "again").exists()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["here", "odd.tar.zst"]


def test_links_in_an_archive_lead_nowhere(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        link = tarfile.TarInfo("backup.json")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    path = tmp_path / "links.tar.zst"
    path.write_bytes(zstd.compress(raw.getvalue()))
    with pytest.raises(InvalidInput, match="not a backup"):
        restore(path, tmp_path / "again")


def test_files_that_differ_from_their_checksums(tmp_path: Path) -> None:
    files = {"backup.json": json.dumps(ABOUT).encode(), "corrigenda.db": b"x"}
    path = packed(tmp_path / "odd.tar.zst", files, sums=False)
    with pytest.raises(InvalidInput, match="not as they were written"):
        restore(path, tmp_path / "again")


@pytest.mark.parametrize("changed", [{"backup": 2}, {"schema": "9999"}])
def test_a_backup_of_a_newer_program(tmp_path: Path, changed: dict[str, Any]) -> None:
    about = json.dumps({**ABOUT, **changed}).encode()
    path = packed(tmp_path / "newer.tar.zst", {"backup.json": about})
    with pytest.raises(SchemaMismatch, match="upgrade the program"):
        restore(path, tmp_path / "again")


def test_a_database_that_is_not_sound_makes_no_backup(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        workspace.database.write(lambda c: c.exec_driver_sql("UPDATE counts SET n = n + 1"))
        with pytest.raises(StorageError, match="not sound: counts: "):
            workspace.backup(tmp_path / "b.tar.zst")
        workspace.database.write(lambda c: c.exec_driver_sql("UPDATE counts SET n = n - 1"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["filled.jsonl", "ws"]


def test_where_a_backup_can_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        (tmp_path / "there").write_text("mine")
        with pytest.raises(Conflict, match="is not replaced"):
            workspace.backup(tmp_path / "there")
        with pytest.raises(NotFound, match="no folder"):
            workspace.backup(tmp_path / "nowhere/b.tar.zst")
        for inside in (tmp_path / "ws", tmp_path / "ws/b.tar.zst"):
            with pytest.raises(InvalidInput, match="cannot lie in the workspace"):
                workspace.backup(inside)
        usage = namedtuple("usage", "total used free")
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
        with pytest.raises(StorageFull, match="name another folder"):
            workspace.backup(tmp_path)
    assert (tmp_path / "there").read_text() == "mine"
    assert not list(tmp_path.glob("*.tar.zst"))


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    (tmp_path / "shut").mkdir(mode=0o500)
    with Workspace.open(tmp_path / "ws") as workspace, pytest.raises(StorageError):
        workspace.backup(tmp_path / "shut")


def test_nothing_is_claimed_in_what_comes_back(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        claim = (
            "INSERT INTO claims (candidate_seq, token, reviewer, holder, until) "
            "VALUES (1, 't', '\"kim\"', 'h', '2999')"
        )
        workspace.database.write(lambda c: c.exec_driver_sql(claim))
        made = workspace.backup(tmp_path)
    restore(made.path, tmp_path / "again")
    database = Database.open(tmp_path / "again" / "corrigenda.db")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM claims").scalar() == 0
    database.close()


def test_a_backup_without_a_name_lies_beside_the_workspace(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        assert workspace.backup().path.parent == tmp_path
        assert backups.VERSION == 1


def test_a_restored_workspace_is_as_private_as_a_new_folder(tmp_path: Path) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        made = workspace.backup(tmp_path)
    before = os.umask(0o077)
    try:
        restore(made.path, tmp_path / "again")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "again").stat().st_mode) == 0o700
    restore(made.path, tmp_path / "shared")
    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o777 & ~before


def test_what_was_there_comes_back_if_the_last_step_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"))
        made = workspace.backup(tmp_path)
    rename = Path.rename

    def refusing(path: Path, target: Path) -> Path:
        if Path(target) == tmp_path / "ws" and "restoring" in str(path):
            raise OSError(errno.EIO, "the disk is broken")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(StorageError):
        restore(made.path, tmp_path / "ws", force=True)
    assert not [each for each in tmp_path.iterdir() if "restor" in each.name]
    with Workspace.open(tmp_path / "ws") as workspace:
        assert [found["id"] for found in workspace.candidates()] == ["a"]
