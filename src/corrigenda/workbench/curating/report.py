"""What an export has written, for whoever asked for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ExportReport:
    """What an export has written.

    Attributes:
        name: The snapshot's name; `None` for what went elsewhere.
        rows: How many.
        files: The files of rows, as in the manifest.
        stages: The funnel, as in the manifest.
        left_out: How many were left out, by reason.
        warnings: A sentence each.
        contaminated: The protected benchmarks that rows are of, if any.
        stopped: The caller asked to stop; nothing was written.
        remade: Of an export that was made again: how it compares with the first, in a sentence.
    """

    name: str | None = None
    rows: int = 0
    files: Sequence[Mapping[str, Any]] = ()
    stages: Sequence[Mapping[str, Any]] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    warnings: Sequence[str] = ()
    contaminated: Mapping[str, Any] | None = None
    stopped: bool = False
    remade: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "name": self.name,
            "rows": self.rows,
            "files": [dict(file) for file in self.files],
            "stages": [dict(stage) for stage in self.stages],
            "left_out": dict(self.left_out),
            "warnings": list(self.warnings),
            "contaminated": None if self.contaminated is None else dict(self.contaminated),
        }


def report_of(manifest: Mapping[str, Any], name: str | None = None) -> ExportReport:
    """What a manifest says, as a report."""
    return ExportReport(
        name=name,
        rows=sum(file["rows"] for file in manifest["files"]),
        files=manifest["files"],
        stages=manifest["stages"],
        left_out=manifest["left_out"],
        warnings=manifest["warnings"],
        contaminated=manifest["contaminated"],
    )
