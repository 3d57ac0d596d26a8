"""The application: routes, errors and safety put together."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from corrigenda import __version__
from corrigenda.api import errors
from corrigenda.api.attempts import Attempts
from corrigenda.api.identity import IdentityMiddleware, SignIn
from corrigenda.api.metrics import Metrics
from corrigenda.api.request_log import RequestLogMiddleware
from corrigenda.api.routes import (
    activity,
    batches,
    candidates,
    claims,
    comparing,
    events,
    exports,
    finding,
    guidelines,
    health,
    imports,
    jobs,
    lots,
    metrics,
    page,
    protected,
    review,
    runs,
    scoring,
    session,
    training,
    workspace,
)
from corrigenda.api.schemas import Problem
from corrigenda.api.security import HostPolicy, SecurityMiddleware
from corrigenda.api.workspaces import WorkspaceProvider

PREFIX = "/api/sft"
_DESCRIPTION = """Turn a language model's wrong benchmark answers into training data.

Every error is a problem document (RFC 9457) with a stable `code`.
"""


def create_app(
    workspace_provider: WorkspaceProvider,
    policy: HostPolicy | None = None,
    sign_in: SignIn | None = None,
) -> FastAPI:
    """Make the application.

    Args:
        workspace_provider: Called for each request; says which workspace it is about.
        policy: By which names the server may be called.
        sign_in: How people sign in.
    """
    app = FastAPI(
        title="Corrigenda",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.workspace_provider = workspace_provider
    app.state.sign_in = sign_in or SignIn()
    app.state.attempts = Attempts()
    app.state.metrics = Metrics(workspace_provider)
    errors.install(app)
    for module in (
        review,
        claims,
        scoring,
        finding,
        candidates,
        activity,
        lots,
        batches,
        runs,
        comparing,
        imports,
        jobs,
        exports,
        training,
        protected,
        guidelines,
        workspace,
        session,
        events,
    ):
        app.include_router(module.router, prefix=PREFIX)
    for module in (health, metrics, page):
        app.include_router(module.router)
    app.add_middleware(
        IdentityMiddleware,
        provider=workspace_provider,
        policy=app.state.sign_in,
        attempts=app.state.attempts,
    )
    app.add_middleware(SecurityMiddleware, policy=policy or HostPolicy())
    app.add_middleware(RequestLogMiddleware, metrics=app.state.metrics)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = schema["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        app.openapi_schema = schema
    return app.openapi_schema
