"""The machine that a run trains on: its device, its memory, and how many processes there are."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

GIB = 1 << 30

PROCESSES = "CORRIGENDA_PROCESSES"
"""The variable that tells a process which looks on its own how many are to train together."""


@dataclass(frozen=True)
class Machine:
    """What one process sees.

    Attributes:
        device: `cuda` (also ROCm's) or `cpu`.
        name: The GPU's name, as its driver gives it.
        gpus: How many are visible to this process.
        memory: Bytes of the device.
        free: Of these, the bytes that nobody uses now.
        disk: Bytes free where the run's folder is.
        bfloat16: Whether the device computes in it, and does not only imitate it.
        processes: How many train together.
        rank: Which of them this is; 0 alone writes.
        wanted: The processes that `accelerate launch` was asked for, where that is known.
    """

    device: str
    name: str | None
    gpus: int
    memory: int
    free: int
    disk: int
    bfloat16: bool
    processes: int = 1
    rank: int = 0
    wanted: int | None = None

    @classmethod
    def look(cls, folder: Path, device: str = "auto") -> "Machine":
        """See what is there; `device` is that of the options."""
        import psutil
        import torch

        disk = shutil.disk_usage(folder).free
        rank = int(os.environ.get("RANK", "0"))
        processes = int(os.environ.get("WORLD_SIZE") or os.environ.get(PROCESSES) or "1")
        wanted = accelerated(_ancestors()) if processes == 1 else None
        cpu = device == "cpu" or os.environ.get("ACCELERATE_USE_CPU", "").lower() in {"1", "true"}
        if cpu or not torch.cuda.is_available():
            memory = psutil.virtual_memory()
            free = memory.available
            return cls("cpu", None, 0, memory.total, free, disk, False, processes, rank, wanted)
        local = int(os.environ.get("LOCAL_RANK", "0"))
        free, total = torch.cuda.mem_get_info(local)
        return cls(
            device="cuda",
            name=torch.cuda.get_device_name(local),
            gpus=torch.cuda.device_count(),
            memory=total,
            free=free,
            disk=disk,
            bfloat16=torch.cuda.is_bf16_supported(including_emulation=False),
            processes=processes,
            rank=rank,
            wanted=wanted,
        )

    def as_json(self) -> dict[str, Any]:
        """All of it as plain JSON."""
        return asdict(self)


def accelerated(commands: Sequence[Sequence[str]]) -> int | None:
    """How many processes `accelerate launch` was asked for, by the commands above this process.

    With `--cpu` it starts one, however many it was asked for.

    Example:
        >>> accelerated([["python", "/bin/accelerate", "launch", "--num_processes=2", "x.py"]])
        2
        >>> accelerated([["bash"]]) is None
        True
    """
    for command in commands:
        if not any("accelerate" in word for word in command[:4]):
            continue
        for at, word in enumerate(command):
            name, _, value = word.replace("_", "-").partition("=")
            if name == "--num-processes":
                value = value or (command[at + 1] if at + 1 < len(command) else "")
                return int(value) if value.isdecimal() else None
    return None


def _ancestors() -> list[list[str]]:
    """The command lines of the two processes above this one, as far as they can be read."""
    import psutil

    try:
        return [process.cmdline() for process in psutil.Process().parents()[:2]]
    except psutil.Error:
        return []


_PEAKS = (
    # Dense bfloat16 (float16 for V100 and T4), in 10¹² operations a second, of the data sheets.
    ("B200", 2250.0),
    ("GH200", 989.0),
    ("H200", 989.0),
    ("H100 PCIe", 756.0),
    ("H100 NVL", 835.0),
    ("H100", 989.0),
    ("MI300X", 1307.0),
    ("MI250X", 383.0),
    ("A100", 312.0),
    ("A800", 312.0),
    ("L40S", 362.0),
    ("L40", 181.0),
    ("L4", 121.0),
    ("A40", 150.0),
    ("A30", 165.0),
    ("A10G", 70.0),
    ("A10", 125.0),
    ("V100", 125.0),
    ("T4", 65.0),
    ("RTX 4090", 165.0),
    ("RTX 3090", 71.0),
)


def peak(name: str | None, dtype: str) -> float | None:
    """The dense operations a second of a GPU in 16 bits; `None` where it is not known.

    Example:
        >>> peak("NVIDIA H100 80GB HBM3", "bfloat16")
        989000000000000.0
        >>> peak("NVIDIA H100 80GB HBM3", "float32") is None
        True
    """
    if name is None or dtype == "float32":
        return None
    words = f"{name} ".replace("-", " ")
    found = next((tera for part, tera in _PEAKS if f"{part} " in words), None)
    return None if found is None else found * 1e12
