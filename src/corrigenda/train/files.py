"""Files written whole or not at all, read whole, and hashed; the lock of one training at a time.

Whoever needs the SHA-256 of a file takes it from here, in this package and above it.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from corrigenda.errors import Conflict

_BLOCK = 1 << 22

LOCK = ".training.lock"
"""In a training's folder: held by the process that trains."""


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole or not at all, in place of what was there."""
    unfinished = path.with_name(f".{path.name}.partial")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    keep(path.parent)


def read_json(path: Path) -> Any:
    """What a JSON file says; `None` where there is none that can be read."""
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def digest(path: Path, meanwhile: Callable[[], None] = lambda: None) -> str:
    """The SHA-256 of a file, in hexadecimal.

    Args:
        path: Of the file.
        meanwhile: Called for every few megabytes; what it raises ends it.
    """
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
            meanwhile()
    return found.hexdigest()


def keep(path: Path) -> None:
    """Have a file, or the names in a folder, outlive the machine's end."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def keep_all(folder: Path) -> dict[str, int]:
    """The same for all files of a folder; returns their sizes by their names in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        keep(path)
        if path.is_file():
            found[str(path.relative_to(folder))] = path.stat().st_size
    keep(folder)
    return found


def held(folder: Path) -> int:
    """The bytes of all files below a folder, which need not be there."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # another process may clear up
            total += path.stat().st_size if path.is_file() else 0
    return total


@contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold a lock that ends with this process.

    Raises:
        Conflict: Another process holds it.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        raise Conflict(f"Another process is training `{path.parent}` now.") from None
    try:
        yield
    finally:
        lock.release()
