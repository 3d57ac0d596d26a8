"""Whether the server lives, and whether it can do its work."""

from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import Response

from corrigenda import __version__
from corrigenda.api.responses import JsonResponse, problem
from corrigenda.api.schemas import Health, Readiness, answers
from corrigenda.api.workspaces import workspace_of
from corrigenda.errors import CorrigendaError
from corrigenda.workbench.checking import Finding

router = APIRouter(tags=["server"])


@router.get(
    "/healthz",
    operation_id="getHealth",
    response_model=None,
    responses=answers(Health),
    summary="The server is up",
)
def health() -> Response:
    """Answers without looking at the workspace."""
    return JsonResponse({"status": "ok", "version": __version__})


@router.get(
    "/readyz",
    operation_id="getReadiness",
    response_model=None,
    responses=answers(Readiness),
    summary="The server can do its work",
)
def readiness(request: Request) -> Response:
    """Looks at the database, the workspace's files and the room on the disk."""
    try:
        workspace = workspace_of(request.scope)
        checks = workspace.ready()
    except CorrigendaError:
        checks = [Finding("workspace", False, "the workspace is not open")]
    told = [asdict(check) for check in checks]
    wrong = [check.message for check in checks if not check.ok]
    if wrong:
        said = f"The server cannot do its work: {', '.join(wrong)}."
        return problem(503, "not_ready", said, checks=told)
    return JsonResponse({"status": "ready", "checks": told})
