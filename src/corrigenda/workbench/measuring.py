"""How a workspace does, for a monitor."""

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corrigenda.store import measures, search
from corrigenda.store.measures import DecisionCounts, Measures

if TYPE_CHECKING:
    from corrigenda.workbench.workspace import Workspace


@dataclass(frozen=True)
class Measured:
    """What was found; sizes are bytes. `disk_free` is `None` where there is no directory."""

    measures: Measures
    decisions: dict[str, int]
    search_pending: int
    database_bytes: int
    disk_free: int | None


def measure(workspace: "Workspace", decisions: DecisionCounts) -> Measured:
    """Measure; `decisions` remembers what was counted before.

    Raises:
        StorageError: The database does not answer.
    """
    database, directory = workspace.database, workspace.directory
    with database.reading() as connection:
        found = measures.read(connection, mirrored=workspace.mirror is not None)
        by_action = decisions.read(connection)
        search_pending = search.progress(connection).behind
    return Measured(
        found,
        by_action,
        search_pending,
        database.size(),
        shutil.disk_usage(directory).free if directory.is_dir() else None,
    )
