"""Taking what was purged out of the two files, and out of the copies that are kept of them.

A line goes if a candidate that says the same would not be let in: the tombstones alone decide, so
that doing it again after a crash is the same as doing it once. What is no JSON object stays.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, check_id
from corrigenda.core.decisions import ReviewState
from corrigenda.errors import MalformedRecord, StorageError
from corrigenda.jsonl import atomic_write, loads, storage_errors
from corrigenda.mirror.approved_file import NAME as APPROVED
from corrigenda.mirror.candidates_file import NAME as CANDIDATES
from corrigenda.mirror.seen import stamp_of
from corrigenda.store import Database, purging

_PART = 500
_TRIES = 5


def files_of(directory: Path) -> list[Path]:
    """Both files, and what is kept of them under other names."""
    patterns = (
        *(CANDIDATES, f".{CANDIDATES}.displaced-*"),
        *(APPROVED, *(f"{Path(name).stem}.kept-*.jsonl" for name in (CANDIDATES, APPROVED))),
    )
    return sorted(path for pattern in patterns for path in directory.glob(pattern))


def scrub(path: Path, database: Database) -> int:
    """Rewrite a file without the lines of what was purged; returns how many those were.

    Raises:
        StorageError: The disk refuses, or somebody writes to the file all the time.
    """
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            if not (dropped := _dropped(path, database)):
                return 0
            if _rewrite(path, dropped):
                return len(dropped)
    raise StorageError(f"`{path}` is being written by another program; try again.")


def _dropped(path: Path, database: Database) -> set[int]:
    """The numbers of the lines that must go."""
    found: set[int] = set()
    with storage_errors(path), database.reading() as connection:
        part: list[tuple[int, Candidate]] = []
        for numbered in _samples(path):
            part.append(numbered)
            if len(part) == _PART:
                found |= _refused(connection, part)
                part = []
        return found | _refused(connection, part)


def _refused(connection: Connection, part: list[tuple[int, Candidate]]) -> set[int]:
    names = purging.names_for(connection, [sample for _, sample in part])
    return {number for (number, _), name in zip(part, names, strict=True) if name is None}


def _samples(path: Path) -> Iterator[tuple[int, Candidate]]:
    with path.open("rb") as file:
        for number, raw in enumerate(file):
            try:
                record = loads(raw) if raw.strip() else None
                if isinstance(record, dict):
                    check_id(record.get("id"))
                    yield number, Candidate(record, ReviewState())
            except (ValueError, MalformedRecord):
                continue


def _rewrite(path: Path, dropped: set[int]) -> bool:
    before = stamp_of(path)
    with suppress(_ChangedMeanwhile), atomic_write(path) as target, path.open("rb") as file:
        for number, raw in enumerate(file):
            if number not in dropped:
                target.write(raw)
        if stamp_of(path) != before:
            raise _ChangedMeanwhile
        return True
    return False


class _ChangedMeanwhile(Exception):
    pass
