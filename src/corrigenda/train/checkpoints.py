"""The checkpoints of a stage: which are whole, and what the run began with.

A checkpoint is whole when it has `complete.json`, written after everything else is on the disk:

    {"step": 30, "files": {"model.safetensors": 636336, "optimizer.pt": 1275019, …}}

`checkpoints/start.json` keeps what decides a run's result, so that another attempt goes on with
the same or not at all:

    {"run": "…", "model": {"model.safetensors": "…"}, "processes": 1, "at_once": 16,
     "packing": false, "machine": {"device": "cpu, AVX512, 1 thread", "type": "float32", …},
     "versions": {"torch": "2.13.0", …}}
"""

import shutil
from pathlib import Path
from typing import Any

from corrigenda.errors import Conflict
from corrigenda.train.files import keep_all, read_json, write_json
from corrigenda.train.findings import Finding, warning

FOLDER = "checkpoints"
_COMPLETE = "complete.json"
_START = "start.json"
_FILES = {"run": "`run.json`", "model": "the base model"}


def seal(checkpoint: Path, step: int) -> None:
    """Say that a checkpoint is whole."""
    write_json(checkpoint / _COMPLETE, {"step": step, "files": keep_all(checkpoint)})


def last(folder: Path) -> Path | None:
    """The whole checkpoint with the most steps, or `None`."""
    whole = [path for path in _all(folder) if _is_whole(path)]
    return max(whole, key=step, default=None)


def clear(folder: Path) -> None:
    """Remove the checkpoints that are not whole: a trainer counts them as others."""
    for path in _all(folder):
        if not _is_whole(path):
            shutil.rmtree(path)


def remove(folder: Path) -> None:
    """Remove all checkpoints of a stage that has its result."""
    for path in _all(folder):
        shutil.rmtree(path)


def _all(folder: Path) -> list[Path]:
    return [path for path in folder.glob("checkpoint-*") if path.is_dir()]


def step(checkpoint: Path | None) -> int:
    """The steps that were done before a checkpoint; 0 where there is none."""
    return 0 if checkpoint is None else int(checkpoint.name.rpartition("-")[2])


def _is_whole(checkpoint: Path) -> bool:
    said = read_json(checkpoint / _COMPLETE)
    if not isinstance(said, dict):
        return False
    for name, size in said["files"].items():
        path = checkpoint / name
        if not path.is_file() or path.stat().st_size != size:
            return False
    return True


def began_with(folder: Path) -> dict[str, Any] | None:
    """What the first attempt of a run began with; `None` before it."""
    found = read_json(folder / FOLDER / _START)
    return found if isinstance(found, dict) else None


def begin(folder: Path, now: dict[str, Any]) -> None:
    """Keep what the first attempt begins with."""
    write_json(folder / FOLDER / _START, now)


def compare(then: dict[str, Any], now: dict[str, Any]) -> list[Finding]:
    """What has changed since the first attempt, and does not stop another one.

    Raises:
        Conflict: What has changed would make the result another one than the plan says.
    """
    for key, what in _FILES.items():
        if then[key] != now[key]:
            raise Conflict(
                f"The run cannot go on: {what} is not what it began with. Start another run."
            )
    if then.get("packing") and not now["packing"]:
        raise Conflict(
            "The run cannot go on here: it began with rows that share sequences, for which "
            "FlashAttention is missing. Go on where it is installed, or start another run."
        )
    findings = []
    for name, was in then.get("machine", {}).items():
        if (found := now["machine"][name]) != was:
            message = f"The run began with the {name} `{was}`, and goes on with `{found}`."
            findings.append(warning("machine", f"{message} It is not exactly the same now."))
    for name, version in then["versions"].items():
        if (found := now["versions"].get(name)) != version:
            message = f"The run began with {name} {version}, and goes on with {found}."
            findings.append(warning("versions", f"{message} It is not exactly the same now."))
    if then["processes"] != now["processes"]:
        message = f"The run began with {then['processes']} processes; now there are"
        findings.append(
            warning("processes", f"{message} {now['processes']}. Rounding is not the same now.")
        )
    return findings
