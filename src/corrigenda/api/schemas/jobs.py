"""Lots, and other long work."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo

from corrigenda.api.schemas.exports import ExportResult
from corrigenda.api.schemas.finding import Filter, Row
from corrigenda.api.schemas.imports import ImportAnswer, ImportOptions
from corrigenda.api.schemas.records import CorrectedParts, Ids, Tags, Text


def _or_else(other: str) -> Any:
    """Exactly one of a field and the one before it, which is called `other`, is given."""

    def check(value: object, info: ValidationInfo) -> object:
        # Where the other one is itself refused, it is not in the data.
        if other in info.data and (value is None) == (info.data[other] is None):
            raise ValueError(f"give either `{info.field_name}` or `{other}`")
        return value

    return AfterValidator(check)


class JobRequest(BaseModel):
    """Start an import: of a run of the benchmark folder, or of a file that was uploaded."""

    kind: Literal["import"]
    options: ImportOptions | None = None
    upload_id: str | None = None
    run_id: Annotated[str | None, _or_else("upload_id")] = Field(
        default=None, validate_default=True
    )


class SkipReason(BaseModel):
    """Why candidates of a lot were left as they are."""

    reason: str
    n: int


class LotRequest(BaseModel):
    """One action on many candidates: those named, or those that a filter finds."""

    lot_id: str | None = Field(
        None, max_length=32, description="Made by the client; sent again, it is the same lot."
    )
    action: Literal["correct", "discard", "flag", "undo", "categorise"]
    filter: Filter | None = None
    ids: Annotated[Ids | None, _or_else("filter")] = Field(default=None, validate_default=True)
    corrected_response: Text | None = None
    corrected_parts: CorrectedParts | None = None
    from_reference: bool = Field(False, description="Correct each with its own reference answer.")
    failure_category: str | None = Field(
        None, description="For all of them; where the key is absent each keeps its own."
    )
    note: Text | None = None
    tags: Tags = Field(default_factory=list)
    expected: int | None = Field(
        None, ge=0, description="How many the preview said; another number is a 409."
    )


class LotPreview(BaseModel):
    """What a lot would touch."""

    total: int
    touched: int
    skipped: list[SkipReason]
    sample: list[Row]


class LotResult(BaseModel):
    """What a lot has touched."""

    touched: int
    skipped: list[SkipReason]


class Lot(BaseModel):
    """A bulk action, as it was done."""

    id: str
    action: str
    n: int
    reviewer: str
    created_at: str
    undone_at: str | None


class Lots(BaseModel):
    """The newest lots, newest first."""

    items: list[Lot]


class TrainingResult(BaseModel):
    """What came of a training job."""

    name: str
    step: int | None
    weights_sha256: str | None = None


class EvaluationResult(BaseModel):
    """What came of an evaluation job."""

    run_id: str
    counts: dict[str, int] | None = None
    imported: dict[str, Any] | None = None
    unscored: dict[str, int] | None = None
    errors: dict[str, int] | None = None


class Job(BaseModel):
    """Long work; `done` and `total` are in `unit`."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    params: dict[str, Any]
    done: int
    total: int | None
    unit: str
    result: ImportAnswer | LotResult | ExportResult | TrainingResult | EvaluationResult | None
    error: str | None
    attempts: int
    created_at: str
    started_at: str | None
    finished_at: str | None


class Jobs(BaseModel):
    """The newest jobs, newest first."""

    items: list[Job]
