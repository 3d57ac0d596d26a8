"""The small model trained by the command that a user runs: what it learns and what it keeps."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.trainers import tiny
from tests.trainers.tiny import Trainer


@pytest.fixture(scope="session")
def scores(
    train_python: Path, runs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, int]]:
    models = {"base": tiny.MODEL} | {name: run / "model" for name, run in runs.items()}
    models["merged"] = runs["lora"] / "merged"
    folder = tmp_path_factory.mktemp("scores")
    found = tiny.scores(train_python, folder, list(models.values()))
    return dict(zip(models, found, strict=True))


def test_the_base_fails_what_it_is_trained_on(scores: dict[str, Any]) -> None:
    assert scores["base"] == {"trained": 0, "held out": 0, "replayed": 16}


@pytest.mark.parametrize("run", ["full", "lora", "merged", "dpo", "both"])
def test_what_failed_is_right_and_what_passed_stays(scores: dict[str, Any], run: str) -> None:
    assert scores[run]["trained"] >= 38
    assert scores[run]["replayed"] == 16
    assert scores[run]["held out"] >= 30


def test_shuffled_corrections_teach_nothing(scores: dict[str, Any]) -> None:
    assert scores["shuffled"]["held out"] <= 8
    assert scores["shuffled"]["trained"] <= 8


def test_an_adapter_and_the_merged_model_answer_alike(scores: dict[str, Any]) -> None:
    assert scores["lora"] == scores["merged"]


@pytest.mark.parametrize(
    ("run", "stages"), [("full", ["sft"]), ("lora", ["sft"]), ("both", ["sft", "dpo"])]
)
def test_the_report(runs: dict[str, Path], run: str, stages: list[str]) -> None:
    found = tiny.report(runs[run])
    assert found["finished"] is True
    assert [each["stage"] for each in found["stages"]] == stages
    for each in found["stages"]:
        assert each["steps"] == each["max_steps"] > 0
        assert each["loss_last"] < each["loss_first"]
        assert each["tokens"] > 10_000
        assert each["tokens_per_s"] > 0
        assert each["flops_share"] is None  # it is of GPUs alone
    assert found["rows"]["corrections"] == 40
    assert found["rows"]["replay"] == 16
    assert len(found["weights_sha256"]) == 64


def test_what_is_left_of_a_run(runs: dict[str, Path]) -> None:
    left = {path.name for path in runs["full"].iterdir()} - {".training.lock"}
    assert left == {"run.json", "data", "attempt-1.jsonl", "output.log", "report.json", "model"}
    assert {path.name for path in (runs["lora"] / "model").glob("*.safetensors")} == {
        "adapter_model.safetensors"
    }
    pickles = [path for run in runs.values() for path in run.rglob("*.bin")]
    assert not pickles


def test_the_progress(runs: dict[str, Path]) -> None:
    found = tiny.events(runs["both"])
    order = [each["event"] for each in found if each["event"] not in {"log", "save"}]
    assert order == ["check", "start", "end", "start", "end"]
    assert [each["stage"] for each in found if each["event"] == "start"] == ["sft", "dpo"]
    logs = [each for each in found if "loss" in each]
    assert all(each["tokens_per_s"] > 0 and each["eta_s"] >= 0 for each in logs)
    assert all({"step", "max_steps", "epoch", "learning_rate"} <= each.keys() for each in logs)
    assert all("replay_loss" in each for each in logs if each["stage"] == "dpo")


def test_a_trained_run_is_not_trained_again(trainer: Trainer, runs: dict[str, Path]) -> None:
    before = (runs["full"] / "report.json").read_bytes()
    trainer.train(runs["full"])
    assert (runs["full"] / "report.json").read_bytes() == before
    assert not tiny.events(runs["full"], attempt=2)


def test_two_processes_have_the_loss_of_one(
    trainer: Trainer, runs: dict[str, Path], tmp_path: Path
) -> None:
    folder = tiny.planned(tmp_path / "two", "full")
    trainer.train(folder, ["-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2"])
    one, two = tiny.losses(runs["full"]), tiny.losses(folder)
    # Sums are rounded in another order, which grows from step to step.
    assert two == pytest.approx(one, abs=2e-3)
    first = range(1, 11)
    assert [two[n] for n in first] == pytest.approx([one[n] for n in first], rel=5e-4)
    assert len(two) == 40
    assert [path.name for path in folder.glob("attempt-*")] == ["attempt-1.jsonl"]
    found = tiny.report(folder)
    assert (found["processes"], found["batch"]) == (2, {"at_once": 8, "accumulation": 1})
    assert found["stages"][0]["tokens"] == tiny.report(runs["full"])["stages"][0]["tokens"]


def test_the_tokens_of_an_example(trainer: Trainer, runs: dict[str, Path]) -> None:
    found = trainer.asks("tokens", runs["full"])
    prompt, right, _ = tiny.FAILED[0]
    text = "".join(token["text"] for token in found["tokens"])
    assert text == f"<|im_start|>user\n{prompt}<|im_end|><|im_start|>assistant\n{right}<|im_end|>"
    trained = "".join(token["text"] for token in found["tokens"] if token["loss"])
    assert trained == f"{right}<|im_end|>"
    assert (found["file"], found["line"]) == ("data/corrections.jsonl", 1)


def test_a_row_that_is_not_there_is_not_trained_on(runs: dict[str, Path]) -> None:
    counted = tiny.events(runs["full"])[0]["facts"]["tokens"]
    with_loss = sum(len(right) + 1 for _, right, _ in tiny.FAILED)
    assert counted["corrections"]["with_loss"] == with_loss
    assert "pairs" not in counted
    assert json.loads((runs["full"] / "run.json").read_text("utf-8"))["data"]["pairs"]
