"""A workspace on a directory, and the ways in which people and programs touch its files."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corrigenda.workbench import Workspace


def record(candidate_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": candidate_id,
        "benchmark_run_id": "run-1",
        "status": "needs_review",
        "prompt_messages": [{"role": "user", "content": f"Question {candidate_id}?"}],
        "model_response": "wrong",
        "corrected_response": None,
        "failure_category": None,
        **fields,
    }


@dataclass
class Files:
    """The two files of a workspace, seen from outside."""

    directory: Path
    opened: list[Workspace] = field(default_factory=list)

    @property
    def candidates(self) -> Path:
        return self.directory / "sft_candidates.jsonl"

    @property
    def approved(self) -> Path:
        return self.directory / "sft_approved.jsonl"

    def open(self) -> Workspace:
        workspace = Workspace.open(self.directory)
        self.opened.append(workspace)
        return workspace

    def write(self, *records: dict[str, Any]) -> None:
        text = "".join(json.dumps(r) + "\n" for r in records)
        self.candidates.write_text(text, encoding="utf-8")

    def append(self, *records: dict[str, Any]) -> None:
        with self.candidates.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(r) + "\n" for r in records)

    def edit(self, candidate_id: str, **fields: Any) -> None:
        """Change a line as an editor would: the whole file is written anew."""
        self.write(*(r | fields if r["id"] == candidate_id else r for r in self.lines()))

    def lines(self) -> list[dict[str, Any]]:
        return _read(self.candidates)

    def approved_lines(self) -> list[dict[str, Any]]:
        return _read(self.approved)

    def approved_ids(self) -> list[str]:
        return [line["id"] for line in self.approved_lines()]


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]
