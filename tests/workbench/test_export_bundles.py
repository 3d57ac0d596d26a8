"""Bundles: what is in them, and that the same state and recipe give the same bytes."""

import hashlib
import io
import json
import os
import threading
from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from corrigenda import plugins
from corrigenda.core.recipe import CURATED, Recipe
from corrigenda.errors import InvalidInput, StorageError
from corrigenda.outputs import CONTAINERS
from corrigenda.store import splits
from corrigenda.workbench import Workspace
from tests.workbench.desk import fill, opened, record
from tests.workbench.exports import contents, filled, lines, recipe

FORMATS = sorted(plugins.installed(plugins.EXPORTS))
SPLITS = {"splits": [0.6, 0.2, 0.2]}


def recipe_for(form: str) -> Recipe:
    trains = plugins.named(plugins.EXPORTS, form).kind.value != "records"
    return recipe(format=form, **({"deduplicate": True, **SPLITS} if trains else {}))


def fits(form: str, container: str) -> bool:
    return plugins.named(plugins.EXPORTS, form).table or not container.startswith("csv")


def test_the_same_bytes_on_both_databases_in_every_format_and_container(
    tmp_path: Path, postgres_url: str
) -> None:
    for place, url in (("sqlite", "sqlite"), ("postgres", postgres_url)):
        (tmp_path / place).mkdir()
        with opened(tmp_path / place, url) as workspace:
            if place == "sqlite":
                filled(workspace)
            else:  # what was decided when comes along
                whole = tmp_path / "sqlite/candidates-jsonl/sft_candidates.jsonl"
                assert workspace.import_path(whole, format="native").malformed == 0
            for form, container in product(FORMATS, CONTAINERS):
                if fits(form, container):
                    target = tmp_path / place / f"{form}-{container}"
                    workspace.make_export(recipe_for(form), target, container=container)
    names = sorted(path.name for path in (tmp_path / "sqlite").iterdir() if "-" in path.name)
    assert len(names) == 4 * len(FORMATS) + 3
    for name in names:
        assert contents(tmp_path / "sqlite" / name) == contents(tmp_path / "postgres" / name), name


def test_again_gives_the_same_bytes_whatever_happened_in_between(
    tmp_path: Path, database_url: str
) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        workspace.make_export(recipe(**SPLITS), tmp_path / "first")
        workspace.submit("open", "flag")
        workspace.make_export(recipe(format="kto", seed=9), tmp_path / "other")
        workspace.make_export(recipe(**SPLITS), tmp_path / "second")
        workspace.make_export(recipe(**SPLITS), name="third", reviewer="kim")
        snapshot = workspace.export_folder("third")
        assert contents(tmp_path / "first") == contents(tmp_path / "second") == contents(snapshot)


def test_nothing_of_time_place_or_name_is_in_a_bundle(tmp_path: Path) -> None:
    place = tmp_path / "a-place-nobody-else-has"
    place.mkdir()
    with opened(place, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(**SPLITS), name="name-nobody-else-has", reviewer="kim-x")
        folder = workspace.export_folder("name-nobody-else-has")
    for name, data in contents(folder).items():
        for word in (b"nobody-else-has", b"kim-x", os.uname().nodename.encode()):
            assert word not in data, (name, word)


def test_what_a_bundle_says_is_what_it_holds(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        report = workspace.make_export(recipe(deduplicate=True, **SPLITS), tmp_path / "set")
    folder = tmp_path / "set"
    manifest = json.loads((folder / "manifest.json").read_text("ascii"))
    for file in (*manifest["files"], *manifest["beside"], manifest["rows"]):
        data = (folder / file["name"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
        assert len(data) == file.get("bytes", len(data))
        if "rows" in file:
            assert len(data.splitlines()) == file["rows"]
    listed = {file["name"] for file in (*manifest["files"], *manifest["beside"])}
    assert set(contents(folder)) == listed | {"manifest.json", "rows.jsonl"}
    entries = lines(folder / "rows.jsonl")
    assert report.rows == len(entries) == sum(file["rows"] for file in manifest["files"])
    for entry in entries:
        line = (folder / entry["file"]).read_bytes().splitlines()[entry["line"] - 1]
        assert hashlib.sha256(line).hexdigest() == entry["row_sha256"]
        assert entry["file"].startswith(entry["split"])
    for key in ("category", "model", "task", "split"):
        assert manifest["counts"][key] == Counter(entry[key] for entry in entries)
    left_out = lines(folder / "left_out.jsonl")
    assert manifest["left_out"] == Counter(each["reason"] for each in left_out)
    assert {each["id"] for each in left_out} & {each["id"] for each in entries} == set()
    assert [run["licenses"] for run in manifest["runs"]] == [["MIT", "Our own: <b>"]] * 3
    assert sum(run["rows"] for run in manifest["runs"]) == len(entries)


@pytest.mark.parametrize("form", [f for f in FORMATS if f not in ("candidates", "csv")])
def test_the_bare_recipe_gives_what_the_bare_export_gives(tmp_path: Path, form: str) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        bare = list(workspace.export(format=form))
        out = io.BytesIO()
        workspace.make_export(Recipe(format=form), out)
    curated = [json.loads(line) for line in out.getvalue().splitlines()]

    def sorted_by_text(rows: list[dict[str, Any]]) -> list[str]:
        return sorted(map(json.dumps, rows))

    if form in ("messages", "prompt_completion"):
        assert curated == bare
    elif form not in ("kto", "preference", "openai_preference"):
        assert sorted_by_text(curated) == sorted_by_text(bare)


# ---- the card


def test_no_name_breaks_the_card(tmp_path: Path) -> None:
    evil = "x\n---\nlicense: mit\n# Owned `code` | <script>alert(1)</script> [a](b)"
    with opened(tmp_path, "sqlite") as workspace:
        fill(
            workspace,
            *(
                record(
                    f"{name}\n---",
                    status="approved",
                    corrected_response="4",
                    prompt_messages=[{"role": "user", "content": name}],
                    model_name=name,
                    task_name=name,
                    benchmark_run_id=name,
                    license=name,
                )
                for name in (evil, "---", "`" * 5, "```\n", "&lt;b&gt;", "")
            ),
        )
        workspace.make_export(recipe(filter={"task": [evil, "---", "`" * 5]}), tmp_path / "set")
    text = (tmp_path / "set" / "README.md").read_text("utf-8")
    _, head, body = text.split("---\n", 2)
    assert yaml.safe_load(head) == {
        "license": "other",
        "task_categories": ["text-generation"],
        "size_categories": ["n<1K"],
        "tags": ["corrigenda", "sft"],
        "dataset_info": yaml.safe_load(head)["dataset_info"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": "train", "path": "data.jsonl"}],
            }
        ],
    }
    known = ("# Corrected answers", "## ", "- ", "```", "3 rows", "  ", "{", "}")
    for line in body.splitlines():
        assert not line or line.startswith(known), line
    assert not any(line.startswith("#") and "Owned" in line for line in body.splitlines())


def test_the_head_names_what_has_rows(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace, 30)
        workspace.make_export(recipe(format="kto", splits=[0.5, 0.5, 0]), tmp_path / "set")
    head = yaml.safe_load((tmp_path / "set" / "README.md").read_text("utf-8").split("---\n")[1])
    assert head["license"] == ["mit", "other"]
    assert head["tags"] == ["corrigenda", "preference", "kto"]
    files = head["configs"][0]["data_files"]
    assert [(each["split"], each["path"]) for each in files] == [
        ("train", "train.jsonl"),
        ("validation", "validation.jsonl"),
    ]


# ---- one file, and streams


def test_a_file_has_its_lists_beside_it(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        folder = tmp_path / "out"
        folder.mkdir()
        for name in ("set.jsonl", "packed.jsonl.gz", "table.parquet"):
            workspace.make_export(recipe(deduplicate=True), folder / name)
        assert sorted(contents(folder)) == sorted(
            f"{stem}.{ending}"
            for stem, data in (("set", "jsonl"), ("packed", "jsonl.gz"), ("table", "parquet"))
            for ending in (data, "manifest.json", "rows.jsonl", "left_out.jsonl")
        )
        manifest = json.loads((folder / "set.manifest.json").read_text("ascii"))
        assert manifest["files"][0]["name"] == "set.jsonl"
        assert manifest["rows"]["name"] == "set.rows.jsonl"
        workspace.make_export(recipe(), tmp_path / "alone.jsonl", manifest=False)
        assert [path.name for path in tmp_path.glob("alone*")] == ["alone.jsonl"]
        stranger = tmp_path / "mine.manifest.json"
        stranger.write_text("{}", encoding="utf-8")
        with pytest.raises(InvalidInput, match=r"is no manifest of an export"):
            workspace.make_export(recipe(), tmp_path / "mine.jsonl")
        assert stranger.read_text("utf-8") == "{}"
        assert not (tmp_path / "mine.jsonl").exists()


def test_a_pipe_gets_the_rows_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(
        target=lambda: read.append((tmp_path / "pipe").read_bytes()), daemon=True
    )
    reader.start()
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(), tmp_path / "pipe")
        reader.join(10)
        out = io.BytesIO()
        report = workspace.make_export(recipe(), out)
    assert read == [out.getvalue()]
    assert len(out.getvalue().splitlines()) == report.rows == 40


@pytest.mark.parametrize(
    ("said", "place", "reason"),
    [
        (SPLITS, "set.jsonl", "several files"),
        ({}, "set.csv", "no table"),
        ({"format": "xml"}, "set", "Unknown export format"),
        ({"strict": True, "format": "alpaca"}, "set", "strict|rule|breaks"),
        ({}, "workspace/sft_candidates.jsonl", "own files"),
        ({}, "workspace/exports/mine", "own files"),
        ({}, "nowhere/set", "no folder"),
    ],
    ids=str,
)
def test_what_cannot_be_written_leaves_nothing(
    tmp_path: Path, said: dict[str, Any], place: str, reason: str
) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        before = sorted(path for path in tmp_path.rglob("*") if "corrigenda.db" not in path.name)
        with pytest.raises((InvalidInput, StorageError), match=reason):
            workspace.make_export(recipe(**said), tmp_path / place)
        after = sorted(path for path in tmp_path.rglob("*") if "corrigenda.db" not in path.name)
        assert after == before


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        (tmp_path / "full").mkdir()
        (tmp_path / "full/mine.txt").write_text("mine", encoding="utf-8")
        with pytest.raises(InvalidInput, match="not empty"):
            workspace.make_export(recipe(), tmp_path / "full")
        workspace.make_export(recipe(), tmp_path / "set")
        with pytest.raises(InvalidInput, match="earlier export"):
            workspace.make_export(recipe(seed=4), tmp_path / "set")
        workspace.make_export(recipe(seed=4), tmp_path / "set", overwrite=True)
        assert (
            json.loads((tmp_path / "set/manifest.json").read_text("ascii"))["recipe"]["seed"] == 4
        )


# ---- previews


def test_a_preview_says_what_the_export_then_does(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        seen = workspace.preview_export(recipe(deduplicate=True, **SPLITS))
        report = workspace.make_export(recipe(deduplicate=True, **SPLITS), tmp_path / "set")
        manifest = json.loads((tmp_path / "set/manifest.json").read_text("ascii"))
    assert (seen["examined"], seen["total"], seen["complete"]) == (40, 40, True)
    assert seen["stages"] == manifest["stages"] == list(report.stages)
    assert {each["reason"]: each["n"] for each in seen["left_out"]} == manifest["left_out"]
    assert seen["counts"] == manifest["counts"]
    assert {each["split"] for each in seen["examples"]} == {"train", "validation", "test"}
    assert len(seen["examples"]) == 5


def test_a_preview_of_the_first_ones(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        seen = workspace.preview_export(CURATED, limit=10)
        assert (seen["examined"], seen["total"], seen["complete"]) == (10, 30, False)
        assert seen["lengths"]["unit"] == "characters"
        with pytest.raises(InvalidInput, match="limit"):
            workspace.preview_export(CURATED, limit=0)


def test_a_preview_keeps_no_split(tmp_path: Path) -> None:
    def splits(workspace: Workspace) -> Any:
        return workspace.preview_export(recipe(**SPLITS))["counts"]["split"]

    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        first = splits(workspace)
        assert splits(workspace) == first
        assert workspace.preview_export(recipe(splits=[1, 0, 0]))["warnings"] == []


@pytest.mark.parametrize("form", ["csv", "candidates"])
def test_whole_records_are_not_divided(tmp_path: Path, form: str) -> None:
    asked = recipe(format=form, holdout_tasks=["sums"], replay=0.5, caps={"task": 1}, **SPLITS)
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace, 4)
        name = f"whole.{'csv' if form == 'csv' else 'jsonl'}"
        for place in (tmp_path / "folder", tmp_path / name, io.BytesIO()):
            report = workspace.make_export(asked, place)
            assert report.rows == 6
            (said,) = report.warnings
            assert "without effect: caps, replay, splits, tasks held out." in said
        again = workspace.remake_export(tmp_path / "folder", tmp_path / "again")
        assert again.rows == 6
        assert workspace.preview_export(asked)["counts"]["split"] == {"all": 6}


def kept_splits(workspace: Workspace) -> int:
    with workspace.database.reading() as connection:
        return len(splits.everything(connection, 3))


def test_only_an_export_that_is_there_has_divided_anything(
    tmp_path: Path, database_url: str
) -> None:
    asked = recipe(**SPLITS)
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        calls = iter(range(100))
        report = workspace.make_export(
            asked, tmp_path / "set", progress=lambda *_: next(calls) == 1
        )
        assert report.stopped
        report = workspace.make_export(asked, name="set", progress=lambda done, of: done == of)
        assert report.stopped
        with pytest.raises(InvalidInput, match="several files"):
            workspace.make_export(asked, tmp_path / "set.jsonl")
        workspace.preview_export(asked)
        assert kept_splits(workspace) == 0
        workspace.make_export(asked, name="set")
        kept = kept_splits(workspace)
        assert kept > 0
        workspace.make_export(asked, tmp_path / "set")
        assert kept_splits(workspace) == kept


def test_what_has_no_name_is_counted_as_none(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        fill(workspace, record("a", status="approved", corrected_response="4", model_name="  "))
        workspace.make_export(recipe(), tmp_path / "set")
        manifest = json.loads((tmp_path / "set/manifest.json").read_text("ascii"))
        assert manifest["counts"]["task"] == {"none": 1}
        assert workspace.preview_export(recipe())["counts"]["task"] == {"none": 1}
        assert "## Tasks\n\n- `none`: 1\n" in (tmp_path / "set/README.md").read_text("utf-8")
