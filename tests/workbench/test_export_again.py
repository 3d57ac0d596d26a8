"""Making an export again, and comparing exports."""

import contextlib
import io
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda.errors import ExportChanged, InvalidInput, NotFound
from corrigenda.workbench import remaking
from tests.workbench.desk import fill, opened
from tests.workbench.exports import contents, corrections, filled, recipe

SPLITS = {"splits": [0.6, 0.2, 0.2]}


@pytest.mark.parametrize("container", ["jsonl", "jsonl.gz", "parquet"])
def test_again_from_a_manifest(tmp_path: Path, database_url: str, container: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        asked = recipe(format="kto", deduplicate=True, **SPLITS)
        workspace.make_export(asked, tmp_path / "first", container=container)
        report = workspace.remake_export(tmp_path / "first", tmp_path / "second")
        assert report.remade is not None
        assert report.remade.startswith(f"All {report.rows} rows and what is said of them")
        assert contents(tmp_path / "first") == contents(tmp_path / "second")
        workspace.make_export(asked, name="rc", container=container)
        workspace.remake_export("rc", tmp_path / "third")
        assert contents(tmp_path / "first") == contents(tmp_path / "third")


def test_again_into_a_file_or_a_stream(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(), tmp_path / "set.jsonl")
        original = (tmp_path / "set.jsonl").read_bytes()
        manifest = tmp_path / "set.manifest.json"
        report = workspace.remake_export(manifest, tmp_path / "copy.jsonl")
        assert "the same bytes as before" in (report.remade or "")
        assert (tmp_path / "copy.jsonl").read_bytes() == original
        out = io.BytesIO()
        workspace.remake_export(manifest, out)
        assert out.getvalue() == original
        with pytest.raises(InvalidInput, match=r"written as `.jsonl`"):
            workspace.remake_export(manifest, tmp_path / "copy.parquet")


def test_what_has_changed_is_said(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        workspace.make_export(recipe(), name="rc")
        workspace.submit("c1", "amend", corrected_response="another text", reviewer="kim")
        workspace.undo("c2", reviewer="ada")
        workspace.submit("c3", "categorise", failure_category="format_error", reviewer="kim")
        workspace.submit("open", "correct", corrected_response="4", reviewer="ada")
        with pytest.raises(ExportChanged) as found:
            workspace.remake_export("rc", tmp_path / "again")
        assert not (tmp_path / "again").exists()
        said = found.value.details
        numbers = [said[f"{kind}_n"] for kind in ("changed", "gone", "new")]
        assert numbers == [2, 1, 1]
        assert [(each["id"], each["was"], each["now"]) for each in said["changed"]] == [
            ("c1", 1, 2),
            ("c3", 1, 2),
        ]
        assert said["changed"][0]["why"].startswith("`amend` by `kim` at 20")
        assert said["changed"][1]["why"].startswith("`categorise` by `kim` at 20")
        assert [(each["id"], each["was"], each["now"]) for each in said["gone"]] == [("c2", 1, 2)]
        assert said["gone"][0]["why"].startswith("`undo` by `ada` at 20")
        assert [(each["id"], each["now"]) for each in said["new"]] == [("open", 1)]
        assert said["new"][0]["why"].startswith("`correct` by `ada` at 20")
        assert "2 rows have another decision, 1 row is gone, 1 row is new" in str(found.value)
        assert "\n" not in str(found.value)
        changes = workspace.changes_since("rc")
        assert (changes["same"], changes["changed_n"], changes["new_n"]) == (37, 3, 1)
        assert [each["id"] for each in changes["changed"]] == ["c1", "c2", "c3"]


def test_what_is_left_out_does_not_make_it_another_export(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(deduplicate=True), tmp_path / "first")
        twin = {**next(iter(corrections(1))), "id": "twin", "model_name": "third"}
        fill(workspace, twin)
        report = workspace.remake_export(tmp_path / "first", tmp_path / "second")
        assert report.remade is not None
        assert "what is said beside them is not the same (`stages`, `left_out`)" in report.remade
        first, second = contents(tmp_path / "first"), contents(tmp_path / "second")
        assert {name for name in first if first[name] != second[name]} == {
            "README.md",
            "left_out.jsonl",
            "manifest.json",
        }


def test_another_version_tokenizer_or_set_is_said() -> None:
    manifest = {
        "tool": {"name": "corrigenda", "version": "0.1.0"},
        "tokenizer": {"name": "small", "sha256": "a"},
        "protected": [],
    }
    other = {
        "tool": {"name": "corrigenda", "version": "0.2.0"},
        "tokenizer": {"name": "small", "sha256": "b"},
        "protected": [{"name": "gsm8k", "prompts": 1319}],
    }
    assert remaking.surroundings(manifest, manifest) == []
    assert remaking.surroundings(manifest, other) == [
        "It was made by version 0.1.0 of this program, and this is 0.2.0.",
        "Lengths were measured by the tokenizer `small`, and now by the tokenizer `small` with "
        "other files.",
        "Protected were no benchmarks, and now `gsm8k` (1319 prompts) are.",
    ]


def test_a_set_that_is_protected_since_is_said(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(), tmp_path / "first")
        asked = [{"role": "user", "content": "What is 0 + 0? \u2028 \U0001f989"}]
        workspace.protect("held", texts=[asked])
        with pytest.raises(ExportChanged, match="Protected were no benchmarks") as found:
            workspace.remake_export(tmp_path / "first", tmp_path / "second")
        assert found.value.details["gone_n"] >= 1
        assert "protected set `held`" in found.value.details["gone"][0]["why"]


def test_without_its_list_it_can_be_made_but_not_explained(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(), tmp_path / "first")
        (tmp_path / "first/rows.jsonl").unlink()
        workspace.remake_export(tmp_path / "first", tmp_path / "second")
        workspace.undo("c1")
        with pytest.raises(ExportChanged, match="is not beside the manifest"):
            workspace.remake_export(tmp_path / "first", tmp_path / "third")
        with pytest.raises(InvalidInput, match="list of rows"):
            workspace.diff_exports(tmp_path / "first", tmp_path / "second")


def test_a_list_that_was_changed_is_found(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        for name in ("first", "second"):
            workspace.make_export(recipe(), tmp_path / name)
        rows = tmp_path / "second/rows.jsonl"
        rows.write_bytes(b"".join(rows.read_bytes().splitlines(keepends=True)[1:]))
        with pytest.raises(InvalidInput, match="was changed after it was made"):
            workspace.diff_exports(tmp_path / "first", tmp_path / "second")


BAD = {
    "no JSON": b"{",
    "another thing": b"[1]",
    "no manifest": b'{"files": []}',
    "of the future": b'{"manifest": 2}',
    "with less": b'{"manifest": 1}',
}


@pytest.mark.parametrize("data", BAD.values(), ids=BAD.keys())
def test_a_manifest_that_is_none(tmp_path: Path, data: bytes) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        (tmp_path / "manifest.json").write_bytes(data)
        with pytest.raises(InvalidInput, match=r"manifest"):
            workspace.remake_export(tmp_path / "manifest.json", tmp_path / "again")
        with pytest.raises(NotFound, match="There is no manifest"):
            workspace.remake_export(tmp_path / "nothing", tmp_path / "again")


@pytest.mark.parametrize("name", ["../secret.jsonl", "/etc/passwd", "..", "a\0b"], ids=ascii)
def test_a_manifest_names_only_files_beside_it(tmp_path: Path, name: str) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(), tmp_path / "set")
        path = tmp_path / "set/manifest.json"
        manifest = json.loads(path.read_text("ascii"))
        manifest["rows"]["name"] = name
        path.write_text(json.dumps(manifest), encoding="ascii")
        with pytest.raises(InvalidInput, match="a file that is none"):
            workspace.changes_since(tmp_path / "set")


def broken(manifest: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The manifest without each of its fields, and with another thing in each, two levels deep."""
    for key, value in manifest.items():
        others: list[Any] = [None, 7, "x", [7], {"a": 7}, [{"name": 7}], [{}]]
        yield from ({**manifest, key: other} for other in others)
        inner = value[0] if isinstance(value, list) and value else value
        for field in inner if isinstance(inner, dict) else ():
            for other in (None, 7, "x", [7], True):
                said = {**inner, field: other}
                yield {**manifest, key: [said] if isinstance(value, list) else said}


def test_a_manifest_of_a_stranger_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace, 4)
        workspace.protect("bench", texts=["What is asked nowhere in here at all, ever?"])
        workspace.make_export(recipe(), tmp_path / "set")
        path = tmp_path / "set/manifest.json"
        manifest = json.loads(path.read_text("ascii"))
        for number, each in enumerate(broken(manifest)):
            path.write_text(json.dumps(each), encoding="ascii")
            for work in (
                lambda: workspace.changes_since(tmp_path / "set"),
                lambda: workspace.diff_exports(tmp_path / "set", tmp_path / "set"),
                lambda n=number: workspace.remake_export(path, tmp_path / f"again-{n}"),
            ):
                with contextlib.suppress(InvalidInput, ExportChanged):
                    work()


@pytest.mark.parametrize(
    "line", [{"id": 7}, {"revision": "one"}, {"revision": -1}, {"row_sha256": "zz"}, {"origin": []}]
)
def test_a_list_of_a_stranger_is_refused_in_a_sentence(
    tmp_path: Path, line: dict[str, Any]
) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace, 4)
        workspace.make_export(recipe(), tmp_path / "set")
        rows = tmp_path / "set/rows.jsonl"
        first = json.loads(rows.read_text("ascii").splitlines()[0])
        rows.write_text(json.dumps({**first, **line}) + "\n", "ascii")
        with pytest.raises(InvalidInput, match="list of rows"):
            workspace.changes_since(tmp_path / "set")
        with pytest.raises(InvalidInput, match="list of rows"):
            workspace.diff_exports(tmp_path / "set", tmp_path / "set")


def test_two_exports_compared(tmp_path: Path, database_url: str) -> None:
    with opened(tmp_path, database_url) as workspace:
        filled(workspace)
        workspace.make_export(recipe(), name="a")
        workspace.make_export(recipe(**SPLITS), name="same")
        found = workspace.diff_exports("a", "same")
        assert (found["same"], found["changed"], found["only_a"], found["only_b"]) == (40, 0, 0, 0)
        assert found["recipe"] == [{"key": "splits", "a": None, "b": [0.6, 0.2, 0.2]}]
        workspace.submit("c1", "amend", corrected_response="another")
        workspace.undo("c2")
        workspace.submit("open", "correct", corrected_response="4")
        workspace.make_export(recipe(), name="b")
        found = workspace.diff_exports("a", "b")
        assert found == {
            "same": 38,
            "changed": 1,
            "only_a": 1,
            "only_b": 1,
            "recipe": [],
            "examples": {"changed": ["c1"], "only_a": ["c2"], "only_b": ["open"]},
        }
        shutil.copytree(workspace.export_folder("a"), tmp_path / "moved")
        assert workspace.diff_exports(tmp_path / "moved", "b") == found
        assert workspace.diff_exports(str(tmp_path / "moved/manifest.json"), "b") == found
        with pytest.raises(NotFound):
            workspace.diff_exports("a", "nothing")


def test_wanted_and_unwanted_rows_of_one_candidate_are_two(tmp_path: Path) -> None:
    with opened(tmp_path, "sqlite") as workspace:
        filled(workspace)
        workspace.make_export(recipe(format="kto"), name="a")
        workspace.undo("c1")
        workspace.make_export(recipe(format="kto"), name="b")
        found = workspace.diff_exports("a", "b")
        assert (found["only_a"], found["only_b"]) == (2, 0)
        assert found["examples"]["only_a"] == ["c1", "c1"]
