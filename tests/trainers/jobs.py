"""What the training environment is asked to do with the exports; see `consumer`."""

from pathlib import Path
from typing import Any

Job = dict[str, Any]

TRAINERS = {"messages": "sft", "prompt_completion": "sft", "preference": "dpo", "kto": "kto"}
"""Format → the trainer of TRL that takes it."""

FORMATS = (*TRAINERS, "openai", "openai_preference", "sharegpt", "alpaca", "axolotl")
FILES = (
    *(f"{form}.{container}" for form in FORMATS for container in ("jsonl", "parquet")),
    "prompt_completion.jsonl.gz",
    "prompt_completion.jsonl.zst",
)
"""Exports to single files: how they are packed has nothing to do with the format."""

TEMPLATES = ("qwen2_5", "qwen3", "llama3_1", "gptoss", "glm4moe", "lfm2_v2")
"""Chat templates of models, as TRL ships them."""

_OTHERS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("llama_factory", "sharegpt", "", {"last_turn": False}),
    ("llama_factory", "sharegpt", "", {"last_turn": True}),
    ("llama_factory", "alpaca", "", {"last_turn": False}),
    ("axolotl", "axolotl", "", {}),
    ("mlx", "openai", "data.jsonl", {}),
    ("mlx", "messages", "data.jsonl", {}),
    ("together", "openai", "../openai-without-tools.jsonl", {}),
    ("together", "openai_preference", "../openai_preference-without-tools.jsonl", {}),
)


def all_jobs(exports: Path) -> list[Job]:
    """Everything that the tests look at, in one go: the imports take longest.

    Args:
        exports: The folder of the exports, as `conftest` lays it out.
    """
    return [*_loads(exports), *_trainings(exports), *_templates(exports), *_others(exports)]


def _loads(exports: Path) -> list[Job]:
    files = [{"name": file, "path": str(exports / file)} for file in FILES]
    folders = [
        {"name": f"folder {form}", "path": str(exports / form)}
        for form in (*FORMATS, "split", "split-parquet")
    ]
    return [{"kind": "load", **job} for job in (*files, *folders)]


def _trainings(exports: Path) -> list[Job]:
    made = [
        {"name": f"train {form}", "kind": kind, "path": str(exports / f"{form}.jsonl"), "steps": 2}
        for form, kind in TRAINERS.items()
    ]
    parquet = str(exports / "prompt_completion.parquet")
    only_answers = {"options": {"assistant_only_loss": True}}
    return [
        *made,
        {**made[0], "name": "answers of messages", **only_answers},
        {"name": "train from parquet", "kind": "sft", "path": parquet},
    ]


def _templates(exports: Path) -> list[Job]:
    path = str(exports / "prompt_completion.jsonl")
    return [
        {"name": f"template {name}", "kind": "template", "template": name, "path": path}
        for name in TEMPLATES
    ]


def _others(exports: Path) -> list[Job]:
    return [
        {
            "name": " ".join([reader, form, *(["last turn"] if options.get("last_turn") else [])]),
            "kind": "other",
            "reader": reader,
            "path": str(exports / form / file),
            "options": options,
        }
        for reader, form, file, options in _OTHERS
    ]
