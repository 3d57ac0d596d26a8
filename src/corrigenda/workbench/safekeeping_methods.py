"""The methods of a workspace that keep it and remove from it; see `workspace`."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from corrigenda.store import Database
from corrigenda.workbench import backups, checking, purging
from corrigenda.workbench.reviewing import reviewer_of

if TYPE_CHECKING:
    from corrigenda.mirror import Mirror
    from corrigenda.workbench.searching import Indexer


class SafekeepingMethods:
    """What `Workspace` knows of backups and of removal."""

    directory: Path
    config_dir: Path
    database: Database
    mirror: "Mirror | None"
    indexer: "Indexer | None"
    closed: bool

    def backup(self, destination: str | Path | None = None) -> backups.Made:
        """Write the whole workspace into one file, while others go on working.

        Args:
            destination: A file that is not there yet, or a folder, in which it gets a name of its
                own; without it beside the workspace's directory.

        Raises:
            Conflict: The file is there.
            StorageFull, StorageError: The disk refuses, or has not room enough; nothing is left.
            StorageError: What was copied is not sound.
        """
        return backups.backup(self.database, self.directory, self.config_dir, destination)

    def ready(self) -> list[checking.Finding]:
        """Whether requests can be served, found out at once (see `checking.ready`)."""
        if self.closed:
            return [checking.Finding("workspace", False, "the server is stopping")]
        return checking.ready(self.database, self.mirror, self.directory)

    def find_purge(self, ids: Iterable[str] = (), runs: Iterable[str] = ()) -> purging.Target:
        """What `purge` would remove; nothing is changed.

        Raises:
            UnknownCandidate, NotFound: There is none of this name.
        """
        return purging.find(self.database, list(ids), list(runs))

    def purge(
        self,
        ids: Iterable[str] = (),
        runs: Iterable[str] = (),
        *,
        reviewer: str | None = None,
        vacuum: bool = True,
        progress: purging.Progress | None = None,
    ) -> purging.PurgeReport:
        """Remove candidates, passes and runs for good (see `purging`).

        Raises:
            UnknownCandidate, NotFound: There is none of this name; nothing was removed.
            WorkspaceInUse: Another process keeps the files.
            StorageError: Disk or database refuse; the same again goes on where this ended.
        """
        # What the index has read before it was removed must not be written after it.
        with self.indexer.paused() if self.indexer else contextlib.nullcontext():
            return purging.purge(
                self.database,
                self.mirror,
                self.directory,
                self.find_purge(ids, runs),
                by=reviewer_of(reviewer),
                vacuum=vacuum,
                progress=progress,
            )
