"""What routes ask for: the workspace, and who is speaking."""

from collections.abc import Callable
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, Header, Request

from corrigenda.workbench import Workspace

WorkspaceProvider = Callable[[], Workspace]


def workspace(request: Request) -> Workspace:
    """The workspace of this request."""
    provider: WorkspaceProvider = request.app.state.workspace_provider
    return provider()


def header_reviewer(
    x_reviewer: Annotated[
        str | None, Header(description="The reviewer's name, percent-encoded UTF-8.")
    ] = None,
) -> str | None:
    """The reviewer that the header names."""
    return named(unquote(x_reviewer, errors="replace")) if x_reviewer else None


def named(reviewer: str | None) -> str | None:
    """A reviewer's name; a blank one names nobody."""
    return reviewer if reviewer and reviewer.strip() else None


CurrentWorkspace = Annotated[Workspace, Depends(workspace)]
HeaderReviewer = Annotated[str | None, Depends(header_reviewer)]
