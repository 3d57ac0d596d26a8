import json
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import CorrigendaError, InvalidInput, NotFound
from corrigenda.train.plan import BaseModel, Data, DataFile, TrainOptions, TrainPlan

ROWS = DataFile("data/corrections.jsonl", 40, "ab" * 32)
PLAN = TrainPlan(
    name="shout",
    created_at="2026-04-07T14:30:22+00:00",
    method="sft",
    model=BaseModel("models/base", sha256={"model.safetensors": "cd" * 32}),
    data=Data(corrections=ROWS, pairs=ROWS),
    exports=({"name": "wrong", "format": "prompt_completion", "digest": "ef"},),
    options=TrainOptions(epochs=2.0),
)


def test_there_and_back(tmp_path: Path) -> None:
    PLAN.write(tmp_path)
    assert TrainPlan.read(tmp_path) == PLAN
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_a_plan_is_never_changed(tmp_path: Path) -> None:
    PLAN.write(tmp_path)
    with pytest.raises(FileExistsError):
        PLAN.write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["run.json"]


def test_only_the_files_that_the_method_needs() -> None:
    assert list(PLAN.files()) == ["corrections"]
    assert PLAN.stages == ("sft",)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "`version` of a plan is 1, found `2`"),
        ({"method": "ppo"}, "`method` of a training must be one of sft, dpo, sft-dpo"),
        ({"method": "dpo", "data": {}}, "The method `dpo` needs pairs to train on."),
        ({"weights": 1}, "`weights` is no key of `run.json`; use version, name"),
        ({"name": ""}, "`name` of a training must be text"),
        ({"model": {"path": "m", "sha256": []}}, "`sha256` of a model is an object"),
        ({"model": {}}, "`model.path` of a training must be text"),
        ({"data": {"tests": None}}, "`tests` is no key of `data`"),
        (
            {"data": {"corrections": {"file": "../x", "rows": 1, "sha256": "a"}}},
            "`data.corrections.file` must lie in the run's folder",
        ),
        (
            {"data": {"corrections": {"file": "x", "rows": -1, "sha256": "a"}}},
            "`data.corrections.rows` is a number of rows",
        ),
        ({"exports": {}}, None),
        ({"exports": [1]}, "`exports` of a plan is a list of objects"),
    ],
)
def test_what_is_refused(change: dict[str, Any], message: str | None) -> None:
    value = json.loads(json.dumps(PLAN.as_json() | change))
    if message is None:
        assert TrainPlan.from_json(value).exports == ()
        return
    with pytest.raises(InvalidInput) as refused:
        TrainPlan.from_json(value)
    assert message in refused.value.message


@pytest.mark.parametrize(("text", "kind"), [(None, NotFound), ("{", InvalidInput)])
def test_no_plan(tmp_path: Path, text: str | None, kind: type[CorrigendaError]) -> None:
    if text is not None:
        (tmp_path / "run.json").write_text(text, "utf-8")
    with pytest.raises(kind):
        TrainPlan.read(tmp_path)
