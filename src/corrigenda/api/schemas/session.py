"""Who has signed in, and who may."""

from typing import Literal

from pydantic import BaseModel, Field


class Session(BaseModel):
    """Who speaks."""

    required: bool = Field(description="Whether a request needs a reviewer.")
    reviewer: str | None = Field(description="Who has signed in.")
    lead: bool
    by: Literal["open", "token", "proxy"]


class SignInRequest(BaseModel):
    """A token, as it stands behind the `#` of an invitation link."""

    token: str = Field(min_length=1, max_length=200)


class SignedIn(BaseModel):
    """Who this browser now is."""

    reviewer: str
    lead: bool


class SignedOut(BaseModel):
    """Nobody is signed in any more."""

    reviewer: None


class Reviewer(BaseModel):
    """Somebody who may sign in, or might until they were revoked."""

    name: str
    lead: bool
    created_at: str
    revoked_at: str | None


class Reviewers(BaseModel):
    """Everybody who was invited, in the order in which they were."""

    items: list[Reviewer]


class InviteRequest(BaseModel):
    """A reviewer to invite."""

    name: str = Field(min_length=1, max_length=200)
    lead: bool = Field(False, description="May import, export, configure and invite, too.")


class Invitation(BaseModel):
    """A link that signs a browser in as this reviewer; it is told only here."""

    name: str
    lead: bool
    link: str
