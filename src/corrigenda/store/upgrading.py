"""Before a database gets a newer schema: a copy of it as it was.

A SQLite file is copied beside itself, as `corrigenda.db.before-0006`, and the copy gone through,
before any migration runs. A migration is one transaction on both databases: it is done or nothing
has happened. Of a PostgreSQL database whoever runs it makes copies.
"""

import contextlib
import logging
import os
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy.engine import URL

from corrigenda.errors import StorageError, StorageFull
from corrigenda.jsonl import free_name, storage_errors, sync_directory

_log = logging.getLogger(__name__)
_SPARE = 50_000_000


def keep_a_copy(url: URL, found: str, head: str) -> Path | None:
    """Copy a database that is about to go from schema `found` to `head`, and say so.

    Returns:
        The copy; `None` on PostgreSQL, and if another process was faster.

    Raises:
        StorageFull: There is no room for the copy; nothing was changed.
        StorageError: The file cannot be copied, or is damaged; nothing was changed.
    """
    said = "%s is brought from schema %s to %s"
    if url.get_backend_name() != "sqlite":
        _log.warning(f"{said}, in one transaction.", _place(url), found, head)
        return None
    path = Path(url.database or "")
    copy = free_name(path.with_name(f"{path.name}.before-{head}"))
    with storage_errors(copy):
        _check_room(path)
        temporary = copy.with_name(f".{copy.name}.{os.getpid()}.tmp")
        try:
            _copy(path, temporary)
            if _checked_version(temporary) != found:
                return None  # another process was faster, and has made a copy
            temporary.rename(copy)
        finally:
            temporary.unlink(missing_ok=True)
        sync_directory(copy.parent)
    _log.warning(f"{said}; as it was it is `%s`.", f"`{path}`", found, head, copy.name)
    return copy


def _copy(path: Path, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    with (
        contextlib.closing(sqlite3.connect(path, timeout=10)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        try:
            source.backup(target)
            # One file, that needs no others beside it.
            target.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.Error as error:
            raise StorageError(f"`{path}` cannot be copied before its upgrade: {error}") from error
    handle = os.open(copy, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checked_version(copy: Path) -> str:
    """The schema of a copy that is sound."""
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        try:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.Error as error:
            said = [str(error)]
    if said != ["ok"]:
        raise StorageError(
            f"The copy made before the upgrade is not sound ({'; '.join(said)}); "
            "nothing was changed."
        )
    return str(version)


def _check_room(path: Path) -> None:
    size, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    # The migration itself may write each table once more.
    if free < 2 * size + _SPARE:
        raise StorageFull(
            f"`{path}` has to be brought to a newer schema, for which {2 * size / 1e9:.1f} GB must "
            f"be free beside it; there are {free / 1e9:.1f} GB. Nothing was changed."
        )


def _place(url: URL) -> str:
    return url.render_as_string(hide_password=True)
