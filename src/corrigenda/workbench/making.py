"""From a sample of a log to a candidate of the workspace: its id, its run, its share."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from corrigenda.clock import now
from corrigenda.core import history
from corrigenda.core.candidate import Candidate, parse, prompt_key
from corrigenda.core.problem import Problem
from corrigenda.core.split import is_held_out
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput, MalformedRecord, shorten
from corrigenda.sources import RunFile, Sample
from corrigenda.sources.base.labels import label

_LABELS = ("task_id", "task_type", "task_name", "model_id", "model_name", "timestamp")

Redact = Callable[[str], str]
"""Replaces what must not be stored in a text."""


@dataclass(frozen=True)
class Maker:
    """Makes the candidates of one run; `held_out` is the share of its prompts, 0 to 1.

    `refused` are histories that came with a record and cannot be taken over; whoever reads them
    empties the list.
    """

    source: str
    run: RunFile
    taxonomy: Taxonomy
    held_out: float = 0.0
    redact: Redact | None = None
    refused: list[Problem] = field(default_factory=list, compare=False)

    def make(self, sample: Sample) -> Candidate | Problem:
        """The candidate that a sample is, or what is wrong with it."""
        record = sample.record
        if "id" not in record and sample.key:
            record = self._completed(sample)
        if self.held_out and is_held_out(_key_of(record), self.held_out):
            record = {**record, "held_out": True}
        if self.redact is not None:
            record = redacted(record, self.redact)
        try:
            made = parse(record, self.taxonomy, self.run.run_id)
        except MalformedRecord as error:
            return Problem(self.run.file.label, sample.number, error.message, error.field)
        return made if sample.history is None else self._with_history(made, sample)

    def _with_history(self, made: Candidate, sample: Sample) -> Candidate:
        """The candidate with the history that came beside it, or without if that cannot be."""
        value = sample.history
        if self.redact is not None:
            value = _looked_through(value, self.redact)
        try:
            found = history.read(value, made.id, made.state, self.taxonomy, now())
        except InvalidInput as error:
            reason = f"the decisions on `{shorten(made.id)}` are left out: {error.message}"
            problem = Problem(self.run.file.label, sample.number, reason, history.FIELD)
            self.refused.append(problem)
            return made
        return replace(
            made,
            state=found.state(made.state),
            default_run=found.run_id or made.default_run,
            history=found,
        )

    def _completed(self, sample: Sample) -> dict[str, Any]:
        record = {key: value for key, value in sample.record.items() if value is not None}
        for name in _LABELS:
            if isinstance(record.get(name), str):
                record[name] = label(record[name])
        return {
            "id": sample_id(self.source, self.run.run_id, sample),
            "source": self.source,
            "benchmark_run_id": self.run.run_id,
            **record,
        }


def sample_id(source: str, run_id: str, sample: Sample) -> str:
    """The id of a sample: the same whenever and from wherever the same log is read.

    It is a hash of the source, the run, what tells the sample from the run's others, and what
    was asked and answered; so neither the order of the lines nor a filter's name is in it.
    """
    record = sample.record
    said = [record.get(name) for name in ("prompt_messages", "model_response", "tool_calls")]
    text = json.dumps([source, run_id, sample.key, said], sort_keys=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def redacted(record: dict[str, Any], redact: Redact) -> dict[str, Any]:
    """A record in which every text was looked through, but what tells it from others."""
    kept = ("id", "benchmark_run_id", "source", "status")
    return {k: v if k in kept else _looked_through(v, redact) for k, v in record.items()}


def _looked_through(value: Any, redact: Redact) -> Any:
    """Names of fields stay as they are."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {key: _looked_through(item, redact) for key, item in value.items()}
    if isinstance(value, list):
        return [_looked_through(item, redact) for item in value]
    return value


def _key_of(record: dict[str, Any]) -> str | None:
    try:
        return prompt_key(record)
    except (AttributeError, TypeError, ValueError):  # malformed; it is said when it is parsed
        return None
