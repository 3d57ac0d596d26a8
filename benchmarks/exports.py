"""Measure exporting, as a ratio to a bare loop that selects, encodes and writes.

    python -m benchmarks.exports                        100k and 1M; rewrites the table
    python -m benchmarks.exports --sizes 20000 --output -
    python -m benchmarks.exports --sizes 20000 --keep /var/tmp/filled --output -

A workspace is filled with approved corrections, and exported in several ways. Each is a process
of its own, whose peak memory is its own. The bare loop, in the same run, reads the same rows with
the `sqlite3` of the standard library, makes the same lines with its `json`, and writes them.
"""

import argparse
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import corrigenda
from benchmarks import bare_exports
from benchmarks.approved import fill
from benchmarks.report import DEFAULT_OUTPUT, machine, peak_megabytes, publish
from corrigenda.core.recipe import Recipe

SIZES = (100_000, 1_000_000)
LOOP = "a bare loop: select, encode, write"

_EXACT = Recipe(deduplicate=True)
_SPLITS = replace(_EXACT, splits=(0.8, 0.1, 0.1), group_by=("prompt", "document"))
_NEAR = replace(_EXACT, near_duplicates=0.95)
_CLUSTERS = replace(_SPLITS, near_duplicates=0.95, group_by=("prompt", "cluster", "document"))


@dataclass(frozen=True)
class Figures:
    """What one process needed, and how many rows it wrote."""

    seconds: float
    peak: float
    rows: int


def _loop(workspace: Path, target: Path) -> int:
    return bare_exports.run(f"sqlite:///{workspace / 'corrigenda.db'}", "messages", target)


def _bare(ending: str) -> Callable[[Path, Path], int]:
    def work(workspace: Path, target: Path) -> int:
        with _opened(workspace) as opened:
            opened.export(target.with_suffix(f".{ending}"))
        return 0

    return work


def _curated(recipe: Recipe) -> Callable[[Path, Path], int]:
    def work(workspace: Path, target: Path) -> int:
        with _opened(workspace) as opened:
            report = opened.make_export(recipe, target.with_suffix(""))
        return sum(file["rows"] for file in report.files)

    return work


def _opened(workspace: Path) -> corrigenda.Workspace:
    # By its URL: the files beside a workspace's own database are no part of an export.
    return corrigenda.open(workspace, database_url=f"sqlite:///{workspace}/corrigenda.db")


WAYS: dict[str, Callable[[Path, Path], int]] = {
    LOOP: _loop,
    "everything approved, `.jsonl`": _bare("jsonl"),
    "the same, `.jsonl.zst`": _bare("jsonl.zst"),
    "the same, `.parquet`": _bare("parquet"),
    "curated: without exact duplicates": _curated(_EXACT),
    "the same, in splits by prompt": _curated(_SPLITS),
    "curated: without near-duplicates": _curated(_NEAR),
    "the same, in splits by near-duplicate prompts": _curated(_CLUSTERS),
}


def measured(way: str, workspace: Path) -> Figures:
    """What one way needs, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.exports", "--one", way, str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return Figures(*json.loads(done.stdout.splitlines()[-1]))


def one(way: str, workspace: Path) -> Figures:
    """The work itself, in this process; what it writes is thrown away."""
    with tempfile.TemporaryDirectory(dir=workspace) as folder:
        begin = time.process_time()  # others may be at work on the machine
        count = WAYS[way](workspace, Path(folder) / "out.jsonl")
        seconds = time.process_time() - begin
    return Figures(seconds, peak_megabytes(), count)


def row(way: str, found: Sequence[Mapping[str, Figures]]) -> str:
    """A line of the table: the ratios, the rows a second, and the peaks."""
    cells: list[list[str]] = [[], [], []]
    for figures in found:
        mine, loop = figures.get(way), figures[LOOP]
        shown = ["not run"] * 3
        if mine is not None:
            shown = [
                f"{mine.seconds / loop.seconds:.1f}",
                f"{loop.rows / mine.seconds:,.0f}",
                f"{mine.peak:,.0f}",
            ]
        for column, cell in zip(cells, shown, strict=True):
            column.append(cell)
    return f"| {way} | " + " | ".join(cell for column in cells for cell in column) + " |"


def report(sizes: Sequence[int], found: Sequence[Mapping[str, Figures]]) -> str:
    """The figures as Markdown."""
    titles = [
        f"{what}, {size:,}" for what in ("÷ the loop", "a second", "peak MB") for size in sizes
    ]
    return (
        "\n".join(
            [
                f"{machine()}, SQLite {sqlite3.sqlite_version}. Seconds of the processor.",
                "",
                "| exported to a file | " + " | ".join(titles) + " |",
                "|---|" + "---:|" * len(titles),
                *(row(way, found) for way in found[0]),
            ]
        )
        + "\n"
    )


def run(sizes: Sequence[int], output: str, keep: Path | None = None, only: str = "") -> None:
    """Measure, and write the table to a page, or for `-` to the terminal."""
    found = []
    with tempfile.TemporaryDirectory(prefix="corrigenda-bench-") as temporary:
        for size in sizes:
            workspace = (keep or Path(temporary)) / str(size)
            if not (workspace / "corrigenda.db").exists():
                print(f"filling a workspace with {size:,} …", file=sys.stderr)
                workspace.mkdir(parents=True, exist_ok=True)
                fill(workspace / "corrigenda.db", size)
            figures = {}
            for way in WAYS:
                if way == LOOP or only in way:
                    print(f"measuring {size:,}: {way} …", file=sys.stderr)
                    figures[way] = measured(way, workspace)
                    print(f"  {figures[way]}", file=sys.stderr)
            found.append(figures)
    publish(report(sizes, found), "exports", output)


def options() -> argparse.Namespace:
    """Which sizes, and where the table goes."""
    parser = argparse.ArgumentParser(description="Measure exporting.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--keep", type=Path, help="where filled workspaces are, and stay")
    parser.add_argument("--only", default="", help="the ways with this in their name alone")
    parser.add_argument("--output", default=str(DEFAULT_OUTPUT), help="a page, or - for here")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = options()
    if chosen.one:
        done = one(chosen.one[0], Path(chosen.one[1]))
        print(json.dumps([done.seconds, done.peak, done.rows]))
    else:
        run(chosen.sizes, chosen.output, chosen.keep, chosen.only)
