"""Snapshots: exports under a name, made whole or not at all, and never changed again.

    exports/.4f1c….lock             held while the draft beside it is written
    exports/.4f1c….rc-1.tmp/        the draft of `rc-1`
    exports/rc-1/                   the snapshot: its draft, renamed

The row in the database decides who has a name. A process that was killed leaves a draft behind,
whose lock nobody holds: it is removed at the next opening or export; or, if its row is there
already and only the renaming was missing, brought to its end.
"""

import contextlib
import logging
import os
import re
import shutil
from collections.abc import Callable, Container, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from corrigenda.clock import new_id, now
from corrigenda.errors import ExportExists, NotFound, UnknownExport, shorten
from corrigenda.jsonl import storage_errors, sync_directory
from corrigenda.store import Database, exports
from corrigenda.store.exports import Export
from corrigenda.workbench.curating.manifest import LEFT_OUT, MANIFEST, ROWS, Exported, parse
from corrigenda.workbench.curating.naming import PASSES
from corrigenda.workbench.curating.report import ExportReport
from corrigenda.workbench.names import can_be_name, check_name

FOLDER = "exports"
"""Where in a workspace's directory the snapshots are."""

Note = Callable[[Any, ExportReport | None], None]
"""Writes with a connection what has come of a snapshot; `None`: it has not come about."""

_DRAFT = re.compile(r"\.([0-9a-f]{32})\.(.+)\.tmp")
_log = logging.getLogger(__name__)


@contextlib.contextmanager
def drafting(directory: Path, database: Database, name: str) -> Iterator[Path]:
    """A new folder for a snapshot's files; without `publish` it is gone afterwards.

    Raises:
        InvalidInput: The name cannot be one.
        ExportExists: It is taken.
        StorageError: The folder cannot be made.
    """
    refuse_taken(directory, database, name)
    place = directory / FOLDER
    token = new_id()
    draft = place / f".{token}.{name}.tmp"
    with storage_errors(place):
        place.mkdir(parents=True, exist_ok=True)
    sweep(directory, database)
    with _locked(place, token), storage_errors(place):
        try:
            draft.mkdir()
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def publish(
    database: Database,
    draft: Path,
    report: ExportReport,
    *,
    by: str,
    note: Note | None = None,
) -> None:
    """Make a draft, whose files are complete, the snapshot that `report` names.

    From the first transaction on it exists; what a process leaves that is killed then, `sweep`
    brings to its end. What `note` writes is written in that transaction.

    Raises:
        ExportExists: Somebody was first.
        StorageError: Disk or database refuse; there is no snapshot then.
    """
    name = report.name or ""
    manifest = (draft / MANIFEST).read_bytes().decode("ascii")
    for file in draft.iterdir():
        _settle(file)
    sync_directory(draft)
    at = now()

    def begin(connection: Any) -> None:
        exports.add(connection, name, manifest, by=by, at=at)
        if note is not None:
            note(connection, report)

    def take_back(connection: Any) -> None:
        exports.remove(connection, name)
        if note is not None:
            note(connection, None)

    database.write(begin)
    try:
        _rename(draft, draft.parent / name)
    except OSError as error:
        database.write(take_back)
        if (draft.parent / name).exists():
            raise ExportExists(name) from error
        raise


def refuse_taken(directory: Path, database: Database, name: str) -> None:
    """Refuse a name that is none, or that is taken.

    Raises:
        InvalidInput, ExportExists: It is.
    """
    check_name(name, "an export's name")
    with database.reading() as connection:
        taken = exports.find(connection, name) is not None
    if taken or os.path.lexists(directory / FOLDER / name):
        raise ExportExists(name)


def sweep(directory: Path, database: Database) -> None:
    """Remove the drafts that processes left behind which were killed."""
    place = directory / FOLDER
    try:
        drafts = sorted(place.iterdir())
    except OSError:  # it is not there, or not ours to look into
        return
    for draft in drafts:
        found = _DRAFT.fullmatch(draft.name)
        if found is None:
            continue
        try:
            with _locked(place, found[1]):
                _finish_or_remove(database, draft, found[2])
        except (Timeout, OSError) as busy:
            _log.info("`%s` stays for now: %s", draft, busy)


def head(directory: Path, export: Export) -> dict[str, Any]:
    """A snapshot as it stands in the list.

    Example:
        {"name": "rc-1", "created_at": "2026-11-23T10:00:00.000000Z", "created_by": "kim",
         "format": "kto", "rows": 310, "files": 1, "contaminated": false, "problem": null}
    """
    manifest = parse(export.manifest, export.name)
    return {
        "name": export.name,
        "created_at": export.created_at,
        "created_by": export.created_by,
        "format": manifest["recipe"]["format"],
        "rows": sum(file["rows"] for file in manifest["files"]),
        "files": len(manifest["files"]),
        "contaminated": manifest["contaminated"] is not None,
        "problem": problem(directory, export.name, manifest),
    }


def described(directory: Path, export: Export) -> dict[str, Any]:
    """A snapshot with its manifest and its files."""
    manifest = parse(export.manifest, export.name)
    return {
        "name": export.name,
        "created_at": export.created_at,
        "created_by": export.created_by,
        "manifest": manifest,
        "files": [
            {"name": file.name, "bytes": file.stat().st_size}
            for file in _files(directory / FOLDER / export.name)
        ],
        "problem": problem(directory, export.name, manifest),
    }


def problem(directory: Path, name: str, manifest: Mapping[str, Any]) -> str | None:
    """What is wrong with a snapshot's folder, as far as a look at its files tells."""
    folder = directory / FOLDER / name
    if not folder.is_dir():
        return f"Its folder `{FOLDER}/{name}` is gone."
    sizes = {file.name: file.stat().st_size for file in _files(folder)}
    for file in (*manifest["files"], *manifest["beside"]):
        found = sizes.get(file["name"])
        if found is None:
            return f"Its file `{file['name']}` is gone."
        if found != file["bytes"]:
            return f"Its file `{file['name']}` is not as it was written."
    return None


def exported(directory: Path, export: Export) -> Exported:
    """A snapshot to compare with; the row has its manifest, whatever lies in the folder."""
    folder = directory / FOLDER / export.name
    rows, left_out = folder / ROWS, folder / LEFT_OUT
    return Exported(
        name=export.name,
        manifest=parse(export.manifest, export.name),
        rows=rows if rows.is_file() else None,
        left_out=left_out if left_out.is_file() else None,
    )


def holds(directory: Path, path: Path) -> bool:
    """Whether a path lies among the snapshots."""
    return path.resolve().is_relative_to((directory / FOLDER).resolve())


def holding(directory: Path, export: Export, ids: Container[str], *, passes: bool = False) -> bool:
    """Whether a snapshot's lists name one of these candidates; or if asked, it has passes.

    Raises:
        InvalidInput, StorageError: It cannot be told, since a list is damaged or gone.
    """
    folder = directory / FOLDER / export.name
    with storage_errors(folder):
        files = _files(folder)
    if not files:
        return False
    if passes and any(file.name.startswith(f"{PASSES}.") for file in files):
        return True
    found = exported(directory, export)
    listed = chain((entry["id"] for entry in found.entries()), found.left_out_ids())
    return any(name in ids for name in listed)


def folder_of(directory: Path, name: str) -> Path:
    """The folder of a snapshot.

    Raises:
        NotFound: It is gone.
    """
    folder = directory / FOLDER / name
    if not folder.is_dir():
        raise NotFound(f"The folder of the export `{shorten(name)}` is gone.")
    return folder


def file_of(directory: Path, name: str, file: str) -> Path:
    """A file of a snapshot; what leads anywhere else is not one of its files.

    Raises:
        NotFound, UnknownExport: The folder is gone, or has no such file.
    """
    # Compared with what is there, and never joined: a name from a request is no path.
    for found in _files(folder_of(directory, name)):
        if found.name == file:
            return found
    raise UnknownExport(name, file)


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(file for file in folder.iterdir() if file.is_file() and not file.is_symlink())


@contextlib.contextmanager
def _locked(place: Path, token: str) -> Iterator[None]:
    """Hold a draft's lock.

    Raises:
        Timeout: Somebody else has it.
    """
    path = place / f".{token}.lock"
    with FileLock(path, timeout=0):
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _settle(file: Path) -> None:
    """Make a file durable and read-only."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    file.chmod(0o444)


def _rename(draft: Path, target: Path) -> None:
    if os.path.lexists(target):  # an empty folder would be replaced without a word
        raise FileExistsError(target)
    draft.rename(target)
    sync_directory(target.parent)


def _finish_or_remove(database: Database, draft: Path, name: str) -> None:
    with database.reading() as connection:
        row = exports.find(connection, name) if can_be_name(name) else None
    manifest = draft / MANIFEST
    complete = manifest.is_file() and row is not None and manifest.read_text() == row.manifest
    if complete and not os.path.lexists(draft.parent / name):
        _rename(draft, draft.parent / name)
        return
    # The manifest first, so that what is left of a draft never looks complete.
    manifest.unlink(missing_ok=True)
    shutil.rmtree(draft)
