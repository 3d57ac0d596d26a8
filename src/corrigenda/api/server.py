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
from corrigenda.api.identity import SignIn
from corrigenda.api.proxies import networks
from corrigenda.api.security import HostPolicy
from corrigenda.errors import CorrigendaError, InvalidInput, NotFound, WorkspaceInUse
from corrigenda.jobs import runner_of
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
    invited = settings.network and settings.user_header is None
    try:
        workspace = Workspace.open(
            settings.workspace,
            database_url=settings.database_url,
            roots=settings.roots,
            create=not invited,
        )
    except NotFound:
        raise _nobody() from None
    if not workspace.owns_files:
        workspace.close()
        raise WorkspaceInUse(
            f"Another process (a server, or an import) has the workspace `{settings.workspace}` "
            "open; wait for it, stop it, or use that server."
        )
    try:
        sign_in = _sign_in(settings, workspace)
    except BaseException:
        workspace.close()
        raise
    if settings.lease_seconds is not None:
        workspace.lease_seconds = settings.lease_seconds
    policy = HostPolicy(frozenset(settings.allowed_hosts), addresses=settings.network)
    app = create_app(lambda: workspace, policy, sign_in)

    app.state.close_error = None

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        runner_of(workspace).work()  # what a server that was here before has left
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


def _sign_in(settings: Settings, workspace: Workspace) -> SignIn:
    """How people sign in.

    Raises:
        InvalidInput: The network can reach the server, and nobody could sign in.
    """
    invited = settings.network and settings.user_header is None
    if invited and not workspace.registry.load().by_name:
        raise _nobody()
    return SignIn(
        required=settings.network,
        user_header=settings.user_header,
        proxies=networks(settings.trusted_proxies),
    )


def _nobody() -> InvalidInput:
    return InvalidInput(
        "Nobody could sign in: beyond loopback every request needs a reviewer, and this "
        "workspace has none. Add one with `corrigenda reviewer add NAME --lead`."
    )
