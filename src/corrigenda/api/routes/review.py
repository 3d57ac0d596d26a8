"""The queue and the decisions."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer, named
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import (
    DecisionAnswer,
    QueuePage,
    SubmitRequest,
    UndoRequest,
    answers,
)

router = APIRouter(tags=["review"])
_QUEUE = answers(QueuePage, 422)
_QUEUE[200]["headers"] = {
    "Link": {
        "description": 'The next page, as `<address>; rel="next"`; not there on the last.',
        "schema": {"type": "string"},
    }
}


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
    page: Annotated[int, Query(ge=1, le=1_000_000_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=200)] = 20,
    cursor: Annotated[
        int | None, Query(ge=0, le=2**62, description="From the `Link` header; wins over `page`.")
    ] = None,
) -> Response:
    """A page of the candidates that wait for review, in the order of arrival.

    The `Link` header with `rel="next"` leads to the next page by a cursor, which costs the same
    however far one goes and skips nothing when others decide meanwhile. A page past the end is
    empty.
    """
    offset = 0 if cursor is not None else (page - 1) * per_page
    found = workspace.queue(limit=per_page, cursor=cursor or 0, offset=offset)
    answer = JsonResponse(
        {"items": found.items, "total": found.total, "page": page, "per_page": per_page}
    )
    if found.cursor is not None:
        path = request.url.path
        answer.headers["Link"] = f'<{path}?cursor={found.cursor}&per_page={per_page}>; rel="next"'
    return answer


@router.post(
    "/submit",
    operation_id="submit",
    response_model=None,
    responses=answers(DecisionAnswer, 404, 409, 413, 422),
    summary="Decide: correct, discard or flag",
)
def submit(body: SubmitRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Decide on a candidate; durable, and in `sft_approved.jsonl`, before the answer.

    Sent again with the same `decision_id` and content it returns the first answer, so a client
    may retry safely.
    """
    answer = workspace.submit(
        body.id,
        body.action,
        corrected_response=body.corrected_response,
        failure_category=body.failure_category,
        note=body.note,
        tags=body.tags,
        seconds=body.seconds,
        decision_id=body.decision_id,
        reviewer=named(body.reviewer) or reviewer,
    )
    return JsonResponse(answer.as_dict())


@router.post(
    "/undo",
    operation_id="undo",
    response_model=None,
    responses=answers(DecisionAnswer, 404, 409, 413, 422),
    summary="Take the last decision back",
)
def undo(body: UndoRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """The candidate waits for review again; its history keeps what was decided."""
    answer = workspace.undo(
        body.id,
        failure_category=body.failure_category,
        note=body.note,
        tags=body.tags,
        seconds=body.seconds,
        decision_id=body.decision_id,
        reviewer=named(body.reviewer) or reviewer,
    )
    return JsonResponse(answer.as_dict())
