"""Curated exports: recipes, previews, snapshots and their comparison."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corrigenda.api.schemas.finding import Filter

Share = Annotated[float, Field(ge=0, le=1)]
Whole = Annotated[int, Field(ge=0, le=2**53 - 1)]
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"


class Caps(BaseModel):
    """At most so many rows for each value of a dimension."""

    model_config = ConfigDict(extra="forbid")
    category: int | None = Field(None, ge=1)
    task: int | None = Field(None, ge=1)
    model: int | None = Field(None, ge=1)


class Recipe(BaseModel):
    """Everything that decides what an export contains; what is absent restricts nothing."""

    model_config = ConfigDict(extra="forbid")
    format: str | None = Field(None, max_length=100)
    filter: Filter | None = None
    deduplicate: bool | None = None
    near_duplicates: float | None = Field(
        None, description="The similarity from which two rows are one; `null` does not look."
    )
    keep: Literal["first", "latest"] | None = None
    conflicts: Literal["list", "latest", "drop"] | None = None
    format_pairs: bool | None = None
    caps: Caps | None = None
    replay: float | None = Field(None, description="The share of passes, from 0 to 0.9.")
    seed: Whole | None = None
    splits: Annotated[list[Share], Field(min_length=3, max_length=3)] | None = Field(
        None, description="The shares of train, validation and test, with a sum of 1."
    )
    group_by: list[Literal["prompt", "cluster", "document", "template", "task"]] | None = None
    holdout_tasks: Annotated[list[str], Field(max_length=1000)] | None = None
    allow_protected: bool | None = None
    secrets: Literal["off", "list", "drop", "redact"] | None = None
    max_length: int | None = Field(None, ge=1, le=2**53 - 1)
    keep_long: bool | None = None
    strict: bool | None = None


class ExportFormat(BaseModel):
    """A training format."""

    name: str
    kind: Literal["sft", "preference", "unpaired", "records"]
    title: str
    table: bool


class ExportFormats(BaseModel):
    """What an export can be, and what the builder starts with."""

    items: list[ExportFormat]
    start: Recipe
    tokenizer: str | None
    max_length: int | None
    detectors: bool = Field(description="Whether what finds secrets is installed.")


class ExportPreviewRequest(BaseModel):
    """Look at what a recipe would give."""

    recipe: Recipe
    limit: int = Field(2000, ge=1, le=20_000, description="Of the candidates that are looked at.")


class StageCount(BaseModel):
    """A step of the funnel, and how many are left after it."""

    name: str
    n: int


class LeftOutExample(BaseModel):
    """One of those that are left out, and the sentence that says why."""

    id: str
    detail: str


class LeftOutReason(BaseModel):
    """How many are left out for one reason."""

    reason: str
    n: int
    examples: list[LeftOutExample]


class ExportCounts(BaseModel):
    """The rows by what they are; `none`: uncategorised."""

    model_config = ConfigDict(protected_namespaces=())
    category: dict[str, int]
    task: dict[str, int]
    model: dict[str, int]
    split: dict[str, int]


class Conflicts(BaseModel):
    """Prompts with different corrections: the ids that belong together."""

    n: int
    examples: list[list[str]]


class LengthBin(BaseModel):
    """How many rows have a length from `from` up to, but without, `to`."""

    model_config = ConfigDict(populate_by_name=True)
    from_: int = Field(alias="from")
    to: int
    n: int


class Lengths(BaseModel):
    """How long the rows are."""

    unit: Literal["tokens", "characters"]
    tokenizer: str | None
    bins: list[LengthBin]
    median: int | None
    p95: int | None
    max: int | None
    over: int = Field(description="How many are longer than `max_length`.")


class RowPart(BaseModel):
    """A part of a row as the trainer sees it, and whether it carries loss."""

    role: str
    text: str
    trained: bool


class RowExample(BaseModel):
    """A row as it would be written."""

    id: str
    origin: Literal["correction", "negative", "pass"]
    split: str
    row: dict[str, Any]
    parts: list[RowPart]


class SecretsFound(BaseModel):
    """Whether the rows were searched for secrets, and in how many there are any."""

    checked: bool
    available: bool
    n: int


class ExportPreview(BaseModel):
    """What a recipe would give, as far as was looked at."""

    examined: int
    total: int
    complete: bool
    stages: list[StageCount]
    left_out: list[LeftOutReason]
    counts: ExportCounts
    conflicts: Conflicts
    warnings: list[str]
    lengths: Lengths
    examples: list[RowExample]
    secrets: SecretsFound


class ExportRequest(BaseModel):
    """Make a snapshot: an export under a name, which is never changed again."""

    name: str = Field(pattern=NAME, max_length=100)
    recipe: Recipe


class ExportedFile(BaseModel):
    """A file of rows."""

    name: str
    split: str
    rows: int
    bytes: int
    sha256: str


class Contaminated(BaseModel):
    """Rows of protected benchmarks that were let in."""

    sets: list[str]
    rows: int


class ExportResult(BaseModel):
    """What an export has written."""

    name: str | None
    rows: int
    files: list[ExportedFile]
    stages: list[StageCount]
    left_out: dict[str, int]
    warnings: list[str]
    contaminated: Contaminated | None


class StoredFile(BaseModel):
    """A file of a snapshot."""

    name: str
    bytes: int


class SnapshotHead(BaseModel):
    """A snapshot in the list."""

    name: str
    created_at: str
    created_by: str
    format: str
    rows: int
    files: int
    contaminated: bool
    problem: str | None = Field(description="What is wrong with its folder.")


class Snapshots(BaseModel):
    """The snapshots, newest first."""

    items: list[SnapshotHead]


class ManifestTool(BaseModel):
    """What made an export."""

    name: str
    version: str


class ManifestTokenizer(BaseModel):
    """By what lengths were measured."""

    name: str
    sha256: str


class ManifestProtected(BaseModel):
    """A protected benchmark that rows were compared with."""

    name: str
    prompts: int


class ManifestRun(BaseModel):
    """A run that rows came from, and the licences that its records name."""

    run_id: str | None
    rows: int
    licenses: list[str]


class ManifestRows(BaseModel):
    """The list of the rows."""

    name: str
    rows: int
    sha256: str


class ManifestFile(BaseModel):
    """A file beside the rows."""

    name: str
    bytes: int
    sha256: str


class Manifest(BaseModel):
    """Everything that decided an export, and what it contains; it names no time and no place."""

    manifest: int = Field(description="The version of this shape.")
    tool: ManifestTool
    recipe: Recipe
    tokenizer: ManifestTokenizer | None
    protected: list[ManifestProtected]
    contaminated: Contaminated | None
    stages: list[StageCount]
    left_out: dict[str, int]
    counts: ExportCounts
    runs: list[ManifestRun]
    warnings: list[str]
    files: list[ExportedFile]
    beside: list[ManifestFile] = Field(description="The card, what was left out, and more.")
    rows: ManifestRows | None


class Snapshot(BaseModel):
    """A snapshot."""

    name: str
    created_at: str
    created_by: str
    manifest: Manifest
    files: list[StoredFile]
    problem: str | None = Field(description="What is wrong with its folder.")


class ChangedRow(BaseModel):
    """A row whose candidate is not as it was exported."""

    id: str
    was: int = Field(description="The revision that was exported.")
    now: int | None = Field(description="The revision now; `null`: there is no such candidate.")
    why: str


class SnapshotChanges(BaseModel):
    """What was decided since an export."""

    same: int
    changed: list[ChangedRow] = Field(description="At most 200.")
    changed_n: int
    new_n: int = Field(description="Candidates that its filter finds and that were not there.")


class RecipeDifference(BaseModel):
    """A key of the recipes that differs; `null`: not said."""

    key: str
    a: Any
    b: Any


class DifferentRows(BaseModel):
    """Ids, at most 50 of each."""

    changed: list[str]
    only_a: list[str]
    only_b: list[str]


class ExportDiff(BaseModel):
    """How two exports differ."""

    same: int
    changed: int
    only_a: int
    only_b: int
    recipe: list[RecipeDifference]
    examples: DifferentRows
