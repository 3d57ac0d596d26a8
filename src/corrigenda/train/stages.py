"""TRL's trainers, set up for a stage of a run: `sft` or `dpo`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corrigenda.train import loading, trainers
from corrigenda.train.machine import Machine
from corrigenda.train.options import SCHEDULERS
from corrigenda.train.plan import TrainPlan
from corrigenda.train.preparing import Prepared
from corrigenda.train.rows import COMPLETIONS, Row, mixed
from corrigenda.train.settings import Settings


@dataclass(frozen=True)
class Stage:
    """A stage of a run, with all that it needs.

    Attributes:
        name: `sft` or `dpo`.
        plan: Of the run.
        machine: Where it trains.
        settings: What the options come to.
        folder: Where its checkpoints go.
    """

    name: str
    plan: TrainPlan
    machine: Machine
    settings: Settings
    folder: Path


def rows_of(stage: str, rows: Mapping[str, Sequence[Row]], seed: int) -> list[Row]:
    """What a stage goes through: corrections and passes, or pairs."""
    if stage == "dpo":
        return list(rows.get("pairs", ()))
    return mixed(rows.get("corrections", ()), rows.get("replay", ()), seed)


def trainer(
    stage: Stage,
    model: Any,
    words: Any,
    rows: Mapping[str, Sequence[Row]],
    replay: Sequence[Prepared] = (),
    callbacks: Sequence[Any] = (),
) -> Any:
    """The trainer of a stage.

    Args:
        stage: Which one.
        model: With its weights; for preference after supervised training with LoRA, with the
            adapter of that.
        words: The tokenizer.
        rows: Of the run, by their use.
        replay: The passes as tokens, for training by preference.
        callbacks: To follow it.
    """
    adapters = None if hasattr(model, "peft_config") else loading.adapters(stage.plan)
    shared = {
        "model": model,
        "processing_class": words,
        "train_dataset": loading.table(
            rows_of(stage.name, rows, stage.plan.options.seed),
            COMPLETIONS["pairs" if stage.name == "dpo" else "corrections"],
        ),
        "peft_config": adapters,
        "callbacks": list(callbacks),
    }
    if stage.name == "sft":
        return _supervised(stage, shared, rows)
    return _by_preference(stage, shared, replay)


def _supervised(stage: Stage, shared: dict[str, Any], rows: Mapping[str, Sequence[Row]]) -> Any:
    from trl import SFTConfig

    validation = rows.get("validation")
    packing = stage.settings.packing
    arguments = _arguments(stage) | {
        "packing": packing,
        "eval_packing": False,
        "eval_strategy": "steps" if validation else "no",
        "eval_steps": stage.settings.save_steps["sft"],
    }
    return trainers.supervised()(
        args=SFTConfig(**arguments),
        eval_dataset=loading.table(validation, ("completion",)) if validation else None,
        **shared,
    )


def _by_preference(stage: Stage, shared: dict[str, Any], replay: Sequence[Prepared]) -> Any:
    from trl import DPOConfig

    options = stage.plan.options
    # Without the supervised term, the chosen answers become less likely as well: Pang et al.
    # 2024, "Iterative Reasoning Preference Optimization", section 4.
    weighted = {"sigmoid": 1.0, "sft": options.sft_weight}
    losses = {name: weight for name, weight in weighted.items() if weight}
    # One pass with the first weights takes the place of a second model in memory. Its table is
    # a file of this process's own, which others do not find.
    alone = stage.machine.processes == 1 and options.lora is None
    arguments = _arguments(stage) | {
        "beta": options.beta,
        "loss_type": list(losses),
        "loss_weights": list(losses.values()),
        "precompute_ref_log_probs": alone,
    }
    return trainers.by_preference()(
        args=DPOConfig(**arguments),
        replay=replay,
        replay_weight=options.replay_weight,
        **shared,
    )


def _arguments(stage: Stage) -> dict[str, Any]:
    """What both trainers take."""
    options, settings, name = stage.plan.options, stage.settings, stage.name
    on_gpu = stage.machine.device == "cuda"
    return {
        "output_dir": str(stage.folder),
        "seed": options.seed,
        "data_seed": options.seed,
        "num_train_epochs": options.epochs,
        "max_steps": options.max_steps or -1,
        "learning_rate": options.rate(name),
        "per_device_train_batch_size": settings.at_once,
        "per_device_eval_batch_size": settings.at_once,
        "gradient_accumulation_steps": settings.accumulation,
        "max_length": options.max_length,
        "warmup_steps": options.warmup,
        "weight_decay": options.weight_decay,
        "lr_scheduler_type": SCHEDULERS[options.scheduler],
        "bf16": settings.dtype == "bfloat16",
        "fp16": settings.dtype == "float16",
        "use_cpu": not on_gpu,
        "dataloader_pin_memory": on_gpu,
        "activation_checkpointing": settings.checkpointing,
        "save_strategy": "steps",
        "save_steps": settings.save_steps[name],
        "save_total_limit": options.keep_checkpoints,
        "logging_steps": settings.logging_steps[name],
        "logging_first_step": True,
        "report_to": list(options.report_to) or "none",
        "disable_tqdm": True,
        "ddp_find_unused_parameters": False,
        "push_to_hub": False,
    }
