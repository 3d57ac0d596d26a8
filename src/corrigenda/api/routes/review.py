"""The queue and the decisions."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer, speaker
from corrigenda.api.filters import LINK, Cursor, Order, PerPage, Selected, link_next
from corrigenda.api.quick import QuickRoute, quick
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import (
    DecisionAnswer,
    PreviewAnswer,
    PreviewRequest,
    PutOffAnswer,
    PutOffRequest,
    QueuePage,
    SubmitRequest,
    UndoRequest,
    answers,
)
from corrigenda.api.workspaces import workspace_of

router = APIRouter(tags=["review"], route_class=QuickRoute)
_QUEUE = answers(QueuePage, 422)
_QUEUE[200]["headers"] = LINK


@router.get(
    "/queue",
    operation_id="getQueue",
    response_model=None,
    responses=_QUEUE,
    summary="What waits for review",
)
def queue(
    request: Request,
    workspace: CurrentWorkspace,
    reviewer: HeaderReviewer,
    selection: Selected,
    order: Order = None,
    page: Annotated[int, Query(ge=1, le=1_000_000_000)] = 1,
    per_page: PerPage = 20,
    cursor: Cursor = None,
) -> Response:
    """A page of the candidates that wait for review, whatever `status` says.

    The `Link` header with `rel="next"` leads to the next page by a cursor, which costs the same
    however far one goes and skips nothing when others decide meanwhile; it wins over `page`. A
    page past the end is empty. What the reviewer has put off comes last.
    """
    found = workspace.queue(
        selection=selection,
        order=order,
        limit=per_page,
        cursor=cursor,
        offset=0 if cursor is not None else (page - 1) * per_page,
        reviewer=reviewer,
    )
    body = {"items": found.items, "total": found.total, "page": page, "per_page": per_page}
    if found.total_is_lower_bound:
        body["total_is_lower_bound"] = True
    if found.search_behind:
        body["search_behind"] = found.search_behind
    answer = JsonResponse(body)
    link_next(request, answer, found.cursor)
    return answer


@router.post(
    "/submit",
    operation_id="submit",
    response_model=None,
    responses=answers(DecisionAnswer, 404, 409, 413, 422),
    summary="Decide: correct, discard, flag; amend, categorise",
)
@quick(SubmitRequest)
async def submit(
    request: Request,
    body: SubmitRequest,
    _reviewer: HeaderReviewer = None,
) -> Response:
    """Decide on a candidate; durable, and in `sft_approved.jsonl`, before the answer.

    Sent again with the same `decision_id` and content it returns the first answer, so a client
    may retry safely.
    """
    answer = await workspace_of(request.scope).submit_async(
        body.id,
        body.action,
        corrected_response=body.corrected_response,
        corrected_parts=_said(body.corrected_parts),
        failure_category=body.failure_category,
        note=body.note,
        tags=body.tags,
        seconds=body.seconds,
        decision_id=body.decision_id,
        reviewer=speaker(request, body.reviewer),
        guidelines_version=body.guidelines_version,
        artifact_kind=body.artifact_kind,
        claim=body.claim,
    )
    return JsonResponse(answer.as_dict())


@router.post(
    "/undo",
    operation_id="undo",
    response_model=None,
    responses=answers(DecisionAnswer, 404, 409, 413, 422),
    summary="Take the last decision back",
)
@quick(UndoRequest)
async def undo(
    request: Request,
    body: UndoRequest,
    _reviewer: HeaderReviewer = None,
) -> Response:
    """The candidate waits for review again; its history keeps what was decided."""
    answer = await workspace_of(request.scope).undo_async(
        body.id,
        failure_category=body.failure_category,
        note=body.note,
        tags=body.tags,
        seconds=body.seconds,
        decision_id=body.decision_id,
        reviewer=speaker(request, body.reviewer),
        claim=body.claim,
    )
    return JsonResponse(answer.as_dict())


@router.post(
    "/put-off",
    operation_id="putOff",
    response_model=None,
    responses=answers(PutOffAnswer, 404, 413, 422),
    summary="See a candidate last",
)
def put_off(body: PutOffRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Put a candidate at the end of this reviewer's queue, or back in its turn."""
    workspace.put_off(body.id, reviewer=reviewer, put_off=body.put_off)
    return JsonResponse({"id": body.id, "put_off": body.put_off})


@router.post(
    "/preview",
    operation_id="preview",
    response_model=None,
    responses=answers(PreviewAnswer, 404, 413, 422),
    summary="What a correction would be exported as",
)
def preview(body: PreviewRequest, workspace: CurrentWorkspace) -> Response:
    """The training row of a correction that is being written, and what to say about it.

    Changes nothing.
    """
    return JsonResponse(
        workspace.preview(
            body.id,
            body.corrected_response,
            corrected_parts=_said(body.corrected_parts),
            format=body.format,
        )
    )


def _said(parts: BaseModel | None) -> dict[str, Any] | None:
    """Only the keys that the client has given."""
    return None if parts is None else parts.model_dump(exclude_unset=True)
