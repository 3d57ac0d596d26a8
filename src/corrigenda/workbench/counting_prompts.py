"""The prompts of two runs counted by what became of them (see `core.comparison`)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from corrigenda.core import comparison as core
from corrigenda.core.comparison import Outcome, Split, Table
from corrigenda.core.final_answer import FinalAnswer, same
from corrigenda.core.tallies import Breakdown, Figures
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.store.verdicts import Place, Verdict
from corrigenda.workbench.training_rows import TrainingRows

ANSWERS = 20
"""Failing answers to one prompt in one run that are looked at."""


@dataclass
class Prompt:
    """A prompt with the samples of both runs."""

    key: str
    samples: list[Verdict]
    answers: dict[Place, FinalAnswer] = field(default_factory=dict)

    @cached_property
    def sides(self) -> tuple[list[Verdict], list[Verdict]]:
        """The samples of run A, and those of run B."""
        a, b = ([each for each in self.samples if each.second is run] for run in (False, True))
        return a, b

    @property
    def failing(self) -> list[Place]:
        """The answers to look at: those of prompts that both runs have only failed."""
        if any(each.right for each in self.samples) or not all(self.sides):
            return []
        return [each.place for side in self.sides for each in side[:ANSWERS]]

    def outcome(self, *, adjusted: bool) -> Outcome:
        """What became of it."""
        a, b = (
            [each.right or (adjusted and each.artifact) for each in side] for side in self.sides
        )
        return core.outcome(a, b, self._same_failure)

    def _same_failure(self) -> bool:
        a, b = (
            [self.answers[each.place] for each in side if each.place in self.answers]
            for side in self.sides
        )
        return any(same(one, other) for one in a for other in b)


class Counting:
    """Counts the prompts, as scored and adjusted, by each dimension."""

    def __init__(self, rows: TrainingRows | None) -> None:
        self._rows = rows
        self._total = {core.RAW: Counter[str](), core.ADJUSTED: Counter[str]()}
        self._by = {
            (table, dimension): Breakdown()
            for table in self._total
            for dimension in core.DIMENSIONS
        }
        self.only: Counter[Outcome] = Counter()
        self.half_adjusted = 0

    def add(self, prompt: Prompt) -> dict[str, Any]:
        """Count a prompt; returns what is told of it."""
        told = self._told(prompt)
        raw, adjusted = told["outcome"], told["adjusted_outcome"]
        if raw not in core.COMPARED:
            self.only[raw] += 1
            return told
        moved = (Outcome.FIXED, Outcome.REGRESSED)
        self.half_adjusted += raw == Outcome.SAME_FAILURE and adjusted in moved
        for table, outcome in ((core.RAW, raw), (core.ADJUSTED, adjusted)):
            self._total[table][outcome] += 1
            for dimension in core.DIMENSIONS:
                name = told[dimension]
                if name is not None or dimension != core.CATEGORY:
                    self._by[table, dimension].add(name or UNCATEGORISED, outcome)
        return told

    def table(self, name: str) -> Table:
        """The figures."""
        total = Figures(dict(self._total[name]))
        groups = {}
        for dimension in core.DIMENSIONS:
            breakdown = self._by[name, dimension]
            figures = breakdown.figures()
            if dimension == core.SPLIT:
                figures = {each.value: figures[each] for each in Split if each in figures}
            # Tasks of which most have one prompt are names of samples.
            samples = dimension == core.TASK and total.n < 2 * len(figures) and len(figures) > 1
            if not breakdown.too_many and not samples:
                groups[dimension] = figures
        return Table(total, groups)

    @property
    def left_out(self) -> list[str]:
        """The dimensions with too many names."""
        return [
            dimension for dimension in core.DIMENSIONS if self._by[core.RAW, dimension].too_many
        ]

    def _told(self, prompt: Prompt) -> dict[str, Any]:
        a, b = prompt.sides
        held_out = any(each.held_out for each in prompt.samples)
        split = Split.HELD_OUT if held_out else Split.NEITHER
        how = None
        if self._rows is not None:
            split = self._rows.split_of(prompt.key, held_out)
            how = self._rows.contaminated.get(bytes.fromhex(prompt.key))
        failing = [each for each in a if not each.right]
        return {
            "prompt_key": prompt.key,
            "outcome": prompt.outcome(adjusted=False),
            "adjusted_outcome": prompt.outcome(adjusted=True),
            core.SPLIT: split,
            "contaminated": how if split is Split.CONTAMINATED else None,
            core.CATEGORY: (failing[0].category or UNCATEGORISED) if failing else None,
            core.TASK_TYPE: _first(each.task_type for each in prompt.samples),
            core.TASK: _first(each.task for each in prompt.samples),
            "a": _ids(a),
            "b": _ids(b),
        }


def _first(names: Iterable[str | None]) -> str | None:
    return next(filter(None, names), None)


def _ids(samples: Sequence[Verdict]) -> dict[str, list[str]]:
    return {
        "candidates": [each.id for each in samples if not each.right],
        "passes": [each.id for each in samples if each.right],
    }
