"""Finding candidates: rows, facets, siblings, batches, the dashboard."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corrigenda.api.schemas.records import CorrectedParts, StatusName
from corrigenda.api.schemas.review import HistoryEntry

Names = Annotated[list[str], Field(max_length=100)]
OrderName = Literal[
    "arrival", "lowest_score", "newest_run", "similar_prompts", "most_failing", "batch"
]


class Filter(BaseModel):
    """Which candidates; several values of one key mean *or*, different keys *and*."""

    model_config = ConfigDict(extra="forbid")
    status: list[StatusName] = Field(default_factory=list)
    model: Names = Field(default_factory=list)
    task_type: Names = Field(default_factory=list)
    task: Names = Field(default_factory=list)
    run_id: Names = Field(default_factory=list)
    category: Names = Field(default_factory=list)
    exclude_category: Names = Field(default_factory=list)
    tag: Names = Field(default_factory=list)
    reviewer: Names = Field(default_factory=list)
    score_min: float | None = Field(default=None, ge=0, le=1)
    score_max: float | None = Field(default=None, ge=0, le=1)
    q: str | None = Field(default=None, max_length=10_000)
    batch: int | None = Field(default=None, ge=0, le=2**62)
    prompt: str | None = Field(default=None, max_length=64)
    held_back: bool = False
    lot: str | None = Field(default=None, max_length=32)
    decided_from: str | None = Field(default=None, max_length=10)
    decided_until: str | None = Field(default=None, max_length=10)


class Row(BaseModel):
    """A candidate in a list."""

    model_config = ConfigDict(protected_namespaces=())
    id: str
    status: StatusName
    task: str | None
    task_id: str | None
    task_name: str | None
    task_type: str | None
    model_name: str | None
    model_id: str | None
    benchmark_run_id: str | None
    timestamp: Any
    quality_score: float | None
    failure_category: str | None
    failure_reason: str | None = Field(description="Its first 200 characters.")
    excerpt: str = Field(description="The first 200 characters of the response.")
    corrected_excerpt: str | None
    decided_by: str | None
    decided_at: str | None
    revision: int
    tags: list[str]
    prompt_key: str | None
    held_back: bool


class Rows(BaseModel):
    """A page of candidates; the `Link` header leads to the next."""

    items: list[Row]
    total: int
    total_is_lower_bound: bool | None = Field(None, description="Only when true.")
    search_behind: int | None = Field(
        None, description="So many candidates are not searchable yet; only when there are some."
    )


class ValueCount(BaseModel):
    """How many candidates have a value."""

    value: str
    n: int


class ScoreCount(BaseModel):
    """How many candidates have a score from `from` up to `to`."""

    model_config = ConfigDict(populate_by_name=True)
    from_: float = Field(alias="from")
    to: float
    n: int


class FacetCounts(BaseModel):
    """Each dimension counted under the filter without that dimension."""

    status: list[ValueCount]
    model: list[ValueCount]
    task_type: list[ValueCount]
    run_id: list[ValueCount]
    category: list[ValueCount]
    tag: list[ValueCount]
    reviewer: list[ValueCount]
    score: list[ScoreCount]


class Facets(BaseModel):
    """The choices of each dimension, with counts."""

    total: int
    total_is_lower_bound: bool | None = Field(None, description="Only when true.")
    facets: FacetCounts
    lower_bounds: list[str] | None = Field(
        None, description="Dimensions whose counts are at least what is said; only when any."
    )


class Sibling(BaseModel):
    """Another answer to the same prompt."""

    model_config = ConfigDict(protected_namespaces=())
    id: str
    kind: Literal["candidate", "pass"]
    status: StatusName | None
    model_name: str | None
    model_id: str | None
    benchmark_run_id: str | None
    timestamp: Any
    quality_score: float | None
    model_response: str | None
    reasoning: Any
    tool_calls: Any
    corrected_response: str | None
    corrected_parts: CorrectedParts | None
    failure_category: str | None
    decided_by: str | None
    decided_at: str | None
    identical: bool = Field(description="The same response as this candidate's.")


class Ancestor(Sibling):
    """The candidate that another names as its `parent_id`, or that one's."""

    same_prompt: bool = Field(description="It was asked the very same.")
    decisions: list[HistoryEntry] = Field(description="Oldest first.")


class Siblings(BaseModel):
    """What other models, or other runs, answered to the same prompt."""

    prompt_key: str | None
    items: list[Sibling]
    ancestors: list[Ancestor] = Field(
        description="The candidate that it names as its `parent_id`, and that one's; nearest first."
    )


class BatchRequest(BaseModel):
    """Draw a sample to review."""

    name: str = Field(min_length=1, max_length=200)
    size: int = Field(ge=1, le=1_000_000)
    seed: int = Field(0, ge=0, le=2**53)
    stratify_by: list[Literal["task_type", "model", "run_id"]] = Field(default_factory=list)
    filter: Filter = Field(default_factory=Filter)


class Batch(BaseModel):
    """A named random sample of candidates."""

    id: int
    name: str
    size: int
    seed: int
    stratify_by: list[str]
    filter: dict[str, Any]
    population: int = Field(description="How many candidates it was drawn from.")
    created_at: str
    created_by: str
    reviewed: int
    remaining: int


class Batches(BaseModel):
    """The samples, newest first."""

    items: list[Batch]


class BatchDeleted(BaseModel):
    """The sample is gone; decisions on its candidates stay."""

    id: int


class Breakdown(BaseModel):
    """The reviewed candidates of one model, task type or run, by failure category."""

    value: str
    timestamp: str | None = None
    total: int
    reviewed: int
    counts: dict[str, int] = Field(description="By category; `none`: uncategorised.")


class ArtifactShare(BaseModel):
    """A task's share of scoring artifacts among its reviewed candidates, with a 95 % interval."""

    value: str
    reviewed: int
    artifacts: int
    share: float
    low: float
    high: float


class FlaggedShare(BaseModel):
    """A model's share of flagged answers among its reviewed candidates, with a 95 % interval."""

    value: str
    reviewed: int
    flagged: int
    share: float
    low: float
    high: float


class HourCategories(BaseModel):
    """Decisions that stand, made within an hour of UTC, by failure category."""

    hour: str
    counts: dict[str, int]


class Estimate(BaseModel):
    """A category's share in all that a sample was drawn from."""

    category: str
    share: float
    low: float
    high: float
    expected: int


class SampleEstimates(BaseModel):
    """What a reviewed sample says of everything it was drawn from."""

    batch: int
    name: str
    population: int
    size: int
    reviewed: int
    estimates: list[Estimate]


class Dashboard(BaseModel):
    """What was wrong, where, and how far the review is."""

    total: int
    remaining: int
    reviewed: int
    by_status: dict[str, int]
    export_ready: int
    held_back: int
    held_out: int = Field(description="Approved, and kept out of training.")
    categories: list[str]
    by_model: list[Breakdown]
    by_task_type: list[Breakdown]
    by_run: list[Breakdown]
    artifacts_by_task: list[ArtifactShare]
    flagged_by_model: list[FlaggedShare]
    over_time: list[HourCategories]
    sample: SampleEstimates | None
    drawn_at_random: bool
    basis: Literal["all", "random", "not_random"]
