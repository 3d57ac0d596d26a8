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
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_ATTEMPT = re.compile(r"attempt-([1-9][0-9]*)\.jsonl", re.ASCII)
_NAMES = {"num_tokens": "tokens"}
_SUMMARY = (
    *("train_runtime", "train_loss", "train_samples_per_second", "train_steps_per_second"),
    *("eval_runtime", "eval_samples_per_second", "eval_steps_per_second", "eval_num_tokens"),
)
_LEFT_OUT = {"total_flos", "step", *_SUMMARY}


def attempts(folder: Path) -> list[Path]:
    """The files of all attempts of a run, the first one first."""
    return sorted((path for path in folder.iterdir() if number(path)), key=number)


def number(path: Path) -> int:
    """Which attempt a file is of; 0 for another file.

    Example:
        >>> number(Path("attempt-12.jsonl")), number(Path("attempt-x.jsonl"))
        (12, 0)
    """
    found = _ATTEMPT.fullmatch(path.name)
    return int(found[1]) if found else 0


def next_attempt(folder: Path) -> Path:
    """Where the next attempt writes its events."""
    return folder / f"attempt-{max(map(number, attempts(folder)), default=0) + 1}.jsonl"


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The events of an attempt; a line that is damaged, or was cut off, is none."""
    for line in path.read_bytes().split(b"\n")[:-1]:
        event = parsed(line)
        if event is not None and {"event", "t"} <= event.keys():
            yield event


def parsed(line: bytes) -> dict[str, Any] | None:
    """The event in a line; `None` where it is no object in JSON."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


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
            self._path = next_attempt(folder)
            self._path.touch(exist_ok=False)

    @property
    def attempt(self) -> int | None:
        """Its number; of other processes than the first, none."""
        return None if self._path is None else number(self._path)

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
