"""Measure queue, submit, undo and statistics over HTTP at several sizes.

    python -m benchmarks.review                          1k, 10k and 100k; rewrites the table
    python -m benchmarks.review --sizes 1000 --output -  one size, to the terminal

Each figure is the time that one client waits for one answer of a real server, durable writes
and both JSONL files included. Beside each stands what the same server needs for a route that
does nothing, in the same run: these machines are noisy, and a ratio holds where a time does not.
Then eight clients decide at once, and each decision that was acknowledged is looked for.
"""

import argparse
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import httpx2

import corrigenda
from benchmarks.corpus import write_corpus
from benchmarks.report import DEFAULT_OUTPUT, machine, publish
from benchmarks.serving import server

SIZES = (1_000, 10_000, 100_000)
_ROUNDS = 200
_CLIENTS = 8
_DECISIONS_PER_CLIENT = 100


@dataclass(frozen=True)
class Timing:
    """How long an answer took, in milliseconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, work: Callable[[int], object], rounds: int = _ROUNDS) -> "Timing":
        """Time `work(0)`, `work(1)`, …; the first twentieth is not counted."""
        warm_up = rounds // 20
        times = []
        for number in range(rounds + warm_up):
            begin = time.perf_counter()
            work(number)
            times.append((time.perf_counter() - begin) * 1000)
        ordered = sorted(times[warm_up:])
        return cls(statistics.median(ordered), ordered[int(len(ordered) * 0.99) - 1])


@dataclass(frozen=True)
class Measured:
    """The figures of one size."""

    size: int
    import_per_second: float
    bytes_on_disk: int
    raw_bytes: int
    timings: dict[str, Timing]
    together_per_second: float
    acknowledged: int
    lost: int


def measure(size: int, directory: Path) -> Measured:
    """Measure with `size` candidates in a new workspace under `directory`."""
    source = directory / "run" / "sft_candidates.jsonl"
    raw_bytes = write_corpus(source, size)
    workspace = directory / "workspace"
    begin = time.perf_counter()
    with corrigenda.open(workspace) as opened:
        opened.import_path(source)
        seconds = time.perf_counter() - begin
    with server(workspace) as address, httpx2.Client(base_url=address, timeout=60) as client:
        timings = {
            "an empty route": Timing.of(lambda _: _ok(client.get("/healthz"))),
            "queue, first page of 20": Timing.of(lambda _: _ok(client.get(_QUEUE))),
            "statistics": Timing.of(lambda _: _ok(client.get("/api/sft/stats"))),
            "submit a correction": Timing.of(lambda n: _submit(client, n)),
            "undo it": Timing.of(lambda n: _undo(client, n)),
        }
        per_second, acknowledged = _together(address)
    with corrigenda.open(workspace) as opened:
        stored = {r["id"]: r["corrected_response"] for r in opened.candidates()}
        lost = sum(stored.get(name) != text for name, text in acknowledged.items())
    on_disk = sum(p.stat().st_size for p in workspace.glob("corrigenda.db*"))
    return Measured(
        size,
        size / seconds,
        on_disk,
        raw_bytes,
        timings,
        per_second,
        len(acknowledged),
        lost,
    )


_QUEUE = "/api/sft/queue?per_page=20"


def _ok(response: httpx2.Response) -> httpx2.Response:
    if response.status_code != 200:
        raise RuntimeError(f"{response.request.url}: {response.status_code} {response.text}")
    return response


def _submit(client: httpx2.Client, number: int) -> None:
    body = {
        "id": f"bench-{number:07d}",
        "action": "correct",
        "corrected_response": f"A better answer, number {number}.",
        "failure_category": "wrong_answer",
    }
    _ok(client.post("/api/sft/submit", json=body))


def _undo(client: httpx2.Client, number: int) -> None:
    _ok(client.post("/api/sft/undo", json={"id": f"bench-{number:07d}"}))


def _together(address: str) -> tuple[float, dict[str, str]]:
    """Eight clients decide on candidates of their own; returns (per second, acknowledged)."""
    acknowledged: dict[str, str] = {}

    def one_client(which: int) -> None:
        with httpx2.Client(base_url=address, timeout=60) as client:
            for turn in range(_DECISIONS_PER_CLIENT):
                name = f"bench-{which + turn * _CLIENTS:07d}"
                text = f"client {which}, turn {turn}"
                body = {"id": name, "action": "correct", "corrected_response": text}
                _ok(client.post("/api/sft/submit", json=body))
                acknowledged[name] = text

    clients = [threading.Thread(target=one_client, args=(n,)) for n in range(_CLIENTS)]
    begin = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return len(acknowledged) / (time.perf_counter() - begin), acknowledged


def report(results: list[Measured]) -> str:
    """The figures as Markdown."""
    sizes = [f"{result.size:,}" for result in results]
    grows = f"{sizes[-1]} ÷ {sizes[0]}"
    lines = [
        f"{machine()}, SQLite {sqlite3.sqlite_version}, "
        f"SQLAlchemy {version('sqlalchemy')}, FastAPI {version('fastapi')}, "
        f"uvicorn {version('uvicorn')}.",
        "",
        f"| p50 (p99) in ms, {_ROUNDS} each | " + " | ".join(sizes) + f" | p50 {grows} |",
        "|---|" + "---:|" * (len(sizes) + 1),
    ]
    for name in results[0].timings:
        cells = [f"{r.timings[name].p50:.1f} ({r.timings[name].p99:.1f})" for r in results]
        ratio = results[-1].timings[name].p50 / results[0].timings[name].p50
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {ratio:.2f} |")
    lines += [
        "",
        f"| {_CLIENTS} clients at once | " + " | ".join(sizes) + " |",
        "|---|" + "---:|" * len(sizes),
        _row("decisions per second", results, lambda r: f"{r.together_per_second:,.0f}"),
        _row("acknowledged decisions", results, lambda r: f"{r.acknowledged:,}"),
        _row("of these lost", results, lambda r: f"{r.lost:,}"),
        "",
        "| the workspace | " + " | ".join(sizes) + " |",
        "|---|" + "---:|" * len(sizes),
        _row("import, candidates per second", results, lambda r: f"{r.import_per_second:,.0f}"),
        _row("database ÷ raw JSONL", results, lambda r: f"{r.bytes_on_disk / r.raw_bytes:.2f}"),
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, results: list[Measured], show: Callable[[Measured], str]) -> str:
    return f"| {name} | " + " | ".join(show(result) for result in results) + " |"


def run(sizes: Sequence[int], output: str) -> None:
    """Measure, and write the table to a page, or for `-` to the terminal."""
    results = []
    for size in sizes:
        directory = Path(tempfile.mkdtemp(prefix="corrigenda-bench-"))
        try:
            print(f"measuring {size:,} candidates …", file=sys.stderr)
            results.append(measure(size, directory))
        finally:
            shutil.rmtree(directory)
    publish(report(results), "review", output)


def options() -> argparse.Namespace:
    """Which sizes, and where the table goes."""
    parser = argparse.ArgumentParser(description="Measure reviewing over HTTP.")
    parser.add_argument("--sizes", type=int, nargs="+", help=f"instead of {SIZES}")
    parser.add_argument("--output", default=str(DEFAULT_OUTPUT), help="a page, or - for here")
    chosen = parser.parse_args()
    if chosen.sizes and min(chosen.sizes) < _CLIENTS * _DECISIONS_PER_CLIENT:
        parser.error(f"a size must be at least {_CLIENTS * _DECISIONS_PER_CLIENT}")
    return chosen


if __name__ == "__main__":
    chosen = options()
    run(chosen.sizes or SIZES, chosen.output)
