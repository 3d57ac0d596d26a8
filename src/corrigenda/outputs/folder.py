"""Folders of files that belong together, written whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.jsonl import loads, storage_errors, sync_directory
from corrigenda.outputs import containers
from corrigenda.outputs.opening import writing
from corrigenda.outputs.places import Place, label_of
from corrigenda.outputs.remote import Remote
from corrigenda.outputs.writers import RowWriter
from corrigenda.urls import is_url

MANIFEST = "manifest.json"
"""The file that a finished folder has: it comes last, and goes first."""

_SCRATCH = ".corrigenda-"


class Folder:
    """A folder that is being written; see `open_folder`.

    Args:
        path: Where its files lie until all are there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextlib.contextmanager
    def writer(self, name: str) -> Iterator[RowWriter]:
        """A writer of rows into a file; how they are written, its name says."""
        with self.writers(name) as (writer,):
            yield writer

    @contextlib.contextmanager
    def writers(self, *names: str) -> Iterator[tuple[RowWriter, ...]]:
        """Writers of rows into several files at once, for the splits of a data set.

        Parquet files that are written so have the same columns, whatever is in which; without
        that, `datasets` would not load them as the splits of one data set.
        """
        with ExitStack() as stack:
            files = [stack.enter_context(self._new(name)) for name in names]
            chosen = [containers.chosen(name, None) for name in names]
            places = [Place(file, self._path) for file in files]
            yield stack.enter_context(writing(list(zip(places, chosen, strict=True))))

    def write(self, name: str, data: bytes) -> None:
        """Write a small file."""
        with self._new(name) as file:
            file.write(data)

    @contextlib.contextmanager
    def _new(self, name: str) -> Iterator[Any]:
        if not _is_plain(name) or name.startswith("."):
            raise ValueError(f"not the name of a file in the folder: {name}")
        with (self._path / name).open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())


@contextlib.contextmanager
def open_folder(named: str | Path, *, overwrite: bool = False) -> Iterator[Folder]:
    """Open a folder that a user names, to write files that belong together.

    A new folder appears when all of its files are there. Into one that exists they are moved when
    all are there, `manifest.json` last: a folder without it is not finished. At a URL they are
    sent so.

    Args:
        named: A path or a URL that fsspec can write to. What is there must be empty, hidden files
            aside, or hold an earlier export.
        overwrite: Whether an earlier export may be replaced. The data files that its manifest
            names go; what else lies there stays.

    Raises:
        InvalidInput: Something else is there, there is no folder to make it in, nothing can be
            written there, or a package is missing for it.
        StorageError: The disk or the other side refuses.
    """
    if is_url(str(named)):
        remote = Remote.of(str(named))
        path = remote.local
        if path is None:
            with _far(remote, overwrite) as folder:
                yield folder
            return
    else:
        path = Path(named)
    with storage_errors(path), _near(path, overwrite) as folder:
        yield folder


@contextlib.contextmanager
def _near(path: Path, overwrite: bool) -> Iterator[Folder]:
    target = path.resolve()
    if target.exists() and not target.is_dir():
        raise InvalidInput(f"`{path}` is a file; name a folder.")
    if not target.parent.is_dir():
        raise InvalidInput(f"There is no folder `{path.parent}` to make `{path.name}` in.")
    there = [each.name for each in target.iterdir()] if target.exists() else []
    _check(str(path), there, overwrite)
    # Beside it, or in it: there a rename never leaves the file system, also below a mount.
    parent = target if target.exists() else target.parent
    scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, suffix=".tmp", dir=parent))
    try:
        yield Folder(scratch)
        if parent is target:
            _move_into(target, scratch)
        else:
            scratch.chmod(0o777 & ~_umask())
            sync_directory(scratch)
            scratch.rename(target)
        sync_directory(parent)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _move_into(target: Path, scratch: Path) -> None:
    manifest = target / MANIFEST
    old = _data_files(manifest.read_bytes()) if manifest.exists() else set()
    manifest.unlink(missing_ok=True)
    new = _in_order(scratch)
    for name in old - set(new):
        (target / name).unlink(missing_ok=True)
    for name in new:
        (scratch / name).replace(target / name)


@contextlib.contextmanager
def _far(remote: Remote, overwrite: bool) -> Iterator[Folder]:
    there = remote.names()
    _check(remote.label, there, overwrite)
    with (
        storage_errors(tempfile.gettempdir()),
        tempfile.TemporaryDirectory(prefix=_SCRATCH) as scratch,
    ):
        yield Folder(Path(scratch))
        _send(remote, Path(scratch), there)


def _send(remote: Remote, scratch: Path, there: list[str]) -> None:
    old: set[str] = set()
    if MANIFEST in there:
        old = _data_files(remote.read(MANIFEST))
        remote.remove(MANIFEST)
    new, sent = _in_order(scratch), list[str]()
    remote.make_folder()
    try:
        for name in new:
            remote.put(scratch / name, name)
            sent.append(name)
        for name in (old - set(new)).intersection(there):
            remote.remove(name)
    except BaseException:
        for name in sent:
            with contextlib.suppress(Exception):
                remote.remove(name)
        raise


def _check(label: str, there: list[str], overwrite: bool) -> None:
    if not any(not name.startswith(".") for name in there):
        return
    if MANIFEST not in there:
        raise InvalidInput(f"`{label_of(label)}` is not empty; name a new or an empty folder.")
    if not overwrite:
        raise InvalidInput(
            f"`{label_of(label)}` holds an earlier export; take another folder, or `--overwrite`."
        )


def _in_order(scratch: Path) -> list[str]:
    """The names of the new files; the manifest is the last."""
    return sorted((each.name for each in scratch.iterdir()), key=lambda n: (n == MANIFEST, n))


def _data_files(manifest: bytes) -> set[str]:
    """The names under `files` in a manifest; of what is none, nothing."""
    try:
        files = loads(manifest)["files"]
        names = {str(each["name"]) for each in files}
    except (ValueError, KeyError, TypeError):
        return set()
    return set(filter(_is_plain, names))


def _is_plain(name: str) -> bool:
    """Whether it names a file in a folder, and nothing outside."""
    return Path(name).name == name != ""


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
