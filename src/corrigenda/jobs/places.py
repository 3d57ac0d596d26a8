"""Whose files a job needs.

Uploads, benchmark folders and snapshots lie in a workspace's directory. Several servers on one
PostgreSQL may share that directory or have one each; a number in it tells. A job is only taken by
a worker that has the directory of whoever queued it.
"""

import contextlib
import os
import re

from corrigenda.clock import new_id
from corrigenda.jsonl import storage_errors
from corrigenda.workbench import Workspace

FILE = ".corrigenda-place"
_NUMBER = re.compile(r"[0-9a-f]{32}")


def place_of(workspace: Workspace) -> str | None:
    """The number of a workspace's directory; `None` where the database itself lies in it.

    Raises:
        StorageError: It cannot be read, or cannot be written for the first time.
    """
    if workspace.mirror is not None:
        return None
    path = workspace.directory / FILE
    with storage_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            draft = path.with_name(f"{FILE}.{new_id()}")
            draft.write_text(new_id(), "ascii")
            try:
                os.link(draft, path)  # whole or not at all, and of two the first
            finally:
                draft.unlink()
        found = path.read_text("ascii", errors="replace").strip()
    if not _NUMBER.fullmatch(found):
        path.unlink(missing_ok=True)  # torn by a full disk: nobody can be of this place
        return place_of(workspace)
    return found
