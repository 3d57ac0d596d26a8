"""The native format: `sft_candidates.jsonl`, a file, a run's directory, or a directory of runs.

bench_results/
  2026-04-07-143022/
    sft_candidates.jsonl      one record a line, see `corrigenda.core.candidate`
    sft_passes.jsonl          what the model got right, in the same form; may be absent
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from corrigenda.core.candidate import REVIEW_FIELDS, Candidate, is_run_name, parse
from corrigenda.core.problem import Problem
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import MalformedRecord
from corrigenda.jsonl import loads, read_lines
from corrigenda.sources.base import RunFile, Sample

FILE_NAME = "sft_candidates.jsonl"
PASSES_NAME = "sft_passes.jsonl"


class NativeSource:
    """Reads `sft_candidates.jsonl`."""

    name = "native"

    def sniff(self, path: Path) -> bool:
        """By the file's name, or by a first line with an `id`."""
        if path.is_dir():
            return bool(self.runs(path))
        if not path.is_file():
            return False
        with path.open("rb") as file:
            first = next(read_lines(file), None)
        try:
            record = loads(first.data) if first else None
        except ValueError:
            return path.name == FILE_NAME
        return path.name == FILE_NAME or (isinstance(record, dict) and "id" in record)

    def runs(self, path: Path) -> list[RunFile]:
        """See `Source.runs`; a file that has another name is a run of that name.

        A run whose name no database can hold is left out.
        """
        return [
            RunFile(name, file, file.stat().st_size)
            for name, file in _named_files(path)
            if is_run_name(name)
        ]

    def read(self, run: RunFile, taxonomy: Taxonomy) -> Iterator[Sample]:
        """See `Source.read`; a file of passes, brought alone, has no candidates."""
        if run.path.name == PASSES_NAME:
            return iter(())
        return _samples(run.path, lambda record: parse(record, taxonomy, run.run_id))

    def read_passes(self, run: RunFile, taxonomy: Taxonomy) -> Iterator[Sample]:
        """See `PassSource.read_passes`; a status that a line has is not looked at."""
        path = run.path.with_name(PASSES_NAME)
        if run.path.name not in (FILE_NAME, PASSES_NAME) or not path.is_file():
            return iter(())
        return _samples(path, lambda record: parse(_unreviewed(record), taxonomy, run.run_id))


def _samples(path: Path, read: Callable[[object], Candidate]) -> Iterator[Sample]:
    with path.open("rb") as file:
        for line in read_lines(file):
            end = line.offset + len(line.data) + 1
            try:
                yield Sample(read(loads(line.data)), end)
            except MalformedRecord as error:
                yield Sample(Problem(str(path), line.number, error.message, error.field), end)
            except ValueError as error:
                yield Sample(Problem(str(path), line.number, str(error)), end)


def _unreviewed(record: object) -> object:
    if not isinstance(record, dict):
        return record
    return {name: value for name, value in record.items() if name not in REVIEW_FIELDS}


def _named_files(path: Path) -> list[tuple[str, Path]]:
    if path.is_file():
        return [(path.parent.resolve().name if path.name == FILE_NAME else path.stem, path)]
    if (own := path / FILE_NAME).is_file():
        return [(path.resolve().name, own)]
    if not path.is_dir():
        return []
    files = sorted(child / FILE_NAME for child in path.iterdir() if child.is_dir())
    return [(file.parent.name, file) for file in files if file.is_file()]
