"""The options of a training run, as they stand in its plan.

As JSON; every key may be missing, and `null` is no key:

    {"seed": 0, "epochs": 3.0, "batch_size": 16, "learning_rate": 2e-4,
     "lora": {"r": 16, "alpha": 32, "dropout": 0.0, "targets": "all-linear"}}

Example:
    >>> TrainOptions.from_json({"epochs": 5}).epochs
    5.0
    >>> try:
    ...     TrainOptions.from_json({"epoch": 5})
    ... except InvalidInput as error:
    ...     print(error.message[:51])
    `epoch` is no option of a training; use seed, epoch
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from corrigenda.core.values import shown
from corrigenda.errors import InvalidInput

DTYPES = ("auto", "float32", "bfloat16", "float16")
SCHEDULERS = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}
"""Our names of the schedulers, and transformers'."""

SWITCH = ("auto", "on", "off")
ATTENTION = ("auto", "eager", "sdpa", "flash_attention_2", "flash_attention_3")
DEVICES = ("auto", "cpu")
QUANTIZE = ("nf4",)

_LARGEST = 2**31 - 1  # the largest seed that every library takes
_READER = Callable[[str, object], Any]


@dataclass(frozen=True)
class Lora:
    """Low-rank adapters in the place of full training.

    Attributes:
        r: The rank of each adapter.
        alpha: The adapter's output is scaled by `alpha / r`.
        dropout: The share of an adapter's inputs dropped at each step.
        targets: The names of the modules that get an adapter, or `all-linear`.
    """

    r: int = 16
    alpha: int = 32
    dropout: float = 0.0
    targets: str | tuple[str, ...] = "all-linear"

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `as_json` wrote; missing keys have their defaults.

        Raises:
            InvalidInput: A name or a value is not one of LoRA.
        """
        return cls(**_read("lora", data, _LORA))


@dataclass(frozen=True)
class TrainOptions:
    """See the module.

    Attributes:
        seed: Of the order of rows, the adapters' first weights and dropout.
        epochs: How often the rows are gone through, in each stage.
        max_steps: The number of optimiser steps in each stage, in place of `epochs`.
        learning_rate: The peak rate of supervised training; `None`: 2e-5, with LoRA 2e-4.
        dpo_learning_rate: The peak rate of preference training; `None`: 1e-6, with LoRA 1e-5.
        batch_size: Sequences (or pairs) in an optimiser step, over all processes.
        device_batch_size: Of these, how many go through a device at once; `None` chooses.
        max_length: In tokens; a longer row is refused before the first step.
        lora: Adapters, or `None` to train all weights.
        quantize: `nf4` keeps the base model in 4 bits (needs LoRA, a GPU and bitsandbytes).
        dtype: Of the computation; `auto` is bfloat16 on a GPU that has it, else float32.
        beta: How strongly preference training is held to the base model.
        sft_weight: The weight of the supervised term beside the preference loss.
        replay_weight: The weight of the term that keeps passes during preference training.
        warmup: The share of steps over which the learning rate rises to its peak.
        weight_decay: The weight decay of AdamW.
        scheduler: How the learning rate falls after its peak.
        save_steps: Steps between checkpoints; `None`: about ten in a stage.
        logging_steps: Steps between logged lines; `None`: about a hundred lines, at most every
            ten steps.
        attention: The implementation of attention; `auto` takes what the device has.
        packing: Whether several rows share a sequence; `auto` only with FlashAttention.
        activation_checkpointing: Whether activations are computed twice to save memory; `auto`
            on a GPU for models above a billion weights.
        report_to: Trackers of transformers, such as `tensorboard`.
        merge: With LoRA, whether the merged model is written as well.
        device: `cpu` leaves GPUs alone.
        keep_checkpoints: How many checkpoints of a stage are kept until the model is written.
    """

    seed: int = 0
    epochs: float = 3.0
    max_steps: int | None = None
    learning_rate: float | None = None
    dpo_learning_rate: float | None = None
    batch_size: int = 16
    device_batch_size: int | None = None
    max_length: int = 2048
    lora: Lora | None = None
    quantize: str | None = None
    dtype: str = "auto"
    beta: float = 0.1
    sft_weight: float = 1.0
    replay_weight: float = 1.0
    warmup: float = 0.03
    weight_decay: float = 0.0
    scheduler: str = "cosine"
    save_steps: int | None = None
    logging_steps: int | None = None
    attention: str = "auto"
    packing: str = "auto"
    activation_checkpointing: str = "auto"
    report_to: tuple[str, ...] = ()
    merge: bool = False
    device: str = "auto"
    keep_checkpoints: int = 2

    def __post_init__(self) -> None:
        if self.quantize is not None and self.lora is None:
            raise InvalidInput("`quantize` trains adapters on a frozen model: give `lora` as well.")
        if self.merge and self.lora is None:
            raise InvalidInput("`merge` is for adapters: give `lora` as well, or leave it out.")
        if self.device_batch_size is not None and self.batch_size % self.device_batch_size:
            raise InvalidInput(
                f"`batch_size` {self.batch_size} is no multiple of `device_batch_size` "
                f"{self.device_batch_size}."
            )

    def rate(self, stage: str) -> float:
        """The peak learning rate of a stage, `sft` or `dpo`.

        Example:
            >>> TrainOptions().rate("sft"), TrainOptions(lora=Lora()).rate("dpo")
            (2e-05, 1e-05)
        """
        if stage == "sft":
            return self.learning_rate or (2e-5 if self.lora is None else 2e-4)
        return self.dpo_learning_rate or (1e-6 if self.lora is None else 1e-5)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON, defaults as well: a plan says what it means."""
        return {each.name: _plain(getattr(self, each.name)) for each in fields(self)}

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `as_json` or a client wrote; missing keys have their defaults.

        Raises:
            InvalidInput: A name or a value is not one of the options, or two do not go together.
        """
        return cls(**_read("option of a training", data, _OPTIONS))


def _plain(value: Any) -> Any:
    if isinstance(value, Lora):
        return value.as_json()
    return list(value) if isinstance(value, tuple) else value


def _read(what: str, data: object, readers: Mapping[str, _READER]) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise _refused(what, "an object", data)
    values = {}
    for name, value in data.items():
        if name not in readers:
            raise InvalidInput(f"`{name}` is no {what}; use {', '.join(readers)}.")
        if value is not None:
            values[name] = readers[name](name, value)
    return values


def _refused(name: str, wanted: str, value: object) -> InvalidInput:
    return InvalidInput(f"`{name}` of a training must be {wanted}, found {shown(value)}.")


def _whole(low: int, high: int = _LARGEST) -> _READER:
    def read(name: str, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise _refused(name, f"a whole number from {low} to {high}", value)
        return value

    return read


def _number(low: float, high: float, *, above: bool = False) -> _READER:
    def read(name: str, value: object) -> float:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not low <= value <= high  # NaN is not
            or (above and value == low)
        ):
            wanted = f"a number {'above' if above else 'from'} {low:g} to {high:g}"
            raise _refused(name, wanted, value)
        return float(value)

    return read


def _one_of(names: tuple[str, ...]) -> _READER:
    def read(name: str, value: object) -> str:
        if not isinstance(value, str) or value not in names:
            raise _refused(name, f"one of {', '.join(names)}", value)
        return value

    return read


def _yes_or_no(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _refused(name, "true or false", value)
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(
        isinstance(each, str) and each for each in value
    ):
        raise _refused(name, "a list of names", value)
    return tuple(value)


def _targets(name: str, value: object) -> str | tuple[str, ...]:
    if value == "all-linear":
        return "all-linear"
    if not value or isinstance(value, str):
        raise _refused(name, "`all-linear` or a list of names of modules", value)
    return _texts(name, value)


def _lora(_name: str, value: object) -> Lora:
    return Lora.from_json(value)


_LORA: dict[str, _READER] = {
    "r": _whole(1, 4096),
    "alpha": _whole(1, 65536),
    "dropout": _number(0, 0.9),
    "targets": _targets,
}

_RATE = _number(0, 10, above=True)

_OPTIONS: dict[str, _READER] = {
    "seed": _whole(0),
    "epochs": _number(0, 10_000, above=True),
    "max_steps": _whole(1),
    "learning_rate": _RATE,
    "dpo_learning_rate": _RATE,
    "batch_size": _whole(1, 65536),
    "device_batch_size": _whole(1, 65536),
    "max_length": _whole(2, 2**24),
    "lora": _lora,
    "quantize": _one_of(QUANTIZE),
    "dtype": _one_of(DTYPES),
    "beta": _number(0, 100, above=True),
    "sft_weight": _number(0, 1000),
    "replay_weight": _number(0, 1000),
    "warmup": _number(0, 0.99),
    "weight_decay": _number(0, 10),
    "scheduler": _one_of(tuple(SCHEDULERS)),
    "save_steps": _whole(1),
    "logging_steps": _whole(1),
    "attention": _one_of(ATTENTION),
    "packing": _one_of(SWITCH),
    "activation_checkpointing": _one_of(SWITCH),
    "report_to": _texts,
    "merge": _yes_or_no,
    "device": _one_of(DEVICES),
    "keep_checkpoints": _whole(2, 1000),
}
