"""A disk that is really full, and a directory that is really read-only (a small tmpfs)."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from corrigenda.errors import StorageError, StorageFull
from corrigenda.workbench import Workspace
from tests.mirror.files import Files, record


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB; mounting it takes root."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a small file system cannot be mounted here (it takes root)")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextlib.contextmanager
def filled(place: Path) -> Iterator[None]:
    ballast = place / "ballast"
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while True:
            os.write(handle, b"x" * 4096)
    os.close(handle)
    yield
    ballast.unlink()


def counted(workspace: Workspace) -> tuple[int, int]:
    by_status = workspace.stats()["by_status"]
    return by_status["needs_review"], by_status["approved"]


def correct_all(workspace: Workspace, text: str) -> None:
    for n in range(1, 50):
        workspace.submit(f"a{n}", "correct", corrected_response=text)


def sound(workspace: Workspace) -> list[str]:
    """What the doctor finds, but for the lack of space on so small a disk."""
    return [f.message for f in workspace.check() if not f.ok and f.check != "disk"]


def test_a_full_disk_is_an_error_and_nothing_is_half_written(small_disk: Path) -> None:
    files = Files(small_disk / "ws")
    files.directory.mkdir()
    files.write(*(record(f"a{n}") for n in range(50)))
    workspace = files.open()
    text = "y" * 3000
    workspace.submit("a0", "correct", corrected_response=text)
    with filled(small_disk):
        with pytest.raises(StorageFull, match="No space is left"):
            correct_all(workspace, text)
        done = counted(workspace)[1]
        with pytest.raises(StorageFull, match="No space is left"):
            workspace.sync(force=True)
        assert sound(workspace) == []
    assert len(files.approved_ids()) == done
    workspace.submit(f"a{done}", "correct", corrected_response=text)
    assert counted(workspace) == (49 - done, done + 1)
    workspace.close()
    assert [line["status"] for line in files.lines()].count("approved") == done + 1
    workspace = files.open()
    assert sound(workspace) == []
    workspace.close()


def test_a_read_only_directory_is_an_error(small_disk: Path) -> None:
    files = Files(small_disk / "ws")
    files.directory.mkdir()
    files.write(record("a"))
    workspace = files.open()
    workspace.submit("a", "discard")
    workspace.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StorageError):
        files.open()
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    workspace = files.open()
    assert workspace.get("a")["status"] == "discarded"
    workspace.close()
