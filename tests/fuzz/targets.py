"""What is fuzzed: every parser, as a function of bytes that refuses plainly or not at all.

python -m tests.fuzz.targets NAME [libFuzzer's options] CORPUS
"""

import contextlib
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

FILES = Path(__file__).parent.parent / "sources" / "files"
Target = Callable[[bytes], object]

_SOURCES = {
    "deepeval": ("deepeval", ".json"),
    "helm": ("helm", ".json"),
    "inspect": ("inspect_ai", ".json"),
    "langfuse": ("langfuse", ".json"),
    "lighteval": ("lighteval", ".parquet"),
    "lm-eval": ("lm-eval", ".jsonl"),
    "openai-evals": ("openai-evals", ".jsonl"),
    "phoenix": ("phoenix", ".json"),
    "plain": ("plain", ".csv"),
    "promptfoo": ("promptfoo", ".json"),
    "ragas": ("ragas", ".jsonl"),
    "simple-evals": ("simple-evals", ".json"),
}
"""The parser of each harness, with the folder of its real files and their ending."""

_RECORD = {
    "id": "a",
    "benchmark_run_id": "r",
    "status": "approved",
    "prompt_messages": [{"role": "user", "content": [{"type": "text", "text": "?"}]}],
    "model_response": "<think>x</think> 5",
    "corrected_response": "4",
    "corrected_parts": {"reasoning": "drop", "tool_calls": [{"name": "f", "arguments": {}}]},
    "scoring": {"kind": "exact", "params": {}},
    "quality_score": 0.2,
}
_SETTINGS = b"""sft:
  bench_results_dir: runs
  failure_categories: [{name: mine, label: Mine}]
  mappings: {m: {response: answer}}
"""
_RECIPE = {
    "format": "messages",
    "filter": {"status": ["approved"]},
    "split": [0.8, 0.1, 0.1],
    "include_category": ["wrong_answer"],
    "seed": 1,
}


def _native(data: bytes) -> None:
    from corrigenda.core.candidate import parse
    from corrigenda.jsonl import dumps, loads

    with contextlib.suppress(ValueError):  # said of the line, by its number
        value = loads(data)
        kept = parse(value)
        assert loads(dumps(kept.record).encode("ascii")) == kept.record


def _recipe(data: bytes) -> None:
    from corrigenda.core.recipe import Recipe
    from corrigenda.core.taxonomy import Taxonomy
    from corrigenda.jsonl import loads

    with contextlib.suppress(ValueError):
        value = loads(data)
        if isinstance(value, dict):
            Recipe.from_json(value).checked(Taxonomy()).as_json()


def _settings(data: bytes) -> None:
    from corrigenda.settings import read_config

    with _file(data, "label_tool.yaml") as path:
        read_config(path.parent)


def _archive(data: bytes) -> None:
    """Whatever is packed, in whatever; what is in it is read through."""
    from corrigenda import inputs

    with _file(data, "log.zip") as path:
        for file in inputs.files_of(path):
            inputs.trouble(file)
            for member in inputs.members(file) if inputs.is_archive(file) else ():
                inputs.trouble(member)


def _source(name: str, ending: str) -> Target:
    def target(data: bytes) -> None:
        from corrigenda import plugins
        from corrigenda.core.candidate import parse
        from corrigenda.core.problem import Problem
        from corrigenda.inputs import files_of
        from corrigenda.sources import ReadOptions

        source = plugins.named(plugins.SOURCES, name)
        with _file(data, f"{_STEMS.get(name, 'log')}{ending}") as path:
            for file in files_of(path):
                source.sniff(file)
                for run in source.runs(file):
                    for found in source.read(run, ReadOptions()):
                        if not isinstance(found, Problem):
                            parse({"id": "x", **found.record})

    return target


_STEMS = {"helm": "scenario_state", "lighteval": "details_x", "lm-eval": "samples_x"}

TARGETS: dict[str, Target] = {
    "native": _native,
    "recipe": _recipe,
    "settings": _settings,
    "archive": _archive,
    **{name: _source(name, ending) for name, (_, ending) in _SOURCES.items()},
}
NAMES = list(TARGETS)


def seeds(name: str) -> Iterator[bytes]:
    """What to begin with: the real files of the format, if they are not large."""
    if name in _SOURCES:
        folder, ending = _SOURCES[name]
        for path in sorted((FILES / folder).rglob(f"*{ending}")):
            if path.stat().st_size < 100_000:
                yield path.read_bytes()
        return
    yield {
        "native": json.dumps(_RECORD).encode("ascii"),
        "recipe": json.dumps(_RECIPE).encode("ascii"),
        "settings": _SETTINGS,
        "archive": b"",
    }[name]
    if name == "archive":
        yield from (path.read_bytes() for path in sorted(FILES.rglob("*.eval")))


@contextlib.contextmanager
def _file(data: bytes, name: str) -> Iterator[Path]:
    """In memory, where the system has such a place: nothing else takes as long."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        yield path


def main() -> None:
    """Fuzz one target; ends the process."""
    import atheris  # type: ignore[import-untyped, unused-ignore]

    name, options = sys.argv[1], sys.argv[2:]
    with atheris.instrument_imports(include=["corrigenda"]):
        from corrigenda.errors import CorrigendaError

        target = TARGETS[name]
        for data in seeds(name):  # what it needs is imported now, and so instrumented
            with contextlib.suppress(CorrigendaError):
                target(data)

    def one(data: bytes) -> None:
        with contextlib.suppress(CorrigendaError):
            target(data)

    atheris.Setup([name, *options], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
