"""One candidate: its record as it stands, its history, its siblings."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import Candidate, History, Siblings, answers

router = APIRouter(tags=["candidates"])
AnyId = Annotated[str, Query(min_length=1, description="Any id, also one that fits no path.")]


@router.get(
    "/candidate",
    operation_id="getCandidateByQuery",
    response_model=None,
    responses=answers(Candidate, 404, 422),
    summary="A candidate by any id",
)
def candidate_by_query(workspace: CurrentWorkspace, id: AnyId) -> Response:
    """The record as it now stands, for ids that don't fit in a path."""
    return JsonResponse(workspace.get(id))


@router.get(
    "/candidate/history",
    operation_id="getHistoryByQuery",
    response_model=None,
    responses=answers(History, 404, 422),
    summary="A candidate's history by any id",
)
def history_by_query(workspace: CurrentWorkspace, id: AnyId) -> Response:
    """All decisions, oldest first, for ids that don't fit in a path."""
    return JsonResponse({"id": id, "decisions": workspace.history(id)})


@router.get(
    "/candidate/siblings",
    operation_id="getSiblingsByQuery",
    response_model=None,
    responses=answers(Siblings, 404, 422),
    summary="A candidate's siblings by any id",
)
def siblings_by_query(workspace: CurrentWorkspace, id: AnyId) -> Response:
    """Other answers to the same prompt, for ids that don't fit in a path."""
    return JsonResponse(workspace.siblings(id))


@router.get(
    "/candidates/{candidate_id}",
    operation_id="getCandidate",
    response_model=None,
    responses=answers(Candidate, 404, 422),
    summary="A candidate",
)
def candidate(workspace: CurrentWorkspace, candidate_id: str) -> Response:
    """The record as it now stands."""
    return JsonResponse(workspace.get(candidate_id))


@router.get(
    "/candidates/{candidate_id}/history",
    operation_id="getHistory",
    response_model=None,
    responses=answers(History, 404, 422),
    summary="A candidate's history",
)
def history(workspace: CurrentWorkspace, candidate_id: str) -> Response:
    """All decisions, oldest first."""
    decisions = workspace.history(candidate_id)
    return JsonResponse({"id": candidate_id, "decisions": decisions})


@router.get(
    "/candidates/{candidate_id}/siblings",
    operation_id="getSiblings",
    response_model=None,
    responses=answers(Siblings, 404, 422),
    summary="A candidate's siblings",
)
def siblings(workspace: CurrentWorkspace, candidate_id: str) -> Response:
    """What other models, or other runs, answered to the same prompt, right or wrong."""
    return JsonResponse(workspace.siblings(candidate_id))
