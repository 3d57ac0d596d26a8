"""Training a model, as a job: in a process of its own, which outlives this one.

    {"name": "v1", "model": "Qwen/Qwen2.5-3B", "exports": ["wrong"], "method": "sft",
     "options": {"epochs": 2.0}, "processes": 1}

The folder of the training says everything, so that whoever takes the job up again goes on: with
the process that is still at it, or from its last checkpoint.
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corrigenda.errors import Conflict, InvalidInput, shorten
from corrigenda.jobs.reports import Came, Progress
from corrigenda.jsonl import storage_errors
from corrigenda.settings import Settings
from corrigenda.train import card, launching, pythons
from corrigenda.train.launching import Running
from corrigenda.train.plan import FILE, TrainOptions, TrainPlan
from corrigenda.train.progress import number
from corrigenda.train.standing import Steps, steps_of
from corrigenda.workbench import Workspace
from corrigenda.workbench.training import drafts

_TELL = 0.5
"""Seconds between two words of how far it is."""


def train(workspace: Workspace, params: Mapping[str, Any], progress: Progress) -> Came:
    """Do the job.

    Raises:
        CorrigendaError: It cannot be trained, or its process has failed; the message says why.
    """
    folder = workspace.trainings.folder(params["name"])
    if "model" not in params:  # one that is to go on
        workspace.trainings.found(params["name"])
    elif not (folder / FILE).is_file():
        try:
            _prepare(workspace, folder, params, progress)
        except _Stopped:
            return Came({"name": params["name"], "step": None}, stopped=True)
    plan = TrainPlan.read(folder)
    _refuse_another(plan, params)
    report: Mapping[str, Any] = launching.report_of(folder) or {}
    if not report.get("finished"):
        # Before the machine is loaded with it; what is loaded already has to be stopped.
        if progress(0, 0) and (progress.lost or Running.of(folder) is None):
            return Came({"name": params["name"], "step": None}, stopped=True)
        report = _Following(folder, plan, progress).end(int(params.get("processes", 1)))
    told = {"name": params["name"], "step": steps_of(report)}
    if not report.get("finished"):
        return Came(told, stopped=True)
    card.write(folder, plan, report)
    return Came({**told, "weights_sha256": report.get("weights_sha256")})


def python_for(packages: Sequence[str]) -> Path:
    """The Python for models on this machine.

    Raises:
        InvalidInput: There is none, or it lacks packages; the sentence says how to install them.
    """
    python = pythons.python_of(Settings.from_environment().train_python)
    pythons.check(python, packages)
    return python


def abilities(packages: Sequence[str] = pythons.TRAINING) -> dict[str, Any]:
    """Whether this machine can train: `{"python": "/env/bin/python", "missing": ["trl"]}`."""
    try:
        python = pythons.python_of(Settings.from_environment().train_python)
        return {"python": str(python), "missing": pythons.missing(python, packages)}
    except InvalidInput:
        return {"python": None, "missing": [*packages]}


def _prepare(
    workspace: Workspace, folder: Path, params: Mapping[str, Any], progress: Progress
) -> None:
    def meanwhile() -> None:
        if progress(0, 0):
            raise _Stopped

    # Nobody else makes this folder; what lies there is of a worker that was killed.
    with storage_errors(folder.parent):
        for draft in drafts(folder):
            shutil.rmtree(draft, ignore_errors=True)
    workspace.prepare_training(
        folder,
        model=str(workspace.model_folder(params["model"])),
        exports=params["exports"],
        method=params["method"],
        options=TrainOptions.from_json(params["options"]),
        meanwhile=meanwhile,
    )


def _refuse_another(plan: TrainPlan, params: Mapping[str, Any]) -> None:
    """Refuse a folder that somebody else has made while the job waited.

    Raises:
        Conflict: It is of another training.
    """
    if "exports" not in params:  # it goes on with what is there, whatever it is
        return
    asked = (params["method"], TrainOptions.from_json(params["options"]), [*params["exports"]])
    if asked != (plan.method, plan.options, [each["name"] for each in plan.exports]):
        raise Conflict(
            f"Somebody has made another training `{plan.name}` meanwhile: choose another name."
        )


class _Following:
    """A process that trains, followed to its end."""

    def __init__(self, folder: Path, plan: TrainPlan, progress: Progress) -> None:
        self._folder = folder
        self._plan = plan
        self._progress = progress
        self._steps = Steps(plan.stages)
        self._told = 0.0
        self._stopped = False

    def end(self, processes: int) -> Mapping[str, Any]:
        """What its process says at its end.

        Raises:
            InvalidInput: It has failed.
        """
        running = Running.of(self._folder)
        if running is None:
            python = python_for(pythons.needed(self._plan.options))
            running = Running.start(self._folder, python=python, processes=processes)
        try:
            for event in running.events(meanwhile=lambda: self._tell(running)):
                self._steps.take(event)
        except _Lost:
            return {}
        code = running.wait()
        report = launching.report_of(self._folder) or {}
        if report.get("attempt") == number(running.attempt):
            return report
        if self._stopped:  # before it could say anything
            return {}
        raise InvalidInput(_why(self._folder, running.code(code), running.logged))

    def _tell(self, running: Running) -> None:
        """Say how far it is, and stop it if that is wanted."""
        if self._stopped or time.monotonic() - self._told < _TELL:
            return
        self._told = time.monotonic()
        if self._progress(self._steps.done or 0, self._steps.total or 0):
            if self._progress.lost:  # somebody else follows it
                raise _Lost
            self._stopped = True
            running.stop()


class _Stopped(Exception):
    """It was asked to stop while it was made ready."""


class _Lost(Exception):
    """The job is in other hands."""


def _why(folder: Path, code: int | None, since: int) -> str:
    """The sentence about a process that neither finished nor stopped; its code may be unknown."""
    said = launching.last_words(folder, since)
    if code is None and not said.startswith(launching.ERROR):
        last = f" (it said last: {shorten(said, 300)})" if said else ""
        return f"The training ended in the middle{last}; it can go on from its last checkpoint."
    if code is None or said.startswith(launching.ERROR) or (said and code >= 0):
        return said.removeprefix(launching.ERROR)
    how = f"was killed by signal {-code}" if code < 0 else f"ended with the code {code}"
    perhaps = " (out of memory, perhaps)" if code == -9 else ""
    return f"The training {how}{perhaps}; it can go on from its last checkpoint."
