"""Uploaded files: streamed beside the workspace, looked at, and imported by their id.

<workspace>/.corrigenda-uploads/
  5f0c…/                 one folder for each upload, named by its id
    results.jsonl        under its own name, made safe

A file goes when it was imported, and at the latest after a day.
"""

import contextlib
import re
import shutil
import time
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corrigenda import plugins
from corrigenda.clock import new_id
from corrigenda.core.candidate import Candidate
from corrigenda.core.problem import Problem
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput, UnknownUpload, shorten
from corrigenda.jsonl import storage_errors
from corrigenda.sources import RunFile, Source
from corrigenda.store import Database
from corrigenda.workbench import importing

FOLDER = ".corrigenda-uploads"
LIMIT = 2 * 1024**3
"""Bytes of one file."""

KEPT_SECONDS = 24 * 60 * 60
_NAME_BYTES = 200
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Upload:
    """A file that was uploaded and is not imported yet."""

    id: str
    name: str
    path: Path


def receive(
    directory: Path, taxonomy: Taxonomy, name: str, chunks: Iterable[bytes], limit: int = LIMIT
) -> dict[str, Any]:
    """Take in a file, and say which runs are in it; nothing is imported yet.

    Args:
        directory: The workspace's directory.
        taxonomy: The categories that records may have.
        name: What the file is called; only its last part counts, and only as a name.
        chunks: The content, as it comes.
        limit: The most bytes that are taken.

    Raises:
        InvalidInput: It is too large, or nothing recognises it.
        StorageError: It cannot be written. In either case nothing of it is left.

    Example:
        {"upload_id": "5f0c…", "name": "results.jsonl", "bytes": 1024,
         "runs": [{"run_id": "results", "candidate_count": 12, "malformed": 1}]}
    """
    sweep(directory)
    upload_id, safe = new_id(), safe_name(name)
    folder = directory / FOLDER / upload_id
    path = folder / safe
    try:
        with storage_errors(path):
            folder.mkdir(parents=True)
            size = _write(path, chunks, limit)
        source, found = _runs_of(path)
        runs = [_summary(source, run, taxonomy) for run in found]
    except BaseException:
        _remove(folder)
        raise
    return {"upload_id": upload_id, "name": safe, "bytes": size, "runs": runs}


def find(directory: Path, upload_id: str) -> Upload:
    """An uploaded file.

    Raises:
        UnknownUpload: There is none of this id (any more).
    """
    folder = directory / FOLDER / upload_id if _ID.fullmatch(upload_id) else None
    files = list(folder.iterdir()) if folder is not None and folder.is_dir() else []
    if not files:
        raise UnknownUpload(ascii(upload_id)[1:-1])
    return Upload(upload_id, files[0].name, files[0])


def import_file(
    database: Database,
    taxonomy: Taxonomy,
    upload: Upload,
    progress: importing.Progress | None = None,
) -> importing.ImportReport:
    """Bring in the candidates of an uploaded file, which goes then; one that was stopped stays.

    Raises:
        InvalidInput: Nothing recognises it.
        StorageError: It cannot be read, or the database not written.
    """
    source, found = _runs_of(upload.path)
    total = importing.ImportReport()
    for run in found:
        total.add(importing.import_run(database, source, run, taxonomy, progress))
        if total.stopped:
            break
    total.problems = [replace(problem, file=upload.name) for problem in total.problems]
    if not total.stopped:
        _remove(upload.path.parent)
    return total


def sweep(directory: Path) -> None:
    """Remove what lay here for more than a day."""
    oldest = time.time() - KEPT_SECONDS
    with contextlib.suppress(OSError):
        for folder in (directory / FOLDER).iterdir():
            if folder.stat().st_mtime < oldest:
                _remove(folder)


def safe_name(name: str) -> str:
    r"""The last part of a name, as a plain file's name.

    Example:
        >>> safe_name("../../etc/passwd"), safe_name("C:\\runs\\a b.jsonl"), safe_name("..")
        ('passwd', 'a b.jsonl', 'upload')
    """
    last = re.split(r"[/\\]", name)[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] not in "CZ" or c == " ")
    plain = plain.strip(" .") or "upload"
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > 20:
        stem, ending = plain, ""
    room = _NAME_BYTES - len(f".{ending}".encode())
    short = stem.encode("utf-8")[:room].decode("utf-8", "ignore").strip(" .") or "upload"
    return f"{short}.{ending}" if ending else short


def _write(path: Path, chunks: Iterable[bytes], limit: int) -> int:
    size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise InvalidInput(f"A file may have at most {_amount(limit)}.")
            file.write(chunk)
    return size


def _runs_of(path: Path) -> tuple[Source, list[RunFile]]:
    try:
        source, found = importing.recognise(path)
    except InvalidInput:
        known = ", ".join(f"`{name}`" for name in plugins.installed(plugins.SOURCES))
        raise InvalidInput(
            f"`{shorten(path.name)}` is in no format that is known here ({known}); "
            "the native format is a file with one JSON object with an `id` on each line."
        ) from None
    # The folder that a file lies in names a run elsewhere; here it is an upload's id.
    own = path.parent.name
    return source, [replace(run, run_id=path.stem) if run.run_id == own else run for run in found]


def _summary(source: Source, run: RunFile, taxonomy: Taxonomy) -> dict[str, Any]:
    """What is in a run, under the name that its records give it if they agree on one."""
    count, malformed = 0, 0
    names: set[str] = set()
    with storage_errors(run.path):
        for sample in source.read(run, taxonomy):
            if isinstance(sample.found, Problem):
                malformed += 1
            elif isinstance(sample.found, Candidate):
                count += 1
                names.add(sample.found.run_id or run.run_id)
    name = names.pop() if len(names) == 1 else run.run_id
    return {"run_id": name, "candidate_count": count, "malformed": malformed}


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _amount(size: int) -> str:
    return f"{size // 1024**3} GiB" if size >= 1024**3 else f"{size} bytes"
