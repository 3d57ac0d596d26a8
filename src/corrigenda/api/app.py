"""The application: routes, errors and safety put together."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import Response

from corrigenda import __version__
from corrigenda.api import errors
from corrigenda.api.deps import WorkspaceProvider
from corrigenda.api.responses import JsonResponse
from corrigenda.api.routes import (
    activity,
    batches,
    candidates,
    exports,
    finding,
    guidelines,
    imports,
    jobs,
    lots,
    page,
    protected,
    review,
    runs,
    scoring,
    workspace,
)
from corrigenda.api.schemas import Health, Problem, answers
from corrigenda.api.security import HostPolicy, SecurityMiddleware

PREFIX = "/api/sft"
_DESCRIPTION = """Turn a language model's wrong benchmark answers into training data.

Every error is a problem document (RFC 9457) with a stable `code`.
"""


def create_app(workspace_provider: WorkspaceProvider, policy: HostPolicy | None = None) -> FastAPI:
    """Make the application.

    Args:
        workspace_provider: Called for each request; says which workspace it is about.
        policy: By which names the server may be called.
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
    errors.install(app)
    for module in (
        review,
        scoring,
        finding,
        candidates,
        activity,
        lots,
        batches,
        runs,
        imports,
        jobs,
        exports,
        protected,
        guidelines,
        workspace,
    ):
        app.include_router(module.router, prefix=PREFIX)
    app.add_api_route(
        "/healthz",
        _health,
        operation_id="getHealth",
        response_model=None,
        responses=answers(Health),
        tags=["server"],
        summary="The server is up",
    )
    app.include_router(page.router)
    app.add_middleware(SecurityMiddleware, policy=policy or HostPolicy())
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


def _health() -> Response:
    """Answers without looking at the workspace."""
    return JsonResponse({"status": "ok", "version": __version__})


def _openapi(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        schema = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        schemas = schema["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema()
        app.openapi_schema = schema
    return app.openapi_schema
