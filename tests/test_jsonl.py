"""JSON lines: read as a stream, written whole or not at all."""

import errno
import io
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corrigenda.errors import StorageError, StorageFull
from corrigenda.jsonl import (
    MAX_DEPTH,
    Line,
    atomic_write,
    dumps,
    encode,
    free_name,
    loads,
    read_lines,
    read_records,
    storage_error,
    write_records,
)


def lines(data: bytes) -> list[Line]:
    return list(read_lines(io.BytesIO(data)))


def test_a_free_name_is_one_that_nothing_has(tmp_path: Path) -> None:
    path = tmp_path / "a.kept-1"
    names = []
    for _ in range(3):
        names.append(free_name(path, ".jsonl").name)
        (tmp_path / names[-1]).symlink_to("nowhere")
    assert names == ["a.kept-1.jsonl", "a.kept-1-2.jsonl", "a.kept-1-3.jsonl"]


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


def test_lines_have_numbers_and_places() -> None:
    assert lines(b'{"a":1}\n\n  \r\n {"b":2}\r\n{"c"') == [
        Line(1, 0, b'{"a":1}'),
        Line(4, 13, b'{"b":2}'),
        Line(5, 23, b'{"c"', complete=False),
    ]


def test_reading_goes_on_from_a_place() -> None:
    data = b'{"a":1}\n{"b":2}\n'
    assert list(read_lines(io.BytesIO(data[8:]), number=1, offset=8)) == lines(data)[1:]


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"], ids=ascii)
def test_a_line_ends_at_the_line_feed_alone(end: str) -> None:
    data = f'{{"a":"x{end}y"}}\n{{"b":1}}\n'.encode()
    assert [line.number for line in lines(data)] == [1, 2]


def test_a_byte_order_mark_is_skipped_at_the_beginning_only() -> None:
    bom = b"\xef\xbb\xbf"
    assert [line.data for line in lines(bom + b"{}\n" + bom + b"{}\n")] == [b"{}", bom + b"{}"]


@given(st.lists(st.binary(max_size=8), max_size=8))
def test_every_line_stands_where_it_says(parts: list[bytes]) -> None:
    data = b"\n".join(parts)
    found = lines(data)
    numbered = dict(enumerate(data.split(b"\n"), start=1))
    for line in found:
        whole = numbered[line.number]
        if line.number == 1:
            whole = whole.removeprefix(b"\xef\xbb\xbf")
        assert line.data == whole.strip()
        assert data[line.offset :].split(b"\n")[0].endswith(whole)
    assert {line.number for line in found} >= {n for n, raw in numbered.items() if raw.isalnum()}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"NaN", None),
        (b'{"a":[Infinity,-Infinity,NaN]}', {"a": [None, None, None]}),
        (b"[1e400,-1e400]", [None, None]),
        (b"9223372036854775808", 2**63),
        (b"18446744073709551616", 2**64),
        (b"-123456789012345678901234567890", -123456789012345678901234567890),
        (b'["\\u0000\\ud83e"]', ["\x00\ud83e"]),
        (b'{"a":1,"a":2}', {"a": 2}),
        (nested(MAX_DEPTH), json.loads(nested(MAX_DEPTH))),
        (b'"' + b"[{" * MAX_DEPTH + b'"', "[{" * MAX_DEPTH),
    ],
    ids=ascii,
)
def test_loads(text: bytes, value: object) -> None:
    assert loads(text) == value
    assert loads(dumps(value).encode("ascii")) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b'{"id": "a"', "not JSON: .* at column 11"),
        (b"{'id': 1}", "not JSON: .* at column 2"),
        (b'{"a":1}{"b":2}', "not JSON: Extra data at column 8"),
        (b'"\xff"', "not UTF-8 at byte 2"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8 at byte 8"),
        ("[1]".encode("utf-16-le"), "not JSON"),
        (nested(MAX_DEPTH + 1), "nested too deep"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "nested too deep"),
        (nested(100_000), "nested too deep"),
        (b"1" * 5000, "too many digits"),
    ],
    ids=lambda value: ascii(value)[:24],
)
def test_what_cannot_be_read(text: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        loads(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf")], ids=str)
def test_what_is_no_json_is_never_written(value: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps({"a": value})


def test_records_are_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    records: list[dict[str, Any]] = [{"a": "\x00\ud800é\n"}, {"b": [1, 2.5, None]}]
    assert write_records(path, iter(records)) == 2
    assert path.read_bytes().isascii()
    assert list(read_records(path)) == records


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("old\n", encoding="utf-8")

    def broken() -> Iterator[dict[str, Any]]:
        yield {"a": 1}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_records(path, broken())
    assert path.read_text("utf-8") == "old\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_keeps_the_file_that_it_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    write_records(path, iter([{"a": 1}]))
    with path.open("rb") as reader:
        write_records(path, iter([{"b": 2}]))
        assert reader.read() == b'{"a":1}\n'
    assert path.read_bytes() == b'{"b":2}\n'


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_keeps_its_permissions(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "x.jsonl"
    path.touch()
    path.chmod(mode)
    write_records(path, iter([]))
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    program = (
        "import os, sys, pathlib; os.umask(0o027); from corrigenda.jsonl import write_records; "
        "write_records(pathlib.Path(sys.argv[1]), iter([]))"
    )
    path = tmp_path / "x.jsonl"
    subprocess.run([sys.executable, "-c", program, path], check=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize("place", ["missing/x.jsonl", "file/x.jsonl", "folder"])
def test_what_cannot_be_written_is_one_sentence(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=str(tmp_path)):
        write_records(tmp_path / place, iter([{"a": 1}]))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_a_full_disk(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("old\n", encoding="utf-8")

    def write_on_a_full_disk() -> None:
        with atomic_write(path) as file:
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, file.fileno())
            os.close(full)
            file.write(b"x" * 100)

    with pytest.raises(StorageFull, match="No space"):
        write_on_a_full_disk()
    assert path.read_text("utf-8") == "old\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, StorageFull),
        (errno.EDQUOT, StorageFull),
        (errno.EROFS, StorageError),
        (errno.EACCES, StorageError),
    ],
    ids=errno.errorcode.get,
)
def test_the_systems_refusals(number: int, kind: type[StorageError]) -> None:
    found = storage_error(OSError(number, os.strerror(number)), Path("data/x.jsonl"))
    assert type(found) is kind
    assert "`data/x.jsonl`" in str(found)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(st.characters(categories=["Cs", "Cc", "Ll"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_bytes_are_those_of_the_text(value: Any) -> None:
    assert encode(value) == dumps(value).encode("ascii")


@pytest.mark.parametrize(
    "value",
    [
        1e-07,
        1e16,
        1.5e300,
        -0.0,
        2**64,
        -(2**63),
        2**200,
        "\x7f",
        "0e1",
        "\ud800",
        "\u2028",
        {"é": "é"},
    ],
)
def test_what_two_encoders_write_differently(value: Any) -> None:
    assert encode([value]) == dumps([value]).encode("ascii")
    assert loads(encode([value])) == [value]
