"""Feed each parser what no program would write, guided by which code that reaches (atheris).

    python -m tests.fuzz.parsers --seconds 60
    python -m tests.fuzz.parsers --only helm --seconds 600

Each parser runs in a process of its own, which begins with the real files of its format. What
is no plain refusal (`CorrigendaError`) ends it; the bytes that did it are kept.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.fuzz.targets import NAMES, seeds
from tests.torture.figures import Figures, timed

_MEMORY_MB = 2048
_LONGEST = 20_000
"""Bytes of one input."""

_ONE_TAKES = 20
"""Seconds after which one input is one that hangs."""


def main() -> int:
    """1 if anything was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=20, help="of each parser")
    parser.add_argument("--runs", type=int, default=-1, help="inputs of each parser at most")
    parser.add_argument("--only", choices=NAMES, action="append", help="default: all")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--keep", action="store_true", help="keep the figures for the report")
    args = parser.parse_args()
    figures = run(args.only or NAMES, args.seconds, args.findings, runs=args.runs)
    return figures.done(keep=args.keep)


def run(names: list[str], seconds: int, findings: Path, *, runs: int = -1) -> Figures:
    """Fuzz each of these parsers so long."""
    figures = Figures("fuzz, parsers", {"parsers": 0, "inputs": 0})
    with timed(figures):
        for name in names:
            inputs, wrong = _fuzz(name, seconds, runs, findings)
            figures.numbers["parsers"] += 1
            figures.numbers["inputs"] += inputs
            figures.wrong += wrong
    return figures


def _fuzz(name: str, seconds: int, runs: int, findings: Path) -> tuple[int, list[str]]:
    """(how many inputs were tried, what was found)."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as temporary:
        place = Path(temporary)
        found, corpus = place / "found", place / "corpus"
        for folder in (found, corpus):
            folder.mkdir()
        for number, data in enumerate(seeds(name)):
            (corpus / str(number)).write_bytes(data)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.targets", name),
                *(f"-max_total_time={seconds}", f"-runs={runs}", f"-max_len={_LONGEST}"),
                *(f"-timeout={_ONE_TAKES}", f"-rss_limit_mb={_MEMORY_MB}"),
                *(f"-artifact_prefix={found}{os.sep}", "-print_final_stats=1", str(corpus)),
            ],
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="backslashreplace",
        )
        inputs = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
        tried = int(inputs[1]) if inputs else 0
        if done.returncode == 0:
            return tried, []
        findings.mkdir(parents=True, exist_ok=True)
        kept = [findings / f"{name}-{path.name}" for path in found.iterdir()]
        for path in kept:
            shutil.copy(found / path.name.removeprefix(f"{name}-"), path)
        said = done.stderr[-3000:] if not kept else _error(done.stderr + done.stdout)
        return tried, [f"{name}: {said} ({', '.join(map(str, kept))})"]


def _error(output: str) -> str:
    """The end of the traceback of the exception that nobody had expected."""
    lines = [line for line in output.splitlines() if line.strip()]
    ends = [n for n, line in enumerate(lines) if line.startswith("==") and "ERROR" in line]
    end = ends[0] if ends else len(lines)
    return " | ".join(line.strip() for line in lines[max(0, end - 7) : end + 1])


if __name__ == "__main__":
    sys.exit(main())
