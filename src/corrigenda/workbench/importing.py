"""Importing: runs found in the benchmark folder or on a path, brought in as candidates."""

import itertools
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from corrigenda import plugins
from corrigenda.clock import new_id, now
from corrigenda.core.candidate import Candidate, is_run_name
from corrigenda.core.problem import LIMIT, Problem
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import ConfigError, InvalidInput, UnknownRun
from corrigenda.jsonl import storage_errors
from corrigenda.sources import PassSource, RunFile, Sample, Source
from corrigenda.store import Database, passes, runs
from corrigenda.store.arrivals import arrive

REVIEWER = "import"
_BATCH = 500
_SEPARATORS = {"/", os.sep, os.altsep or "/"}

Progress = Callable[[int, int], bool]
"""Called with (bytes read, bytes in all); returns true to stop after the batch."""


@dataclass(frozen=True)
class RunInfo:
    """A run that can be imported.

    `already_imported` is false, too, where an import was stopped or failed halfway.
    """

    run_id: str
    timestamp: str | None
    candidate_count: int
    already_imported: bool


@dataclass
class ImportReport:
    """What an import did. `renamed` and `changed` are candidate ids, see `as_dict`."""

    imported: int = 0
    skipped: int = 0
    passes: int = 0
    malformed: int = 0
    renamed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    stopped: bool = False

    def add(self, other: "ImportReport") -> None:
        """Count another run in."""
        self.imported += other.imported
        self.skipped += other.skipped
        self.passes += other.passes
        self.malformed += other.malformed
        self.renamed += other.renamed
        self.changed += other.changed
        self.problems += other.problems[: LIMIT - len(self.problems)]
        self.stopped = self.stopped or other.stopped

    def as_dict(self) -> dict[str, Any]:
        """`imported` and `skipped`; anything else only when there is something to say.

        `passes` counts the samples taken in that the model got right, which are no candidates;
        `renamed` counts samples whose id another run had taken (stored as `run_id:id`),
        `changed` the skipped ones whose content differs from what is stored, `malformed` the
        lines that were left out, with the first of them in `problems`.
        """
        answer: dict[str, Any] = {"imported": self.imported, "skipped": self.skipped}
        if self.passes:
            answer["passes"] = self.passes
        if self.renamed:
            answer["renamed"] = len(self.renamed)
        if self.changed:
            answer["changed"] = len(self.changed)
        if self.malformed:
            answer["malformed"] = self.malformed
            answer["problems"] = [problem.as_dict() for problem in self.problems]
        if self.stopped:
            answer["stopped"] = True
        return answer


def list_runs(folder: Path | None, database: Database, taxonomy: Taxonomy) -> list[RunInfo]:
    """The runs in the benchmark folder, newest first.

    Raises:
        ConfigError: The folder cannot be read.
    """
    if folder is None:
        return []
    with database.reading() as connection:
        imported = runs.imported(connection)
    found = []
    for run in _runs_in(folder):
        try:
            stat = run.path.stat()
            count, timestamp = _summary(run.path, stat.st_mtime_ns, stat.st_size, taxonomy)
        except OSError as error:
            raise ConfigError(f"The run `{run.path}` cannot be read: {error.strerror}.") from error
        found.append(RunInfo(run.run_id, timestamp, count, run.run_id in imported))
    return sorted(found, key=lambda run: (run.timestamp or "", run.run_id), reverse=True)


def native() -> Source:
    """The source of the benchmark folder's runs."""
    source: Source = plugins.named(plugins.SOURCES, "native")
    return source


def find_run(folder: Path | None, run_id: str) -> RunFile:
    """A run of the benchmark folder by its name, which is no path.

    Raises:
        UnknownRun: There is no such run.
    """
    # Looked for by its name alone: there may be thousands of other runs beside it.
    plain = is_run_name(run_id) and run_id not in (".", "..") and not set(run_id) & _SEPARATORS
    try:
        found = _runs_of(folder / run_id) if folder and plain else []
    except OSError:
        found = []
    if not found:
        raise UnknownRun(run_id)
    return found[0]


def recognise(path: Path, source_name: str | None = None) -> tuple[Source, list[RunFile]]:
    """The source that reads a path, and the runs in it.

    Raises:
        InvalidInput: There is nothing there, or no source recognises it.
        UnknownFormat: `source_name` is not installed.
    """
    if not path.exists():
        raise InvalidInput(f"There is no file or directory `{path}`.")
    known: dict[str, Source] = plugins.installed(plugins.SOURCES)
    if source_name is not None:
        known = {source_name: plugins.named(plugins.SOURCES, source_name)}
    with storage_errors(path):
        for source in known.values():
            if source.sniff(path) and (found := source.runs(path)):
                return source, found
    raise InvalidInput(
        f"`{path}` is in no format that is known here ({', '.join(known)}); the native format "
        "is a file or directories with `sft_candidates.jsonl`."
    )


def import_run(
    database: Database,
    source: Source,
    run: RunFile,
    taxonomy: Taxonomy,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring in the candidates of a run that are not there yet; whole batches or nothing.

    Raises:
        StorageError: The file cannot be read or the database not written. What was imported
            before stays, and the next import goes on.
    """
    report = ImportReport()
    with storage_errors(run.path):
        samples = source.read(run, taxonomy)
        while batch := list(itertools.islice(samples, _BATCH)):
            _take(database, batch, report)
            if progress and progress(batch[-1].offset, run.size):
                report.stopped = True
                return report
        if isinstance(source, PassSource):
            _take_passes(database, source.read_passes(run, taxonomy), report)
    database.write(lambda connection: runs.note(connection, run.run_id, source.name, now()))
    return report


def _take_passes(database: Database, samples: Iterator[Sample], report: ImportReport) -> None:
    while batch := list(itertools.islice(samples, _BATCH)):
        good = _good(batch, report)
        report.passes += database.write(partial(passes.arrive, batch=good))


def _good(batch: list[Sample], report: ImportReport) -> list[Candidate]:
    """The well-formed ones of a batch; the report is told of the others."""
    bad = [sample.found for sample in batch if isinstance(sample.found, Problem)]
    report.malformed += len(bad)
    report.problems += bad[: LIMIT - len(report.problems)]
    return [sample.found for sample in batch if isinstance(sample.found, Candidate)]


def _take(database: Database, batch: list[Sample], report: ImportReport) -> None:
    good = _good(batch, report)
    if not good:
        return

    inserted = database.write(
        lambda connection: arrive(connection, good, reviewer=REVIEWER, at=now(), new_id=new_id)
    )
    report.imported += len(inserted.new)
    report.skipped += inserted.skipped
    report.renamed += inserted.renamed
    report.changed += inserted.changed


def _runs_in(folder: Path) -> list[RunFile]:
    try:
        if not folder.is_dir():
            raise ConfigError(f"The benchmark folder `{folder}` is not a directory.")
        found = [run for child in sorted(folder.iterdir()) for run in _runs_of(child)]
    except OSError as error:
        raise ConfigError(
            f"The benchmark folder `{folder}` cannot be read: {error.strerror}."
        ) from error
    return found


def _runs_of(child: Path) -> list[RunFile]:
    """The run in a folder of the benchmark folder, under that folder's name: one, or none."""
    if not child.is_dir() or not is_run_name(child.name):
        return []
    found = [run for run in native().runs(child) if run.path.parent == child]
    return [replace(run, run_id=child.name) for run in found]


@lru_cache(maxsize=16_384)
def _summary(path: Path, mtime_ns: int, size: int, taxonomy: Taxonomy) -> tuple[int, str | None]:
    """How many candidates a run has, and its time: its first record's, else the file's."""
    from datetime import UTC, datetime

    source = native()
    count, timestamp = 0, None
    for sample in source.read(RunFile("", path, size), taxonomy):
        if isinstance(sample.found, Candidate):
            count += 1
            if timestamp is None and isinstance(sample.found.record.get("timestamp"), str):
                timestamp = sample.found.record["timestamp"]
    if timestamp is None:
        at = datetime.fromtimestamp(mtime_ns / 1e9, UTC)
        timestamp = at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return count, timestamp
