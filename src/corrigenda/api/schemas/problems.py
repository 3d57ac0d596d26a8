"""The `responses` of a route: what it gives, and which problems it can have."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from corrigenda.api.responses import PROBLEM_TYPE


class Problem(BaseModel):
    """An error, https://www.rfc-editor.org/rfc/rfc9457; further keys say more."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str


_MEANING = {
    401: "Sign in first",
    403: "Another site, a name that this server does not have, or not for you",
    404: "There is no such thing",
    409: "Somebody was first",
    413: "Too large",
    422: "The request cannot be used",
    429: "Too many tokens that are none came from this address",
    500: "A mistake of this program; the server's log says which",
    503: "Disk or database refuse",
    507: "No space is left",
}


def answers(model: Any, *problems: int, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: what it gives, and which problems it can have.

    A read may be refused for want of space, too: it takes in first what others wrote.
    """
    found: dict[int | str, dict[str, Any]] = {status: {"model": model}}
    for code in sorted({401, 403, 429, 500, 503, 507, *problems}):
        found[code] = {
            "description": _MEANING[code],
            "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found
