"""Two runs compared, prompt by prompt: what the second made of what the first got right or wrong.

    run A           run B           outcome
    wrong           right           fixed
    wrong           wrong           same_failure, or different_failure by what both answered
    right           wrong           regressed
    right           right           kept
    both, in one run's repeats      flaky
    no sample       some sample     only_b (and only_a): not comparable, in no rate

A prompt counts once, however many samples it has. Every figure is there twice: as the benchmark
scored it, and adjusted, where an answer that reviewers found to be fine counts as right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from corrigenda.core.packed import Packed
from corrigenda.core.tallies import Figures


class Outcome(StrEnum):
    """What became of a prompt; see the module."""

    FIXED = "fixed"
    SAME_FAILURE = "same_failure"
    DIFFERENT_FAILURE = "different_failure"
    REGRESSED = "regressed"
    KEPT = "kept"
    FLAKY = "flaky"
    ONLY_A = "only_a"
    ONLY_B = "only_b"


COMPARED = tuple(each for each in Outcome if each not in (Outcome.ONLY_A, Outcome.ONLY_B))
"""The outcomes of prompts that both runs have."""

FAILING = (Outcome.REGRESSED, Outcome.SAME_FAILURE, Outcome.DIFFERENT_FAILURE)
"""The outcomes of prompts that run B gets wrong."""


class Split(StrEnum):
    """What training has to do with a prompt."""

    TRAINED = "trained"
    REPLAYED = "replayed"
    """A pass that was trained on, so that it is not forgotten."""

    HELD_OUT = "held_out"
    CONTAMINATED = "contaminated"
    """Held out, but in the training rows all the same: it measures nothing."""

    NEITHER = "neither"


CATEGORY, TASK_TYPE, TASK, SPLIT = "category", "task_type", "task", "split"
DIMENSIONS = (CATEGORY, TASK_TYPE, TASK, SPLIT)
"""By what the figures are broken down; the category is that of run A's first failing answer."""

RAW, ADJUSTED = "raw", "adjusted"


def outcome(a: Sequence[bool], b: Sequence[bool], same_failure: Callable[[], bool]) -> Outcome:
    """What became of a prompt.

    Args:
        a: Of each sample of run A, whether it is right.
        b: The same of run B.
        same_failure: Whether failing answers of both come down to the same; asked only where
            all are wrong.

    Example:
        >>> outcome([False], [True], lambda: True), outcome([True, False], [True], lambda: True)
        (<Outcome.FIXED: 'fixed'>, <Outcome.FLAKY: 'flaky'>)
    """
    if not a or not b:
        return Outcome.ONLY_A if a else Outcome.ONLY_B
    if any(any(each) and not all(each) for each in (a, b)):
        return Outcome.FLAKY
    match a[0], b[0]:
        case True, True:
            return Outcome.KEPT
        case True, False:
            return Outcome.REGRESSED
        case False, True:
            return Outcome.FIXED
        case _:
            return Outcome.SAME_FAILURE if same_failure() else Outcome.DIFFERENT_FAILURE


@dataclass(frozen=True)
class Run:
    """A run that is compared: its samples, and how many of its failures were looked at.

    Attributes:
        run_id: Its id.
        models: Its models, at most a few.
        candidates: Failing samples.
        passes: Passing samples.
        artifacts: Failing samples that reviewers found to be fine.
        undecided: Failing samples that no reviewer has decided on.
        without_prompt: Samples that have no prompt and cannot be compared.
    """

    run_id: str
    models: tuple[str, ...] = ()
    candidates: int = 0
    passes: int = 0
    artifacts: int = 0
    undecided: int = 0
    without_prompt: int = 0

    @property
    def reviewed(self) -> float | None:
        """The share of its failures that was looked at; `None` where it has none."""
        return 1 - self.undecided / self.candidates if self.candidates else None

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**vars(self), "models": list(self.models)}


@dataclass(frozen=True)
class TrainedOn:
    """The training set by which prompts are told apart.

    Attributes:
        name: The export's.
        corrections: Its training rows that are no passes.
        passes: Its training rows that are passes.
        missing: Rows whose candidates are not in this workspace any more, so that their prompts
            are unknown.
    """

    name: str
    corrections: int
    passes: int
    missing: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return dict(vars(self))


@dataclass(frozen=True)
class Table:
    """The figures of all prompts, and broken down: dimension → name → figures.

    A dimension that says nothing (samples that are tasks of their own) is left out.
    """

    total: Figures
    groups: Mapping[str, Mapping[str, Figures]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "total": self.total.as_dict(),
            **{
                f"by_{dimension}": [
                    {"name": name, **figures.as_dict()} for name, figures in groups.items()
                ]
                for dimension, groups in self.groups.items()
            },
        }


@dataclass(frozen=True)
class Comparison:
    """Run B compared with run A; a page, JSON and Markdown show this one value.

    Attributes:
        a: The run before.
        b: The run after.
        trained: What was trained on in between, if that was said.
        raw: The figures as the benchmarks scored.
        adjusted: The figures with scoring artifacts counted as right.
        only_a: Prompts that only run A has.
        only_b: Prompts that only run B has.
        remarks: What to know before believing it, in sentences.
        prompts: Every prompt with its outcome, in the order of their keys.

    Example:
        >>> found = Comparison(Run("a"), Run("b"), None, Table(Figures()), Table(Figures()))
        >>> found.as_dict()["raw"]["total"]["n"], list(found.prompts)
        (0, [])
    """

    a: Run
    b: Run
    trained: TrainedOn | None
    raw: Table
    adjusted: Table
    only_a: int = 0
    only_b: int = 0
    remarks: tuple[str, ...] = ()
    prompts: Packed = field(default_factory=Packed)

    @property
    def n(self) -> int:
        """How many prompts both runs have."""
        return self.raw.total.n

    @property
    def contaminated(self) -> int:
        """How many prompts are held out and were trained on all the same."""
        return self.raw.groups.get(SPLIT, {}).get(Split.CONTAMINATED, Figures()).n

    def head(self) -> dict[str, Any]:
        """As JSON, without the prompts."""
        return {
            "a": self.a.as_dict(),
            "b": self.b.as_dict(),
            "trained": None if self.trained is None else self.trained.as_dict(),
            "n": self.n,
            "only_a": self.only_a,
            "only_b": self.only_b,
            "contaminated": self.contaminated,
            "remarks": list(self.remarks),
            RAW: self.raw.as_dict(),
            ADJUSTED: self.adjusted.as_dict(),
        }

    def as_dict(self) -> dict[str, Any]:
        """As JSON.

        A prompt looks like this; `contaminated` says how it is in the training rows, if it is:

            {"prompt_key": "5f0c…", "outcome": "fixed", "adjusted_outcome": "fixed",
             "split": "held_out", "contaminated": None, "category": "wrong_answer",
             "task_type": "math", "task": "gsm8k",
             "a": {"candidates": ["a17"], "passes": []},
             "b": {"candidates": [], "passes": ["b17"]}}
        """
        return {**self.head(), "prompts": list(self.prompts)}

    def values(self) -> dict[str, float | None]:
        """Every figure that can be checked, by name (see `thresholds`).

        `None` is what cannot be told. A part of the prompts stands in front of a name, and so
        does `adjusted`: `regressed`, `adjusted.regressed_rate`, `held_out.fixed_rate`.
        """
        found: dict[str, float | None] = {}
        nothing = Figures()
        for prefix, table in (("", self.raw), (f"{ADJUSTED}.", self.adjusted)):
            splits = table.groups.get(SPLIT, {})
            found |= {f"{prefix}{name}": value for name, value in table.total.values().items()}
            for split in Split:
                values = splits.get(split, nothing).values()
                found |= {f"{prefix}{split}.{name}": value for name, value in values.items()}
        known = self.n > 0
        found["only_a"] = self.only_a if known else None
        found["only_b"] = self.only_b if known else None
        found["contaminated"] = self.contaminated if known else None
        return found
