"""What a run says of itself at its end, in `report.json`."""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from corrigenda.train import progress
from corrigenda.train.machine import Machine, peak
from corrigenda.train.settings import Settings

FILE = "report.json"
_LIBRARIES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "safetensors")


def versions() -> dict[str, str]:
    """What the run's numbers depend on."""
    found = {"python": platform.python_version()}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine(found: Machine, settings: Settings) -> dict[str, str]:
    """What decides how sums are rounded, beside `versions` and the number of processes.

    Example:
        {"device": "cpu, AVX512, 1 thread", "type": "float32", "attention": "default"}
    """
    import torch

    device = found.name or found.device
    if found.device == "cpu":
        # Both decide into which parts a sum is divided.
        threads = torch.get_num_threads()
        many = "thread" if threads == 1 else "threads"
        device = f"cpu, {torch.backends.cpu.get_cpu_capability()}, {threads} {many}"
    return {
        "device": device,
        "type": settings.dtype,
        "attention": settings.attention or "default",
    }


def stage(trainer: Any, name: str, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The numbers of a stage, over all attempts.

    Args:
        trainer: Of the stage.
        name: Of the stage.
        events: Of all attempts, in their order.
    """
    losses = [each["loss"] for each in trainer.state.log_history if "loss" in each]
    tokens = int(trainer._total_train_tokens)
    seconds = training_seconds(name, events)
    return {
        "stage": name,
        "steps": trainer.state.global_step,
        "max_steps": trainer.state.max_steps,
        "loss_first": losses[0] if losses else None,
        "loss_last": losses[-1] if losses else None,
        "seconds": round(seconds, 1),
        "tokens": tokens,
        "tokens_per_s": _speed(name, events),
    }


def training_seconds(name: str, events: Sequence[Mapping[str, Any]]) -> float:
    """How long a stage was trained, over all attempts.

    Example:
        >>> at = [(2.0, "start"), (5.0, "end"), (1.0, "start"), (2.0, "log"), (3.0, "end")]
        >>> training_seconds("sft", [{"t": t, "event": e, "stage": "sft"} for t, e in at])
        5.0
    """
    total = start = last = 0.0
    for event in events:
        if event.get("stage") != name:
            continue
        if event["event"] == "start":
            total += last - start
            start = event["t"]
        last = event["t"]
    return total + last - start


def _speed(name: str, events: Sequence[Mapping[str, Any]]) -> float | None:
    """Tokens a second of the newest attempt, without its first log, in which things warm up."""
    logs: list[Mapping[str, Any]] = []
    for event in events:
        if event.get("stage") == name:
            if event["event"] == "start":
                logs = []
            elif "loss" in event:
                logs.append(event)
    if len(logs) < 2 or logs[-1]["t"] <= logs[0]["t"]:
        return None
    tokens = logs[-1].get("tokens", 0) - logs[0].get("tokens", 0)
    return round(float(tokens / (logs[-1]["t"] - logs[0]["t"])), 1)


def share_of_peak(
    found: Mapping[str, Any], facts: Mapping[str, Any], machine: Machine, settings: Settings
) -> float | None:
    """The share of the GPUs' peak that training used: model FLOPs utilization.

    A token takes 6 operations for each weight, 2 forwards and 4 backwards (Kaplan et al. 2020,
    "Scaling Laws for Neural Language Models", table 1); a frozen weight takes 4, for its own
    gradient is not needed. Activations that are computed twice do not count, nor does the
    reference model.
    """
    most = peak(machine.name, settings.dtype)
    if most is None or found["tokens_per_s"] is None:
        return None
    frozen = facts["parameters"] - facts["trainable"]
    operations = float(6 * facts["trainable"] + 4 * frozen)
    speed = float(found["tokens_per_s"])
    return round(speed * operations / (most * machine.processes), 4)


def events(folder: Path) -> list[dict[str, Any]]:
    """The events of all attempts, in their order."""
    return [event for path in progress.attempts(folder) for event in progress.read(path)]
