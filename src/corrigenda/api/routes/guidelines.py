"""How to review here."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import Guidelines, GuidelinesRequest, answers

router = APIRouter(prefix="/guidelines", tags=["workspace"])


@router.get(
    "",
    operation_id="getGuidelines",
    response_model=None,
    responses=answers(Guidelines, 404, 422),
    summary="The guidelines",
)
def guidelines(
    workspace: CurrentWorkspace, version: Annotated[int | None, Query(ge=0)] = None
) -> Response:
    """The newest version, or the one named; version 0 is built in."""
    return JsonResponse(workspace.guidelines(version))


@router.post(
    "",
    operation_id="saveGuidelines",
    response_model=None,
    responses=answers(Guidelines, 409, 413, 422),
    summary="Write the next version",
)
def save(
    body: GuidelinesRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer
) -> Response:
    """Refused with 409 if somebody wrote a version after the one that was edited."""
    found = workspace.save_guidelines(body.text, based_on=body.based_on, reviewer=reviewer)
    return JsonResponse(found)
