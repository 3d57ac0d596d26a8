"""Measure reading and importing every format, as a ratio to merely parsing the same file.

    python -m benchmarks.sources                        rewrites the table
    python -m benchmarks.sources --megabytes 8 --output -
    python -m benchmarks.sources --only helm lm-eval --output -

A file of realistic size (before it is packed) is made of a small real one: its records again and
again, each time with other ids. In one run it is parsed and thrown away (by orjson, pyarrow or
the csv module), read by its source, and imported into a new workspace. Each of the three is a
process of its own, whose peak memory is its own; reading is measured again on a quarter of the
file, since it must not need less for that.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

import corrigenda
from benchmarks.corpus import write_corpus
from benchmarks.report import DEFAULT_OUTPUT, machine, peak_megabytes, publish
from corrigenda import plugins
from corrigenda.core.problem import Problem
from corrigenda.inputs import files_of
from corrigenda.jsonl import loads
from corrigenda.sources import ReadOptions

FIXTURES = Path(__file__).parent.parent / "tests" / "sources" / "files"
_MEGABYTE = 1_000_000
MEGABYTES = 8
"""Of each file, unless more are asked for: enough for a ratio that stays."""
_STEP = 1_000_000  # what a copy adds to a number that is an id
_MARK = "@records@"

Grow = Callable[[Path, Path, int], None]
"""Writes to a path (second) what a fixture (first) holds, up to a size in bytes."""


@dataclass(frozen=True)
class Format:
    """A format, the small file it is made of, and how that grows.

    `pattern` is below `tests/sources/files`; the first match counts.
    """

    source: str
    pattern: str
    grow: Grow


@dataclass(frozen=True)
class Figures:
    """What one process needed."""

    seconds: float
    peak: float
    count: int


def _again(value: Any, copy: int, ids: tuple[str, ...]) -> Any:
    """A copy of a record in which the values at the dotted paths are others."""
    made = orjson.loads(orjson.dumps(value))
    for path in ids:
        *before, last = path.split(".")
        inner = made
        for key in before:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and last in inner:
            inner[last] = _other(inner[last], copy)
    return made


def _other(value: Any, copy: int) -> Any:
    return value + copy * _STEP if isinstance(value, int) else f"{value}-{copy}"


def _copies(records: list[Any], ids: tuple[str, ...], size: int) -> Iterator[Any]:
    """The records as often as it takes to fill so many bytes."""
    written, copy = 0, 0
    while written < size:
        for record in records:
            made = _again(record, copy, ids)
            written += len(orjson.dumps(made))
            yield made
        copy += 1


def json_lines(*ids: str) -> Grow:
    """A line a record; lines without any of the ids stand once, at the beginning."""

    def grow(fixture: Path, target: Path, size: int) -> None:
        found = [loads(line) for line in fixture.read_bytes().splitlines() if line.strip()]
        repeated = [each for each in found if not ids or any(i.split(".")[0] in each for i in ids)]
        once = [each for each in found if each not in repeated]
        with target.open("wb") as file:
            for record in (*once, *_copies(repeated, ids, size)):
                file.write(orjson.dumps(record) + b"\n")

    return grow


def json_array(path: tuple[str, ...], *ids: str) -> Grow:
    """An array within one document, indented as harnesses do."""

    def grow(fixture: Path, target: Path, size: int) -> None:
        document, records = _without(fixture, path)
        _write_array(target, document, _copies(records, ids, size))

    return grow


def _without(fixture: Path, path: tuple[str, ...]) -> tuple[str, list[Any]]:
    """A document as text with a mark in place of an array, and the array."""
    holder: Any = {"": loads(fixture.read_bytes())}
    root, key = holder, ""
    for each in path:
        holder, key = holder[key], each
    records, holder[key] = holder[key], _MARK
    return json.dumps(root[""]), records


def _write_array(target: Path, document: str, records: Iterable[Any]) -> None:
    before, after = document.split(f'"{_MARK}"')
    with target.open("w", encoding="utf-8") as file:
        file.write(before + "[")
        for number, record in enumerate(records):
            file.write((",\n" if number else "\n") + json.dumps(record, indent=1))
        file.write("]" + after)


def archive(*ids: str) -> Grow:
    """Inspect's `.eval`: a member a sample."""

    def grow(fixture: Path, target: Path, size: int) -> None:
        with zipfile.ZipFile(fixture) as old, zipfile.ZipFile(target, "w") as new:
            found = {name: loads(old.read(name)) for name in old.namelist()}
            samples = [name for name in found if name.startswith("samples/")]
            rest = [name for name in found if name not in samples]
            for name in rest[:1]:  # how a log begins
                new.writestr(name, orjson.dumps(found[name]), zipfile.ZIP_DEFLATED)
            records = [found[name] for name in samples]
            for number, sample in enumerate(_copies(records, ids, size)):
                member = f"samples/{number}_epoch_{sample.get('epoch', 1)}.json"
                new.writestr(member, orjson.dumps(sample), zipfile.ZIP_DEFLATED)
            for name in rest[1:]:
                new.writestr(name, orjson.dumps(found[name]), zipfile.ZIP_DEFLATED)

    return grow


def parquet(*ids: str) -> Grow:
    """A table, a thousand rows at a time as the `datasets` library does."""

    def grow(fixture: Path, target: Path, size: int) -> None:
        table = pq.read_table(fixture)
        copies = list(_copies(table.to_pylist(), ids, size))
        pq.write_table(
            pa.Table.from_pylist(copies, schema=table.schema), target, row_group_size=1000
        )

    return grow


def helm_run(fixture: Path, target: Path, size: int) -> None:
    """A run's directory: the requests, and as many times what the metrics say of them."""
    target.mkdir()
    stats = fixture.with_name("per_instance_stats.json")
    shutil.copy(fixture.with_name("run_spec.json"), target)
    copies = range(max(1, size // (fixture.stat().st_size + stats.stat().st_size)))
    for path, array, key in (
        (fixture, ("request_states",), "instance.id"),
        (stats, (), "instance_id"),
    ):
        document, records = _without(path, array)
        again = (_again(record, copy, (key,)) for copy in copies for record in records)
        _write_array(target / path.name, document, again)


def corpus(_fixture: Path, target: Path, size: int) -> None:
    """Our own lines."""
    write_corpus(target, max(1, size // 2_000))


FORMATS = (
    Format("native", "../../../benchmarks/corpus.py", corpus),
    Format("lm-eval", "lm[_-]eval*/**/samples_*.jsonl", json_lines("doc_id")),
    Format("inspect", "inspect_ai_old/*.eval", archive("id", "uuid")),
    Format("inspect", "inspect_ai/*.json", json_array(("samples",), "id", "uuid")),
    Format("promptfoo", "promptfoo/out.json", json_array(("results", "results"), "id", "testIdx")),
    Format("promptfoo", "promptfoo/out.jsonl", json_lines("id", "testIdx")),
    Format("openai-evals", "openai-evals/canned_test-match.jsonl", json_lines("sample_id")),
    Format("helm", "helm/runs/s1/*/scenario_state.json", helm_run),
    Format("lighteval", "lighteval/out/**/details_mini_gen*.parquet", parquet("doc.id")),
    Format("deepeval", "deepeval/results/test_run_*.json", json_array(("testCases",), "name")),
    Format("ragas", "ragas/result.jsonl", json_lines()),
    Format("phoenix", "phoenix/*.json", json_array((), "example_id")),
    Format("langfuse", "langfuse/observations.jsonl", json_lines("id")),
    Format("plain", "plain/mmlu_pro.json", json_array((), "question_id")),
)


def measured(mode: str, source: str, path: Path) -> Figures:
    """What parsing, reading or importing needs, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.sources", "--one", mode, source, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    figures = Figures(*json.loads(done.stdout.splitlines()[-1]))
    if not figures.count:
        raise RuntimeError(f"nothing to {mode} was found in {path}")
    return figures


def one(mode: str, source: str, path: Path) -> Figures:
    """The work itself, in this process."""
    begin = time.perf_counter()
    if mode == "parse":
        count = sum(map(_parse, [path] if path.is_file() else sorted(path.iterdir())))
    elif mode == "read":
        count = _read(source, path)
    else:
        with tempfile.TemporaryDirectory() as folder, corrigenda.open(Path(folder)) as opened:
            done = opened.import_path(path, format=source)
            count = done.imported + done.passes
    return Figures(time.perf_counter() - begin, peak_megabytes(), count)


def _parse(path: Path) -> int:
    if path.suffix == ".parquet":
        return sum(len(batch.to_pylist()) for batch in pq.ParquetFile(path).iter_batches(64))
    if path.suffix == ".eval":
        with zipfile.ZipFile(path) as opened:
            return sum(orjson.loads(opened.read(each)) is not None for each in opened.namelist())
    if path.suffix == ".csv":
        with path.open(newline="", encoding="utf-8") as file:
            return sum(1 for _ in csv.DictReader(file))
    with path.open("rb") as lines:
        if path.suffix == ".jsonl":
            return sum(1 for line in lines if orjson.loads(line) is not None)
        return int(orjson.loads(lines.read()) is not None)


def _read(name: str, path: Path) -> int:
    source = plugins.named(plugins.SOURCES, name)
    count = 0
    for file in files_of(path):
        if source.sniff(file) is not None:
            for run in source.runs(file):
                found = source.read(run, ReadOptions())
                count += sum(not isinstance(each, Problem) for each in found)
    return count


def row(format: Format, fixture: Path, size: int, folder: Path) -> str:
    """A format's line of the table."""
    name = fixture.stem if format.grow is helm_run else fixture.name
    name = "sft_candidates.jsonl" if format.grow is corpus else name
    ending = Path(name).suffix or "directory"
    whole, quarter = (folder / kind / name for kind in ("whole", "quarter"))
    for path, part in ((whole, size), (quarter, size // 4)):
        path.parent.mkdir()
        format.grow(fixture, path, part)
    parsed, read, imported = (
        measured(mode, format.source, whole) for mode in ("parse", "read", "import")
    )
    less = measured("read", format.source, quarter)
    cells = (
        f"{format.source}, `{ending}`",
        f"{read.count:,}",
        f"{parsed.seconds:.2f}",
        f"{read.seconds / parsed.seconds:.1f}",
        f"{imported.seconds / parsed.seconds:.0f}",
        f"{imported.count / imported.seconds:,.0f}",
        f"{less.peak:.0f}",
        f"{read.peak:.0f}",
        f"{imported.peak:.0f}",
    )
    return "| " + " | ".join(cells) + " |"


def report(rows: list[str], megabytes: float) -> str:
    """The figures as Markdown."""
    titles = (
        "format",
        "samples",
        "parsing, s",
        "reading ÷ parsing",
        "importing ÷ parsing",
        "samples imported a second",
        "peak MB reading a quarter",
        "reading all",
        "importing all",
    )
    head = ["| " + " | ".join(titles) + " |", "|---|" + "---:|" * (len(titles) - 1)]
    return "\n".join([f"{machine()}, {megabytes:g} MB each.", "", *head, *rows]) + "\n"


def run(megabytes: float, only: list[str] | None, output: str) -> None:
    """Measure, and write the table to a page, or for `-` to the terminal."""
    known = plugins.installed(plugins.SOURCES)
    rows = []
    for format in FORMATS:
        fixture = next(iter(sorted(FIXTURES.glob(format.pattern))), None)
        if format.source not in known or fixture is None or format.source not in (only or known):
            continue
        print(f"measuring {format.source}, {fixture.name} …", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="corrigenda-bench-") as folder:
            rows.append(row(format, fixture, int(megabytes * _MEGABYTE), Path(folder)))
    publish(report(rows, megabytes), "sources", output)


def options() -> argparse.Namespace:
    """How large the files are, and where the table goes."""
    parser = argparse.ArgumentParser(description="Measure reading and importing every format.")
    parser.add_argument("--megabytes", type=float, default=MEGABYTES, help="of each file")
    parser.add_argument("--only", nargs="+", help="these sources alone")
    parser.add_argument("--output", default=str(DEFAULT_OUTPUT), help="a page, or - for here")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    chosen = options()
    if chosen.one:
        mode, source, path = chosen.one
        done = one(mode, source, Path(path))
        print(json.dumps([done.seconds, done.peak, done.count]))
    else:
        run(chosen.megabytes, chosen.only, chosen.output)
