"""The workspace: counts, categories, guidelines, configuration."""

from typing import Literal

from pydantic import BaseModel, Field

from corrigenda.api.schemas.imports import LineProblem

Color = Literal["ochre", "green", "blue", "violet", "teal", "plum", "brown", "grey"]


class ConfigRequest(BaseModel):
    """Choose the benchmark folder."""

    bench_results_dir: str = Field(min_length=1, max_length=4096)


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


class CategoryRequest(BaseModel):
    """A failure category as the workspace words it."""

    name: str = Field(max_length=64)
    label: str = Field(max_length=100)
    definition: str = Field("", max_length=2000)
    example: str = Field("", max_length=2000)
    color: Color | None = None
    key: str | None = Field(None, pattern="^[1-9]$")


class TaxonomyRequest(BaseModel):
    """All categories, in order; the built-in ones may be reworded, not left out."""

    categories: list[CategoryRequest] = Field(max_length=100)


class Category(BaseModel):
    """A failure category."""

    name: str
    label: str
    definition: str
    example: str
    color: Color | None
    key: str | None = Field(description="A digit; null: by position.")
    built_in: bool


class TaxonomyAnswer(BaseModel):
    """The failure categories, in the order of their keys."""

    categories: list[Category]


class GuidelinesVersion(BaseModel):
    """One version of the guidelines."""

    version: int
    author: str | None
    created_at: str | None


class Guidelines(BaseModel):
    """How to review here, as Markdown; version 0 is built in."""

    version: int
    text: str
    author: str | None
    created_at: str | None
    built_in: bool
    versions: list[GuidelinesVersion]


class GuidelinesRequest(BaseModel):
    """The next version of the guidelines."""

    text: str = Field(max_length=200_000)
    based_on: int = Field(ge=0, description="The version that was edited.")


class Identity(BaseModel):
    """Which workspace this is, and how it does."""

    id: str
    name: str
    version: str = Field(description="The program's.")
    database: Literal["sqlite", "postgresql"]
    guidelines_version: int
    passes: int
    mirrored: bool
    problems: list[LineProblem] = Field(description="Found in the workspace's own JSONL files.")


class ReadyCheck(BaseModel):
    """What was looked at, and how it is."""

    check: str
    ok: bool
    message: str


class Readiness(BaseModel):
    """The server can do its work."""

    status: Literal["ready"]
    checks: list[ReadyCheck]


class Health(BaseModel):
    """The server is up."""

    status: Literal["ok"]
    version: str
