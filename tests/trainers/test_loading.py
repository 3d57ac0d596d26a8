"""Exports as `datasets` loads them."""

import json
from typing import Any

import pytest

from tests.trainers.conftest import Trainers
from tests.trainers.jobs import FILES, FORMATS


def filled(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without the columns that are there only because other rows have them."""
    return [{key: value for key, value in row.items() if value is not None} for row in rows]


@pytest.mark.parametrize("file", FILES)
def test_a_file_comes_back_as_it_was_written(trainers: Trainers, file: str) -> None:
    loaded = trainers.results[file]["train"]
    assert filled(loaded) == trainers.rows(file.partition(".")[0])


@pytest.mark.parametrize("form", FORMATS)
def test_a_folder_loads_as_its_rows_alone(trainers: Trainers, form: str) -> None:
    [loaded] = trainers.results[f"folder {form}"].values()
    assert filled(loaded) == trainers.rows(form)


@pytest.mark.parametrize(("folder", "ending"), [("split", "jsonl"), ("split-parquet", "parquet")])
def test_a_folder_with_splits(trainers: Trainers, folder: str, ending: str) -> None:
    loaded = trainers.results[f"folder {folder}"]
    files = json.loads((trainers.exports / folder / "manifest.json").read_text("utf-8"))["files"]
    counted = {file["split"]: file["rows"] for file in files}
    assert {file["name"] for file in files} >= {f"{name}.{ending}" for name in loaded}
    assert {name: len(rows) for name, rows in loaded.items()} == counted
    together = sorted(json.dumps(row) for rows in loaded.values() for row in filled(rows))
    assert together == sorted(json.dumps(row) for row in trainers.rows("prompt_completion"))
