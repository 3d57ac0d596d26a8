"""A candidate, its parts, and the words that requests and answers share."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, WithJsonSchema

TEXT_LIMIT = 10_000_000
"""Characters of a text that a reviewer writes."""


def _not_too_long(text: str) -> str:
    if len(text) > TEXT_LIMIT:
        raise ValueError(f"at most {TEXT_LIMIT} characters, found {len(text)}")
    return text


# Pydantic's own `max_length` refuses lone surrogates, which a response may hold and a correction
# of it may keep.
Text = Annotated[
    str,
    AfterValidator(_not_too_long),
    WithJsonSchema({"type": "string", "maxLength": TEXT_LIMIT}),
]
Tags = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=100)]
Ids = Annotated[list[str], Field(max_length=1000)]
Label = str | int | float | None
StatusName = Literal["needs_review", "approved", "discarded", "model_rejected"]
ActionName = Literal["correct", "discard", "flag", "amend", "categorise", "undo"]


class ToolFunction(BaseModel):
    """Which tool is called, and with what."""

    name: str
    arguments: str = Field(description="A JSON object, as text.")


class ToolCall(BaseModel):
    """A call of a tool, in the shape that chat APIs have."""

    model_config = ConfigDict(extra="allow")
    id: str | None = None
    type: Literal["function"] = "function"
    function: ToolFunction


class CorrectedParts(BaseModel):
    """What a correction says beside its text; an absent key says nothing."""

    model_config = ConfigDict(extra="forbid")
    reasoning: Literal["drop", "keep", "rewrite"] | None = Field(
        None, description="What becomes of the reasoning before the answer."
    )
    reasoning_text: Text | None = Field(None, description="With `rewrite`.")
    tool_calls: list[ToolCall] | None = Field(None, description="The corrected turn's calls.")
    turn: StrictInt | None = Field(
        None, ge=0, description="Index into `prompt_messages` of the first wrong assistant turn."
    )


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
    corrected_parts: CorrectedParts | None = Field(
        None, description="Only when there is something to say beside the text."
    )
    source: Label = None
    benchmark_run_id: Label = None
    timestamp: Any = None
    prompt_messages: list[Message] | None = None
    model_response: str | None = None
    reference_answer: Any = None
    reasoning: Any = None
    tool_calls: Any = Field(None, description="What the response called.")
    tools: Any = None
    quality_score: float | None = None
    failure_reason: str | None = None
    task_id: Label = None
    task_type: Label = None
    task_name: Label = None
    model_id: Label = None
    model_name: Label = None
    node_id: Any = None
    gpu_id: Any = None
    tokens_per_sec: float | None = None
