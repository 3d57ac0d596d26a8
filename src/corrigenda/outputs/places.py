"""Places that a user names: a file, a pipe or a device, a stream, a URL."""

import contextlib
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from corrigenda.errors import InvalidInput, StorageError
from corrigenda.jsonl import atomic_write, storage_errors
from corrigenda.outputs.remote import Remote
from corrigenda.urls import is_url, without_secrets


@dataclass(frozen=True)
class Place:
    """An open place.

    Attributes:
        file: Takes the bytes.
        scratch: The folder for temporary files; `None`: the system's.
    """

    file: IO[bytes]
    scratch: Path | None = None


def label_of(named: str | Path | IO[bytes]) -> str:
    """A place's name, as it may stand in messages."""
    return without_secrets(str(named)) if isinstance(named, str | Path) else "the stream"


def is_stream(named: str | Path | IO[bytes]) -> bool:
    """Whether a place cannot be replaced as a whole: a stream, a pipe or a device."""
    if not isinstance(named, str | Path) or str(named) == "-":
        return True
    if is_url(str(named)):
        return False
    with storage_errors(Path(named)):
        path = Path(named)
        return path.exists() and not path.is_file() and not path.is_dir()


@contextlib.contextmanager
def opened(named: str | Path | IO[bytes]) -> Iterator[Place]:
    """Open a place for writing; see `opening.open_output`."""
    if not isinstance(named, str | Path):
        yield Place(named)
    elif str(named) == "-":
        yield Place(sys.stdout.buffer)
    elif is_url(str(named)):
        with _at_url(str(named)) as place:
            yield place
    elif is_stream(named):
        with _refusals(Path(named)), Path(named).open("wb") as file:
            yield Place(file)
    else:
        with _whole(Path(named)) as place:
            yield place


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Place]:
    with storage_errors(path):
        target = path.resolve()  # a link stays one
        if target.is_dir():
            raise InvalidInput(f"`{path}` is a folder; name a file in it.")
        if not target.parent.is_dir():
            raise InvalidInput(f"There is no folder `{path.parent}` to write `{path.name}` in.")
    with atomic_write(target) as file:
        yield Place(file, target.parent)


@contextlib.contextmanager
def _at_url(url: str) -> Iterator[Place]:
    remote = Remote.of(url)
    if (path := remote.local) is not None:
        with _whole(path) as place:
            yield place
        return
    with _refusals(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory() as scratch:
        packed = Path(scratch) / "packed"
        with packed.open("wb") as file:
            yield Place(file)
        remote.put(packed)


@contextlib.contextmanager
def _refusals(place: Path) -> Iterator[None]:
    with storage_errors(place):
        try:
            yield
        except BrokenPipeError:
            raise StorageError(f"Whoever read `{place}` has gone before the end.") from None
