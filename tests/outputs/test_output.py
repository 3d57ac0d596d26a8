"""One file: what lies in it afterwards, and that the writer says the truth about it."""

import csv
import gzip
import hashlib
import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from backports import zstd

from corrigenda.errors import InvalidInput
from corrigenda.outputs import CONTAINERS, container_of, open_output
from tests.outputs.rows import STRANGE, SUM, Row, chat, written

OPEN: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    "gz": gzip.decompress,
    "zst": zstd.decompress,
}


def lines(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.splitlines()]


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_writer_says_how_many_rows_and_bytes_and_their_hash(
    container: str, tmp_path: Path
) -> None:
    path = tmp_path / f"x.{container}"
    writer = written(path, [SUM] * 5)
    data = path.read_bytes()
    assert (writer.rows, writer.bytes) == (5, len(data))
    assert writer.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("container", CONTAINERS)
def test_the_same_rows_are_the_same_bytes(container: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"first.{container}", tmp_path / f"second.{container}"
    rows = [chat(f"{n} + {n}?" * 20, str(2 * n)) for n in range(5000)]
    assert written(first, rows).sha256 == written(second, rows).sha256
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("compression", ["", "gz", "zst"])
def test_json_lines_are_ascii_whatever_the_texts_hold(compression: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.jsonl{compression and '.'}{compression}"
    rows = [SUM, STRANGE, chat("\ud800", "lone")]
    written(path, rows)
    data = OPEN[compression](path.read_bytes())
    assert data.isascii()
    assert data.count(b"\n") == 3
    assert lines(data) == rows


def test_gzip_tells_no_time_and_no_name(tmp_path: Path) -> None:
    written(tmp_path / "secret-name.jsonl.gz", [SUM])
    data = (tmp_path / "secret-name.jsonl.gz").read_bytes()
    assert data[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
    assert b"secret" not in data


@pytest.mark.parametrize("compression", ["", "gz", "zst"])
def test_csv_has_the_columns_of_the_first_row(compression: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.csv{compression and '.'}{compression}"
    rows: list[Row] = [
        {"id": "a", "text": 'é, "b"\nc', "n": 1, "ok": True, "none": None, "tags": ["x", 2]},
        {"id": "b", "text": "lone \ud800"},
    ]
    written(path, rows)
    text = OPEN[compression](path.read_bytes()).decode("utf-8")
    found = list(csv.DictReader(io.StringIO(text, newline="")))
    assert found == [
        {"id": "a", "text": 'é, "b"\nc', "n": "1", "ok": "true", "none": "", "tags": '["x",2]'},
        {"id": "b", "text": "lone \ufffd", "n": "", "ok": "", "none": "", "tags": ""},
    ]


def test_a_table_never_loses_a_column(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="new"):
        written(tmp_path / "x.csv", [{"a": 1}, {"a": 1, "new": 2}])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("container", CONTAINERS)
def test_no_rows_are_a_file_too(container: str, tmp_path: Path) -> None:
    path = tmp_path / f"x.{container}"
    assert written(path, []).rows == 0
    if container == "parquet":
        assert pq.read_table(path).num_rows == 0
    else:
        assert OPEN[container.partition(".")[2]](path.read_bytes()) == b""


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_write_gives_the_row_as_one_line_of_json(container: str) -> None:
    with open_output(io.BytesIO(), container=container) as writer:
        line = writer.write(STRANGE)
    assert line.isascii()
    assert b"\n" not in line
    assert json.loads(line) == STRANGE


@pytest.mark.parametrize(
    ("name", "container"),
    [
        ("train.jsonl", "jsonl"),
        ("TRAIN.JSONL.GZ", "jsonl.gz"),
        ("train.ndjson.zst", "jsonl.zst"),
        ("v1.2/train.parquet", "parquet"),
        ("train.csv", "csv"),
        ("s3://bucket/train.csv.gz", "csv.gz"),
        ("train.json", None),
        ("train.gz", None),
        ("jsonl", None),
        ("train.jsonl.bz2", None),
    ],
)
def test_a_name_says_what_the_file_is(name: str, container: str | None) -> None:
    assert container_of(name) == container


def test_a_name_that_says_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"must end in `\.jsonl`, .* or `\.csv\.zst`\."):
        written(tmp_path / "train.txt", [SUM])
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_says_nothing_can_be_helped(tmp_path: Path) -> None:
    written(tmp_path / "train", [SUM], "jsonl.gz")
    assert lines(gzip.decompress((tmp_path / "train").read_bytes())) == [SUM]
    with pytest.raises(InvalidInput, match="Unknown container `xml`; known are `jsonl`"):
        written(tmp_path / "train", [SUM], "xml")


def test_a_stream_gets_json_lines_and_stays_open() -> None:
    stream = io.BytesIO()
    with open_output(stream) as writer:
        writer.write(SUM)
    assert lines(stream.getvalue()) == [SUM]
    assert (writer.bytes, writer.sha256) == (
        len(stream.getvalue()),
        hashlib.sha256(stream.getvalue()).hexdigest(),
    )


@pytest.mark.parametrize("container", CONTAINERS)
def test_a_stream_gets_whatever_it_is_told(container: str) -> None:
    stream = io.BytesIO()
    with open_output(stream, container=container) as writer:
        writer.write(SUM)
    assert len(stream.getvalue()) == writer.bytes > 0


def test_a_dash_is_standard_output(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        open(1, "w", encoding="utf-8", closefd=False) as standard,
        monkeypatch.context() as patch,
    ):
        patch.setattr(sys, "stdout", standard)
        written("-", [SUM])
    assert lines(capfdbinary.readouterr().out) == [SUM]
