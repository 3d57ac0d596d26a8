"""The prompts of some runs, each once, with the samples that there are of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import merge
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from corrigenda.core.candidate import Record, prompt_of
from corrigenda.errors import UnknownRun, shorten
from corrigenda.exports.base.turns import Arguments, offered, turns, with_call_ids, with_names
from corrigenda.store import verdicts
from corrigenda.store.verdicts import Place, Verdict
from corrigenda.workbench.evaluating.request import EvaluationRequest

_TOGETHER = 200
_NAMED = 3
_KEPT = ("reference_answer", "scoring", "task_id", "task_type", "task_name")


@dataclass(frozen=True)
class Prompt:
    """A prompt with its samples: (verdict, record) of each, candidates that were reviewed first.

    It is asked `repeats` times.
    """

    prompt_key: str
    samples: Sequence[tuple[Verdict, Record]]
    repeats: int

    @property
    def held_out(self) -> bool:
        """Whether any sample of it is held out of training."""
        return any(verdict.held_out for verdict, _ in self.samples)

    @property
    def ancestor(self) -> str | None:
        """The candidate whose history tells most of it."""
        first, _ = self.samples[0]
        return None if first.right else first.id

    @cached_property
    def record(self) -> dict[str, Any]:
        """The first sample's record, with what only others say of the task and its answer."""
        found = dict(self.samples[0][1])
        for name in _KEPT:
            said = (record.get(name) for _, record in self.samples)
            found[name] = next((each for each in said if each not in (None, "", [], {})), None)
        return found

    @cached_property
    def seen(self) -> Mapping[str, Any]:
        """What a model sees of it."""
        found = prompt_of(self.record)
        assert found is not None  # it has a key
        return found

    def question(self, key: str, arguments: Arguments) -> dict[str, Any]:
        """The prompt as a chat template or an endpoint takes it.

        Args:
            key: Of the answer.
            arguments: How a tool call's arguments are written: an object for templates.
        """
        messages = with_call_ids(turns(self.seen["messages"], arguments))
        if arguments is Arguments.OBJECT:
            messages = with_names(messages)
        said = [{k: v for k, v in each.items() if k != "reasoning_content"} for each in messages]
        return {"key": key, "messages": said, "tools": offered(self.seen["tools"])}


def check_runs(connection: Any, request: EvaluationRequest) -> None:
    """Refuse runs that are not there.

    Raises:
        UnknownRun: A run has no samples here; the sentence names some that have.
    """
    for run_id in request.runs:
        found = verdicts.counted(connection, run_id)
        if not found.candidates + found.passes:
            known = [f"`{shorten(each)}`" for each in verdicts.run_ids(connection)[-_NAMED:]]
            more = f"; known are {', '.join(known)}" if known else ""
            raise UnknownRun(run_id, "with samples in this workspace", more)


def prompts(connection: Any, *chosen: EvaluationRequest) -> Iterator[Prompt]:
    """The prompts that any of these asks for, in the order of their keys, which are hashes."""
    streams = [_chosen(connection, request) for request in chosen]
    merged = merge(*streams, key=itemgetter(0))
    found = (_united(key, list(same)) for key, same in groupby(merged, key=itemgetter(0)))
    while batch := list(islice(found, _TOGETHER)):
        places = [place for _, samples, _ in batch for place in samples]
        records = dict(verdicts.records_at(connection, places))
        for key, samples, repeats in batch:
            ordered = sorted(samples.values(), key=_rank)
            yield Prompt(key, [(each, records[each.place]) for each in ordered], repeats)


def _chosen(
    connection: Any, request: EvaluationRequest
) -> Iterator[tuple[str, Sequence[Verdict], int]]:
    """(key, samples, repeats) of each prompt that one request asks for."""
    found = (
        (key, samples, request.repeats)
        for key, samples in verdicts.by_prompt(connection, *dict.fromkeys(request.runs))
        if _wanted(samples, request)
    )
    return islice(found, request.limit)


def _united(
    key: str, same: Sequence[tuple[str, Sequence[Verdict], int]]
) -> tuple[str, dict[Place, Verdict], int]:
    samples = {each.place: each for _, found, _ in same for each in found}
    return key, samples, max(repeats for _, _, repeats in same)


def _wanted(samples: Sequence[Verdict], request: EvaluationRequest) -> bool:
    if request.held_out and not any(each.held_out for each in samples):
        return False
    return not request.failures_only or any(not each.right for each in samples)


def _rank(sample: Verdict) -> tuple[bool, bool, int]:
    return sample.right, sample.category is None, sample.seq
