"""Benchmarks that nothing may be trained on, and what keeps a candidate out of training."""

from typing import Literal

from pydantic import BaseModel, Field


class ProtectedSet(BaseModel):
    """The test set of a benchmark."""

    name: str
    prompts: int = Field(description="How many different prompts it has.")
    ngram: int = Field(description="How many words an n-gram has.")
    created_at: str
    created_by: str


class ProtectedSets(BaseModel):
    """All of them, in the order in which they were added."""

    items: list[ProtectedSet]


class Obstacle(BaseModel):
    """Why a correction would not be exported for training."""

    reason: Literal["protected", "held_out", "held_back", "too_long"]
    message: str


class Obstacles(BaseModel):
    """What keeps a candidate out of exports for training; empty: nothing."""

    id: str
    obstacles: list[Obstacle]
