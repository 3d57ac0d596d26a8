"""The models that may be named over HTTP: what the workspace's owner has put within reach.

A request names no path and no address. It names a folder below `sft.models_dir`, an endpoint of
`sft.endpoints` (both of `label_tool.yaml`), or what a training of the workspace has made:

    Qwen/Qwen2.5-3B     the folder of this name in `models_dir`, at most two names deep
    training:v1         the model of the training `v1`
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corrigenda.errors import NotFound, shorten
from corrigenda.jsonl import storage_errors
from corrigenda.train.model_files import WEIGHTS
from corrigenda.train.plan import FILE
from corrigenda.train.results import MODEL

TRAINED = "training:"
"""What the name of a trained model begins with."""

_MOST = 1000
_CONFIGS = ("config.json", "adapter_config.json")


def offered(trainings: Path, models: Path | None) -> Iterator[dict[str, Any]]:
    """The models, by their names: those in the folder of models, and those of trainings.

    Example:
        {"name": "training:v1", "made_by": "v1"}
    """
    for name in _models(models):
        yield {"name": name, "made_by": None}
    for name in _trained(trainings):
        yield {"name": f"{TRAINED}{name}", "made_by": name}


def folder_of(name: str, trainings: Path, models: Path | None) -> Path:
    """The folder of a model that is offered.

    Raises:
        NotFound: It is not.
    """
    # Compared with what is there, and never joined: a name from a request is no path.
    if models is not None and name in _models(models):
        return models / name
    for trained in _trained(trainings):
        if name == f"{TRAINED}{trained}":
            return trainings / trained
    where = "`sft.models_dir` of label_tool.yaml" if models is None else f"`{models}`"
    said = shorten(" ".join(name.split()))
    raise NotFound(f"There is no model `{said}` in {where}, and no finished training that made it.")


def name_of(said: Mapping[str, Any], trainings: Path, models: Path | None) -> str:
    """What people call the model of a plan: its name here, or else what the plan has.

    Args:
        said: `model` of a plan.
        trainings: The folder of the workspace's trainings.
        models: The folder of models.
    """
    path = Path(str(said.get("path", "")))
    if not said.get("sha256"):  # a name on the Hub
        return str(path)
    for name in _models(models):
        if models is not None and (models / name).resolve() == path:  # which may be a link
            return name
    home = trainings.resolve()
    inside = path.relative_to(home).parts if path.is_relative_to(home) else ()
    return f"{TRAINED}{inside[0]}" if inside else path.name


def _models(home: Path | None) -> list[str]:
    if home is None or not home.is_dir():
        return []
    with storage_errors(home):
        below = [each for each in _folders(home) if not _is_model(each)]
        found = [each for each in _folders(home) if _is_model(each)]
        found += [inner for each in below for inner in _folders(each) if _is_model(inner)]
    return sorted(each.relative_to(home).as_posix() for each in found)[:_MOST]


def _trained(home: Path) -> list[str]:
    if not home.is_dir():
        return []
    with storage_errors(home):
        found = [
            each.name
            for each in _folders(home)
            if (each / FILE).is_file() and _is_model(each / MODEL)
        ]
    return sorted(found)[:_MOST]


def _folders(home: Path) -> list[Path]:
    try:
        return [each for each in home.iterdir() if each.is_dir() and not each.name.startswith(".")]
    except PermissionError:
        return []


def _is_model(folder: Path) -> bool:
    return any((folder / name).is_file() for name in _CONFIGS) and any(folder.glob(WEIGHTS))
