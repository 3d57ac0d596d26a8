"""Corrigenda: turn a language model's wrong benchmark answers into training data.

import corrigenda

with corrigenda.open("data/") as workspace:
    workspace.import_path("bench_results/2026-04-07-143022")
    card = workspace.queue(limit=1).items[0]
    workspace.submit(card["id"], "correct", corrected_response="18")
    for row in workspace.export(exclude_category=["scoring_artifact"]):
        ...
"""

from typing import TYPE_CHECKING, Any

from corrigenda.errors import CorrigendaError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from corrigenda.workbench import Workspace

__version__: str
__all__ = ["CorrigendaError", "Workspace", "__version__", "open"]


def open(
    directory: "str | Path" = "data",
    *,
    database_url: str | None = None,
    config_dir: "str | Path | None" = None,
    roots: "Iterable[Path]" = (),
) -> "Workspace":
    """Open a workspace, making it if it is not there.

    Args:
        directory: The workspace's directory.
        database_url: A PostgreSQL or SQLite URL instead of the directory's own database; then
            no JSONL files are kept.
        config_dir: Where `label_tool.yaml` is, if not in the directory.
        roots: Further folders within which the benchmark folder may be chosen over HTTP.

    Raises:
        CorrigendaError: It cannot be opened; the message says why.
    """
    from corrigenda.workbench import Workspace

    return Workspace.open(directory, database_url=database_url, config_dir=config_dir, roots=roots)


def __getattr__(name: str) -> Any:
    # What takes long to import (SQLAlchemy, the packages' metadata) waits until it is asked for,
    # so that `corrigenda --help` answers at once.
    if name == "Workspace":
        from corrigenda.workbench import Workspace

        return Workspace
    if name == "__version__":
        from importlib.metadata import version

        return version("corrigenda")
    raise AttributeError(f"module `corrigenda` has no attribute `{name}`")
