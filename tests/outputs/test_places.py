"""Where a file may go, what is refused, and that nothing is ever half-written."""

import errno
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from corrigenda.errors import InvalidInput, StorageError, StorageFull
from corrigenda.outputs import CONTAINERS, open_output
from tests.outputs.rows import SUM, Row, broken_off, chat, written

ENDLESS = """
import itertools, sys
from corrigenda.outputs import open_output
with open_output(sys.argv[1]) as writer:
    for number in itertools.count():
        writer.write({"n": number, "text": f"{number:064}" * 8})
        if number == 20_000:
            print("on the way", flush=True)
"""


def test_an_error_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("before", "utf-8")
    with pytest.raises(ZeroDivisionError):
        written(path, broken_off())
    assert path.read_text("utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "parquet"])
def test_a_killed_process_leaves_what_was_there(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{ending}"
    path.write_text("before", "utf-8")
    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, str(path)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on the way\n"
        process.send_signal(signal.SIGKILL)
    assert path.read_text("utf-8") == "before"
    assert [each.name for each in tmp_path.iterdir() if not each.name.startswith(".")] == [
        path.name
    ]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    link = tmp_path / "x.jsonl"
    link.symlink_to(tmp_path / "data/real.jsonl")
    with open_output(link) as writer:
        writer.write(SUM)
    assert link.is_symlink()
    assert json.loads((tmp_path / "data/real.jsonl").read_bytes()) == SUM


def test_an_existing_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.touch(0o600)
    with open_output(path) as writer:
        writer.write(SUM)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(InvalidInput, match=r"There is no folder `.*nowhere` to write `x\.jsonl`"),
        open_output(tmp_path / "nowhere/x.jsonl"),
    ):
        pass


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").mkdir()
    with pytest.raises(InvalidInput, match="is a folder"), open_output(tmp_path / "x.jsonl"):
        pass


@pytest.mark.parametrize("ending", CONTAINERS)
def test_a_full_disk_is_an_error_and_leaves_what_was_there(ending: str, small_disk: Path) -> None:
    path = small_disk / f"x.{ending}"
    path.write_text("before", "utf-8")
    with pytest.raises(StorageFull, match="No space is left to write"):
        written(path, ({"text": os.urandom(20_000).hex()} for _ in range(300)))
    assert path.read_text("utf-8") == "before"
    assert list(small_disk.iterdir()) == [path]


def test_a_read_only_disk_is_an_error(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with (
        pytest.raises(StorageError, match="Read-only file system"),
        open_output(small_disk / "x.jsonl"),
    ):
        pass


def test_a_device_that_is_full_is_an_error() -> None:
    with pytest.raises(StorageFull), open_output("/dev/full") as writer:
        writer.write(SUM)


def test_a_device_is_written_to_and_not_replaced() -> None:
    with open_output(os.devnull) as writer:
        writer.write(SUM)
    assert Path(os.devnull).is_char_device()
    assert writer.bytes > 0


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_pipe_is_streamed_to(ending: str, tmp_path: Path) -> None:
    pipe = tmp_path / f"pipe.{ending}"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    rows: list[Row] = [chat(f"{n}?", "x" * 500) for n in range(1000)]
    with open_output(pipe) as writer:
        for row in rows:
            writer.write(row)
    reader.join()
    assert pipe.is_fifo()
    assert len(read[0]) == writer.bytes
    if ending == "parquet":
        assert pq.read_table(io.BytesIO(read[0])).to_pylist() == rows
    else:
        assert [json.loads(line) for line in read[0].splitlines()] == rows


def test_a_reader_that_goes_away_is_an_error(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def read_a_little() -> None:
        with pipe.open("rb") as file:
            file.read(10)

    reader = threading.Thread(target=read_a_little)
    reader.start()
    with pytest.raises(StorageError, match=r"Whoever read `.*pipe` has gone"):
        written(pipe, itertools.repeat(SUM, 10_000))
    reader.join()
    assert pipe.is_fifo()


def test_a_given_stream_says_itself_that_its_reader_has_gone() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as stream, pytest.raises(BrokenPipeError):
        written(stream, itertools.repeat(SUM, 10_000))


def test_a_stream_that_takes_little_at_a_time_gets_all() -> None:
    class Slow(io.BytesIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data[:1000]))

    slow = Slow()
    with open_output(slow) as writer:
        for _ in range(1000):
            writer.write(SUM)
    assert slow.getvalue().count(b"\n") == 1000


def test_errors_of_the_system_have_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_descriptors(*_: Any, **__: Any) -> None:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr("tempfile.mkstemp", no_descriptors)
    with (
        pytest.raises(StorageError, match=r"Cannot use `.*x\.jsonl`: Too many open files\."),
        open_output(tmp_path / "x.jsonl"),
    ):
        pass
