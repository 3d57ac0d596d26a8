"""Files and folders by URL, through fsspec."""

import gzip
import json
import stat
from pathlib import Path
from typing import Any, ClassVar

import fsspec
import pytest

from corrigenda.errors import InvalidInput, StorageError
from corrigenda.outputs import open_folder
from corrigenda.urls import without_secrets, without_secrets_inside
from tests.outputs.rows import SUM, broken_off, written

_Memory: Any = fsspec.get_filesystem_class("memory")


class ObjectStore(_Memory):  # type: ignore[misc]
    """Shows an object when all of it has arrived, and cannot rename it."""

    protocol: ClassVar[Any] = ("s3", "s3a")
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return "/" + path.partition("://")[2].strip("/") if "://" in path else path

    def put_file(self, lpath: Any, rpath: Any, *_: Any, **__: Any) -> None:
        self.pipe_file(rpath, Path(lpath).read_bytes())

    def mv(self, *_: Any, **__: Any) -> None:
        raise AssertionError("an object store is not asked to rename")

    def makedirs(self, *_: Any, **__: Any) -> None:
        raise AssertionError("an object store is not asked for a bucket")


class Refusing(_Memory):  # type: ignore[misc]
    """Takes the first file, and breaks off in the middle of the second."""

    protocol: ClassVar[Any] = "refusing"
    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    taken = 0

    _strip_protocol = ObjectStore._strip_protocol

    def put_file(self, lpath: Any, rpath: Any, *_: Any, **__: Any) -> None:
        Refusing.taken += 1
        if Refusing.taken > 1:
            self.pipe_file(rpath, b"half")
            raise RuntimeError("403 for https://me:pw@store/x?sig=abc\nsecond line")
        super().put_file(lpath, rpath)


@pytest.fixture(autouse=True)
def drivers() -> None:
    fsspec.register_implementation("s3", ObjectStore, clobber=True)
    fsspec.register_implementation("refusing", Refusing, clobber=True)
    ObjectStore.store.clear()
    Refusing.store.clear()
    Refusing.taken = 0


def test_a_file_arrives_and_nothing_else(memory: Any) -> None:
    writer = written("memory://sets/v1/x.jsonl.gz", [SUM])
    assert memory.find("/") == ["/sets/v1/x.jsonl.gz"]
    data = memory.cat_file("/sets/v1/x.jsonl.gz")
    assert json.loads(gzip.decompress(data)) == SUM
    assert writer.bytes == len(data)


def test_an_error_leaves_what_was_there(memory: Any) -> None:
    memory.pipe_file("/x.jsonl", b"before")
    with pytest.raises(ZeroDivisionError):
        written("memory://x.jsonl", broken_off())
    assert memory.cat("/x.jsonl") == b"before"
    assert memory.find("/") == ["/x.jsonl"]


def test_a_file_takes_the_place_of_another(memory: Any) -> None:
    memory.pipe_file("/x.jsonl", b"before")
    written("memory://x.jsonl", [SUM])
    assert json.loads(memory.cat_file("/x.jsonl")) == SUM


def test_a_local_url_is_a_local_file(tmp_path: Path) -> None:
    path = tmp_path / "what now%20.jsonl"
    written(f"file://{path}", [SUM])
    assert json.loads(path.read_bytes()) == SUM
    assert stat.S_ISREG(path.stat().st_mode)
    with pytest.raises(InvalidInput, match="There is no folder"):
        written(f"file://{tmp_path}/nowhere/x.jsonl", [SUM])


def test_a_local_url_may_be_a_folder(tmp_path: Path) -> None:
    with open_folder(f"file://{tmp_path}/set") as folder:
        folder.write("manifest.json", b"{}")
    assert (tmp_path / "set/manifest.json").read_bytes() == b"{}"


def test_an_object_is_put_at_once() -> None:
    written("s3://bucket/x.jsonl", [SUM])
    with open_folder("s3://bucket/set") as folder:
        folder.write("manifest.json", b"{}")
    assert list(ObjectStore.store) == ["/bucket/x.jsonl", "/bucket/set/manifest.json"]


def test_a_refusal_is_one_sentence_without_secrets_and_leaves_what_was_there() -> None:
    written("refusing://x.jsonl", [SUM])
    before = Refusing.store["/x.jsonl"].getvalue()
    with pytest.raises(StorageError) as refused:
        written("refusing://x.jsonl", [SUM, SUM])
    assert refused.value.message == (
        "`refusing://x.jsonl` cannot be written to: 403 for https://store/x"
    )
    assert Refusing.store["/x.jsonl"].getvalue() == before
    assert list(Refusing.store) == ["/x.jsonl"]


def test_what_was_sent_of_a_folder_is_removed_again() -> None:
    with pytest.raises(StorageError, match="cannot be written to"):
        _make("refusing://set")
    assert Refusing.taken == 2
    assert list(Refusing.store) == []


def test_a_missing_package_is_said() -> None:
    # `gs` is one that fsspec knows, and whose package is not among ours.
    with pytest.raises(InvalidInput, match=r"To write `gs://b/x\.jsonl` a package is missing: "):
        written("gs://b/x.jsonl", [SUM])


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://me:pw@host/x.jsonl?sig=abc", "`https://host/x.jsonl` cannot be written to"),
        (
            "simplecache::ftp://host/x.jsonl",
            "`simplecache::ftp://host/x.jsonl` cannot be written to",
        ),
        ("nosuch://me:pw@host/x.jsonl", "`nosuch://host/x.jsonl` cannot be written to: Protocol"),
    ],
)
def test_what_cannot_be_written_to_is_refused_before_any_work(url: str, message: str) -> None:
    def never() -> Any:
        raise AssertionError
        yield

    with pytest.raises(InvalidInput) as refused:
        written(url, never())
    assert refused.value.message.startswith(message)
    assert "pw" not in refused.value.message


def test_a_full_disk_here_does_not_blame_the_other_side(
    memory: Any, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))
    rows = ({"text": f"{n:050}" * 400} for n in range(300))
    with pytest.raises(StorageError, match=f"No space is left to write `{small_disk}`"):
        written("memory://x.jsonl", rows)
    assert memory.find("/") == []
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@host/a?sig=abc", "https://host/a"),
        ("https://me:p@w@host/a", "https://host/a"),
        ("HTTPS://token@host/a", "HTTPS://host/a"),
        ("simplecache::https://me:pw@host/a?sig=abc", "simplecache::https://host/a"),
        ("sftp://me:pw@host/a?b", "sftp://host/a?b"),
        ("sftp://me@host/a", "sftp://me@host/a"),
        ("s3://bucket/what?.json", "s3://bucket/what?.json"),
        ("data/x@y:z.jsonl", "data/x@y:z.jsonl"),
    ],
)
def test_a_url_is_shown_without_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_a_message_is_shown_without_secrets() -> None:
    said = "no: 'ftp://me:pw@host/a?b' and https://h/x?sig=abc why"
    assert without_secrets_inside(said) == "no: 'ftp://host/a' and https://h/x why"


def _make(url: str) -> None:
    with open_folder(url) as folder:
        folder.write("a.txt", b"a")
        folder.write("b.txt", b"b")
        folder.write("manifest.json", b"{}")
