"""Candidates to measure with: native JSONL lines of about 2 KB, the same for the same number."""

import json
import random
from pathlib import Path
from typing import Any

_WORDS = (  # noqa: SIM905 - a list of forty words is no easier to read
    "the a of to and in is that for it on with as at by from model answer question number sum "
    "price eggs day market function returns list value code text table column row key step"
).split()
_MODELS = ("small-1b", "base-3b", "chat-7b", "large-70b")
_TASKS = ("math", "code", "extraction", "reasoning", "writing")


def write_corpus(path: Path, count: int, seed: int = 7) -> int:
    """Write `count` candidates; returns the size of the file in bytes."""
    rng = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps(candidate(rng, number)) + "\n")
    return path.stat().st_size


def candidate(rng: random.Random, number: int) -> dict[str, Any]:
    """A candidate that waits for review."""
    model = rng.choice(_MODELS)
    return {
        "id": f"bench-{number:07d}",
        "source": "benchmark",
        "benchmark_run_id": f"run-{number % 20:02d}",
        "timestamp": "2026-01-01T00:00:00Z",
        "status": "needs_review",
        "prompt_messages": [
            {"role": "system", "content": text(rng, 20)},
            {"role": "user", "content": text(rng, 120)},
        ],
        "model_response": text(rng, 140),
        "corrected_response": None,
        "reference_answer": text(rng, 30),
        "quality_score": round(rng.random(), 2),
        "failure_reason": text(rng, 8),
        "failure_category": None,
        "task_id": f"task-{number % 500}",
        "task_type": rng.choice(_TASKS),
        "task_name": f"Task {number % 500}, sample {number}",
        "model_id": f"bench/{model}",
        "model_name": model,
        "node_id": "gpu-01",
        "gpu_id": 0,
        "tokens_per_sec": round(rng.uniform(10, 90), 1),
    }


def text(rng: random.Random, words: int) -> str:
    """So many words."""
    return " ".join(rng.choices(_WORDS, k=words))
