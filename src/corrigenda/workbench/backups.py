"""Backups: the whole workspace in one file, made while others work, and tried before it counts.

    corrigenda-data-20261123T081500Z.tar.zst
      backup.json            when, of what, by which version, how much
      corrigenda.db          the database, as SQLite, whatever it is here
      label_tool.yaml        the configuration
      sft_candidates.jsonl, sft_approved.jsonl, and what is kept of them under other names
      exports/rc-1/…         the snapshots
      checksums.json         the SHA-256 of each file

The database is copied as it is at one moment. The copy is opened and gone through as by
`corrigenda doctor`, and the file read again from begin to end, before it gets its name.
"""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corrigenda import settings
from corrigenda.clock import now, stamp
from corrigenda.errors import Conflict, InvalidInput, NotFound, StorageError, StorageFull
from corrigenda.jsonl import dumps, free_name, storage_errors, sync_directory
from corrigenda.mirror.scrubbing import files_of
from corrigenda.outputs import archive
from corrigenda.store import Database, candidates, copying, decisions, facts, kept_backups
from corrigenda.store.migrations import HEAD
from corrigenda.workbench import checking
from corrigenda.workbench.curating.manifest import tool
from corrigenda.workbench.opening import DATABASE_NAME
from corrigenda.workbench.problem_log import NAME as PROBLEMS
from corrigenda.workbench.snapshots import FOLDER as EXPORTS

VERSION = 1
ABOUT = "backup.json"

_ASIDE = ".corrigenda-backup-"
_OLD = 24 * 3600
"""Seconds after which nobody works in a folder any more."""

_SPARE = 50_000_000
"""Bytes of a disk that a backup leaves free."""


@dataclass(frozen=True)
class Made:
    """A backup that was made, with what it holds."""

    path: Path
    bytes: int
    candidates: int
    decisions: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**vars(self), "path": str(self.path)}


def backup(
    database: Database, directory: Path, config_dir: Path, destination: str | Path | None
) -> Made:
    """Make a backup (see `Workspace.backup`)."""
    path = _place(directory, destination)
    files = dict(_files(directory, config_dir))
    with storage_errors(path.parent):
        drop_leftovers(path.parent, _ASIDE)
        _check_room(database, files, path.parent)
        aside = tempfile.TemporaryDirectory(prefix=_ASIDE, dir=path.parent)
    with aside as made_in, storage_errors(path.parent):
        copied = Path(made_in) / DATABASE_NAME
        about, noted = _copy(database, copied, path)
        packed = Path(made_in) / path.name
        with packed.open("xb") as file:
            packing = archive.Packing(file)
            packing.add_bytes(ABOUT, dumps(about).encode("ascii"))
            packing.add(DATABASE_NAME, copied)
            for name, found in files.items():
                _add(packing, name, found)
            packing.finish()
            file.flush()
        for _ in archive.members(packed):  # read to its end, it is known to be whole
            pass
        _publish(packed, path)
    database.write(lambda c: kept_backups.note(c, noted))
    return Made(path, path.stat().st_size, about["candidates"], about["decisions"])


def drop_leftovers(folder: Path, prefix: str) -> None:
    """Remove what programs have left that were killed while they copied."""
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            if path.name.startswith(prefix) and time.time() - path.stat().st_mtime > _OLD:
                shutil.rmtree(path)


def check_sound(database: Database, directory: Path) -> None:
    """Refuse a database in which something does not agree.

    Raises:
        StorageError: It says what.
    """
    wrong = [each for each in checking.check(database, None, directory) if not each.ok]
    for each in wrong:
        if each.check != "disk":
            raise StorageError(f"The copy is not sound: {each.check}: {each.message}.")


def _copy(
    database: Database, copied: Path, path: Path
) -> tuple[dict[str, Any], kept_backups.Backup]:
    """Copy the database and go through the copy; what `backup.json` says, and the list's entry."""
    copying.copy_to_file(database, copied)
    at = now()
    copy = Database.open(copied)
    try:
        copying.detach(copy)
        check_sound(copy, copied.parent)
        with copy.reading() as connection:
            noted = kept_backups.of_now(connection, path, at)
            about = {
                "backup": VERSION,
                "tool": tool(),
                "made_at": at,
                "database": database.dialect,
                "schema": HEAD,
                "workspace": facts.workspace_id(connection),
                "candidates": candidates.total(connection),
                "decisions": decisions.total(connection),
            }
    finally:
        copy.close()
    return about, noted


def _place(directory: Path, destination: str | Path | None) -> Path:
    """Where the backup goes.

    Raises:
        NotFound: There is no such folder.
        Conflict: The file is there.
        InvalidInput: It would lie in the workspace, which it is a copy of.
    """
    chosen = directory.parent if destination is None else Path(destination).expanduser()
    chosen = chosen.absolute()
    if chosen.is_dir():
        name = f"corrigenda-{directory.name or 'workspace'}-{stamp()}"
        chosen = free_name(chosen / name, archive.ENDING)
    if not chosen.parent.is_dir():
        raise NotFound(f"There is no folder `{chosen.parent}` to write a backup to.")
    if chosen.resolve().parent.is_relative_to(directory.resolve()):
        raise InvalidInput("A backup cannot lie in the workspace that it is a copy of.")
    if chosen.exists():
        raise Conflict(f"`{chosen}` is there already; it is not replaced.")
    return chosen


def _files(directory: Path, config_dir: Path) -> Iterator[tuple[str, Path]]:
    """What belongs to a workspace beside its database: (name in the archive, file)."""
    config = config_dir / settings.CONFIG_NAME
    if config.is_file():
        yield settings.CONFIG_NAME, config
    for path in [*files_of(directory), directory / PROBLEMS]:
        if path.is_file() and not path.is_symlink():
            yield path.name, path
    for folder in sorted((directory / EXPORTS).glob("[!.]*")):
        for path in sorted(folder.glob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"{EXPORTS}/{folder.name}/{path.name}", path


def _add(packing: archive.Packing, name: str, path: Path) -> None:
    try:
        packing.add(name, path)
    except FileNotFoundError:  # a copy that was kept of a file is gone by now
        return


def _check_room(database: Database, files: dict[str, Path], folder: Path) -> None:
    """Refuse what would fill the disk: the copy, and the archive if nothing of it shrinks.

    Raises:
        StorageFull: There is not room enough.
    """
    size = database.size()
    needed = 2 * size + sum(path.stat().st_size for path in files.values()) + _SPARE
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StorageFull(
            f"A backup may need {_gigabytes(needed)} in `{folder}`, where {_gigabytes(free)} are "
            "free; name another folder with `--output`."
        )


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _publish(packed: Path, path: Path) -> None:
    """Give the file its name."""
    with packed.open("rb+") as file:
        os.fsync(file.fileno())
    if path.exists():
        raise Conflict(f"`{path}` is there already; it is not replaced.")
    packed.rename(path)
    sync_directory(path.parent)
