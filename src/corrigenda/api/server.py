"""The server's own start: one workspace, from the environment.

`corrigenda serve` hands its options over as `CORRIGENDA_*` variables and calls `create`, so that
any ASGI server can do the same: `uvicorn --factory corrigenda.api.server:create`.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from corrigenda.api.app import create_app
from corrigenda.api.security import HostPolicy
from corrigenda.errors import CorrigendaError, WorkspaceInUse
from corrigenda.settings import Settings
from corrigenda.workbench import Workspace

_log = logging.getLogger(__name__)


def create() -> FastAPI:
    """The application for the workspace that the environment names.

    When it has shut down, `app.state.close_error` is what the workspace's closing raised, if
    it did.

    Raises:
        CorrigendaError: It cannot be opened, or another server has it.
    """
    settings = Settings.from_environment()
    workspace = Workspace.open(
        settings.workspace, database_url=settings.database_url, roots=settings.roots
    )
    if not workspace.owns_files:
        workspace.close()
        raise WorkspaceInUse(
            f"Another process (a server, or an import) has the workspace `{settings.workspace}` "
            "open; wait for it, stop it, or use that server."
        )
    app = create_app(lambda: workspace, HostPolicy(frozenset(settings.allowed_hosts)))

    app.state.close_error = None

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        try:
            await asyncio.to_thread(workspace.close)
        except Exception as error:  # noqa: BLE001 - whatever it is, the log says it in one place
            app.state.close_error = error
            known = isinstance(error, CorrigendaError)
            _log.error(
                "The files are not up to date (the decisions are safe): %s",
                error if known else repr(error),
                exc_info=None if known else error,
            )

    app.router.lifespan_context = lifespan
    return app
