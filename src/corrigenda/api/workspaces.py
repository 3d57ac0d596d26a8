"""Which workspace a request is about."""

from collections.abc import Callable

from starlette.types import Scope

from corrigenda.workbench import Workspace

WorkspaceProvider = Callable[[], Workspace]

WORKSPACE = "corrigenda.workspace"
"""Where a request's scope has it."""


def workspace_of(scope: Scope) -> Workspace:
    """The workspace of a request, asked for once in each."""
    found: Workspace | None = scope.get(WORKSPACE)
    if found is None:
        provider: WorkspaceProvider = scope["app"].state.workspace_provider
        found = scope[WORKSPACE] = provider()
    return found
