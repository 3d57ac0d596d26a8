"""The queue, decisions and what follows from them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from corrigenda.api.schemas.records import (
    ActionName,
    Candidate,
    CorrectedParts,
    StatusName,
    Tags,
    Text,
)
from corrigenda.store.claims import TOKEN_LIMIT

Seconds = Annotated[
    Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] | None,
    Field(description="How long the reviewer was active."),
]


ClaimToken = Annotated[
    str | None,
    Field(
        max_length=TOKEN_LIMIT,
        description="The token by which the reviewer holds the candidate.",
    ),
]


ArtifactKind = Literal["scorer", "reference", "ambiguous_prompt", "truncated"]


class SubmitRequest(BaseModel):
    """A decision on one candidate."""

    id: str = Field(description="The candidate's id.")
    action: Literal["correct", "discard", "flag", "amend", "categorise"]
    corrected_response: Text | None = Field(
        None, description="Needed by `correct` and `amend`; not blank, unless tools are called."
    )
    corrected_parts: CorrectedParts | None = None
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
    guidelines_version: int | None = Field(
        None, ge=0, description="The guidelines that the reviewer saw; else the newest."
    )
    artifact_kind: ArtifactKind | None = Field(
        None, description="What erred; only with the category `scoring_artifact`."
    )
    claim: ClaimToken = None


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
    claim: ClaimToken = None


class PutOffRequest(BaseModel):
    """See a candidate last, or in its turn again."""

    id: str
    put_off: bool = True


class PutOffAnswer(BaseModel):
    """Whether the reviewer sees the candidate last."""

    id: str
    put_off: bool


class PreviewRequest(BaseModel):
    """A correction that is being written."""

    id: str
    corrected_response: Text = ""
    corrected_parts: CorrectedParts | None = None
    format: str = "messages"


class Remark(BaseModel):
    """Something to know about a decision that was accepted."""

    code: str
    message: str
    suggests: str | None = Field(None, description="A failure category that fits.")


class PreviewAnswer(BaseModel):
    """What would be exported."""

    row: dict[str, Any]
    warnings: list[Remark]
    held_back: Literal["reasoning_unresolved"] | None


class QueuePage(BaseModel):
    """A page of what waits for review; the `Link` header leads to the next."""

    items: list[Candidate]
    total: int
    page: int
    per_page: int
    total_is_lower_bound: bool | None = Field(None, description="Only when true.")
    search_behind: int | None = Field(
        None, description="So many candidates are not searchable yet; only when there are some."
    )


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
    action: ActionName
    from_status: StatusName
    to_status: StatusName
    corrected_response: str | None
    corrected_parts: CorrectedParts | None
    failure_category: str | None
    note: str | None
    tags: list[str]
    seconds: float | None
    reviewer: str
    decided_at: str
    revision: int
    binding: bool
    guidelines_version: int | None
    lot: str | None
    artifact_kind: ArtifactKind | None


class History(BaseModel):
    """All decisions on a candidate, oldest first."""

    id: str
    decisions: list[HistoryEntry]


class Decided(HistoryEntry):
    """One decision in the feed of all of them."""

    id: str = Field(description="The candidate's id.")
    title: str
    model_name: str | None
    stands: bool = Field(description="It is the candidate's last decision, and no undo.")


class Decisions(BaseModel):
    """Decisions, newest first; the `Link` header leads to earlier ones."""

    items: list[Decided]


class HourCount(BaseModel):
    """Decisions within an hour of UTC."""

    hour: str
    n: int


class Progress(BaseModel):
    """How far the review is."""

    remaining: int
    total_is_lower_bound: bool | None = Field(None, description="Only when true.")
    done: int = Field(description="Decided by this reviewer since, and still standing.")
    seconds: float
    by_hour: list[HourCount]
