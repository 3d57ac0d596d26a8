"""Importing: the samples of runs brought in, failures as candidates and successes as passes."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from corrigenda.clock import new_id, now
from corrigenda.core.candidate import Candidate
from corrigenda.core.problem import LIMIT, Problem
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput, shorten
from corrigenda.jsonl import storage_errors
from corrigenda.sources import ReadOptions, Sample, Verdict
from corrigenda.sources.plain import describe
from corrigenda.store import Database, passes, runs
from corrigenda.store.arrivals import arrive
from corrigenda.store.prepared import prepare
from corrigenda.workbench.making import Maker, Redact
from corrigenda.workbench.recognising import LAST, Found

REVIEWER = "import"
_BATCH = 500
_NAMED = 5
_COUNTED = ("imported", "skipped", "passes", "errors", "unscored", "held_out", "purged")

Progress = Callable[[int, int], bool]
"""Called with (bytes read, bytes in all); returns true to stop after the batch."""

Keep = Callable[[Sequence[Problem]], None]
"""Called with what could not be used, to be kept beside the workspace."""


@dataclass(frozen=True)
class ImportOptions:
    """What a user wants of an import.

    Attributes:
        read: How the log is to be read.
        failures_only: Leave out what the model got right.
        include_errors: Take failures of the provider or the harness as candidates, too.
        include_unscored: Take samples without any judgement as candidates, too.
        held_out: The share of the run's prompts that is kept out of training, 0 to 1; `None`
            is as the run was imported before, else none of it.
        strict: Bring in nothing if anything cannot be used.
        allow_purged: Bring in again what was removed for good.
        redact: Replaces secrets and personal data in every text.
    """

    read: ReadOptions = field(default_factory=ReadOptions)
    failures_only: bool = False
    include_errors: bool = False
    include_unscored: bool = False
    held_out: float | None = None
    strict: bool = False
    allow_purged: bool = False
    redact: Redact | None = None

    def wanted(self) -> dict[Verdict, bool]:
        """Which verdicts are taken in, and whether they are candidates."""
        taken = {Verdict.FAILED: True}
        if not self.failures_only:
            taken[Verdict.PASSED] = False
        if self.include_errors:
            taken[Verdict.ERROR] = True
        if self.include_unscored:
            taken[Verdict.UNSCORED] = True
        return taken


@dataclass
class ImportReport:
    """What an import did.

    `renamed` and `changed` are candidate ids, see `as_dict`; `formats` tells by what each format
    that was read was recognised; `refused` counts the files that could not be read as a whole.
    """

    imported: int = 0
    skipped: int = 0
    passes: int = 0
    errors: int = 0
    unscored: int = 0
    held_out: int = 0
    purged: int = 0
    malformed: int = 0
    renamed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    formats: dict[str, str] = field(default_factory=dict)
    refused: int = 0
    stopped: bool = False

    def add(self, other: "ImportReport") -> None:
        """Count another import in."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.malformed += other.malformed
        self.renamed += other.renamed
        self.changed += other.changed
        self.problems += other.problems[: LIMIT - len(self.problems)]
        self.remarks += other.remarks
        self.formats = other.formats | self.formats
        self.stopped = self.stopped or other.stopped

    def add_problems(self, found: Sequence[Problem]) -> None:
        """Count what could not be used; the first of them are kept."""
        self.malformed += len(found)
        self.problems += found[: LIMIT - len(self.problems)]

    def as_dict(self) -> dict[str, Any]:
        """`imported` and `skipped`; anything else only when there is something to say.

        `passes` counts the samples taken in that the model got right, which are no candidates;
        `errors` and `unscored` those that were left out, since the provider or the harness
        failed or nothing judged them; `held_out` those of `imported` that are out of training;
        `purged` samples that were removed for good before, and stay out;
        `renamed` samples whose id another run had taken (stored as `run_id:id`), `changed` the
        skipped ones whose content differs from what is stored, `malformed` what cannot be used,
        with the first of them in `problems`; `remarks` are sentences for the user.
        """
        answer: dict[str, Any] = {"imported": self.imported, "skipped": self.skipped}
        for name in _COUNTED[2:]:
            if n := getattr(self, name):
                answer[name] = n
        if self.renamed:
            answer["renamed"] = len(self.renamed)
        if self.changed:
            answer["changed"] = len(self.changed)
        if self.malformed:
            answer["malformed"] = self.malformed
            answer["problems"] = [problem.as_dict() for problem in self.problems]
        if self.remarks:
            answer["remarks"] = self.remarks
        if self.stopped:
            answer["stopped"] = True
        return answer


def import_found(
    database: Database,
    found: Sequence[Found],
    taxonomy: Taxonomy,
    options: ImportOptions | None = None,
    progress: Progress | None = None,
    keep: Keep | None = None,
) -> ImportReport:
    """Bring in the samples of runs that are not there yet; whole batches or nothing.

    Raises:
        InvalidInput: An option does not fit, a file as a whole cannot be read, or `strict` is
            wanted and something cannot be used.
        StorageError: A file cannot be read or the database not written. What was imported
            before stays, and the next import goes on.
    """
    options = options or ImportOptions()
    if options.strict:
        _refuse_problems(found, taxonomy, options)
    report = ImportReport()
    for each in reversed(found):
        report.formats[each.source.title] = each.why
    total = sum(each.run.file.size or 0 for each in found)
    last_file = {each.run.run_id: index for index, each in enumerate(found)}
    before = 0
    for index, each in enumerate(found):
        base = before

        def so_far(done: int, base: int = base) -> bool:
            return progress(base + done, max(total, base + done)) if progress else False

        try:
            _import_one(database, each, taxonomy, options, report, so_far, keep)
        except InvalidInput as error:
            # Such as a metric that only some of the logs have: the others are imported.
            report.refused += 1
            if report.refused == len(found):
                raise
            report.remarks.append(about(each, error))
            continue
        if report.stopped:
            break
        before += each.run.file.size or 0
        if last_file[each.run.run_id] == index:
            database.write(partial(runs.finish, run_id=each.run.run_id, at=now()))
    return report


def samples_of(
    found: Found, options: ImportOptions, maker: Maker
) -> Iterator[tuple[Verdict, Candidate] | Problem]:
    """What is in a run's file, as a stream; also what is not taken in."""
    with storage_errors(found.run.file.label):
        for sample in found.source.read(found.run, options.read):
            made = sample if isinstance(sample, Problem) else maker.make(sample)
            yield from _redacted(maker.refused, options.redact)
            maker.refused.clear()
            if isinstance(made, Problem):
                yield from _redacted([made], options.redact)
            elif isinstance(sample, Sample):
                yield sample.verdict, made


def _redacted(problems: Sequence[Problem], redact: Redact | None) -> Iterator[Problem]:
    for each in problems:  # a reason quotes what it refuses
        yield replace(each, reason=redact(each.reason)) if redact else each


def about(found: Found, error: InvalidInput) -> str:
    """Why a file of several was left out, with its name."""
    label = found.run.file.label
    return error.message if label in error.message else f"`{label}`: {error.message}"


def remark_of(found: Found, options: ImportOptions) -> str | None:
    """What a user should know of how a table was read."""
    if found.source.name != LAST:
        return None
    read = options.read
    seen = describe(found.run.file, read.mapping, threshold=read.threshold)
    message: str | None = seen["message"]
    return message


def take(
    database: Database,
    good: Sequence[Candidate],
    report: ImportReport,
    *,
    allow_purged: bool = False,
) -> None:
    """Put in a batch of candidates, and count it."""
    if not good:
        return
    put = partial(
        arrive, batch=good, reviewer=REVIEWER, at=now(), new_id=new_id, allow_purged=allow_purged
    )
    inserted = database.write(put)
    report.imported += len(inserted.new)
    report.skipped += inserted.skipped
    report.renamed += inserted.renamed
    report.changed += inserted.changed
    report.held_out += inserted.held_out
    report.purged += inserted.purged
    if inserted.unrestored:
        named = ", ".join(f"`{shorten(each)}`" for each in inserted.unrestored[:_NAMED])
        report.remarks.append(
            f"The decisions on {len(inserted.unrestored)} candidates were left out, since "
            f"decisions with their ids are here already: {named}."
        )


def _import_one(
    database: Database,
    found: Found,
    taxonomy: Taxonomy,
    options: ImportOptions,
    report: ImportReport,
    progress: Callable[[int], bool],
    keep: Keep | None,
) -> None:
    run, some, name = found.run, False, found.source.name
    with database.reading() as connection:
        share = runs.share_of(connection, run.run_id, options.held_out)
    maker = Maker(name, run, taxonomy, share, options.redact)
    wanted, named = options.wanted(), {run.run_id}
    samples = map(partial(_prepared, wanted), samples_of(found, options, maker))
    batch = list(itertools.islice(samples, _BATCH))
    # Not before something was read: what cannot be imported decides nothing about its run.
    database.write(lambda c: runs.begin(c, run.run_id, name, options.held_out))
    while batch:
        problems = [each for each in batch if isinstance(each, Problem)]
        report.add_problems(problems)
        if problems and keep:
            keep(problems)
        judged = [each for each in batch if not isinstance(each, Problem)]
        if options.held_out is not None:
            _note_runs(database, found, [c for _, c in judged], options.held_out, named)
        failed = [c for verdict, c in judged if wanted.get(verdict)]
        take(database, failed, report, allow_purged=options.allow_purged)
        right = [c for verdict, c in judged if wanted.get(verdict) is False]
        if right:
            new, purged = database.write(
                partial(passes.arrive, batch=right, allow_purged=options.allow_purged)
            )
            report.passes += new
            report.purged += purged
        _count_left_out(report, (verdict for verdict, _ in judged), wanted)
        some = True
        if progress(min(run.file.consumed, run.file.size or run.file.consumed)):
            report.stopped = True
            break
        batch = list(itertools.islice(samples, _BATCH))
    remark = remark_of(found, options) if some else f"`{run.file.label}` has no samples."
    if remark:
        report.remarks.append(remark)


def _prepared(
    wanted: dict[Verdict, bool], made: tuple[Verdict, Candidate] | Problem
) -> tuple[Verdict, Candidate] | Problem:
    if not isinstance(made, Problem) and wanted.get(made[0]):
        prepare(made[1])
    return made


def _note_runs(
    database: Database,
    found: Found,
    batch: Sequence[Candidate],
    share: float,
    noted: set[str],
) -> None:
    """Note the share of runs that records name themselves, so that no other file changes it."""
    for name in {each.run_id for each in batch if each.run_id is not None} - noted:
        noted.add(name)
        database.write(
            partial(runs.note, run_id=name, source=found.source.name, held_out=share, at=now())
        )


def _count_left_out(
    report: ImportReport, verdicts: Iterable[Verdict], wanted: dict[Verdict, bool]
) -> None:
    for verdict in verdicts:
        if verdict is Verdict.ERROR and verdict not in wanted:
            report.errors += 1
        elif verdict is Verdict.UNSCORED and verdict not in wanted:
            report.unscored += 1


def _refuse_problems(found: Sequence[Found], taxonomy: Taxonomy, options: ImportOptions) -> None:
    for each in found:
        maker = Maker(each.source.name, each.run, taxonomy)
        for made in samples_of(each, options, maker):
            if isinstance(made, Problem):
                raise InvalidInput(f"Nothing was imported: {made}.")
