"""Which workspace this is, and how it does."""

from pathlib import Path
from typing import Any

import corrigenda
from corrigenda.mirror import Mirror
from corrigenda.store import Database, facts, guidelines

PROBLEMS = 100
"""How many problems of the workspace's own files are told."""


def identity(database: Database, mirror: Mirror | None, directory: Path) -> dict[str, Any]:
    """Id, name, versions, and what was found wrong in the workspace's own files.

    Example:
        {"id": "5f0c…", "name": "data", "version": "0.1.0", "database": "sqlite",
         "guidelines_version": 2, "passes": 310, "mirrored": true, "problems": [
         {"file": "sft_candidates.jsonl", "line": 3, "reason": "`id` is missing", "field": "id"}]}
    """
    with database.reading() as connection:
        return {
            "id": facts.workspace_id(connection),
            "name": _name(database, mirror, directory),
            "version": corrigenda.__version__,
            "database": database.dialect,
            "guidelines_version": guidelines.current_version(connection),
            "passes": facts.passes_total(connection),
            "mirrored": mirror is not None,
            "problems": [p.as_dict() for p in mirror.problems[:PROBLEMS]] if mirror else [],
        }


def _name(database: Database, mirror: Mirror | None, directory: Path) -> str:
    """The directory's name, or without files of its own the database's."""
    if mirror is not None:
        return directory.name or str(directory)
    name = database.url.database or ""
    return Path(name).stem if database.dialect == "sqlite" else name
