"""Which models can be named from afar, and that no path is one."""

from pathlib import Path

import pytest

from corrigenda.errors import NotFound
from corrigenda.workbench.model_choices import folder_of, name_of, offered


def model(folder: Path, config: str = "config.json") -> Path:
    folder.mkdir(parents=True)
    (folder / config).write_text("{}", "utf-8")
    (folder / "model.safetensors").write_bytes(b"")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> Path:
    home = tmp_path / "models"
    model(home / "small")
    model(home / "Qwen" / "Qwen2.5-3B")
    model(home / "Qwen" / "adapter", "adapter_config.json")
    model(home / "a" / "b" / "too-deep")
    model(home / ".hidden")
    model(home / "small" / "checkpoint")  # is part of that model
    (home / "no-weights").mkdir()
    (home / "no-weights" / "config.json").write_text("{}", "utf-8")
    return home


@pytest.fixture
def trainings(tmp_path: Path) -> Path:
    home = tmp_path / "trainings"
    for name in ("v1", "unfinished"):
        (home / name).mkdir(parents=True)
        (home / name / "run.json").write_text("{}", "utf-8")
    model(home / "v1" / "model")
    return home


def test_what_is_offered(models: Path, trainings: Path) -> None:
    assert [*offered(trainings, models)] == [
        {"name": "Qwen/Qwen2.5-3B", "made_by": None},
        {"name": "Qwen/adapter", "made_by": None},
        {"name": "small", "made_by": None},
        {"name": "training:v1", "made_by": "v1"},
    ]
    assert [*offered(trainings / "none", None)] == []
    assert [*offered(trainings / "none", models / "none")] == []


def test_a_name_stands_for_its_folder(models: Path, trainings: Path) -> None:
    for name in ("small", "Qwen/Qwen2.5-3B"):
        folder = folder_of(name, trainings, models)
        assert folder == models / name
        assert name_of({"path": str(folder), "sha256": {"a": "b"}}, trainings, models) == name
    assert folder_of("training:v1", trainings, models) == trainings / "v1"
    made = {"path": str(trainings / "v1" / "model"), "sha256": {"a": "b"}}
    assert name_of(made, trainings, models) == "training:v1"
    assert name_of({"path": "Qwen/Qwen3-8B", "sha256": None}, trainings, models) == "Qwen/Qwen3-8B"
    (models / "linked").symlink_to(model(models.parent / "cache" / "abc123"))
    linked = {"path": str((models / "linked").resolve()), "sha256": {"a": "b"}}
    assert name_of(linked, trainings, models) == "linked"
    elsewhere = {"path": "/srv/secret/base", "sha256": {"a": "b"}}
    assert name_of(elsewhere, trainings, models) == "base"


NAMES = [
    ".",
    "..",
    "../models/small",
    "./small",
    "small/",
    "small/checkpoint",
    "Qwen",
    "a/b/too-deep",
    ".hidden",
    "no-weights",
    "training:unfinished",
    "training:../trainings/v1",
    "training:",
    "v1",
    "~",
    "/",
]


@pytest.mark.parametrize("name", ["", "\0", *NAMES])
def test_anything_else_is_no_model(models: Path, trainings: Path, name: str) -> None:
    for home in (models, None):
        with pytest.raises(NotFound, match="There is no model"):
            folder_of(name, trainings, home)
    with pytest.raises(NotFound):
        folder_of(str(models / "small"), trainings, models)
