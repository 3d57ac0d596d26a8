"""Names for files that say something which is nowhere else."""

import time
from pathlib import Path


def free_name(path: Path) -> Path:
    """A name for what must not be lost: `sft_candidates.kept-20261122T101500Z.jsonl`."""
    at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    numbers = ("", *(f"-{n}" for n in range(2, 1000)))
    names = (path.with_name(f"{path.stem}.kept-{at}{n}{path.suffix}") for n in numbers)
    return next(name for name in names if not name.exists())
