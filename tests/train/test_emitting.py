import json
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # 1.1, as both trainers read it

from corrigenda.errors import InvalidInput
from corrigenda.train import emitting
from corrigenda.train.plan import BaseModel, Lora, TrainOptions

OPTIONS = TrainOptions(
    learning_rate=2e-5,
    weight_decay=1e-9,
    batch_size=8,
    device_batch_size=4,
    max_steps=30,
    lora=Lora(r=8, targets=("q_proj", "v_proj")),
    quantize="nf4",
)


def made(
    kind: str, method: str, options: TrainOptions = OPTIONS, *, validation: bool = True
) -> dict[str, Any]:
    model = BaseModel("org/base", "abc")
    name, text = emitting.configuration(
        kind, method, model, options, rows=100, validation=validation
    )
    assert name.endswith((".yml", ".yaml"))
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def test_axolotl() -> None:
    found = made("axolotl", "sft")
    assert found["base_model"] == "org/base"
    assert found["revision_of_model"] == "abc"
    assert found["datasets"][0]["message_field_training"] == "train"
    assert found["test_datasets"][0]["path"] == "validation.jsonl"
    assert found["excess_length_strategy"] == "raise"
    assert (found["adapter"], found["load_in_4bit"], found["lora_r"]) == ("qlora", True, 8)
    assert found["lora_target_modules"] == ["q_proj", "v_proj"]
    assert (found["micro_batch_size"], found["gradient_accumulation_steps"]) == (4, 2)
    assert (found["learning_rate"], found["weight_decay"]) == (2e-5, 1e-9)
    assert "test_datasets" not in made("axolotl", "sft", validation=False)


def test_llama_factory() -> None:
    found = made("llama-factory", "sft")
    assert (found["stage"], found["dataset"], found["mask_history"]) == ("sft", "train", True)
    assert (found["finetuning_type"], found["lora_target"]) == ("lora", "q_proj,v_proj")
    assert found["learning_rate"] == 2e-5
    assert found["trust_remote_code"] is False
    assert found["warmup_steps"] == 1  # 3 % of 30
    assert made("llama-factory", "sft", TrainOptions())["finetuning_type"] == "full"


@pytest.mark.parametrize("kind", emitting.KINDS)
def test_what_is_asked_for_is_not_another_thing(kind: str) -> None:
    def plain(**options: Any) -> dict[str, Any]:
        return made(kind, "sft", TrainOptions(**options))

    odd = plain(batch_size=15)
    at_once = odd.get("micro_batch_size") or odd["per_device_train_batch_size"]
    assert at_once * odd["gradient_accumulation_steps"] == 15
    for options in ({"dtype": "float32"}, {"device": "cpu"}):
        assert (plain(**options)["bf16"], plain(**options)["fp16"]) == (False, False)
    assert plain(dtype="float16")["fp16"]
    assert plain(dtype="bfloat16")["bf16"] is True
    assert "constant_with_warmup" in plain(scheduler="constant").values()


@pytest.mark.parametrize("kind", emitting.KINDS)
def test_pairs_are_never_without_a_supervised_term(kind: str) -> None:
    found = made(kind, "dpo", TrainOptions(sft_weight=0.5))
    term = found.get("pref_ftx") or found.get("dpo_loss_weights")
    assert term in (0.5, [1.0, 0.5])
    assert found["learning_rate"] == 1e-6


def test_the_data_sets_of_llama_factory() -> None:
    found = json.loads(emitting.dataset_info("dpo", {"train": "train.jsonl"}))["train"]
    assert (found["file_name"], found["ranking"]) == ("train.jsonl", True)
    assert "ranking" not in emitting.dataset_info("sft", {"train": "train.jsonl"})


@pytest.mark.parametrize(
    ("kind", "method", "said"),
    [("unsloth", "sft", "no trainer"), ("axolotl", "sft-dpo", "of one stage")],
)
def test_what_cannot_be_written_is_refused(kind: str, method: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        emitting.check(kind, method)
