"""Names for files that say something which is nowhere else."""

from pathlib import Path

from corrigenda import jsonl
from corrigenda.clock import stamp


def free_name(path: Path) -> Path:
    """A name for what must not be lost: `sft_candidates.kept-20261122T101500Z.jsonl`."""
    return jsonl.free_name(path.with_name(f"{path.stem}.kept-{stamp()}"), path.suffix)
