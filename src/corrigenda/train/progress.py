"""How a training goes on, as JSON lines: one file for each attempt, written by one process.

{"t": 0.0, "event": "check", "findings": [...], "facts": {...}}
{"t": 4.1, "event": "start", "stage": "sft", "step": 0, "max_steps": 40}
{"t": 5.0, "event": "log", "stage": "sft", "step": 10, "max_steps": 40, "epoch": 2.5,
 "loss": 0.31, "learning_rate": 0.002, "grad_norm": 1.9, "tokens": 5120,
 "tokens_per_s": 5800.0, "eta_s": 2.6}
{"t": 5.1, "event": "save", "stage": "sft", "step": 10, "max_steps": 40}
{"t": 8.0, "event": "end", "stage": "sft", "step": 40, "max_steps": 40}
"""

import json
import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_NAMES = {"num_tokens": "tokens"}
_SUMMARY = (
    *("train_runtime", "train_loss", "train_samples_per_second", "train_steps_per_second"),
    *("eval_runtime", "eval_samples_per_second", "eval_steps_per_second", "eval_num_tokens"),
)
_LEFT_OUT = {"total_flos", "step", *_SUMMARY}


def attempts(folder: Path) -> list[Path]:
    """The files of all attempts of a run, the first one first."""
    return sorted(folder.glob("attempt-*.jsonl"), key=lambda path: int(path.stem[8:]))


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The events of an attempt; a last line that was cut off is none."""
    for line in path.read_text("utf-8").split("\n")[:-1]:
        yield json.loads(line)


class Progress:
    """Appends the events of one attempt; of other processes than the first, nothing.

    Args:
        folder: Of the run.
        writes: Whether this is the process that writes.
    """

    def __init__(self, folder: Path, *, writes: bool) -> None:
        self._start = time.monotonic()
        self._path: Path | None = None
        if writes:
            self._path = folder / f"attempt-{len(attempts(folder)) + 1}.jsonl"
            self._path.touch(exist_ok=False)

    @property
    def seconds(self) -> float:
        """Since the attempt began."""
        return time.monotonic() - self._start

    def event(self, name: str, **more: Any) -> None:
        """Append an event."""
        if self._path is None:
            return
        line = {"t": round(self.seconds, 3), "event": name, **more}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(_sound(line), ensure_ascii=False) + "\n")


def _sound(value: Any) -> Any:
    """The value without what JSON has no word for: a loss may be no number."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _sound(each) for key, each in value.items()}
    return [_sound(each) for each in value] if isinstance(value, list | tuple) else value


class Pace:
    """How fast a stage goes, from the tokens that its trainer has counted."""

    def __init__(self, step: int, tokens: float, now: float) -> None:
        self._first = self._last = (step, tokens, now)

    def so_far(self, step: int, tokens: float, now: float, steps: int) -> dict[str, float]:
        """The tokens a second since the last call, and the seconds that are left.

        Example:
            >>> Pace(0, 0, 10.0).so_far(5, 1000, 12.0, steps=20)
            {'tokens_per_s': 500.0, 'eta_s': 6.0}
        """
        found = {}
        _, before, then = self._last
        if now > then:
            found["tokens_per_s"] = round((tokens - before) / (now - then), 1)
        done, _, start = self._first
        if step > done:
            found["eta_s"] = round((steps - step) * (now - start) / (step - done), 1)
        self._last = (step, tokens, now)
        return found


def logged(logs: dict[str, Any]) -> dict[str, Any]:
    """What a trainer logs, with our names, and without its summary."""
    return {
        _NAMES.get(name, name): value
        for name, value in logs.items()
        if isinstance(value, int | float) and name not in _LEFT_OUT
    }
