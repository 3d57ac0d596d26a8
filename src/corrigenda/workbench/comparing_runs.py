"""Two runs of this workspace compared (see `core.comparison`), in little memory.

The verdicts come prompt by prompt; the answers are read only where both runs are wrong.
"""

import difflib
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corrigenda.core import comparison as core
from corrigenda.core.comparison import Comparison, Outcome, Run
from corrigenda.core.final_answer import FinalAnswer, final_answer
from corrigenda.core.packed import Packed
from corrigenda.core.parts import in_parts
from corrigenda.core.scoring import NO_TOOLS
from corrigenda.errors import InvalidInput, UnknownRun, shorten
from corrigenda.store import Database, verdicts
from corrigenda.store.verdicts import Place
from corrigenda.workbench import training_rows
from corrigenda.workbench.counting_prompts import Counting, Prompt
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.references import from_log
from corrigenda.workbench.scoring_tools import LibraryTools
from corrigenda.workbench.training_rows import TrainingRows

NEAR = 3
"""Runs that are named where one is not there."""

_TOGETHER = 500
_SECONDS = 0.2
_SLOW = 10
"""Patterns that may take too long, before all are left alone."""

_NO_PASSES = (
    "Of `{}` no passes are here: what it got right cannot be told from what it was never asked. "
    "Import its log again, with the samples that passed."
)


def compare(database: Database, a: str, b: str, *, trained: Exported | None = None) -> Comparison:
    """Compare run `b` with run `a`.

    All is read from one state of the database. Needs about 100 bytes of memory for each prompt;
    with `trained` another kilobyte for each that is held out.

    Args:
        database: The workspace's.
        a: The run before.
        b: The run after.
        trained: What was trained on in between.

    Raises:
        InvalidInput: It is one run, or the export's list of rows cannot be used.
        UnknownRun: A run is not there, or has no samples; the sentence names near ones.
    """
    if a == b:
        raise InvalidInput(f"`{shorten(a)}` cannot be compared with itself; name two runs.")
    with database.reading() as connection:
        first, second = (_run(connection, each) for each in (a, b))
        rows = None if trained is None else training_rows.read(connection, trained)
        if rows is not None:
            training_rows.look_for(connection, rows, _held_out(connection, a, b, rows))
        counting = Counting(rows)
        prompts = Packed.of(_prompts(connection, a, b, counting))
    raw = counting.table(core.RAW)
    return Comparison(
        first,
        second,
        trained=None if rows is None else rows.told(),
        raw=raw,
        adjusted=counting.table(core.ADJUSTED),
        only_a=counting.only[Outcome.ONLY_A],
        only_b=counting.only[Outcome.ONLY_B],
        remarks=tuple(_remarks((first, second), raw.total.n, counting)),
        prompts=prompts,
    )


def _run(connection: Any, run_id: str) -> Run:
    found = verdicts.counted(connection, run_id)
    if not found.candidates + found.passes:
        known = [each for each in verdicts.run_ids(connection) if each != run_id]
        near = difflib.get_close_matches(run_id, known, NEAR, cutoff=0.5) or known[-NEAR:]
        named = ", ".join(f"`{shorten(each)}`" for each in near)
        raise UnknownRun(
            run_id, "with samples in this workspace", f"; known are {named}" if named else ""
        )
    return Run(run_id=run_id, **vars(found))


def _held_out(connection: Any, a: str, b: str, rows: TrainingRows) -> Iterator[tuple[str, Place]]:
    for key, samples in verdicts.by_prompt(connection, a, b):
        if any(each.held_out for each in samples) or rows.holds_out(bytes.fromhex(key)):
            yield key, samples[0].place


def _prompts(connection: Any, a: str, b: str, counting: Counting) -> Iterator[Mapping[str, Any]]:
    answers = _Answers(connection)
    found = (Prompt(key, samples) for key, samples in verdicts.by_prompt(connection, a, b))
    for batch in in_parts(found, _TOGETHER):
        wanted = [place for prompt in batch for place in prompt.failing]
        read = answers.read(wanted)
        for prompt in batch:
            prompt.answers = read
            yield counting.add(prompt)


class _Answers:
    """Reads what failing answers come down to; leaves alone what takes too long."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._slow: set[str] = set()

    def read(self, places: Sequence[Place]) -> dict[Place, FinalAnswer]:
        """The answers of these samples; their texts are let go of one by one."""
        found: dict[Place, FinalAnswer] = {}
        for start in range(0, len(places), _TOGETHER):
            part = places[start : start + _TOGETHER]
            for place, record in verdicts.records_at(self._connection, part):
                found[place] = self._answer(record)
        return found

    def _answer(self, record: Mapping[str, Any]) -> FinalAnswer:
        rule = str(record.get("scoring"))
        if rule in self._slow or len(self._slow) >= _SLOW:
            return final_answer(record, from_log(record), NO_TOOLS)
        began = time.monotonic()
        answer = final_answer(record, from_log(record), LibraryTools(_SECONDS))
        if time.monotonic() - began > _SECONDS:
            self._slow.add(rule)
        return answer


def _waiting(a: Run, b: Run) -> Iterator[str]:
    if not a.undecided and not b.undecided:
        return
    favoured = ""
    if a.reviewed is not None and b.reviewed is not None and a.reviewed != b.reviewed:
        further = "A" if a.reviewed > b.reviewed else "B"
        favoured = f": the adjusted figures favour {further}, which was reviewed further"
    yield (
        f"{a.undecided} of {a.candidates} failing answers of A were not looked at, and "
        f"{b.undecided} of {b.candidates} of B{favoured}."
    )


def _remarks(runs: tuple[Run, Run], n: int, counting: Counting) -> Iterator[str]:
    if not n:
        yield "The runs have no prompt in common, so there is nothing to compare."
    for run in runs:
        if not run.passes:
            yield _NO_PASSES.format(shorten(run.run_id))
        if len(run.models) > 1:
            yield (
                f"`{shorten(run.run_id)}` has several models; their answers to one prompt count as "
                "repeats."
            )
        if run.without_prompt:
            yield (
                f"Of `{shorten(run.run_id)}` {run.without_prompt} samples have no prompt and are "
                "not compared."
            )
    yield from _waiting(*runs)
    if counting.half_adjusted:
        yield (
            f"In {counting.half_adjusted} prompts both runs give the same answer, which was found "
            "to be fine in one of them alone: review the other, too."
        )
    for dimension in counting.left_out:
        yield f"There are too many values of `{dimension}` to tell them apart."
