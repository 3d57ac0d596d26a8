"""Runs, sources, uploads, and what an import did."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from corrigenda.workbench import ImportRequest as Request


class Mapping(BaseModel):
    """Which column of a table is which field; a column may be a path such as `info.task.id`."""

    model_config = ConfigDict(extra="forbid")

    prompt: str | None = None
    response: str | None = None
    reference: str | None = None
    score: str | None = None
    reason: str | None = None
    model: str | None = None
    id: str | None = None
    task: str | None = None
    messages: str | None = None
    system: str | None = None
    choices: str | None = None
    input: str | None = Field(None, description="What follows an instruction.")
    extracted: str | None = Field(None, description="The answer that was found in the response.")
    task_type: str | None = None
    reasoning: str | None = None
    error: str | None = Field(None, description="What the provider said when it failed.")
    tools: str | None = None
    timestamp: str | None = None
    licence: str | None = None
    wrong_when: str | None = Field(None, description="Such as `is_correct==false`.")


class ImportOptions(BaseModel):
    """What is wanted of an import; all of it may be left out."""

    model_config = ConfigDict(extra="forbid")

    format: str | None = Field(None, description="The source, if it is not to be recognised.")
    metric: str | None = Field(None, description="Judge by this instead of the main one.")
    threshold: float | None = Field(None, description="A score below this fails.")
    model: str | None = Field(None, description="The model's name, where the log has none.")
    mapping: Mapping | None = None
    mapping_name: str | None = Field(None, description="A mapping that was saved.")
    save_mapping: str | None = Field(None, description="Save the mapping under this name.")
    failures_only: bool = Field(False, description="Leave out what the model got right.")
    include_errors: bool = Field(False, description="Take failures of the provider, too.")
    include_unscored: bool = Field(False, description="Take what nothing has judged, too.")
    held_out: float | None = Field(
        None, ge=0, le=1, description="The share of the prompts that is kept out of training."
    )
    strict: bool = Field(False, description="Bring in nothing if anything cannot be used.")
    redact: bool = Field(False, description="Replace secrets and personal data.")

    def as_request(self) -> Request:
        """The same for the workbench."""
        said = self.model_dump(exclude={"save_mapping"})
        columns = self.mapping.model_dump(exclude_none=True) if self.mapping else {}
        return Request(**{**said, "mapping": columns})


class SavedMapping(BaseModel):
    """A mapping that is saved in the workspace."""

    name: str
    mapping: dict[str, str]


class Source(BaseModel):
    """A format that can be imported."""

    name: str
    title: str
    versions: str
    metric: str


class Sources(BaseModel):
    """What can be imported, in the order in which a file is offered to them."""

    items: list[Source]
    can_redact: bool = Field(description="Whether the detectors for `redact` are installed.")


class ImportRequest(BaseModel):
    """Import a run of the benchmark folder."""

    run_id: str


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
    unit: str | None = Field(None, description="What `line` counts, if no lines: `item`.")


class ImportAnswer(BaseModel):
    """What an import did; the optional keys are there only when they say something."""

    imported: int
    skipped: int
    renamed: int | None = Field(None, description="Ids that another run had: `run_id:id` now.")
    changed: int | None = Field(None, description="Skipped, but other than what is stored.")
    malformed: int | None = None
    problems: list[LineProblem] | None = None
    passes: int | None = Field(None, description="Samples that the model got right.")
    errors: int | None = Field(None, description="Left out: the provider or harness failed.")
    unscored: int | None = Field(None, description="Left out: nothing judged them.")
    held_out: int | None = Field(None, description="Of the imported: kept out of training.")
    purged: int | None = Field(None, description="Left out: removed for good before.")
    remarks: list[str] | None = Field(None, description="What a user should know, in sentences.")
    stopped: bool | None = None


class UploadedRun(BaseModel):
    """A run that was found in an uploaded file."""

    run_id: str
    source: str
    candidate_count: int
    passes: int
    errors: int
    unscored: int
    malformed: int
    already_imported: bool
    held_out: float | None = Field(
        description="The share that it was imported with; null if it is new."
    )


class Upload(BaseModel):
    """A file that waits to be imported, and what is in it; it is forgotten after a day."""

    upload_id: str
    name: str
    bytes: int
    source: str
    title: str
    why: str = Field(description="By what the format was recognised.")
    runs: list[UploadedRun]
    complete: bool = Field(description="False where only the beginning was counted.")
    sample: list[dict[str, Any]] = Field(description="The first records, long texts cut.")
    problems: list[LineProblem]
    columns: list[str] | None = Field(description="A table's columns.")
    mapping: dict[str, str] | None = Field(description="Which column was taken for which field.")
    message: str | None = Field(description="What is to be said or done, if anything.")
