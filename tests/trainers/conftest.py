"""Exports of a real workspace, and what the trainers in `.venv-train` make of them."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import corrigenda
from corrigenda import plugins
from corrigenda.core.recipe import Recipe
from tests.trainers import jobs, material, tiny
from tools.services import IN_CI
from tools.train_env import DONE

_ROOT = Path(__file__).parents[2]
_TRAIN = _ROOT / ".venv-train"
_SECONDS = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these tests wait for one process, for which none of them is to blame."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(2 * _SECONDS))
            item.add_marker(pytest.mark.xdist_group("trainers"))


@dataclass(frozen=True)
class Trainers:
    """What came of every job, by its name, and the exports that they were about."""

    exports: Path
    results: dict[str, dict[str, Any]]

    def rows(self, form: str) -> list[dict[str, Any]]:
        """The rows of a format, as they were written."""
        path = self.exports / f"{form}.jsonl"
        # Not `splitlines`: U+2028 ends no line of JSON.
        return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


@pytest.fixture(scope="session")
def train_python() -> Path:
    """The Python that can train; skips (in CI: fails) where there is none."""
    if not (_TRAIN / DONE).exists():
        advice = f"{_TRAIN.name} is missing: `make train-env` makes it"
        (pytest.fail if IN_CI else pytest.skip)(advice)
    return _TRAIN / "bin" / "python"


@pytest.fixture(scope="session")
def trainer(train_python: Path) -> tiny.Trainer:
    """Carries out training runs."""
    return tiny.Trainer(train_python)


@pytest.fixture(scope="session")
def runs(trainer: tiny.Trainer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folder of a finished training run of each kind."""
    folder = tmp_path_factory.mktemp("runs")
    return {name: trainer.train(tiny.planned(folder / name, name)) for name in tiny.KINDS}


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with FORMAT.CONTAINER of each, a folder FORMAT of each, and some more."""
    folder = tmp_path_factory.mktemp("exports")
    with corrigenda.open(folder / "workspace") as workspace:
        material.fill(workspace)
        for form in jobs.FORMATS:
            workspace.make_export(Recipe(format=form), folder / form)
        for file in jobs.FILES:
            recipe = Recipe(format=file.partition(".")[0])
            workspace.make_export(recipe, folder / file, manifest=False)
        split = Recipe(format="prompt_completion", splits=(0.5, 0.25, 0.25))
        workspace.make_export(split, folder / "split")
        workspace.make_export(split, folder / "split-parquet", container="parquet")
    for form in ("openai", "openai_preference"):
        rows = (folder / f"{form}.jsonl").read_text("utf-8").splitlines(keepends=True)
        (folder / f"{form}-without-tools.jsonl").write_text(
            "".join(row for row in rows if '"tools"' not in row), "utf-8"
        )
    return folder


@pytest.fixture(scope="session")
def trainers(
    train_python: Path, exports: Path, tmp_path_factory: pytest.TempPathFactory
) -> Trainers:
    """All of it, by one process."""
    folder = tmp_path_factory.mktemp("trainers")
    asked, answered = folder / "jobs.json", folder / "results.json"
    asked.write_text(json.dumps(jobs.all_jobs(exports)), "utf-8")
    done = subprocess.run(
        [train_python, "-m", "tests.trainers.consumer", asked, answered],
        check=False,
        cwd=_ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=_SECONDS,
    )
    if done.returncode:
        pytest.fail(f"the trainers failed:\n{done.stdout[-6000:]}", pytrace=False)
    return Trainers(exports, json.loads(answered.read_text("utf-8")))


def parts(form: str, row: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What Corrigenda says that a trainer sees, and on what of it there is loss."""
    found = plugins.named(plugins.EXPORTS, form).parts(row)
    return [(part.role, part.text, part.trained) for part in found]
