"""A workspace with corrections of many kinds, and the steps that tests of exports share."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corrigenda.core.recipe import Recipe
from corrigenda.workbench import Workspace
from tests.workbench.desk import fill, record

CATEGORIES = [None, "wrong_answer", "scoring_artifact", "hallucination"]
TOOLS = [{"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}]
CALLS = {"tool_calls": [{"type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}]}


def corrections(n: int = 40) -> Iterator[dict[str, Any]]:
    """Approved candidates: siblings, duplicates, tools, three models, hostile names."""
    for i in range(n):
        asked = [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": f"What is {i // 2} + {i // 2}? \u2028 \U0001f989"},
        ]
        yield record(
            f"c{i}",
            status="approved",
            prompt_messages=asked[i % 2 :],
            model_response=f"It is {i}." if i % 5 else "",
            corrected_response=f"It is {i // 2 * 2}" + "." * (i % 3),
            failure_category=CATEGORIES[i % 4],
            benchmark_run_id=f"run-{i % 3}",
            task_name=["sums", "</a>\n---\n# `x` |"][i % 2],
            model_name=["small", "large", 'quo"te: [x]'][i % 3],
            license=["MIT", "Our own: <b>"][i % 2],
            **({"tools": TOOLS} if i % 7 == 0 else {}),
            **({"corrected_parts": CALLS} if i % 14 == 0 else {}),
        )


def filled(workspace: Workspace, n: int = 40) -> Workspace:
    fill(workspace, *corrections(n), record("open"), record("flagged", status="model_rejected"))
    return workspace


def recipe(**said: Any) -> Recipe:
    return Recipe.from_json({"format": "prompt_completion", "seed": 3, **said})


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder, by name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
