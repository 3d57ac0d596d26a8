"""The evaluations of a training: of the model that it started from, and of the one it made."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corrigenda.store import Database, Job, jobs
from corrigenda.store.jobs import JobState
from corrigenda.train.files import read_json
from corrigenda.train.plan import TrainPlan
from corrigenda.train.results import MERGED, MODEL
from corrigenda.workbench.evaluating.running import MANIFEST
from corrigenda.workbench.evaluating_methods import FOLDER
from corrigenda.workbench.model_choices import TRAINED
from corrigenda.workbench.watching import job_as_json

_KINDS = (jobs.EVALUATE, jobs.EVALUATE_ENDPOINT)


def evaluations_of(
    plan: TrainPlan, folder: Path, directory: Path, database: Database, *, base: str
) -> list[dict[str, Any]]:
    """The evaluations of a training, by their runs' names.

    A model at an endpoint is not known again: what it is there is not known.

    Args:
        plan: Of the training.
        folder: Of the training.
        directory: Of the workspace.
        database: Of the workspace.
        base: What the model that it started from is called here; see `model_choices.name_of`.

    Returns:
        `{"run_id": "v1-trained", "of": "trained", "state": "finished", "done": 144,
        "total": 144, "passed": 140, "failed": 4, "held_out": false, "job": None}`; `of` is
        `base` or `trained`, `state` is `queued`, `running`, `partial`, `failed` or `finished`.
    """
    with database.reading() as connection:
        known = jobs.newest_of(connection, _KINDS, "run_id")
    places = _places(plan, folder)
    names = {f"{TRAINED}{folder.name}": "trained", base: "base"}
    found = {}
    for name, said in _written(directory / FOLDER):
        of = places.get(str((said.get("model") or {}).get("path")))
        if of is not None:
            found[name] = _finished(name, of, said, known.get(name))
    for name, job in known.items():
        of = names.get(str(job.params["model"])) if job.kind == jobs.EVALUATE else None
        if of is not None and (name not in found or not job.state.finished):
            found[name] = _asked(name, of, job)
    return [found[name] for name in sorted(found)]


def _places(plan: TrainPlan, folder: Path) -> dict[str, str]:
    """Path of a model → whether it is the base or the trained one."""
    made = folder.resolve()
    base = Path(plan.model.path)
    found = {str(base.resolve() if plan.model.sha256 is not None else base): "base"}
    return found | dict.fromkeys(map(str, (made, made / MODEL, made / MERGED)), "trained")


def _written(home: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    with contextlib.suppress(OSError):
        for folder in sorted(home.iterdir()):
            said = read_json(folder / MANIFEST)
            if isinstance(said, dict):
                yield folder.name, said


def _finished(name: str, of: str, said: Mapping[str, Any], job: Job | None) -> dict[str, Any]:
    counts = said.get("counts") or {}
    whole = said.get("finished_at") is not None and not counts.get("errors")
    asked = (counts.get("passed", 0), counts.get("failed", 0), counts.get("unscored", 0))
    return {
        "run_id": name,
        "of": of,
        "state": "finished" if whole else "partial",
        "done": sum(asked),
        "total": sum(asked) + counts.get("errors", 0),
        "passed": counts.get("passed"),
        "failed": counts.get("failed"),
        "held_out": bool((said.get("prompts") or {}).get("held_out")),
        "job": None if job is None else job_as_json(job),
    }


def _asked(name: str, of: str, job: Job) -> dict[str, Any]:
    states = {JobState.QUEUED: "queued", JobState.RUNNING: "running", JobState.FAILED: "failed"}
    return {
        "run_id": name,
        "of": of,
        "state": states.get(job.state, "partial"),
        "done": job.done,
        "total": job.total,
        "passed": None,
        "failed": None,
        "held_out": bool(job.params.get("held_out")),
        "job": job_as_json(job),
    }
