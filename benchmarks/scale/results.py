"""The figures of all runs so far, in a JSON file: a run may measure some rows again, alone.

{"machine": "Measured on …",
 "figures": {"page": {"sqlite": {"10000": {"p50": 3.1, …, "at": "2026-11-23"}}}}}

The keys are a row, a database and a size.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.scale.clients import Figures


class Results:
    """See the module; every change is written at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        self.machine: str = known.get("machine", "")
        self._figures: dict[str, dict[str, dict[str, Any]]] = known.get("figures", {})

    def of(self, row: str, database: str, size: int) -> Figures | None:
        """What was measured, `None` if nothing was."""
        return self._figures.get(row, {}).get(database, {}).get(str(size))

    def take(self, database: str, size: int, found: Mapping[str, Figures]) -> None:
        """Keep what was measured, in the place of what was measured before."""
        now = f"{datetime.now(UTC):%Y-%m-%d}"
        for row, figures in found.items():
            of_row = self._figures.setdefault(row, {}).setdefault(database, {})
            of_row[str(size)] = {**figures, "at": now}
        self._write()

    def note(self, machine: str) -> None:
        """Keep on what was measured."""
        self.machine = machine
        self._write()

    def sizes(self, database: str) -> list[int]:
        """The sizes of which anything was measured, the smallest first."""
        found = {int(size) for row in self._figures.values() for size in row.get(database, ())}
        return sorted(found)

    def rows(self, prefix: str) -> list[str]:
        """The rows whose names begin so, in the order in which they were first measured."""
        return [row for row in self._figures if row.startswith(prefix)]

    def _write(self) -> None:
        said = {"machine": self.machine, "figures": self._figures}
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
        part.replace(self._path)
