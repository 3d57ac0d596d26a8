"""Bulk decisions, previewed before and undone together."""

from fastapi import APIRouter
from starlette.responses import Response

from corrigenda import jobs
from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.filters import selection_of
from corrigenda.api.responses import JsonResponse
from corrigenda.api.routes.jobs import as_answer
from corrigenda.api.schemas import Job, LotPreview, LotRequest, Lots, answers
from corrigenda.workbench import lots

router = APIRouter(prefix="/lots", tags=["lots"])
_STARTED = {**answers(Job, 404, 409, 413, 422), 202: answers(Job, status=202)[202]}


@router.get(
    "",
    operation_id="getLots",
    response_model=None,
    responses=answers(Lots),
    summary="The newest lots",
)
def newest(workspace: CurrentWorkspace) -> Response:
    """Newest first."""
    return JsonResponse({"items": workspace.lots()})


@router.post(
    "/preview",
    operation_id="previewLot",
    response_model=None,
    responses=answers(LotPreview, 404, 413, 422),
    summary="What a lot would touch",
)
def preview(body: LotRequest, workspace: CurrentWorkspace) -> Response:
    """How many candidates would be touched and how many not, and why; changes nothing."""
    return JsonResponse(workspace.preview_lot(_request(body)))


@router.post(
    "",
    operation_id="startLot",
    response_model=None,
    responses=_STARTED,
    summary="Decide on many candidates at once",
)
def start(body: LotRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """A small lot is done when this answers (200); a large one goes on as a job (202)."""
    job = jobs.runner_of(workspace).start_lot(_request(body), lot_id=body.lot_id, reviewer=reviewer)
    return as_answer(job)


@router.post(
    "/{lot_id}/undo",
    operation_id="undoLot",
    response_model=None,
    responses=_STARTED,
    summary="Undo a lot",
)
def undo(lot_id: str, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Each candidate gets back the state before, unless somebody has decided on it since."""
    return as_answer(jobs.runner_of(workspace).start_lot_undo(lot_id, reviewer=reviewer))


def _request(body: LotRequest) -> lots.LotRequest:
    return lots.LotRequest(
        action=body.action,
        ids=None if body.ids is None else tuple(body.ids),
        selection=None if body.filter is None else selection_of(body.filter),
        corrected_response=body.corrected_response,
        corrected_parts=(
            None
            if body.corrected_parts is None
            else body.corrected_parts.model_dump(exclude_unset=True)
        ),
        from_reference=body.from_reference,
        failure_category=body.failure_category,
        keep_category="failure_category" not in body.model_fields_set,
        note=body.note,
        tags=tuple(body.tags),
        expected=body.expected,
    )
