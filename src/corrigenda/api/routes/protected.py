"""What must not be trained on."""

from fastapi import APIRouter
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.responses import JsonResponse
from corrigenda.api.routes.candidates import AnyId
from corrigenda.api.schemas import Obstacles, ProtectedSets, answers

router = APIRouter(tags=["exports"])


@router.get(
    "/protected",
    operation_id="getProtected",
    response_model=None,
    responses=answers(ProtectedSets),
    summary="The benchmarks whose prompts are never trained on",
)
def protected(workspace: CurrentWorkspace) -> Response:
    """Sets are protected on the command line, with `corrigenda protect`."""
    return JsonResponse({"items": workspace.protected()})


@router.get(
    "/candidate/obstacles",
    operation_id="getObstaclesByQuery",
    response_model=None,
    responses=answers(Obstacles, 404, 422),
    summary="Why a candidate of any id would not be exported",
)
def obstacles_by_query(workspace: CurrentWorkspace, id: AnyId) -> Response:
    """What keeps its correction out of training data, for ids that don't fit in a path."""
    return JsonResponse({"id": id, "obstacles": workspace.obstacles(id)})


@router.get(
    "/candidates/{candidate_id}/obstacles",
    operation_id="getObstacles",
    response_model=None,
    responses=answers(Obstacles, 404, 422),
    summary="Why a candidate would not be exported",
)
def obstacles(workspace: CurrentWorkspace, candidate_id: str) -> Response:
    """What keeps its correction out of training data, also before there is one."""
    return JsonResponse({"id": candidate_id, "obstacles": workspace.obstacles(candidate_id)})
