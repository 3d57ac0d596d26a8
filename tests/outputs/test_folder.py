"""Folders of files that belong together."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import InvalidInput, StorageFull
from corrigenda.outputs import Folder, open_folder
from tests.outputs.rows import SUM

STOPPED = """
import sys
from corrigenda.outputs import open_folder
with open_folder(sys.argv[1], overwrite=True) as folder:
    with folder.writer("train.jsonl") as writer:
        writer.write({})
    folder.write("manifest.json", b"{}")
    print("on the way", flush=True)
    sys.stdin.read()
"""


def fill(folder: Folder, *names: str) -> None:
    for name in names:
        with folder.writer(name) as writer:
            writer.write(SUM)
    files = [{"name": name, "sha256": ""} for name in names]
    folder.write("manifest.json", json.dumps({"files": files}).encode())


def make(place: Path | str, *names: str, overwrite: bool = False) -> None:
    with open_folder(place, overwrite=overwrite) as folder:
        fill(folder, *(names or ("train.jsonl",)))


def names(place: Path) -> list[str]:
    return sorted(each.name for each in place.iterdir())


def test_a_new_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "set"
    with open_folder(place) as folder:
        with folder.writer("train.jsonl.gz") as writer:
            writer.write(SUM)
        folder.write("README.md", b"# Data")
        assert not place.exists()
    assert names(place) == ["README.md", "train.jsonl.gz"]
    assert names(tmp_path) == ["set"]
    assert writer.bytes == (place / "train.jsonl.gz").stat().st_size
    assert place.stat().st_mode & 0o777 == 0o777 & ~_umask()


def test_an_empty_folder_is_filled_and_stays_the_same(tmp_path: Path) -> None:
    (tmp_path / ".gitkeep").touch()
    before = tmp_path.stat().st_ino
    make(tmp_path)
    assert tmp_path.stat().st_ino == before
    assert names(tmp_path) == [".gitkeep", "manifest.json", "train.jsonl"]


def test_the_folder_one_stands_in_can_be_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(".")
    assert sorted(os.listdir()) == ["manifest.json", "train.jsonl"]  # noqa: PTH208


def test_an_error_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        _fail_in(tmp_path / "set")
    with pytest.raises(ZeroDivisionError):
        _fail_in(tmp_path)
    assert names(tmp_path) == []


def test_an_error_leaves_an_earlier_export(tmp_path: Path) -> None:
    make(tmp_path)
    before = {each: each.read_bytes() for each in tmp_path.iterdir()}
    with pytest.raises(ZeroDivisionError):
        _fail_in(tmp_path, overwrite=True)
    assert {each: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_a_killed_process_leaves_an_earlier_export(tmp_path: Path) -> None:
    make(tmp_path / "set")
    before = (tmp_path / "set/manifest.json").read_bytes()
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED, str(tmp_path / "set")],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on the way\n"
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / "set/manifest.json").read_bytes() == before
    make(tmp_path / "set", overwrite=True)
    shown = [name for name in names(tmp_path / "set") if not name.startswith(".")]
    assert shown == ["manifest.json", "train.jsonl"]


def test_an_earlier_export_is_replaced_only_when_asked_for(tmp_path: Path) -> None:
    make(tmp_path, "train.jsonl", "test.jsonl")
    (tmp_path / "notes.txt").write_text("mine", "utf-8")
    with pytest.raises(InvalidInput, match="holds an earlier export"):
        make(tmp_path)
    make(tmp_path, "train.jsonl.gz", overwrite=True)
    assert names(tmp_path) == ["manifest.json", "notes.txt", "train.jsonl.gz"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_with_something_else_is_refused(overwrite: bool, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(InvalidInput, match="is not empty"):
        make(tmp_path, overwrite=overwrite)
    assert names(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize(
    "manifest",
    [
        b"no json",
        b"[]",
        b'{"files": {"name": 1}}',
        b'{"files": [{"name": "../outside.txt"}, {"name": "/"}, {"name": ""}]}',
    ],
)
def test_a_manifest_of_somebody_else_makes_nothing_go(manifest: bytes, tmp_path: Path) -> None:
    place = tmp_path / "set"
    place.mkdir()
    (tmp_path / "outside.txt").touch()
    (place / "manifest.json").write_bytes(manifest)
    (place / "kept.txt").touch()
    make(place, overwrite=True)
    assert names(place) == ["kept.txt", "manifest.json", "train.jsonl"]
    assert names(tmp_path) == ["outside.txt", "set"]


def test_places_that_are_no_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="is a file; name a folder"):
        make(tmp_path / "file")
    with pytest.raises(InvalidInput, match=r"There is no folder `.*nowhere` to make `set` in"):
        make(tmp_path / "nowhere/set")


@pytest.mark.parametrize("name", ["../x.jsonl", "a/b.jsonl", ".hidden.jsonl", ""])
def test_a_file_has_a_plain_name(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the name of a file"):
        make(tmp_path / "set", name)
    assert names(tmp_path) == []


def test_a_full_disk_leaves_nothing(small_disk: Path) -> None:
    with pytest.raises(StorageFull, match=f"No space is left to write `{small_disk}/set`"):
        _write_much(small_disk / "set")
    assert names(small_disk) == []


def test_a_folder_far_away(memory: Any) -> None:
    make("memory://sets/v1", "train.jsonl", "test.jsonl")
    memory.pipe_file("/sets/v1/notes.txt", b"mine")
    with pytest.raises(InvalidInput, match="`memory://sets/v1` holds an earlier export"):
        make("memory://sets/v1")
    make("memory://sets/v1", "train.parquet", overwrite=True)
    found = [path.rpartition("/")[2] for path in memory.find("/sets/v1")]
    assert found == ["manifest.json", "notes.txt", "train.parquet"]
    memory.rm("/sets/v1/manifest.json")
    with pytest.raises(InvalidInput, match="is not empty"):
        make("memory://sets/v1", overwrite=True)


def test_the_manifest_is_sent_last(memory: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    send: Callable[..., None] = type(memory).mv

    def noted(self: Any, source: str, target: str, **kwargs: Any) -> None:
        sent.append(target.rpartition("/")[2])
        send(self, source, target, **kwargs)

    monkeypatch.setattr(type(memory), "mv", noted)
    make("memory://set", "train.jsonl", "a.jsonl")
    assert sent == ["a.jsonl", "train.jsonl", "manifest.json"]


def _fail_in(place: Path, *, overwrite: bool = False) -> None:
    with open_folder(place, overwrite=overwrite) as folder:
        fill(folder, "train.jsonl")
        _ = 1 / 0


def _write_much(place: Path) -> None:
    with open_folder(place) as folder, folder.writers("a.jsonl", "b.parquet") as writers:
        for _ in range(100):
            for writer in writers:
                writer.write({"text": os.urandom(20_000).hex()})


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
