"""Who has which card."""

from typing import Annotated

from pydantic import BaseModel, Field

from corrigenda.api.schemas.records import Candidate
from corrigenda.store.claims import HOLDER_LIMIT, TOKEN_LIMIT

Holder = Annotated[
    str,
    Field(
        min_length=1,
        max_length=HOLDER_LIMIT,
        pattern=r"^[\w.:-]+$",
        description="Made by the client: one browser, or one program, of this reviewer's.",
    ),
]
Token = Annotated[str, Field(max_length=TOKEN_LIMIT)]
Tokens = Annotated[list[Token], Field(max_length=200)]


class ClaimRequest(BaseModel):
    """The next cards of the queue, or certain ones."""

    holder: Holder
    n: int = Field(1, ge=1, le=50, description="With those that the holder has already.")
    ids: Annotated[list[str], Field(min_length=1, max_length=50)] | None = Field(
        None, description="These instead of the next; the filter and order do not matter then."
    )


class Claim(BaseModel):
    """A card in one's hands; the token goes with the decision, as `claim`."""

    id: str
    token: str
    until: str = Field(description="When the lease runs out, unless it is renewed.")


class ElsewhereClaim(BaseModel):
    """A card in other hands."""

    id: str
    reviewer: str


class Claimed(BaseModel):
    """The cards that the holder has now: of those asked for, and in the same order, its claims."""

    items: list[Candidate]
    claims: list[Claim]
    total: int = Field(description="All that wait under the filter, in whosever hands.")
    total_is_lower_bound: bool | None = Field(None, description="Only when true.")
    search_behind: int | None = Field(
        None, description="So many candidates are not searchable yet; only when there are some."
    )
    lease_seconds: float
    refused: list[ElsewhereClaim] | None = Field(
        None, description="Of `ids`, those in other hands; only when there are some."
    )


class HeldRequest(BaseModel):
    """Cards that a holder has."""

    holder: Holder
    tokens: Tokens


class Renewed(BaseModel):
    """The ids of the cards that one goes on holding, and of those that are lost."""

    renewed: list[str]
    lost: list[str] = Field(description="Taken over, decided or given back.")
    until: str


class Released(BaseModel):
    """How many cards were given back."""

    released: int
