"""What was decided lately, and how far the review is."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.filters import LINK, Cursor, PerPage, Selected, link_next
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import Decisions, Progress, answers

router = APIRouter(tags=["activity"])
_DECISIONS = answers(Decisions, 422)
_DECISIONS[200]["headers"] = LINK
Since = Annotated[
    str | None, Query(max_length=40, description="A time, such as `2026-11-22T00:00:00Z`.")
]


@router.get(
    "/decisions",
    operation_id="getDecisions",
    response_model=None,
    responses=_DECISIONS,
    summary="The newest decisions",
)
def decisions(
    request: Request,
    workspace: CurrentWorkspace,
    reviewer: Annotated[str | None, Query(max_length=200)] = None,
    since: Since = None,
    per_page: PerPage = 50,
    cursor: Cursor = None,
) -> Response:
    """Decisions on all candidates, newest first, of one reviewer or of everybody."""
    found = workspace.decisions(reviewer=reviewer, since=since, limit=per_page, cursor=cursor)
    answer = JsonResponse({"items": found.items})
    link_next(request, answer, found.cursor)
    return answer


@router.get(
    "/progress",
    operation_id="getProgress",
    response_model=None,
    responses=answers(Progress, 422),
    summary="How far the review is",
)
def progress(
    workspace: CurrentWorkspace,
    reviewer: HeaderReviewer,
    selection: Selected,
    since: Since = None,
) -> Response:
    """What remains under a filter, and what the reviewer of the header has done since."""
    return JsonResponse(workspace.progress(selection, reviewer=reviewer, since=since))
