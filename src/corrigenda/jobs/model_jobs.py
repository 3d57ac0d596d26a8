"""Queuing what works with models: trainings and evaluations."""

import os
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from corrigenda.errors import Conflict, InvalidInput
from corrigenda.jobs.evaluating import request_of
from corrigenda.jobs.reports import by
from corrigenda.jobs.training import python_for
from corrigenda.store import Job, jobs
from corrigenda.train import pythons
from corrigenda.train.launching import report_of
from corrigenda.train.plan import FILE, TrainOptions
from corrigenda.workbench import Workspace, training
from corrigenda.workbench.training_model import base_model

_MOST_PROCESSES = 64


class ModelJobs:
    """What `JobRunner` knows of models."""

    _workspace: Workspace

    @abstractmethod
    def _refuse_when_closing(self) -> None:
        """Refuse where the workspace is closing."""

    @abstractmethod
    def _create(self, connection: Any, kind: str, params: dict[str, Any]) -> Job:
        """Write a job's row."""

    @abstractmethod
    def _queued(self, job: Job) -> Job:
        """Have somebody look at the queue."""

    def start_training(
        self,
        name: str,
        *,
        model: str,
        exports: Sequence[str],
        method: str = "sft",
        options: Mapping[str, Any] | None = None,
        processes: int = 1,
        reviewer: str | None = None,
    ) -> Job:
        """Queue a training.

        Args:
            name: Of its folder, in the workspace's `trainings`.
            model: One of `Workspace.offered_models`.
            exports: Names of snapshots.
            method: One of `corrigenda.train.plan.METHODS`.
            options: As JSON; see `corrigenda.train.options`.
            processes: On the worker's machine.
            reviewer: Who asks for it.

        Raises:
            InvalidInput: Something cannot be used, or no training is possible on this machine.
            NotFound, UnknownExport: The model or an export is not there.
            Conflict: There is a training of this name.
            StorageError: The workspace is closing, or cannot be written.
        """
        self._refuse_when_closing()
        workspace = self._workspace
        if os.path.lexists(workspace.trainings.folder(name) / FILE):
            raise Conflict(f"There is a training `{name}` already; choose another name.")
        training.refuse_taken(workspace.trainings.folder(name))
        wanted = TrainOptions.from_json(options or {})
        if wanted.report_to:
            raise InvalidInput("Trackers are for the command line: leave `report_to` out.")
        if not 1 <= processes <= _MOST_PROCESSES:
            raise InvalidInput(f"`processes` must be from 1 to {_MOST_PROCESSES}.")
        base_model(str(workspace.model_folder(model)), hashed=False)
        names = list(dict.fromkeys(exports))
        workspace.check_training(names, method)
        self._refuse_unable(pythons.needed(wanted))
        params = {
            "name": name,
            "model": model,
            "exports": names,
            "method": method,
            "options": dict(options or {}),
            "processes": processes,
            **by(reviewer),
        }
        return self._begun_alone(jobs.TRAIN, "name", params)

    def resume_training(self, name: str, *, reviewer: str | None = None) -> Job:
        """Queue a training that was stopped, or has failed, once more.

        Raises:
            NotFound: There is none of this name.
            Conflict: It is finished, or somebody is at it.
            StorageError: The workspace is closing, or cannot be written.
        """
        self._refuse_when_closing()
        workspace = self._workspace
        folder = workspace.trainings.found(name)
        if (report_of(folder) or {}).get("finished"):
            raise Conflict(f"The training `{name}` is finished already.")
        with workspace.database.reading() as connection:
            before = jobs.latest_of(connection, [jobs.TRAIN], "name", name)
        processes = 1 if before is None else before.params.get("processes", 1)
        params = {"name": name, "processes": processes, **by(reviewer)}
        return self._begun_alone(jobs.TRAIN, "name", params)

    def start_evaluation(self, params: Mapping[str, Any], *, reviewer: str | None = None) -> Job:
        """Queue an evaluation.

        Args:
            params: See `jobs.evaluating`.
            reviewer: Who asks for it.

        Raises:
            InvalidInput: Something cannot be used, or models cannot be asked on this machine.
            NotFound, UnknownRun: The model, the endpoint or a run is not there.
            Conflict: The same run is being made.
            StorageError: The workspace is closing, or cannot be written.
        """
        self._refuse_when_closing()
        workspace = self._workspace
        request = request_of(workspace, params)
        workspace.check_evaluation(request)
        asked = {**params, **by(reviewer)}
        if request.endpoint is not None:
            return self._begun_alone(jobs.EVALUATE_ENDPOINT, "run_id", asked)
        self._refuse_unable(pythons.GENERATING)
        return self._begun_alone(jobs.EVALUATE, "run_id", asked)

    def _refuse_unable(self, packages: Sequence[str]) -> None:
        """Refuse at once what no worker can do: on SQLite this process is the only one."""
        if self._workspace.mirror is not None:
            python_for(packages)

    def _begun_alone(self, kind: str, key: str, params: dict[str, Any]) -> Job:
        """Queue a job, unless one about the same thing is not over."""
        kinds = [jobs.TRAIN] if kind == jobs.TRAIN else [jobs.EVALUATE, jobs.EVALUATE_ENDPOINT]

        def begin(connection: Any) -> Job:
            for job in jobs.lock_unfinished(connection, *kinds):
                if job.params[key] == params[key]:
                    raise Conflict(f"`{params[key]}` is being worked on already.")
            return self._create(connection, kind, params)

        return self._queued(self._workspace.database.write(begin))
