"""Asking a model the prompts of runs again, as a job.

    {"run_id": "v1-after", "runs": ["before"], "model": "training:v1", "endpoint": null,
     "max_new_tokens": 512}

What was answered is kept beside the workspace's files, so that whoever takes the job up again asks
only for the rest.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from corrigenda.errors import NotFound, shorten
from corrigenda.jobs.reports import Came, Progress
from corrigenda.settings import Settings, read_config
from corrigenda.train import pythons
from corrigenda.workbench import Workspace
from corrigenda.workbench.evaluating.request import EvaluationRequest
from corrigenda.workbench.evaluating.running import Stopped

_OURS = {"output", "python", "api_key_env", "run_code"}
_KNOWN = {each.name for each in fields(EvaluationRequest)} - _OURS


def evaluate(workspace: Workspace, params: Mapping[str, Any], progress: Progress) -> Came:
    """Do the job.

    Raises:
        CorrigendaError: The model cannot be asked; what was answered is kept.
    """
    try:
        done = workspace.evaluate(request_of(workspace, params), progress)
    except Stopped:
        return Came({"run_id": params["run_id"]}, stopped=True)
    counts = {name: done[name] for name in ("run_id", "counts", "imported")}
    return Came({**counts, "unscored": done["unscored"], "errors": done["errors"]})


def request_of(workspace: Workspace, params: Mapping[str, Any]) -> EvaluationRequest:
    """What is asked of whom: the names in a request stand for a folder, or an address.

    Raises:
        NotFound: A name stands for nothing.
        InvalidInput: There is no Python of the name that the environment gives.
    """
    said = {name: value for name, value in params.items() if name in _KNOWN and value is not None}
    said["runs"] = tuple(said.get("runs", ()))
    if (name := said.get("endpoint")) is not None:
        endpoint = read_config(workspace.config_dir).endpoints.get(name)
        if endpoint is None:
            raise NotFound(f"There is no endpoint `{shorten(name)}` in label_tool.yaml.")
        said |= {"endpoint": endpoint.url, "api_key_env": endpoint.api_key_env}
    else:
        said["model"] = str(workspace.model_folder(said["model"]))
        said["python"] = pythons.python_of(Settings.from_environment().train_python)
    return EvaluationRequest(**said)
