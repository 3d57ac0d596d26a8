"""Comparing two runs: what can be compared, the figures, the prompts with both answers."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corrigenda.api.schemas.finding import Batch
from corrigenda.api.schemas.records import Message, StatusName

OutcomeName = Literal[
    "fixed",
    "same_failure",
    "different_failure",
    "regressed",
    "kept",
    "flaky",
    "only_a",
    "only_b",
]
SplitName = Literal["trained", "replayed", "held_out", "contaminated", "neither"]
RUN_ID_LIMIT = 1000


class ComparableRun(BaseModel):
    """A run with samples in this workspace."""

    run_id: str
    candidates: int = Field(description="How many failed.")
    passes: int
    imported_at: str | None = Field(description="`null`: its samples came by another way.")


class ComparableRuns(BaseModel):
    """The newest import first."""

    items: list[ComparableRun]


class ComparedRun(BaseModel):
    """A run that is compared."""

    run_id: str
    models: list[str]
    candidates: int
    passes: int
    artifacts: int = Field(description="Failing samples that reviewers found to be fine.")
    undecided: int = Field(description="Failing samples that no reviewer has decided on.")
    without_prompt: int


class TrainedOn(BaseModel):
    """The export by which prompts are told apart."""

    name: str
    corrections: int
    passes: int
    missing: int = Field(description="Rows whose candidates are gone.")


class Share(BaseModel):
    """A share with its 95 % interval; a difference of shares is from -1 to 1."""

    share: float
    low: float
    high: float


class OutcomeRates(BaseModel):
    """Of what A failed, of what A passed, or of all; `null`: of no prompt."""

    fixed_rate: Share | None
    same_failure_rate: Share | None
    different_failure_rate: Share | None
    regressed_rate: Share | None
    kept_rate: Share | None
    flaky_rate: Share | None
    pass_rate_a: Share | None
    pass_rate_b: Share | None


class McNemar(BaseModel):
    """McNemar's test of `fixed` against `regressed`."""

    exact_p: float
    mid_p: float


class OutcomeFigures(BaseModel):
    """What became of some prompts."""

    n: int
    fixed: int
    same_failure: int
    different_failure: int
    regressed: int
    kept: int
    flaky: int
    rates: OutcomeRates
    difference: Share | None = Field(description="`null`: A passed none of them, or all.")
    mcnemar: McNemar | None


class NamedFigures(OutcomeFigures):
    """The same of one category, task or split."""

    name: str


class ComparisonTable(BaseModel):
    """All figures; a dimension that says nothing is not there."""

    total: OutcomeFigures
    by_category: list[NamedFigures] | None = Field(None, description="Of A's first failing answer.")
    by_task_type: list[NamedFigures] | None = None
    by_task: list[NamedFigures] | None = None
    by_split: list[NamedFigures] | None = None


class RunComparison(BaseModel):
    """Run B compared with run A."""

    a: ComparedRun
    b: ComparedRun
    trained: TrainedOn | None
    n: int = Field(description="How many prompts both runs have.")
    only_a: int
    only_b: int
    contaminated: int = Field(description="Held out prompts that were trained on all the same.")
    remarks: list[str] = Field(description="What to know before believing it.")
    raw: ComparisonTable
    adjusted: ComparisonTable = Field(description="Scoring artifacts counted as right.")


class SampleIds(BaseModel):
    """The samples that one run has of a prompt."""

    candidates: list[str]
    passes: list[str]


class _Told(BaseModel):
    prompt_key: str
    outcome: OutcomeName
    adjusted_outcome: OutcomeName
    split: SplitName
    contaminated: Literal["exact", "overlap"] | None = Field(
        description="How a contaminated prompt is in the training rows."
    )
    category: str | None
    task_type: str | None
    task: str | None


class ComparedPromptRow(_Told):
    """A prompt in the list."""

    a: SampleIds
    b: SampleIds
    excerpt: str = Field(description="The beginning of what was asked last.")


class ComparedPrompts(BaseModel):
    """A page of prompts; the `Link` header leads to the next."""

    items: list[ComparedPromptRow]
    total: int


class ComparedAnswer(BaseModel):
    """An answer of one run; of a pass `status` and what was decided are `null`."""

    model_config = ConfigDict(protected_namespaces=())
    id: str
    right: bool = Field(description="As scored.")
    artifact: bool = Field(description="Reviewers found it to be fine.")
    status: StatusName | None
    model_name: str | None
    model_id: str | None
    quality_score: float | None
    model_response: str | None
    reasoning: Any
    tool_calls: Any
    failure_reason: str | None
    failure_category: str | None
    corrected_response: str | None
    decided_by: str | None
    decided_at: str | None


class ComparedSide(BaseModel):
    """What one run answered: the first 20 of `n` answers."""

    answers: list[ComparedAnswer]
    n: int


class ComparedPrompt(_Told):
    """A prompt with the answers of both runs."""

    prompt_messages: list[Message] | None
    reference_answer: Any
    a: ComparedSide
    b: ComparedSide


class QueueFailuresRequest(BaseModel):
    """Make a batch of what B still fails or has come to fail, and waits for review."""

    model_config = ConfigDict(extra="forbid")
    a: str = Field(max_length=RUN_ID_LIMIT)
    b: str = Field(max_length=RUN_ID_LIMIT)
    trained: str | None = Field(None, max_length=RUN_ID_LIMIT)
    name: str = Field(min_length=1, max_length=200)


class QueuedFailures(BaseModel):
    """The batch; `null`: nothing that B fails waits for review."""

    batch: Batch | None
