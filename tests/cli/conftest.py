"""The command line in this process, in a directory of its own; and runs for it to import."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from typer.testing import CliRunner, Result

from corrigenda.cli.app import app

Corrigenda = Callable[..., Result]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory, empty at first."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def corrigenda() -> Corrigenda:
    """Run a command; the exit code is checked."""

    def run(*words: str | Path, code: int = 0, env: dict[str, str] | None = None) -> Result:
        # `serve` tells its application through the environment, which is this process's here.
        with mock.patch.dict(os.environ):
            result = CliRunner().invoke(app, list(map(str, words)), env=env, prog_name="corrigenda")
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


def record(candidate_id: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": candidate_id,
        "status": "needs_review",
        "prompt_messages": [{"role": "user", "content": f"Question {candidate_id}?"}],
        "model_response": "wrong",
        "model_name": "Small-1B",
        "task_type": "math",
        "corrected_response": None,
        "failure_category": None,
        **fields,
    }


def approved(candidate_id: str, answer: str = "right", **fields: Any) -> dict[str, Any]:
    return record(candidate_id, status="approved", corrected_response=answer, **fields)


def write_run(folder: Path, *records: dict[str, Any] | str) -> Path:
    """A run in the native format; texts are lines as they are."""
    folder.mkdir(parents=True)
    lines = [line if isinstance(line, str) else json.dumps(line) for line in records]
    file = folder / "sft_candidates.jsonl"
    file.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    return folder
