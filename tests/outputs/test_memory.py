"""Many rows take no more memory than few; measured in processes of their own."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import resource, sys
from corrigenda.outputs import open_output

def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

text = "What is it, and why? " * 100
with open_output(sys.argv[1]) as writer:
    for number in range(int(sys.argv[2])):
        writer.write({"messages": [{"role": "user", "content": f"{number} {text}"},
                                   {"role": "assistant", "content": text}]})
print(peak())
"""


def peak(path: Path, rows: int) -> int:
    """The peak of the memory in MiB."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path), str(rows)],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    return int(done.stdout)


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst", "parquet"])
def test_memory_does_not_grow_with_the_rows(ending: str, tmp_path: Path) -> None:
    few, many = (peak(tmp_path / f"x.{ending}", rows) for rows in (15_000, 45_000))  # 63, 189 MB
    assert many - few < 20
