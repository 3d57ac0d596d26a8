"""JSON lines, as the old label tool's users read and write them: whole lists."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from corrigenda import jsonl


def read_jsonl(path: Path) -> list[dict[str, Any]]:
    """All records of a file, none if there is no file; blank and broken lines are skipped."""
    if not path.exists():
        return []
    found = []
    with path.open("rb") as file:
        for line in jsonl.read_lines(file):
            try:
                found.append(jsonl.loads(line.data))
            except ValueError:
                continue
    return found


def write_jsonl(path: Path, records: Iterable[dict[str, Any]]) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    jsonl.write_records(path, iter(records))


def append_jsonl(path: Path, record: dict[str, Any]) -> None:
    """Add one record to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
        # A last line without an end would run into this one, and both would be lost.
        before = b"\n" if file.read(1) not in (b"", b"\n") else b""
        file.write(before + jsonl.dumps(record).encode("ascii") + b"\n")
