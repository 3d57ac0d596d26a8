"""From exports to the folder of a training, and to those of other trainers."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corrigenda import plugins
from corrigenda.core.recipe import Recipe
from corrigenda.errors import Conflict, ExportExists, InvalidInput, NotFound, UnknownExport
from corrigenda.exports import ExportFormat
from corrigenda.train.plan import TrainOptions, TrainPlan
from corrigenda.workbench import Workspace
from corrigenda.workbench.training_emitting import emit
from tests.workbench.desk import opened
from tests.workbench.exports import corrections, lines, recipe

PASSES = 12
SPLITS = {"splits": [0.5, 0.25, 0.25], "group_by": ["prompt"]}


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        run = tmp_path / "run"
        run.mkdir()
        write(run / "sft_candidates.jsonl", [*corrections()])
        write(
            run / "sft_passes.jsonl",
            [
                {
                    "id": f"p{n}",
                    "benchmark_run_id": "run-1",
                    "prompt_messages": [{"role": "user", "content": f"Say {n}."}],
                    "model_response": str(n),
                }
                for n in range(PASSES)
            ],
        )
        found.import_path(run)
        yield found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """What looks like a model from outside."""
    folder = tmp_path / "models/base"
    folder.mkdir(parents=True)
    for name in ("config.json", "model.safetensors", "tokenizer.json", "training_args.bin"):
        (folder / name).write_bytes(name.encode())
    return folder


def write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in records), "utf-8")


def listed(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    return lines(workspace.export_folder(name) / "rows.jsonl")


def test_corrections_passes_and_splits_go_apart(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    workspace.make_export(recipe(replay=0.2, **SPLITS), name="v1")
    prepared = workspace.prepare_training(
        tmp_path / "run-1", model=str(model), exports=["v1"], options=TrainOptions(epochs=5)
    )
    plan = TrainPlan.read(tmp_path / "run-1")
    assert plan == prepared.plan
    assert (plan.name, plan.method, plan.options.epochs) == ("run-1", "sft", 5.0)

    rows = listed(workspace, "v1")
    splits = [(each["split"], each["origin"]) for each in rows]
    data = plan.data.files()
    assert {use: file.rows for use, file in data.items()} == {
        "corrections": splits.count(("train", "correction")),
        "replay": splits.count(("train", "pass")),
        "validation": sum(split == "validation" for split, _ in splits),
    }
    for file in data.values():
        written = (tmp_path / "run-1" / file.file).read_bytes()
        assert hashlib.sha256(written).hexdigest() == file.sha256
        hashes = {hashlib.sha256(line).hexdigest() for line in written.splitlines()}
        assert hashes <= {each["row_sha256"] for each in rows}
    held_out = {each["row_sha256"] for each in rows if each["split"] != "train"}
    trained = (tmp_path / "run-1/data/corrections.jsonl").read_bytes().splitlines()
    assert not held_out & {hashlib.sha256(line).hexdigest() for line in trained}
    assert any("`test` are not trained on" in each for each in prepared.remarks)


def test_what_was_trained_on_can_be_told_later(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    workspace.make_export(recipe(), name="v1")
    plan = workspace.prepare_training(
        tmp_path / "run-1", model=str(model), exports=["v1", "v1"]
    ).plan
    manifest = (workspace.export_folder("v1") / "manifest.json").read_bytes()
    digest = hashlib.sha256(manifest).hexdigest()
    assert plan.exports == ({"name": "v1", "format": "prompt_completion", "digest": digest},)
    about = json.loads((tmp_path / "run-1/exports.json").read_text("utf-8"))
    assert about["exports"][0]["manifest"] == json.loads(manifest)
    assert sum(about["counts"]["corrections"]["category"].values()) == 40
    assert plan.model.path == str(model)
    assert plan.model.sha256 == {
        name: hashlib.sha256(name.encode()).hexdigest()
        for name in ("config.json", "model.safetensors", "tokenizer.json")
    }


def test_an_excluded_category_has_no_row(workspace: Workspace, model: Path, tmp_path: Path) -> None:
    [(name, _)] = workspace.make_training_exports(
        recipe(filter={"exclude_category": ["hallucination"]}), "v1"
    )
    out = {each["id"] for each in corrections() if each["failure_category"] == "hallucination"}
    assert out
    assert not out & {each["id"] for each in listed(workspace, str(name))}
    workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=[name])
    counts = json.loads((tmp_path / "run-1/exports.json").read_text("utf-8"))["counts"]
    assert "hallucination" not in counts["corrections"]["category"]


@pytest.mark.parametrize(
    ("method", "replay", "names"),
    [
        ("sft", None, ["v"]),
        ("sft-dpo", None, ["v", "v-pairs"]),
        ("dpo", None, ["v", "v-pairs"]),
        ("dpo", 0.0, ["v-pairs"]),
    ],
)
def test_a_filter_makes_the_exports_that_a_method_needs(
    workspace: Workspace, model: Path, tmp_path: Path, method: str, replay: float | None,
    names: list[str],
) -> None:  # fmt: skip
    made = workspace.make_training_exports(
        recipe(format_pairs=True), "v", method=method, replay=replay
    )
    assert [name for name, _ in made] == names
    plan = workspace.prepare_training(
        tmp_path / "run-1", model=str(model), exports=names, method=method
    ).plan
    uses = {"corrections"} if method != "dpo" else set()
    uses |= {"pairs"} if method != "sft" else set()
    uses |= {"replay"} if replay is None else set()
    assert plan.data.files().keys() == uses


def test_no_export_is_made_where_a_name_is_taken(workspace: Workspace) -> None:
    workspace.make_export(recipe(), name="v-pairs")
    with pytest.raises(ExportExists):
        workspace.make_training_exports(recipe(), "v", method="sft-dpo")
    assert [each["name"] for each in workspace.exports()] == ["v-pairs"]


@pytest.mark.parametrize(
    ("form", "method", "said"),
    [
        ("messages", "sft", "training takes `prompt_completion`"),
        ("kto", "dpo", "training takes `prompt_completion`"),
        ("preference", "sft", "no use for"),
        ("preference", "sft-dpo", "needs an export in the format `prompt_completion`"),
        ("prompt_completion", "dpo", "needs an export in the format `preference`"),
        ("prompt_completion", "rlhf", "is no method"),
    ],
)
def test_exports_that_a_method_cannot_use(
    workspace: Workspace, model: Path, tmp_path: Path, form: str, method: str, said: str
) -> None:
    workspace.make_export(recipe(format=form), name="v1")
    with pytest.raises(InvalidInput, match=said):
        workspace.prepare_training(
            tmp_path / "run-1", model=str(model), exports=["v1"], method=method
        )
    assert not (tmp_path / "run-1").exists()


def test_nothing_is_written_over(workspace: Workspace, model: Path, tmp_path: Path) -> None:
    workspace.make_export(recipe(), name="v1")
    folder = tmp_path / "run-1"
    folder.mkdir()  # an empty one is as good as none
    workspace.prepare_training(folder, model=str(model), exports=["v1"])
    with pytest.raises(Conflict, match="--resume"):
        workspace.prepare_training(folder, model=str(model), exports=["v1"])
    with pytest.raises(Conflict, match="is there already"):
        workspace.prepare_training(model, model=str(model), exports=["v1"])
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_one_export_may_not_hold_out_what_another_trains_on(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    workspace.make_export(recipe(), name="all")
    workspace.make_export(recipe(**SPLITS), name="some")
    with pytest.raises(InvalidInput, match="holds out; make both with the same splits"):
        workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=["all", "some"])
    assert not (tmp_path / "run-1").exists()


def test_rows_of_several_exports_are_there_once(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    workspace.make_export(recipe(), name="all")
    workspace.make_export(recipe(filter={"category": ["wrong_answer"]}), name="some")
    prepared = workspace.prepare_training(
        tmp_path / "run-1", model=str(model), exports=["all", "some"]
    )
    assert prepared.plan.data.corrections is not None
    assert prepared.plan.data.corrections.rows == 40
    assert any("in another export, too" in each for each in prepared.remarks)
    assert not any("more than once" in each for each in prepared.remarks)


def test_rows_that_somebody_changed_are_refused(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "set"
    workspace.make_export(recipe(), folder)
    path = folder / "data.jsonl"
    path.write_bytes(path.read_bytes().replace(b"It is", b"It was", 1))
    with pytest.raises(InvalidInput, match="were changed after it was made"):
        workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=[folder])
    path.unlink()
    with pytest.raises(NotFound, match="is gone"):
        workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=[folder])
    (folder / "rows.jsonl").unlink()
    with pytest.raises(InvalidInput, match=r"list of rows .* is not there"):
        workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=[folder])


def test_packed_rows_are_read_and_tables_are_not(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    for container in ("jsonl.zst", "parquet"):
        workspace.make_export(recipe(), tmp_path / container, container=container)
    plan = workspace.prepare_training(
        tmp_path / "run-1", model=str(model), exports=[tmp_path / "jsonl.zst"]
    ).plan
    assert plan.data.corrections is not None
    assert plan.data.corrections.rows == 40
    with pytest.raises(InvalidInput, match="training reads JSON lines"):
        workspace.prepare_training(
            tmp_path / "run-2", model=str(model), exports=[tmp_path / "parquet"]
        )


def test_contaminated_rows_are_said(workspace: Workspace, model: Path, tmp_path: Path) -> None:
    protected = tmp_path / "bench.jsonl"
    write(protected, [{"prompt": "What is 3 + 3? \u2028 \U0001f989"}])
    workspace.protect("bench", [protected])
    workspace.make_export(recipe(allow_protected=True), name="v1")
    prepared = workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=["v1"])
    assert any("contaminated" in each for each in prepared.remarks)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "`config.json` is missing"),
        (["config.json", "pytorch_model.bin"], "no weights in safetensors"),
        (["adapter_config.json", "adapter_model.safetensors"], "is an adapter"),
    ],
)
def test_folders_that_are_no_model(
    workspace: Workspace, tmp_path: Path, files: list[str], said: str
) -> None:
    workspace.make_export(recipe(), name="v1")
    (tmp_path / "m").mkdir()
    for name in files:
        (tmp_path / "m" / name).touch()
    with pytest.raises(InvalidInput, match=said):
        workspace.prepare_training(tmp_path / "run-1", model=str(tmp_path / "m"), exports=["v1"])


def test_a_finished_training_is_a_model_and_an_unfinished_one_is_none(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    workspace.make_export(recipe(), name="v1")
    first = workspace.prepare_training(tmp_path / "run-1", model=str(model), exports=["v1"]).folder
    with pytest.raises(NotFound, match="not finished"):
        workspace.prepare_training(tmp_path / "run-2", model=str(first), exports=["v1"])
    model.rename(first / "model")
    plan = workspace.prepare_training(tmp_path / "run-2", model=str(first), exports=["v1"]).plan
    assert plan.model.path == str(first / "model")


def test_models_by_name(workspace: Workspace, tmp_path: Path) -> None:
    workspace.make_export(recipe(), name="v1")
    plan = workspace.prepare_training(
        tmp_path / "run-1", model="org/base-1.5B", exports=["v1"], revision="abc"
    ).plan
    assert (plan.model.path, plan.model.revision, plan.model.sha256) == (
        "org/base-1.5B", "abc", None
    )  # fmt: skip
    for name in ("./base", "/no/such/base", "a/b/c"):
        with pytest.raises(NotFound, match="no folder"):
            workspace.prepare_training(tmp_path / "run-2", model=name, exports=["v1"])
    with pytest.raises(UnknownExport):
        workspace.prepare_training(tmp_path / "run-2", model="org/base", exports=["v2"])


# ---- for other trainers


def test_axolotl_gets_the_rows_of_its_own_format(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    workspace.make_export(recipe(), name="v1")
    workspace.make_export(recipe(format="axolotl"), tmp_path / "axolotl.jsonl")
    remarks = workspace.emit_training(tmp_path / "out", "axolotl", model=str(model), exports=["v1"])
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "axolotl.yml", "train.jsonl"
    ]  # fmt: skip
    assert (tmp_path / "out/train.jsonl").read_bytes() == (tmp_path / "axolotl.jsonl").read_bytes()
    assert remarks == []


def test_llama_factory_gets_the_rows_of_its_own_format(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    form: ExportFormat = plugins.named(plugins.EXPORTS, "sharegpt")
    workspace.make_export(recipe(replay=0.2, **SPLITS), name="v1")
    workspace.emit_training(tmp_path / "out", "llama-factory", model=str(model), exports=["v1"])
    described = json.loads((tmp_path / "out/dataset_info.json").read_text("utf-8"))
    assert described.keys() == {"train", "validation"}
    rows = lines(tmp_path / "out/train.jsonl")
    assert rows
    assert [form.problem(row) for row in rows] == [None] * len(rows)
    assert "train.yaml" in [each.name for each in (tmp_path / "out").iterdir()]


def test_a_file_without_rows_is_not_named(
    workspace: Workspace, model: Path, tmp_path: Path
) -> None:
    workspace.make_export(recipe(replay=0.2, **SPLITS), name="v1")
    workspace.prepare_training(tmp_path / "first", model=str(model), exports=["v1"])
    plan = TrainPlan.read(tmp_path / "first")
    # Rows of which LLaMA-Factory takes none: two systems' messages.
    path = tmp_path / "first/data/validation.jsonl"
    odd = [{**row, "prompt": [{"role": "system", "content": "a"}] * 2} for row in lines(path)]
    path.write_text("".join(json.dumps(row) + "\n" for row in odd), "utf-8")
    (tmp_path / "out").mkdir()
    remarks = emit(tmp_path / "first", tmp_path / "out", plan, "llama-factory")
    assert any(f"{len(odd)} rows of validation.jsonl are left out" in each for each in remarks)
    assert json.loads((tmp_path / "out/dataset_info.json").read_text("utf-8")).keys() == {"train"}
    assert "eval_dataset" not in (tmp_path / "out/train.yaml").read_text("utf-8")
    assert not (tmp_path / "out/validation.jsonl").exists()


def test_pairs_for_other_trainers(workspace: Workspace, model: Path, tmp_path: Path) -> None:
    names = [n for n, _ in workspace.make_training_exports(Recipe(), "v", method="dpo")]
    said: dict[str, Any] = {"model": str(model), "exports": names, "method": "dpo"}
    remarks = workspace.emit_training(tmp_path / "a", "axolotl", **said)
    assert any("passes are left out" in each for each in remarks)
    assert any("A pair has tools" in each for each in remarks)
    assert all(row["chosen"]["content"] for row in lines(tmp_path / "a/train.jsonl"))
    workspace.emit_training(tmp_path / "l", "llama-factory", **said)
    for row in lines(tmp_path / "l/train.jsonl"):
        assert row["conversations"][-1]["from"] == "human"
        assert row["rejected"]["from"] == "gpt"
        assert row["chosen"]["from"] in ("gpt", "function_call")
    with pytest.raises(InvalidInput, match="no trainer"):
        workspace.emit_training(tmp_path / "u", "unsloth", **said)
