"""Candidates and files for the tests of the page."""

import json
from pathlib import Path
from typing import Any

CANDIDATES = "sft_candidates.jsonl"
APPROVED = "sft_approved.jsonl"


def candidate(candidate_id: str, **fields: Any) -> dict[str, Any]:
    """A plain candidate, with other fields where they are given."""
    return {
        "id": candidate_id,
        "task_name": f"Task of {candidate_id}",
        "prompt_messages": [{"role": "user", "content": f"The question of {candidate_id}?"}],
        "model_response": f"The answer of {candidate_id}.",
        **fields,
    }


def put_candidates(workspace: Path, *records: dict[str, Any]) -> None:
    """Put candidates into a workspace's own file; the next request finds them."""
    _write(workspace / CANDIDATES, *(json.dumps(record) for record in records))


def put_run(folder: Path, run_id: str, *lines: dict[str, Any] | str) -> None:
    """Write a run into a benchmark folder; a text is a line that is as it is."""
    path = folder / run_id / CANDIDATES
    path.parent.mkdir(parents=True)
    _write(path, *(line if isinstance(line, str) else json.dumps(line) for line in lines))


def _write(path: Path, *lines: str) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")
