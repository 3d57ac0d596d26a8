"""What of a run's options this machine, and what is installed on it, cannot do."""

import importlib.util
from collections.abc import Iterator, Sequence
from typing import Any

from corrigenda.train.findings import Finding, error, warning
from corrigenda.train.machine import Machine
from corrigenda.train.plan import TrainPlan
from corrigenda.train.settings import dtype_of


def check(plan: TrainPlan, machine: Machine) -> Iterator[Finding]:
    """Look at the options on a machine."""
    options = plan.options
    dtype = dtype_of(options, machine)
    if machine.device == "cpu" and dtype != "float32":
        yield error("dtype", f"`{dtype}` needs a GPU; here is none: use `float32` or `auto`.")
    if machine.device == "cuda" and dtype == "bfloat16" and not machine.bfloat16:
        yield error("dtype", f"`{machine.name}` does not compute in `bfloat16`; use `float16`.")
    if options.quantize:
        yield from _about_quantizing(machine)
    if machine.gpus > 1 and machine.processes == 1:
        yield error(
            "several_gpus",
            f"{machine.gpus} GPUs are visible to one process: start it with `torchrun` or "
            "`accelerate launch`, or set CUDA_VISIBLE_DEVICES to one of them.",
        )
    if machine.wanted is not None and machine.wanted > machine.processes:
        yield warning(
            "one_process",
            f"`accelerate launch` was asked for {machine.wanted} processes and started "
            f"{machine.processes}, as it does with `--cpu`; use `torchrun --nproc_per_node "
            f"{machine.wanted}`.",
        )
    flash = options.attention.startswith("flash")
    if flash and (machine.device == "cpu" or dtype == "float32"):
        yield error("attention", f"`{options.attention}` needs a GPU and 16 bits.")
    if options.packing == "on" and not flash and options.attention != "auto":
        yield error("packing", "`packing` needs FlashAttention: rows would see one another.")
    if options.packing == "on" and not has_flash():
        yield error("packing", "`packing` needs FlashAttention, which is not installed.")
    yield from _about_trackers(options.report_to)


def _about_quantizing(machine: Machine) -> Iterator[Finding]:
    if machine.device == "cpu":
        yield error("quantize", "`quantize` needs a GPU; here is none.")
    if importlib.util.find_spec("bitsandbytes") is None:
        yield error("quantize", "`quantize` needs `bitsandbytes`, which is not installed.")


def _about_trackers(trackers: Sequence[str]) -> Iterator[Finding]:
    if not trackers:
        return
    from transformers.integrations import integration_utils

    available: Any = integration_utils.get_available_reporting_integrations  # without types
    there = available()
    for name in trackers:
        if name not in there:
            yield error("report_to", f"The tracker `{name}` is unknown, or not installed.")


def has_flash() -> bool:
    """Whether FlashAttention is installed."""
    from transformers.utils.import_utils import is_flash_attn_2_available

    return bool(is_flash_attn_2_available())
