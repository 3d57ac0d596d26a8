"""What the options of a run come to on this machine: every `auto` and `null` with its value."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from corrigenda.errors import InvalidInput
from corrigenda.train.machine import Machine
from corrigenda.train.options import TrainOptions
from corrigenda.train.packing import Packed

CHECKPOINTS = 10
LINES = 100
_LARGE = 1_000_000_000  # weights from which activations take too much of a GPU's memory
_MOST_AT_ONCE = {"cpu": 16, "cuda": 8}


@dataclass(frozen=True)
class Size:
    """What is known of the model and the rows before training.

    Attributes:
        parameters: Of the whole model.
        trainable: Of these, the adapters' with LoRA.
        hidden: The width of the model.
        layers: Its depth.
        vocabulary: The number of its tokens.
        longest: The tokens of the longest row.
    """

    parameters: int
    trainable: int
    hidden: int
    layers: int
    vocabulary: int
    longest: int


@dataclass(frozen=True)
class Settings:
    """See the module.

    Attributes:
        dtype: Of the computation.
        stored: Of the weights while they are trained: with LoRA those of the frozen model.
        attention: The implementation; `None` is transformers' own choice.
        packing: Whether several rows share a sequence.
        checkpointing: Whether activations are computed twice.
        at_once: Sequences (or pairs) that go through a device at once.
        accumulation: How many times, before each optimiser step.
        steps: The optimiser steps of each stage, as they are expected.
        save_steps: Of each stage.
        logging_steps: Of each stage.
        memory: Bytes that are needed on each device, as an estimate.
        checkpoint: Bytes of one checkpoint.
        disk: Bytes of all that is on disk at once.
    """

    dtype: str
    stored: str
    attention: str | None
    packing: bool
    checkpointing: bool
    at_once: int
    accumulation: int
    steps: Mapping[str, int]
    save_steps: Mapping[str, int]
    logging_steps: Mapping[str, int]
    memory: int
    checkpoint: int
    disk: int

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        return asdict(self)


def settle(
    options: TrainOptions,
    machine: Machine,
    size: Size,
    rows: Mapping[str, int],
    *,
    packed: Packed | None = None,
    flash: bool = False,
) -> Settings:
    """Choose what the options leave open.

    Args:
        options: Of the run.
        machine: Where it trains.
        size: Of the model and the rows.
        rows: How many each stage trains on.
        packed: What those of supervised training are packed into, if they are.
        flash: Whether FlashAttention is installed.

    Raises:
        InvalidInput: The batch cannot be spread over the processes.
    """
    dtype = dtype_of(options, machine)
    flash = flash and machine.device == "cuda" and dtype != "float32"
    attention = options.attention if options.attention != "auto" else None
    if attention is None and flash:
        attention = "flash_attention_2"
    packing = options.packing == "on" or (
        options.packing == "auto" and attention is not None and attention.startswith("flash")
    )
    checkpointing = options.activation_checkpointing == "on" or (
        options.activation_checkpointing == "auto"
        and machine.device == "cuda"
        and size.parameters > _LARGE
    )
    stored = "float32" if options.lora is None else dtype
    held = _held(options, size, dtype, copies=2 if "dpo" in rows else 1)
    longest = {stage: size.longest * (2 if stage == "dpo" else 1) for stage in rows}
    if packing and packed is not None and "sft" in rows:
        rows = {**rows, "sft": packed.sequences}
        longest["sft"] = packed.longest
    sequence = _sequence(size, max(longest.values()), dtype, checkpointing)
    at_once = _at_once(options, machine, held, sequence)
    steps = {stage: _steps(options, n) for stage, n in rows.items()}
    checkpoint = _checkpoint(options, size)
    result = size.parameters * 4 if options.lora is None else size.trainable * 4
    merged = size.parameters * 4 if options.merge else 0
    return Settings(
        dtype=dtype,
        stored=stored,
        attention=attention,
        packing=packing,
        checkpointing=checkpointing,
        at_once=at_once,
        accumulation=options.batch_size // machine.processes // at_once,
        steps=steps,
        save_steps={
            stage: options.save_steps or max(1, math.ceil(n / CHECKPOINTS))
            for stage, n in steps.items()
        },
        logging_steps={
            stage: options.logging_steps or max(1, min(10, n // LINES))
            for stage, n in steps.items()
        },
        memory=held + at_once * sequence,
        checkpoint=checkpoint,
        # One more while it is written, and the result of the first stage beside the second's.
        disk=checkpoint * (options.keep_checkpoints + 1) + result * len(rows) + merged,
    )


def dtype_of(options: TrainOptions, machine: Machine) -> str:
    """The type of the computation."""
    if options.dtype != "auto":
        return options.dtype
    return "bfloat16" if machine.bfloat16 else "float32"


def _bytes(dtype: str) -> int:
    return 4 if dtype == "float32" else 2


def _held(options: TrainOptions, size: Size, dtype: str, copies: int) -> int:
    """Weights, gradients and AdamW's two moments (each in float32), and the reference model."""
    if options.lora is None:
        return size.parameters * (16 + 4 * (copies - 1))
    frozen = 0.55 if options.quantize else _bytes(dtype)
    return int(size.parameters * frozen) + size.trainable * 16


def _sequence(size: Size, longest: int, dtype: str, checkpointing: bool) -> int:
    """The activations of the longest sequence, or of both of a pair.

    They are about 34 bytes a layer, token and channel in 16 bits, without the scores of attention,
    which its fast kernels do not keep: Korthikanti et al. 2022, "Reducing Activation Recomputation
    in Large Transformer Models", equation 2. With checkpointing the input of each layer stays, and
    one layer is there as a whole.
    """
    channels = longest * size.hidden
    layer = 34 * channels * _bytes(dtype) // 2
    if checkpointing:
        return size.layers * channels * _bytes(dtype) + layer
    return size.layers * layer


def _at_once(options: TrainOptions, machine: Machine, held: int, sequence: int) -> int:
    if options.batch_size % machine.processes:
        raise InvalidInput(
            f"`batch_size` {options.batch_size} is no multiple of the {machine.processes} "
            "processes that train together."
        )
    each = options.batch_size // machine.processes
    if options.device_batch_size is not None:
        if each % options.device_batch_size:
            raise InvalidInput(
                f"`batch_size` {options.batch_size} over {machine.processes} processes is no "
                f"multiple of `device_batch_size` {options.device_batch_size}."
            )
        return options.device_batch_size
    room = max(0, int(machine.memory * 0.8) - held)
    most = max(1, min(_MOST_AT_ONCE[machine.device], room // max(1, sequence)))
    return max(n for n in range(1, each + 1) if each % n == 0 and n <= most)


def _steps(options: TrainOptions, rows: int) -> int:
    if options.max_steps is not None:
        return options.max_steps
    return max(1, math.ceil(options.epochs * math.ceil(rows / options.batch_size)))


def _checkpoint(options: TrainOptions, size: Size) -> int:
    """Weights and AdamW's two moments in float32."""
    return 12 * (size.parameters if options.lora is None else size.trainable)
