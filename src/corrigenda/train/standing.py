"""How far a training is, from the files in its folder; whoever trains it, and wherever.

prepared   it has not been begun
running    a process works on it
stopped    it was stopped, and kept a checkpoint
failed     its process ended in the middle
finished   its model is there
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from corrigenda.train import launching, orphans, progress
from corrigenda.train.results import MODEL

POINTS = 1000
"""At most so many points of a curve are told."""

_OF_A_POINT = {"t", "event", "max_steps", "eta_s"}


@dataclass
class Standing:
    """What is known of a training at one moment.

    Attributes:
        state: See the module.
        step: The optimiser steps that are done, over all stages; `None` before the first.
        max_steps: How many there are.
        last: The newest event with numbers.
        check: What was found before the first step.
        report: What the trainer said at the end of an attempt, if it came to one.
    """

    state: str
    step: int | None = None
    max_steps: int | None = None
    last: Mapping[str, Any] = field(default_factory=dict)
    check: Mapping[str, Any] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)

    @property
    def eta(self) -> float | None:
        """The seconds that are left, over all stages, if the next ones go as fast as this one."""
        seconds, step, most = (self.last.get(name) for name in ("eta_s", "step", "max_steps"))
        if not isinstance(seconds, int | float):
            return None
        if not isinstance(step, int) or not isinstance(most, int) or step >= most:
            return seconds
        if self.step is None or self.max_steps is None:
            return seconds
        return round(seconds * (self.max_steps - self.step) / (most - step), 1)


@dataclass
class Steps:
    """Counts the steps of a training over its stages, from its events.

    Example:
        >>> steps = Steps(("sft", "dpo"))
        >>> steps.take({"event": "check", "facts": {"steps": {"sft": 10, "dpo": 20}}})
        >>> steps.take({"event": "log", "stage": "dpo", "step": 5, "max_steps": 20})
        >>> steps.done, steps.total
        (15, 30)
    """

    stages: Sequence[str]
    planned: dict[str, int] = field(default_factory=dict)
    done: int | None = None

    @property
    def total(self) -> int | None:
        """Of all stages; `None` while one is not known."""
        known = [self.planned.get(stage) for stage in self.stages]
        return None if None in known else sum(filter(None, known))

    def take(self, event: Mapping[str, Any]) -> None:
        """Take in an event."""
        if event.get("event") == "check":
            facts = event.get("facts")
            steps = facts.get("steps") if isinstance(facts, dict) else None
            known = steps if isinstance(steps, dict) else {}
            self.planned |= {name: n for name, n in known.items() if isinstance(n, int)}
        if isinstance(most := event.get("max_steps"), int) and event.get("stage") in self.stages:
            self.planned[event["stage"]] = most
        if (at := self.at(event)) is not None:
            self.done = at

    def at(self, event: Mapping[str, Any]) -> int | None:
        """The step of an event, counted from the beginning of the first stage."""
        stage, step = event.get("stage"), event.get("step")
        if stage not in self.stages or not isinstance(step, int):
            return None
        before = self.stages[: self.stages.index(stage)]
        return sum(self.planned.get(each, 0) for each in before) + step


def standing(folder: Path, stages: Sequence[str]) -> Standing:
    """How far a training is.

    Args:
        folder: Of the training.
        stages: Of its plan.
    """
    attempts = progress.attempts(folder)
    there = tuple(map(_stamp, (*attempts, folder / launching.REPORT)))
    found = replace(_told(folder, tuple(stages), there))
    if found.report.get("finished") and (folder / MODEL).is_dir():
        found.state = "finished"
        found.step = found.max_steps = steps_of(found.report) or found.step
    elif orphans.living(folder) is not None:
        found.state = "running"
    elif attempts:
        told = found.report.get("attempt") == progress.number(attempts[-1])
        found.state = "stopped" if told else "failed"
    return found


# A list of trainings is asked for every few seconds, and most of them are over.
@lru_cache(maxsize=1000)
def _told(folder: Path, stages: tuple[str, ...], _there: object) -> Standing:
    """What the files of a training say, which are read again once they have changed."""
    attempts = progress.attempts(folder)
    steps, last, check = Steps(stages), {}, {}
    # An attempt that goes on after a stage does not tell of that one again.
    for number, path in enumerate(attempts):
        newest = number == len(attempts) - 1
        for event in progress.read(path):
            steps.take(event)
            if "loss" in event and newest:
                last = event
            if event["event"] == "check":
                check = event
    report = launching.report_of(folder) or {}
    return Standing("prepared", steps.done, steps.total, last, check, report)


def _stamp(path: Path) -> tuple[str, int, int, int]:
    """What changes with a file; zeros where it is not there."""
    try:
        found = path.stat()
    except OSError:
        return path.name, 0, 0, 0
    return path.name, found.st_ino, found.st_size, found.st_mtime_ns


def curve(folder: Path, stages: Sequence[str]) -> list[dict[str, Any]]:
    """The numbers that were logged, by step; where an attempt goes over steps again, the new ones.

    More than `POINTS` are thinned out evenly, and the last one stays.

    Returns:
        `{"stage": "sft", "step": 10, "at": 10, "attempt": 1, "loss": 0.31, …}`, in which `at`
        counts from the beginning of the first stage.
    """
    steps = Steps(stages)
    found: dict[int, dict[str, Any]] = {}
    for path in progress.attempts(folder):
        for event in progress.read(path):
            steps.take(event)
            at = steps.at(event)
            if event["event"] == "log" and at is not None:
                said = {key: value for key, value in event.items() if key not in _OF_A_POINT}
                known = found.get(at, {})
                same = known if known.get("attempt") == progress.number(path) else {}
                found[at] = same | said | {"at": at, "attempt": progress.number(path)}
    points = [found[at] for at in sorted(found)]
    if len(points) <= POINTS:
        return points
    each = (len(points) - 1) / (POINTS - 1)
    return [points[round(number * each)] for number in range(POINTS)]


def steps_of(report: Mapping[str, Any]) -> int | None:
    """The steps that all stages of a report have done; `None` where it does not say.

    Example:
        >>> steps_of({"stages": [{"steps": 40}, {"steps": 20}]}), steps_of({})
        (60, None)
    """
    done = [stage.get("steps") for stage in report.get("stages") or () if isinstance(stage, dict)]
    known = [each for each in done if isinstance(each, int)]
    return sum(known) if known and len(known) == len(done) else None
