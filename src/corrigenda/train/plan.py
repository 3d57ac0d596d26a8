"""The plan of a training run: everything that decides what comes of it.

It is `run.json` in the run's folder, written whole before anything starts, and never changed:

    {"version": 1, "name": "shout", "created_at": "2026-11-23T15:53:17+00:00", "method": "sft",
     "model": {"path": "models/base", "revision": null, "sha256": {"model.safetensors": "…"}},
     "data": {"corrections": {"file": "data/corrections.jsonl", "rows": 40, "sha256": "…"},
              "replay": null, "pairs": null, "validation": null},
     "exports": [{"name": "wrong", "format": "prompt_completion", "digest": "…"}],
     "options": {"epochs": 3.0}}
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput, NotFound
from corrigenda.train.options import Lora, TrainOptions

__all__ = ["FILE", "METHODS", "BaseModel", "DataFile", "Lora", "TrainOptions", "TrainPlan"]

FILE = "run.json"
VERSION = 1

METHODS = ("sft", "dpo", "sft-dpo")
"""Supervised, by preference, and the one after the other."""

_STAGES = {"sft": ("sft",), "dpo": ("dpo",), "sft-dpo": ("sft", "dpo")}
_NEEDS = {"sft": ("corrections",), "dpo": ("pairs",), "sft-dpo": ("corrections", "pairs")}
_USES = {
    "sft": ("corrections", "replay", "validation"),
    "dpo": ("pairs", "replay"),
    "sft-dpo": ("corrections", "replay", "pairs", "validation"),
}


@dataclass(frozen=True)
class BaseModel:
    """The model that training starts from.

    Attributes:
        path: A folder, or a model's name on the Hub.
        revision: A commit of the Hub's repository.
        sha256: The digest of each of the folder's files (see `model_files`), where they are
            known; training refuses to start from, or to go on with, other ones.
    """

    path: str
    revision: str | None = None
    sha256: Mapping[str, str] | None = None


@dataclass(frozen=True)
class DataFile:
    """A file of rows: its place in the run's folder, their number, and its digest."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Data:
    """The rows of a run by their use; see `corrigenda.train.rows` for their shapes."""

    corrections: DataFile | None = None
    replay: DataFile | None = None
    pairs: DataFile | None = None
    validation: DataFile | None = None

    def files(self) -> dict[str, DataFile]:
        """Those that are there, by their use."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: file for name, file in found.items() if file is not None}


@dataclass(frozen=True)
class TrainPlan:
    """See the module.

    Attributes:
        name: Of the run.
        created_at: In ISO 8601, with its zone.
        method: One of `METHODS`.
        model: What is trained.
        data: What it is trained on.
        exports: The snapshots that the rows come from: `{"name", "format", "digest"}`.
        options: How it is trained.
    """

    name: str
    created_at: str
    method: str
    model: BaseModel
    data: Data = field(default_factory=Data)
    exports: tuple[Mapping[str, Any], ...] = ()
    options: TrainOptions = field(default_factory=TrainOptions)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InvalidInput(
                f"`method` of a training must be one of {', '.join(METHODS)}, "
                f"found {shown(self.method)}."
            )
        for name in _NEEDS[self.method]:
            if getattr(self.data, name) is None:
                raise InvalidInput(f"The method `{self.method}` needs {name} to train on.")

    @property
    def stages(self) -> tuple[str, ...]:
        """What is done one after the other: `sft`, `dpo` or both."""
        return _STAGES[self.method]

    def files(self) -> dict[str, DataFile]:
        """The files that the method trains on or measures with, by their use."""
        there = self.data.files()
        return {use: there[use] for use in _USES[self.method] if use in there}

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        return {
            "version": VERSION,
            "name": self.name,
            "created_at": self.created_at,
            "method": self.method,
            "model": _members(self.model),
            "data": {
                each.name: file and _members(file)
                for each in fields(self.data)
                for file in [getattr(self.data, each.name)]
            },
            "exports": [dict(each) for each in self.exports],
            "options": self.options.as_json(),
        }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `as_json` wrote.

        Raises:
            InvalidInput: It is no plan of this version, or a name or value in it is wrong.
        """
        data = _object("run.json", value, _PLAN)
        if data.get("version") != VERSION:
            raise InvalidInput(
                f"`version` of a plan is {VERSION}, found {shown(data.get('version'))}; "
                "it was written by another version of Corrigenda."
            )
        exports = data.get("exports") or []
        if not isinstance(exports, list) or not all(isinstance(each, dict) for each in exports):
            raise InvalidInput(f"`exports` of a plan is a list of objects, found {shown(exports)}.")
        return cls(
            name=_text("name", data.get("name")),
            created_at=_text("created_at", data.get("created_at")),
            method=_text("method", data.get("method")),
            model=_model(data.get("model")),
            data=_data(data.get("data")),
            exports=tuple(exports),
            options=TrainOptions.from_json(data.get("options") or {}),
        )

    @classmethod
    def read(cls, folder: Path) -> Self:
        """The plan of the run in a folder.

        Raises:
            NotFound: There is none.
            InvalidInput: It is not JSON, or no plan.
        """
        path = folder / FILE
        try:
            value = json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise NotFound(
                f"There is no training run in `{folder}`: `{FILE}` is missing."
            ) from None
        except ValueError as error:
            raise InvalidInput(f"`{path}` is not JSON: {error}.") from None
        return cls.from_json(value)

    def write(self, folder: Path) -> None:
        """Write `run.json`, whole or not at all.

        Raises:
            FileExistsError: The folder has a plan already, and a plan is never changed.
        """
        path = folder / FILE
        unfinished = folder / f".{FILE}.{os.getpid()}"
        text = json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n"
        try:
            with unfinished.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(unfinished)
        finally:
            unfinished.unlink(missing_ok=True)


_PLAN = ("version", "name", "created_at", "method", "model", "data", "exports", "options")


def _members(value: Any) -> dict[str, Any]:
    found = {each.name: getattr(value, each.name) for each in fields(value)}
    return {name: dict(v) if isinstance(v, Mapping) else v for name, v in found.items()}


def _object(what: str, value: object, names: tuple[str, ...]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"`{what}` of a training must be an object, found {shown(value)}.")
    for name in value:
        if name not in names:
            raise InvalidInput(f"`{name}` is no key of `{what}`; use {', '.join(names)}.")
    return value


def _text(name: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"`{name}` of a training must be text, found {shown(value)}.")
    return value


def _model(value: object) -> BaseModel:
    data = _object("model", value, tuple(each.name for each in fields(BaseModel)))
    digests = data.get("sha256")
    if digests is not None and not (
        isinstance(digests, Mapping) and all(isinstance(v, str) for v in digests.values())
    ):
        raise InvalidInput(f"`sha256` of a model is an object of digests, found {shown(digests)}.")
    revision = data.get("revision")
    return BaseModel(
        path=_text("model.path", data.get("path")),
        revision=None if revision is None else _text("model.revision", revision),
        sha256=None if digests is None else dict(digests),
    )


def _data(value: object) -> Data:
    names = tuple(each.name for each in fields(Data))
    data = _object("data", value, names)
    return Data(**{name: _file(name, data[name]) for name in names if data.get(name) is not None})


def _file(name: str, value: object) -> DataFile:
    data = _object(f"data.{name}", value, tuple(each.name for each in fields(DataFile)))
    rows = data.get("rows")
    if isinstance(rows, bool) or not isinstance(rows, int) or rows < 0:
        raise InvalidInput(f"`data.{name}.rows` is a number of rows, found {shown(rows)}.")
    file = _text(f"data.{name}.file", data.get("file"))
    if Path(file).is_absolute() or ".." in Path(file).parts:
        raise InvalidInput(f"`data.{name}.file` must lie in the run's folder, found {shown(file)}.")
    return DataFile(file, rows, _text(f"data.{name}.sha256", data.get("sha256")))
