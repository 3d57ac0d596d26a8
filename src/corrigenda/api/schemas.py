"""What goes over the wire, for the OpenAPI document and the checks of requests."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corrigenda.api.responses import PROBLEM_TYPE

Text = Annotated[str, Field(max_length=10_000_000)]
Tags = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)]
Seconds = Annotated[
    Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None,
    Field(description="How long the reviewer was active."),
]
StatusName = Literal["needs_review", "approved", "discarded", "model_rejected"]


class SubmitRequest(BaseModel):
    """A decision on one candidate."""

    id: str = Field(description="The candidate's id.")
    action: Literal["correct", "discard", "flag"]
    corrected_response: Text | None = Field(None, description="Needed by `correct`, not blank.")
    failure_category: str | None = Field(
        None, description="Why the response was wrong: a name from `GET /api/sft/taxonomy`."
    )
    note: Text | None = None
    tags: Tags = Field(default_factory=list)
    seconds: Seconds = None
    decision_id: str | None = Field(
        None, description="Made by the client; sent again, it returns the first answer."
    )
    reviewer: str | None = Field(None, description="Else the `X-Reviewer` header, else `local`.")


class UndoRequest(BaseModel):
    """Take the last decision on a candidate back."""

    id: str
    failure_category: str | None = Field(
        None, description="Kept with the undo in the history; the candidate itself has none then."
    )
    note: Text | None = None
    tags: Tags = Field(default_factory=list)
    seconds: Seconds = None
    decision_id: str | None = None
    reviewer: str | None = None


class ImportRequest(BaseModel):
    """Import a run of the benchmark folder."""

    run_id: str


class JobRequest(BaseModel):
    """Start long work."""

    kind: Literal["import"]
    run_id: str


class ConfigRequest(BaseModel):
    """Choose the benchmark folder."""

    bench_results_dir: str = Field(min_length=1, max_length=4096)


class Problem(BaseModel):
    """An error, https://www.rfc-editor.org/rfc/rfc9457; further keys say more."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str


class Message(BaseModel):
    """One message of a prompt."""

    model_config = ConfigDict(extra="allow")
    role: str
    content: str | list[Any] | None = None


class Candidate(BaseModel):
    """A candidate record as it stands; only `id` and the review fields are always there."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())
    id: str
    status: StatusName
    corrected_response: str | None
    failure_category: str | None
    source: str | int | float | None = None
    benchmark_run_id: str | int | float | None = None
    timestamp: Any = None
    prompt_messages: list[Message] | None = None
    model_response: str | None = None
    reference_answer: Any = None
    reasoning: Any = None
    quality_score: float | None = None
    failure_reason: str | None = None
    task_id: str | int | float | None = None
    task_type: str | int | float | None = None
    task_name: str | int | float | None = None
    model_id: str | int | float | None = None
    model_name: str | int | float | None = None
    node_id: Any = None
    gpu_id: Any = None
    tokens_per_sec: float | None = None


class QueuePage(BaseModel):
    """A page of what waits for review; the `Link` header leads to the next."""

    items: list[Candidate]
    total: int
    page: int
    per_page: int


class Remark(BaseModel):
    """Something to know about a decision that was accepted."""

    code: str
    message: str


class DecisionAnswer(BaseModel):
    """What a decision did."""

    id: str
    status: StatusName
    revision: int
    decision_id: str
    warnings: list[Remark] | None = Field(None, description="Only when there is one.")


class HistoryEntry(BaseModel):
    """One decision."""

    decision_id: str
    action: Literal["correct", "discard", "flag", "undo"]
    from_status: StatusName
    to_status: StatusName
    corrected_response: str | None
    failure_category: str | None
    note: str | None
    tags: list[str]
    seconds: float | None
    reviewer: str
    decided_at: str
    revision: int
    binding: bool


class History(BaseModel):
    """All decisions on a candidate, oldest first."""

    id: str
    decisions: list[HistoryEntry]


class Run(BaseModel):
    """A run in the benchmark folder."""

    run_id: str
    timestamp: str | None
    candidate_count: int
    already_imported: bool


class LineProblem(BaseModel):
    """A line that was left out."""

    file: str
    line: int
    reason: str
    field: str | None = None


class ImportAnswer(BaseModel):
    """What an import did; the optional keys are there only when they say something."""

    imported: int
    skipped: int
    renamed: int | None = Field(None, description="Ids that another run had: `run_id:id` now.")
    changed: int | None = Field(None, description="Skipped, but other than what is stored.")
    malformed: int | None = None
    problems: list[LineProblem] | None = None
    stopped: bool | None = None


class Job(BaseModel):
    """Long work; `done` and `total` are in `unit`."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    params: dict[str, Any]
    done: int
    total: int | None
    unit: str
    result: ImportAnswer | None
    error: str | None
    created_at: str
    started_at: str | None
    finished_at: str | None


class Jobs(BaseModel):
    """The newest jobs, newest first."""

    items: list[Job]


class Stats(BaseModel):
    """Counts of candidates."""

    total: int
    by_status: dict[str, int]
    by_model: dict[str, int]
    by_task_type: dict[str, int]
    by_failure_category: dict[str, int]
    export_ready: int


class Config(BaseModel):
    """The benchmark folder, and within which folders it may be chosen."""

    bench_results_dir: str | None
    roots: list[str]


class Category(BaseModel):
    """A failure category."""

    name: str
    label: str
    definition: str
    example: str
    built_in: bool


class TaxonomyAnswer(BaseModel):
    """The failure categories, in the order of their keys."""

    categories: list[Category]


class Health(BaseModel):
    """The server is up."""

    status: Literal["ok"]
    version: str


_MEANING = {
    403: "Another site, or a name that this server does not have",
    404: "There is no such thing",
    409: "Somebody was first",
    413: "Too large",
    422: "The request cannot be used",
    500: "A mistake of this program; the server's log says which",
    503: "Disk or database refuse",
    507: "No space is left",
}


def answers(model: Any, *problems: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: what it gives, and which problems it can have.

    A read may be refused for want of space, too: it takes in first what others wrote.
    """
    found: dict[int | str, dict[str, Any]] = {status: {"model": model}}
    for code in sorted({403, 500, 503, 507, *problems}):
        found[code] = {
            "description": _MEANING[code],
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found
