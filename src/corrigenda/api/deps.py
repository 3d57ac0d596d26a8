"""What routes ask for: the workspace, and who is speaking."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Request
from starlette.requests import HTTPConnection

from corrigenda.api.identity import identity_of
from corrigenda.api.workspaces import workspace_of
from corrigenda.workbench import Workspace


# `async`, as nothing here waits: what is not runs in a thread, which costs more than it does.
async def workspace(request: Request) -> Workspace:
    """The workspace of this request."""
    return workspace_of(request.scope)


async def header_reviewer(
    request: Request,
    x_reviewer: Annotated[
        str | None,
        Header(
            description="The reviewer's name, percent-encoded UTF-8; who has signed in is "
            "known by that alone."
        ),
    ] = None,
) -> str | None:
    """Who speaks: the reviewer who has signed in, else the one that the header names."""
    return _speaker(request, x_reviewer, None)


def speaker(request: HTTPConnection, said: str | None = None) -> str | None:
    """The same, where a body names a reviewer, too: that goes before the header."""
    return _speaker(request, request.headers.get("x-reviewer"), said)


def named(reviewer: str | None) -> str | None:
    """A reviewer's name; a blank one names nobody."""
    return reviewer if reviewer and reviewer.strip() else None


def _speaker(request: HTTPConnection, header: str | None, said: str | None) -> str | None:
    signed_in = identity_of(request.scope).reviewer
    if signed_in is not None:
        return signed_in
    return named(said) or (named(unquote(header, errors="replace")) if header else None)


CurrentWorkspace = Annotated[Workspace, Depends(workspace)]
HeaderReviewer = Annotated[str | None, Depends(header_reviewer)]
