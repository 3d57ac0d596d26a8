"""The trainings of a workspace: each a folder in `trainings`, with the jobs that are about it.

A training that the command line has put there (`--output DATA/trainings/NAME`) is one of them.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from corrigenda.errors import InvalidInput, NotFound, shorten
from corrigenda.jsonl import storage_errors
from corrigenda.store import Database, Job, jobs
from corrigenda.store.jobs import JobState
from corrigenda.train import card as model_card
from corrigenda.train import launching
from corrigenda.train.card import CARD, EXPORTS
from corrigenda.train.files import read_json
from corrigenda.train.plan import FILE, TrainOptions, TrainPlan
from corrigenda.train.standing import Standing, curve, standing
from corrigenda.workbench import model_choices
from corrigenda.workbench.evaluations import evaluations_of
from corrigenda.workbench.names import can_be_name, check_name
from corrigenda.workbench.watching import job_as_json

FOLDER = "trainings"
"""Where in a workspace's directory the trainings are."""

_NUMBERS = ("loss", "tokens_per_s")
_OF_A_REPORT = ("stages", "device", "versions", "weights_sha256", "processes", "dtype")


@dataclass(frozen=True)
class Trainings:
    """The trainings of a workspace.

    Attributes:
        directory: Of the workspace.
        database: Of the workspace.
        models: The folder of models that can be named; see `model_choices`.
    """

    directory: Path
    database: Database
    models: Path | None = None

    @property
    def home(self) -> Path:
        """The folder with all of them."""
        return self.directory / FOLDER

    def folder(self, name: str) -> Path:
        """The folder that a training of this name has, or would have.

        Raises:
            InvalidInput: None can have this name.
        """
        return self.home / check_name(name, "a training's name")

    def found(self, name: str) -> Path:
        """The folder of a training.

        Raises:
            NotFound: There is none of this name.
        """
        if not can_be_name(name) or not (self.home / name / FILE).is_file():
            raise NotFound(f"There is no training `{shorten(name)}`.")
        return self.home / name

    def all(self) -> list[dict[str, Any]]:
        """All of them, newest first; those that are being made ready as well."""
        known = self._jobs
        found = [self._head(plan, folder) for folder, plan in self._plans()]
        there = {each["name"] for each in found}
        found += [
            self._expected(job)
            for name, job in known.items()
            if name not in there and not job.state.finished
        ]
        return sorted(found, key=lambda each: each["created_at"], reverse=True)

    def described(self, name: str) -> dict[str, Any]:
        """All that is known of a training.

        Raises:
            NotFound: There is none of this name.
        """
        job = self._jobs.get(name)
        if job is not None and not (self.home / name / FILE).is_file() and not job.state.finished:
            details = self._details(None, Standing("preparing"), {})
            return {**self._expected(job), **details, "evaluations": []}
        folder = self.found(name)
        plan = TrainPlan.read(folder)
        where = standing(folder, plan.stages)
        details = self._details(plan, where, self._about(folder))
        head = self._head(plan, folder, where)
        asked = evaluations_of(plan, folder, self.directory, self.database, base=head["model"])
        return {**head, **details, "evaluations": asked}

    def curve(self, name: str) -> dict[str, Any]:
        """The numbers of a training by step; see `standing.curve`.

        Raises:
            NotFound: There is none of this name.
        """
        folder = self.found(name)
        stages = TrainPlan.read(folder).stages
        return {"points": curve(folder, stages), "stages": list(stages)}

    def log(self, name: str) -> str:
        """The last of what the processes of a training said.

        Raises:
            NotFound: There is none of this name.
        """
        return launching.last_of_log(self.found(name))

    def card(self, name: str) -> str:
        """The card of a training's model.

        Raises:
            NotFound: There is no training of this name, or it has no card yet.
        """
        folder = self.found(name)
        path = folder / CARD
        if not path.is_file():
            # Whoever followed it may have been gone when it came to its end.
            if (report := launching.report_of(folder) or {}).get("finished"):
                return model_card.card(TrainPlan.read(folder), report, self._about(folder))
            raise NotFound(f"The training `{shorten(name)}` is not finished: it has no card yet.")
        with storage_errors(path):
            return path.read_text("utf-8")

    @cached_property
    def _jobs(self) -> Mapping[str, Job]:
        with self.database.reading() as connection:
            return jobs.newest_of(connection, [jobs.TRAIN], "name")

    def _plans(self) -> Iterator[tuple[Path, TrainPlan]]:
        if not self.home.is_dir():
            return
        with storage_errors(self.home):
            for folder in sorted(self.home.iterdir()):
                # A plan that cannot be read is nobody's training.
                if folder.is_dir() and can_be_name(folder.name):
                    with contextlib.suppress(InvalidInput, NotFound):
                        yield folder, TrainPlan.read(folder)

    def _head(self, plan: TrainPlan, folder: Path, where: Standing | None = None) -> dict[str, Any]:
        where = where or standing(folder, plan.stages)
        job = self._jobs.get(folder.name)
        said = plan.as_json()
        return {
            "name": folder.name,
            "method": plan.method,
            "model": model_choices.name_of(said["model"], self.home, self.models),
            "created_at": plan.created_at,
            "exports": [{"name": each["name"], "format": each["format"]} for each in plan.exports],
            "rows": {use: file.rows for use, file in plan.data.files().items()},
            "state": _state(where, job),
            "step": where.step,
            "max_steps": where.max_steps,
            **{name: where.last.get(name) for name in _NUMBERS},
            "eta_s": where.eta,
            "job": None if job is None else job_as_json(job),
        }

    def _about(self, folder: Path) -> Mapping[str, Any]:
        """What is known of the exports of a training."""
        about = read_json(folder / EXPORTS)
        return about if isinstance(about, dict) else {}

    def _expected(self, job: Job) -> dict[str, Any]:
        """A training whose folder is not there yet."""
        said = job.params
        return {
            "name": said["name"],
            "method": said.get("method"),
            "model": said.get("model"),
            "created_at": job.created_at,
            "exports": [{"name": each, "format": None} for each in said.get("exports", ())],
            "rows": {},
            "state": "queued" if job.state is JobState.QUEUED else "preparing",
            "step": None,
            "max_steps": None,
            **dict.fromkeys((*_NUMBERS, "eta_s")),
            "job": job_as_json(job),
        }

    def _details(
        self, plan: TrainPlan | None, where: Standing, about: Mapping[str, Any]
    ) -> dict[str, Any]:
        plain = TrainOptions().as_json()
        options = plan.options.as_json() if plan else plain
        return {
            "options": {name: options[name] for name in options if options[name] != plain[name]},
            "findings": list(where.check.get("findings") or ()),
            "facts": dict(where.check.get("facts") or {}),
            "remarks": list(about.get("remarks") or ()),
            "runs": _runs(about),
            **{name: where.report.get(name) for name in _OF_A_REPORT},
        }


def _state(where: Standing, job: Job | None) -> str:
    """What is to be said of a training, for a job may be about to go on with it."""
    if where.state in ("finished", "running") or job is None or job.state.finished:
        return where.state
    if job.state is JobState.QUEUED:
        return "queued"
    return "running" if job.total else "preparing"  # by a worker on another machine, perhaps


def _runs(about: Mapping[str, Any]) -> list[str]:
    """The runs that the rows come from."""
    found: dict[str, None] = {}
    for each in about.get("exports") or ():
        for run in (each.get("manifest") or {}).get("runs") or ():
            if run.get("run_id"):
                found[run["run_id"]] = None
    return list(found)
