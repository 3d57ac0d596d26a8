"""Trainings, evaluations, and the models that they are about."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from corrigenda.api.schemas.exports import NAME
from corrigenda.api.schemas.jobs import Job

Text = Annotated[str, Field(max_length=1000)]
Module = Annotated[str, Field(max_length=200, pattern=r"^[\w.-]+$")]
Name = Annotated[str, Field(pattern=NAME)]
Large = 2**31 - 1
State = Literal["queued", "preparing", "prepared", "running", "stopped", "failed", "finished"]


class ModelChoice(BaseModel):
    """A model that can be trained and asked; `made_by` is the training that made it."""

    name: str
    made_by: str | None


class ModelChoices(BaseModel):
    """What can be trained and asked from here."""

    items: list[ModelChoice]
    endpoints: list[str] = Field(description="The names of endpoints that can be asked.")
    folder: str | None = Field(description="`sft.models_dir` of label_tool.yaml, if it is set.")
    python: str | None = Field(description="The Python in which this server trains.")
    missing: list[str] = Field(description="The packages that this Python lacks for training.")


class Adapters(BaseModel):
    """Low-rank adapters in the place of full training."""

    model_config = ConfigDict(extra="forbid")
    r: int | None = None
    alpha: int | None = None
    dropout: float | None = None
    targets: Literal["all-linear"] | Annotated[list[Module], Field(max_length=200)] | None = None


class TrainOptions(BaseModel):
    """How it is trained; what is absent is chosen by itself."""

    model_config = ConfigDict(extra="forbid")
    seed: int | None = None
    epochs: float | None = None
    max_steps: int | None = None
    learning_rate: float | None = None
    dpo_learning_rate: float | None = None
    batch_size: int | None = None
    device_batch_size: int | None = None
    max_length: int | None = None
    lora: Adapters | None = None
    quantize: Literal["nf4"] | None = None
    dtype: str | None = Field(None, max_length=100)
    beta: float | None = None
    sft_weight: float | None = None
    replay_weight: float | None = None
    warmup: float | None = None
    weight_decay: float | None = None
    scheduler: str | None = Field(None, max_length=100)
    save_steps: int | None = None
    logging_steps: int | None = None
    attention: str | None = Field(None, max_length=100)
    packing: str | None = Field(None, max_length=100)
    activation_checkpointing: str | None = Field(None, max_length=100)
    merge: bool | None = None
    device: str | None = Field(None, max_length=100)
    keep_checkpoints: int | None = None


class TrainingRequest(BaseModel):
    """Train a model on snapshots."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    model: Text
    exports: Annotated[list[Name], Field(min_length=1, max_length=100)]
    method: Literal["sft", "dpo", "sft-dpo"] = "sft"
    options: TrainOptions = Field(default_factory=lambda: TrainOptions.model_validate({}))
    processes: int = Field(1, ge=1, le=64, description="On the machine that trains.")


class TrainedOn(BaseModel):
    """An export that a training takes its rows from."""

    name: str
    format: str | None


class Training(BaseModel):
    """A training as it stands; steps are counted over all of its stages."""

    name: str
    method: str | None
    model: str | None
    created_at: str
    exports: list[TrainedOn]
    rows: dict[str, int] = Field(description="By their use: corrections, replay, pairs, validation")
    state: State
    step: int | None
    max_steps: int | None
    loss: float | None
    eta_s: float | None
    tokens_per_s: float | None
    job: Job | None


class Trainings(BaseModel):
    """All of them, newest first."""

    items: list[Training]


class Finding(BaseModel):
    """What was found before the first step: an error stops it, a warning does not."""

    level: Literal["error", "warning"]
    code: str
    message: str
    rows: list[str]
    count: int


class Stage(BaseModel):
    """What a stage of a training came to."""

    stage: str
    steps: int
    max_steps: int
    loss_first: float | None
    loss_last: float | None
    seconds: float
    tokens: int
    tokens_per_s: float | None
    flops_share: float | None = None


class Evaluation(BaseModel):
    """An evaluation of the model that a training began with, or of the one it made."""

    run_id: str
    of: Literal["base", "trained"]
    state: Literal["queued", "running", "partial", "failed", "finished"]
    done: int
    total: int | None
    passed: int | None
    failed: int | None
    held_out: bool = Field(description="Whether only prompts were asked that are held out.")
    job: Job | None


class TrainingDetails(Training):
    """All that is known of a training."""

    options: dict[str, Any] = Field(description="Those that are not what they are by themselves.")
    findings: list[Finding]
    facts: dict[str, Any] = Field(description="What was known of it before its first step.")
    remarks: list[str]
    runs: list[str] = Field(description="The runs that its rows come from.")
    stages: list[Stage] | None
    device: str | None
    dtype: str | None
    processes: int | None
    versions: dict[str, str] | None
    weights_sha256: str | None
    evaluations: list[Evaluation]


class CurvePoint(BaseModel):
    """What was logged at a step; trainers log more than what is named here."""

    model_config = ConfigDict(extra="allow")
    stage: str
    step: int
    at: int = Field(description="The step, counted from the beginning of the first stage.")
    attempt: int
    loss: float | None = None
    learning_rate: float | None = None
    grad_norm: float | None = None
    tokens_per_s: float | None = None


class Curve(BaseModel):
    """A training's numbers by step, thinned out evenly beyond a thousand."""

    points: list[CurvePoint]
    stages: list[str]


class EvaluationRequest(BaseModel):
    """Ask a model the prompts of runs again; the answers are a new run."""

    model_config = ConfigDict(extra="forbid")
    run_id: Name
    runs: Annotated[list[Text], Field(min_length=1, max_length=100)]
    model: Text = Field(description="One of `GET /models`, or a model's name at the endpoint.")
    endpoint: Text | None = None
    held_out: bool = False
    failures_only: bool = False
    limit: int | None = Field(None, ge=1, le=Large)
    repeats: int = Field(1, ge=1, le=1000)
    temperature: float = Field(0.0, ge=0, le=5)
    max_new_tokens: int = Field(1024, ge=1, le=Large)
    seed: int = Field(0, ge=0, le=Large)
    batch_size: int = Field(16, ge=1, le=65536)
    concurrency: int = Field(8, ge=1, le=64)
    timeout: float = Field(600.0, gt=0, le=3600)
    queue: bool = Field(False, description="Whether failures wait for review at once.")
