"""Finding candidates: lists, facets, the dashboard."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.filters import LINK, Cursor, Order, PerPage, Selected, link_next
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import Dashboard, Facets, Rows, answers

router = APIRouter(tags=["finding"])
_ROWS = answers(Rows, 422)
_ROWS[200]["headers"] = LINK


@router.get(
    "/candidates",
    operation_id="getCandidates",
    response_model=None,
    responses=_ROWS,
    summary="Candidates in any status",
)
def candidates(
    request: Request,
    workspace: CurrentWorkspace,
    selection: Selected,
    order: Order = None,
    per_page: PerPage = 50,
    cursor: Cursor = None,
) -> Response:
    """A page of candidates in short form; the `Link` header leads to the next."""
    found = workspace.browse(selection, order=order, limit=per_page, cursor=cursor)
    body = {"items": found.items, "total": found.total}
    if found.total_is_lower_bound:
        body["total_is_lower_bound"] = True
    if found.search_behind:
        body["search_behind"] = found.search_behind
    answer = JsonResponse(body)
    link_next(request, answer, found.cursor)
    return answer


@router.get(
    "/facets",
    operation_id="getFacets",
    response_model=None,
    responses=answers(Facets, 422),
    summary="The choices of each filter, with counts",
)
def facets(workspace: CurrentWorkspace, selection: Selected) -> Response:
    """Each dimension counted under the filter without that dimension, the biggest first.

    Any combination of status, run, model, task type and category is counted exactly. Other counts
    are, where an index leads to 10,000 candidates or fewer; else `total_is_lower_bound` is there.
    """
    return JsonResponse(workspace.facets(selection))


@router.get(
    "/dashboard",
    operation_id="getDashboard",
    response_model=None,
    responses=answers(Dashboard, 404, 422),
    summary="What was wrong, where, and how far the review is",
)
def dashboard(workspace: CurrentWorkspace, selection: Selected) -> Response:
    """Failure categories by model, task type, run and time; estimates where a sample allows."""
    return JsonResponse(workspace.dashboard(selection))
