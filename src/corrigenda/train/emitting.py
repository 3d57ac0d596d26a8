"""Configurations for other trainers: the same model, rows and options in their words.

    corrigenda train --emit axolotl        axolotl.yml   train.jsonl  validation.jsonl
    corrigenda train --emit llama-factory  train.yaml    dataset_info.json  train.jsonl  …

Options that such a trainer does not know, or knows otherwise, are left to its defaults; so is
LLaMA-Factory's template, which is then the tokenizer's own. Values are JSON, which YAML is, too;
only numbers such as 2e-05 need a point (YAML 1.1 takes them for text without one).

The names are those of Axolotl 0.21 (https://docs.axolotl.ai/docs/config-reference.html) and
LLaMA-Factory 0.9.5 (https://llamafactory.readthedocs.io/).
"""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.train.options import SCHEDULERS
from corrigenda.train.plan import BaseModel, TrainOptions

KINDS = ("axolotl", "llama-factory")

TRAIN, VALIDATION = "train.jsonl", "validation.jsonl"

_DEVICE_BATCH = 2  # at once on a device, unless the options say; the rest is accumulated


def configuration(
    kind: str,
    method: str,
    model: BaseModel,
    options: TrainOptions,
    *,
    rows: int,
    validation: bool,
) -> tuple[str, str]:
    """The name and the text of a configuration.

    Args:
        kind: One of `KINDS`.
        method: `sft` or `dpo`.
        model: What is trained.
        options: How.
        rows: How many are trained on.
        validation: Whether there are rows for validation.

    Raises:
        InvalidInput: The kind or the method is none of these.
    """
    check(kind, method)
    name, make = _MADE[kind]
    lines = [
        f"# Written by Corrigenda: {kind}, {method}. The rows lie beside this file.",
        *_yaml(make(method, model, options, rows, validation)),
    ]
    return name, "\n".join(lines) + "\n"


def check(kind: str, method: str) -> None:
    """Refuse what no configuration can be written of.

    Raises:
        InvalidInput: The trainer is not known, or the method has two stages.
    """
    if kind not in KINDS:
        raise InvalidInput(f"`{kind}` is no trainer; use one of {', '.join(KINDS)}.")
    if method not in ("sft", "dpo"):
        raise InvalidInput(
            "A configuration is of one stage: write one with `--method sft`, and one with "
            "`--method dpo` whose model is what comes of the first."
        )


def dataset_info(method: str, files: Mapping[str, str]) -> str:
    """LLaMA-Factory's `dataset_info.json`.

    Args:
        method: `sft` or `dpo`.
        files: The name of a data set → its file.
    """
    columns = {"messages": "conversations", "tools": "tools"}
    more: dict[str, Any] = {}
    if method == "dpo":
        columns |= {"chosen": "chosen", "rejected": "rejected"}
        more = {"ranking": True}
    entries = {
        name: {"file_name": file, "formatting": "sharegpt", **more, "columns": columns}
        for name, file in files.items()
    }
    return json.dumps(entries, indent=2) + "\n"


def _axolotl(
    method: str, model: BaseModel, options: TrainOptions, _rows: int, validation: bool
) -> dict[str, Any]:
    at_once, accumulation = _batch(options)
    auto = options.dtype == "auto" and options.device == "auto"
    said: dict[str, Any] = {
        "base_model": model.path,
        **({"revision_of_model": model.revision} if model.revision else {}),
        "chat_template": "tokenizer_default",
        **({"rl": "dpo"} if method == "dpo" else {}),
        "datasets": [_axolotl_data(method, TRAIN)],
        **({"test_datasets": [_axolotl_data(method, VALIDATION)]} if validation else {}),
        "dataset_prepared_path": "prepared",
        "output_dir": "model",
        "sequence_len": options.max_length,
        "excess_length_strategy": "raise",
        "sample_packing": False,
        **_axolotl_lora(options),
        "micro_batch_size": at_once,
        "gradient_accumulation_steps": accumulation,
        "num_epochs": options.epochs,
        **({} if options.max_steps is None else {"max_steps": options.max_steps}),
        "learning_rate": options.rate(method),
        "optimizer": "adamw_torch",
        "lr_scheduler": SCHEDULERS[options.scheduler],
        "warmup_ratio": options.warmup,
        "weight_decay": options.weight_decay,
        **({"bf16": "auto"} if auto else _dtype(options)),
        "gradient_checkpointing": options.activation_checkpointing != "off",
        "logging_steps": options.logging_steps or 1,
        "seed": options.seed,
    }
    if method == "dpo":
        # Alone, the first loss makes right answers less likely as well.
        said |= {
            "rl_beta": options.beta,
            "dpo_loss_type": ["sigmoid", "sft"],
            "dpo_loss_weights": [1.0, options.sft_weight],
        }
    return said


def _batch(options: TrainOptions) -> tuple[int, int]:
    """How many go through a device at once, and how many times before each step.

    Example:
        >>> _batch(TrainOptions(batch_size=16)), _batch(TrainOptions(batch_size=15))
        ((2, 8), (1, 15))
    """
    at_once = options.device_batch_size or math.gcd(_DEVICE_BATCH, options.batch_size)
    return at_once, options.batch_size // at_once


def _dtype(options: TrainOptions) -> dict[str, bool]:
    return {"bf16": options.dtype == "bfloat16", "fp16": options.dtype == "float16"}


def _axolotl_data(method: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {"path": path, "ds_type": "json", "split": "train"}
    if method == "dpo":
        return found | {
            "type": "chat_template.default",
            "field_messages": "messages",
            "field_chosen": "chosen",
            "field_rejected": "rejected",
        }
    # `train` says of each message whether it is learned: of all turns the last alone.
    return found | {
        "type": "chat_template",
        "field_messages": "messages",
        "message_field_training": "train",
    }


def _axolotl_lora(options: TrainOptions) -> dict[str, Any]:
    if options.lora is None:
        return {}
    lora, every = options.lora, options.lora.targets == "all-linear"
    return {
        "adapter": "qlora" if options.quantize else "lora",
        **({"load_in_4bit": True} if options.quantize else {}),
        "lora_r": lora.r,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        **({"lora_target_linear": True} if every else {"lora_target_modules": list(lora.targets)}),
    }


def _llama_factory(
    method: str, model: BaseModel, options: TrainOptions, rows: int, validation: bool
) -> dict[str, Any]:
    at_once, accumulation = _batch(options)
    auto = options.dtype == "auto" and options.device == "auto"
    said: dict[str, Any] = {
        "model_name_or_path": model.path,
        **({"model_revision": model.revision} if model.revision else {}),
        "trust_remote_code": False,
        "stage": method,
        "do_train": True,
        **_llama_factory_lora(options),
        "dataset": "train",
        **({"eval_dataset": "validation", "eval_strategy": "epoch"} if validation else {}),
        "dataset_dir": ".",
        "cutoff_len": options.max_length,
        **({"mask_history": True} if method == "sft" else {}),  # the last turn alone is learned
        "output_dir": "model",
        "per_device_train_batch_size": at_once,
        "gradient_accumulation_steps": accumulation,
        "num_train_epochs": options.epochs,
        **({} if options.max_steps is None else {"max_steps": options.max_steps}),
        "learning_rate": options.rate(method),
        "lr_scheduler_type": SCHEDULERS[options.scheduler],
        "warmup_steps": _warmup(options, rows),
        "weight_decay": options.weight_decay,
        **({"bf16": True} if auto else _dtype(options)),
        **({"use_cpu": True} if options.device == "cpu" else {}),
        "logging_steps": options.logging_steps or 1,
        "seed": options.seed,
        "report_to": "none",
    }
    if method == "dpo":
        # Alone, the first loss makes right answers less likely as well.
        said |= {"pref_loss": "sigmoid", "pref_beta": options.beta, "pref_ftx": options.sft_weight}
    return said


def _warmup(options: TrainOptions, rows: int) -> int:
    """The steps in which the rate rises: a share is read in another way by each transformers.

    Example:
        >>> _warmup(TrainOptions(epochs=3, batch_size=16, warmup=0.1), rows=100)
        3
    """
    steps = options.max_steps or math.ceil(math.ceil(rows / options.batch_size) * options.epochs)
    return math.ceil(steps * options.warmup)


def _llama_factory_lora(options: TrainOptions) -> dict[str, Any]:
    if options.lora is None:
        return {"finetuning_type": "full"}
    lora, targets = options.lora, options.lora.targets
    return {
        "finetuning_type": "lora",
        "lora_rank": lora.r,
        "lora_alpha": lora.alpha,
        "lora_dropout": lora.dropout,
        "lora_target": "all" if targets == "all-linear" else ",".join(targets),
        **({"quantization_bit": 4, "quantization_type": "nf4"} if options.quantize else {}),
    }


def _yaml(values: Mapping[str, Any], indent: str = "") -> list[str]:
    lines = []
    for name, value in values.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            lines.append(f"{indent}{name}:")
            for each in value:
                first, *rest = _yaml(each)
                lines += [f"{indent}  - {first}", *(f"{indent}    {line}" for line in rest)]
        else:
            lines.append(f"{indent}{name}: {_value(value)}")
    return lines


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    text = json.dumps(value)
    return text.replace("e", ".0e") if isinstance(value, float) and "." not in text else text


_Make = Callable[[str, BaseModel, TrainOptions, int, bool], dict[str, Any]]

_MADE: dict[str, tuple[str, _Make]] = {
    "axolotl": ("axolotl.yml", _axolotl),
    "llama-factory": ("train.yaml", _llama_factory),
}
