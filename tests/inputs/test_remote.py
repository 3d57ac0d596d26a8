"""Files by URL, through fsspec."""

import gzip
import io
from collections.abc import Iterator
from typing import Any

import fsspec
import pytest

from corrigenda.errors import InvalidInput
from corrigenda.inputs import document, files_of, is_archive, members
from corrigenda.urls import without_secrets
from tests.inputs.packing import zipped


@pytest.fixture
def memory() -> Iterator[Any]:
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    for path, data in {
        "/logs/a/x.json": b'{"a": 1}',
        "/logs/a/results.json": b"{}",
        "/logs/b.json.gz": gzip.compress(b'{"b": 1}'),
        "/logs/.hidden/c.json": b"1",
        "/logs/d.zip": zipped({"run/e.json": b"5"}),
        "/other/f.json": b"6",
    }.items():
        fs.pipe_file(path, data)
    yield fs
    fs.store.clear()


def test_one_file(memory: Any) -> None:
    (file,) = files_of("memory://logs/b.json.gz")
    assert (file.name, file.label) == ("b.json", "memory://logs/b.json.gz")
    assert document(file) == {"b": 1}
    assert file.consumed == file.size
    with file.seekable() as stream:
        assert stream.seek(0, io.SEEK_END) == 8


def test_a_directory_and_a_glob(memory: Any) -> None:
    names = ["a/results.json", "a/x.json", "b.json", "d.zip"]
    assert [file.name for file in files_of("memory://logs")] == names
    assert [file.name for file in files_of("memory://logs/")] == names
    (x, results) = sorted(files_of("memory://logs/**/*.json"), key=lambda file: -len(file.label))[
        ::-1
    ]
    assert (x.name, x.label) == ("a/x.json", "memory://logs/a/x.json")
    assert results.open().read() == b"{}"
    assert [file.name for file in files_of("memory://logs/*")] == names


def test_what_is_beside(memory: Any) -> None:
    (file,) = files_of("memory://logs/a/x.json")
    assert file.siblings() == ["results.json", "x.json"]
    beside = file.beside("results.json")
    assert beside is not None
    assert beside.label == "memory://logs/a/results.json"
    above = file.beside("../b.json")
    assert above is not None
    assert document(above) == {"b": 1}
    assert file.beside("absent.json") is None


def test_an_archive(memory: Any) -> None:
    (file,) = files_of("memory://logs/d.zip")
    assert is_archive(file)
    (member,) = members(file)
    assert (member.name, member.label) == ("d/run/e.json", "memory://logs/d.zip/run/e.json")
    assert member.open().read() == b"5"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("memory://absent", "There is nothing at `memory://absent`"),
        ("memory://logs/*.nothing", "There is nothing at"),
        ("nosuch://x", "`nosuch://x` cannot be read: Protocol not known"),
        ("gdrive://x/y", "To read `gdrive://x/y` a package is missing"),
    ],
)
def test_what_is_wrong_is_one_sentence(memory: Any, url: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        files_of(url)
    assert sentence in str(caught.value)


def test_a_file_that_goes_away(memory: Any) -> None:
    (file,) = files_of("memory://logs/a/x.json")
    memory.rm("/logs/a/x.json")
    with pytest.raises(InvalidInput, match="There is nothing at"):
        file.open()


def test_labels_hold_no_secrets() -> None:
    assert without_secrets("https://me:pw@host/a.json?sig=abc") == "https://host/a.json"
    assert without_secrets("s3://bucket/what?.json") == "s3://bucket/what?.json"
