"""Bringing a backup back: into a folder of its own first, which then takes the workspace's place.

Nothing that is there is touched until the backup was read to its end and its database gone
through. A workspace that is in the way is only replaced if that is asked for, and then kept
beside it as `NAME.before-restore-20261123T081500Z`.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from corrigenda.clock import stamp
from corrigenda.errors import Conflict, InvalidInput, NotFound, SchemaMismatch, WorkspaceInUse
from corrigenda.jsonl import free_name, loads, storage_errors, sync_directory
from corrigenda.mirror.approved_file import write_anew
from corrigenda.mirror.mirror import LOCK_NAME
from corrigenda.outputs import archive
from corrigenda.store import Database, copying, kept_backups
from corrigenda.store.migrations import HEAD
from corrigenda.workbench.backups import ABOUT, VERSION, check_sound, drop_leftovers
from corrigenda.workbench.opening import DATABASE_NAME

KEPT = ".before-restore-"
"""Between a workspace's name and the time, in the name of what a restore has put aside."""

_CHUNK = 1 << 20
_SAID = {"backup": int, "schema": str, "made_at": str, "candidates": int, "decisions": int}


@dataclass(frozen=True)
class Restored:
    """What was brought back, and where what had been there is now."""

    directory: Path
    made_at: str
    candidates: int
    decisions: int
    kept: Path | None

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        kept = None if self.kept is None else str(self.kept)
        return {**vars(self), "directory": str(self.directory), "kept": kept}


def restore(
    path: str | Path,
    directory: str | Path,
    *,
    database_url: str | None = None,
    force: bool = False,
) -> Restored:
    """Make a workspace of a backup.

    Args:
        path: The backup.
        directory: Where the workspace will be.
        database_url: An empty database to put its rows into, instead of one in the directory.
        force: Put a workspace aside that is there.

    Raises:
        NotFound: There is no such file.
        InvalidInput: It is no backup, damaged or cut short.
        SchemaMismatch: A newer program made it.
        Conflict: There is something already.
        WorkspaceInUse: Another process has the workspace open that is there.
        StorageError, StorageFull: The disk or the database refuses; all is as it was.
    """
    source, target = Path(path).expanduser(), Path(directory).expanduser().absolute()
    if not source.is_file():
        raise NotFound(f"There is no backup `{source}`.")
    if _occupied(target) and not force:
        raise Conflict(
            f"There is something in `{target}` already; name another directory, or keep it aside "
            "with `--force`."
        )
    with _to_itself(target), storage_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        prefix = f".{target.name}.restoring-"
        drop_leftovers(target.parent, prefix)
        aside = tempfile.mkdtemp(prefix=prefix, dir=target.parent)
        try:
            made = Path(aside) / "workspace"
            made.mkdir()  # which others may read as they may any new folder, and no more
            about = _unpack(source, made)
            _try(made, database_url, source.absolute(), about["made_at"])
            kept = _make_room(target)
            try:
                made.rename(target)
            except OSError:
                if kept is not None:
                    kept.rename(target)
                raise
            sync_directory(target.parent)
        finally:
            shutil.rmtree(aside, ignore_errors=True)
    return Restored(target, about["made_at"], about["candidates"], about["decisions"], kept)


@contextlib.contextmanager
def _to_itself(target: Path) -> Iterator[None]:
    """No other process has what is there open, until the block ends.

    Raises:
        WorkspaceInUse: One has.
    """
    if not (target.is_dir() and _occupied(target)):
        yield
        return
    try:
        with FileLock(target / LOCK_NAME).acquire(timeout=0):
            yield
    except Timeout:
        raise WorkspaceInUse(
            f"Another process (a server, or an import) has the workspace `{target}` open; "
            "stop it first."
        ) from None


def _unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Write the files of a backup into a folder; returns what it says of itself."""
    about: dict[str, Any] | None = None
    for name, content in archive.members(source):
        if about is None:
            about = _about(source, name, content)
            continue
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("xb") as file:
            while data := content.read(_CHUNK):
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
    if about is None or not (folder / DATABASE_NAME).is_file():
        raise InvalidInput(f"`{source}` is not a backup of Corrigenda.")
    return about


def _about(source: Path, name: str, content: archive.Hashed) -> dict[str, Any]:
    try:
        said = loads(content.read()) if name == ABOUT else None
    except ValueError:
        said = None
    if not isinstance(said, dict) or any(
        not isinstance(said.get(field), kind) for field, kind in _SAID.items()
    ):
        raise InvalidInput(f"`{source}` is not a backup of Corrigenda.")
    if said["backup"] > VERSION or not said["schema"] <= HEAD:
        raise SchemaMismatch(
            f"`{source}` was made by a newer version of Corrigenda (schema {said['schema']}, this "
            f"program knows {HEAD}): upgrade the program."
        )
    return said


def _try(folder: Path, database_url: str | None, source: Path, made_at: str) -> None:
    """Open the database that was unpacked and go through it; move it elsewhere if asked to."""
    database = Database.open(folder / DATABASE_NAME)
    try:
        check_sound(database, folder)
        # It could not know of itself.
        database.write(lambda c: kept_backups.note(c, kept_backups.of_now(c, source, made_at)))
        if database_url is None:
            write_anew(folder, database)
        else:
            target = Database.open(database_url)
            try:
                copying.copy_rows(database, target)
                check_sound(target, folder)
                write_anew(folder, target)
            finally:
                target.close()
    finally:
        database.close()
    if database_url is not None:
        (folder / DATABASE_NAME).unlink()


def _occupied(target: Path) -> bool:
    if target.is_dir():
        return any(target.iterdir())
    return target.exists()


def _make_room(target: Path) -> Path | None:
    """Rename what is there; `None` if that was nothing."""
    if not _occupied(target):
        if target.is_dir():
            target.rmdir()
        return None
    return target.rename(free_name(target.with_name(f"{target.name}{KEPT}{stamp()}")))
