"""A re-evaluation from beginning to end; each step can be cut off, and goes on when run again.

In its folder, which is `evaluations/RUN_ID` of the workspace unless another is named:

    answers.jsonl          what was answered, appended as it comes
    sft_candidates.jsonl   what failed, and sft_passes.jsonl what passed, in the native format
    evaluation.json        model, settings, counts, versions, times; finished when all is done
    output.log             what the process said that ran the model
"""

import contextlib
import fcntl
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

from corrigenda.clock import now
from corrigenda.core.scoring import Verdict
from corrigenda.errors import Conflict, InvalidInput, shorten
from corrigenda.exports.base.turns import Arguments
from corrigenda.jsonl import atomic_write, dumps, encode, read_records, storage_errors
from corrigenda.sources.native import FILE_NAME, PASSES_NAME
from corrigenda.store import Database, verdicts
from corrigenda.train.generating import ANSWERS, GENERATED, QUESTIONS, REQUEST
from corrigenda.workbench.evaluating import in_process, models, records, sandbox
from corrigenda.workbench.evaluating.answers import Answers, key_of
from corrigenda.workbench.evaluating.endpoint import Endpoint
from corrigenda.workbench.evaluating.judging import Judgement, judge
from corrigenda.workbench.evaluating.models import Asked
from corrigenda.workbench.evaluating.prompts import Prompt, check_runs, prompts
from corrigenda.workbench.evaluating.request import EvaluationRequest, chosen_before

MANIFEST, LOCK = "evaluation.json", "running.lock"

Progress = Callable[[int, int], bool]
"""Called with (answers that came, answers that were missing; 0: not known yet); true stops."""

_REASONS = 20
_TOGETHER = 200
_WAIT = 5.0  # seconds in which the process of a run that was killed has ended, too


class Stopped(Exception):
    """Whoever is told of the progress has asked to stop; what was answered is kept."""


@dataclass
class Tally:
    """What became of the prompts; `unscored` and `errors` count by their reasons."""

    prompts: int = 0
    held_out: int = 0
    asked: int = 0
    known: int = 0
    passed: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    new_tokens: int = 0
    cut: int = 0
    unscored: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def counts(self) -> dict[str, int]:
        """As JSON: `asked` were asked now, `known` had been answered before."""
        return {
            "prompts": self.prompts,
            "held_out": self.held_out,
            "asked": self.asked,
            "known": self.known,
            "passed": self.passed,
            "failed": self.failed,
            "unscored": self.unscored.total(),
            "errors": self.errors.total(),
            "cut": self.cut,
        }


def evaluate(
    database: Database,
    request: EvaluationRequest,
    folder: Path,
    *,
    rule: Mapping[str, Any] | None,
    bring_in: Callable[[Sequence[Path]], Any],
    version: str,
    progress: Progress = lambda _done, _total: False,
) -> dict[str, Any]:
    """Ask the prompts of some runs again, score the answers, and bring them in as a run.

    Args:
        database: The workspace's.
        request: What is wanted.
        folder: To work in.
        rule: How answers are scored where the log names no rule.
        bring_in: Imports files in the native format.
        version: Corrigenda's.
        progress: Told of the answers as they come, and often while none does.

    Returns:
        What is written to `evaluation.json`.

    Raises:
        InvalidInput: Something that is asked for cannot be used, the model cannot be read, or
            the endpoint does not answer. What was answered is kept.
        UnknownRun: A run is not there.
        Conflict: Another process works in the folder.
        StorageError: A file cannot be read or written.
        Stopped: `progress` has asked for it.
    """
    request.check()
    if request.run_code:
        sandbox.check()
    with database.reading() as connection:
        check_runs(connection, request)

    def go_on() -> None:
        if progress(0, 0):
            raise Stopped

    asked = _asked(request, go_on)
    with _held(folder) as lock:
        before = _check_before(database, request, asked, folder)
        answers = Answers(folder / ANSWERS)
        tally, begun, started = Tally(), time.monotonic(), now()
        tally.asked, tally.known = _write_questions(database, request, asked, answers, folder)
        engine = _ask(request, asked, answers, folder, tally.asked, lock, progress)
        seconds = time.monotonic() - begun
        earlier = chosen_before(request, before)
        _score(database, (request, *earlier), asked, answers, folder, rule, tally)
        manifest = {
            "version": 1,
            "run_id": request.run_id,
            "model": dict(asked.told),
            "settings": request.settings(),
            "prompts": request.chosen(),
            "earlier": [each.chosen() for each in earlier],
            "engine": engine or before.get("engine", {}),
            "counts": tally.counts(),
            "tokens": {"prompt": tally.prompt_tokens, "new": tally.new_tokens},
            "unscored": dict(tally.unscored.most_common(_REASONS)),
            "errors": dict(tally.errors.most_common(_REASONS)),
            "seconds": round(seconds + before.get("seconds", 0.0), 2),
            "started_at": before.get("started_at", started),
            "finished_at": None,
            "corrigenda": version,
        }
        # Before the run is there: by this file it is known again, should this be cut off.
        _write_manifest(folder, manifest)
        bring_in([folder / name for name in (FILE_NAME, PASSES_NAME)])
        manifest["finished_at"] = now()
        _write_manifest(folder, manifest)
        for name in (QUESTIONS, REQUEST, GENERATED):
            (folder / name).unlink(missing_ok=True)
    return manifest


def _write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    with atomic_write(folder / MANIFEST) as file:
        file.write(json.dumps(manifest, indent=2).encode("ascii") + b"\n")


def _asked(request: EvaluationRequest, meanwhile: Callable[[], None]) -> Asked:
    if request.endpoint is not None:
        return models.at_endpoint(request.endpoint, request.model)
    asked = models.on_this_machine(request.model, meanwhile)
    in_process.check(request, asked)
    return asked


@contextlib.contextmanager
def _held(folder: Path) -> Iterator[int]:
    """Hold the folder, with the handle that holds it.

    A process that answers keeps it held as well; it ends a moment after who started it.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + _WAIT
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    said = f"Another process is evaluating into `{folder}`."
                    raise Conflict(said) from None
                time.sleep(0.1)
        yield handle
    finally:
        os.close(handle)


def _check_before(
    database: Database, request: EvaluationRequest, asked: Asked, folder: Path
) -> Mapping[str, Any]:
    """What was evaluated under this id before; a run has answers of one model by one way.

    Raises:
        InvalidInput: The run is of another model, by other settings, or from elsewhere.
    """
    with database.reading() as connection:
        there = verdicts.counted(connection, request.run_id)
    known = there.candidates + there.passes > 0
    try:
        before = json.loads((folder / MANIFEST).read_text("utf-8"))
        same = (before["model"]["identity"], before["settings"]) == (
            asked.identity,
            request.settings(),
        )
        if same:
            chosen_before(request, before)
    except FileNotFoundError:
        before, same = {}, not known
    except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidInput):
        before, same = {}, not known
    if known and not same:
        what = "has answers of another model, or by other settings" if before else "is here already"
        raise InvalidInput(
            f"The run `{shorten(request.run_id)}` {what}; give another id with `--as`."
        )
    return before if same else {}


def _write_questions(
    database: Database, request: EvaluationRequest, asked: Asked, answers: Answers, folder: Path
) -> tuple[int, int]:
    """Write what is not answered yet; returns how many that are, and how many are answered."""
    how = Arguments.OBJECT if asked.place is not None else Arguments.TEXT
    missing = known = 0
    with atomic_write(folder / QUESTIONS) as file, database.reading() as connection:
        for prompt in prompts(connection, request):
            for repeat, key in _keys(request, asked, prompt):
                if key in answers:
                    known += 1
                    continue
                missing += 1
                file.write(encode({**prompt.question(key, how), "repeat": repeat}) + b"\n")
    if not missing + known:
        raise InvalidInput("There is no prompt to ask in these runs.")
    return missing, known


def _keys(request: EvaluationRequest, asked: Asked, prompt: Prompt) -> Iterator[tuple[int, str]]:
    for repeat in range(prompt.repeats):
        yield repeat, key_of(asked.identity, prompt.seen, request.settings(), repeat)


def _ask(
    request: EvaluationRequest,
    asked: Asked,
    answers: Answers,
    folder: Path,
    missing: int,
    lock: int,
    progress: Progress,
) -> dict[str, Any]:
    """Ask what is missing; returns by what it was done, `{}` if nothing was."""
    if not missing:
        return {}

    def came(done: int) -> None:
        if progress(done, missing):
            raise Stopped

    came(0)

    if asked.place is None:
        Endpoint(request).ask(_questions(folder, answers.failed()), answers, came)
        return {"name": "endpoint", "concurrency": request.concurrency}
    told = in_process.ask(folder, request, asked, came, lock)
    answers.read_on()
    return {"name": "transformers", "batch_size": request.batch_size, **told}


def _questions(folder: Path, failed: Set[str]) -> Iterator[tuple[dict[str, Any], int]]:
    """(question, repeat) of each; what failed before comes last, so that it holds up nothing."""
    for again in (False, True):
        for each in read_records(folder / QUESTIONS):
            if (each["key"] in failed) is again:
                yield each, each["repeat"]


def _score(
    database: Database,
    chosen: Sequence[EvaluationRequest],
    asked: Asked,
    answers: Answers,
    folder: Path,
    rule: Mapping[str, Any] | None,
    tally: Tally,
) -> None:
    """Score the answers, and write both files of the run.

    `chosen` is what is asked now, and then what was asked for the same run before.
    """
    at, request = now(), chosen[0]
    with (
        atomic_write(folder / FILE_NAME) as failed,
        atomic_write(folder / PASSES_NAME) as passed,
        database.reading() as connection,
    ):
        known = verdicts.counted(connection, request.run_id)
        found = _samples(connection, chosen, asked, answers, rule, tally)
        while batch := list(islice(found, _TOGETHER)):
            sides = {}
            if known.candidates + known.passes:
                sides = _sides(connection, [record["id"] for record, _ in batch])
            for record, judgement in batch:
                scored = judgement.result.verdict is Verdict.RIGHT
                right = sides.get(record["id"], scored)  # a verdict that was brought in stays
                if right is not scored:
                    record = records.overruled(record, right)
                tally.passed += right
                tally.failed += not right
                if not right and not request.queue:
                    record = records.set_aside(record, judgement, at)
                _write(passed if right else failed, record)


def _samples(
    connection: Any,
    chosen: Sequence[EvaluationRequest],
    asked: Asked,
    answers: Answers,
    rule: Mapping[str, Any] | None,
    tally: Tally,
) -> Iterator[tuple[dict[str, Any], Judgement]]:
    """The records of the answers that can be scored; the others are counted."""
    request = chosen[0]
    settings = request.settings()
    for prompt in prompts(connection, *chosen):
        tally.prompts += 1
        tally.held_out += prompt.held_out
        for repeat, key in _keys(request, asked, prompt):
            answer = answers.get(key)
            if answer is None:
                tally.errors[answers.error(key) or "It was not asked."] += 1
                continue
            tally.prompt_tokens += answer.get("prompt_tokens") or 0
            tally.new_tokens += answer.get("new_tokens") or 0
            tally.cut += answer.get("finish_reason") == "length"
            said = records.subject_of(answer, prompt.record.get("tools"))
            judgement = judge(connection, prompt, said, rule, run_code=request.run_code)
            if judgement.result.verdict is Verdict.UNKNOWN:
                tally.unscored[judgement.result.reason] += 1
                continue
            name = records.sample_id(request.run_id, prompt.prompt_key, repeat, key)
            record = records.record_of(
                name,
                request.run_id,
                prompt,
                answer,
                said,
                judgement,
                asked=asked,
                settings=settings,
                repeat=repeat,
            )
            yield record, judgement


def _sides(connection: Any, ids: Sequence[str]) -> dict[str, bool]:
    """By id whether it passed, of those that are in the workspace already."""
    return {
        name: right
        for right in (False, True)
        for name in verdicts.prompts_of(connection, ids, right=right)
    }


def _write(file: IO[bytes], record: Mapping[str, Any]) -> None:
    file.write(dumps(record).encode("ascii") + b"\n")
