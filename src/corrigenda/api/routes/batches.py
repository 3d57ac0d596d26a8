"""Random samples to review."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.filters import selection_of
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import Batch, BatchDeleted, Batches, BatchRequest, answers

router = APIRouter(prefix="/batches", tags=["batches"])


@router.get(
    "",
    operation_id="getBatches",
    response_model=None,
    responses=answers(Batches),
    summary="The samples",
)
def batches(workspace: CurrentWorkspace) -> Response:
    """Newest first, with how much of each is reviewed."""
    return JsonResponse({"items": workspace.batches()})


@router.post(
    "",
    operation_id="createBatch",
    response_model=None,
    responses=answers(Batch, 409, 413, 422),
    summary="Draw a sample",
)
def create(body: BatchRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Draw a random sample of the candidates that a filter finds; the seed makes it repeatable."""
    return JsonResponse(
        workspace.create_batch(
            body.name,
            size=body.size,
            seed=body.seed,
            stratify_by=tuple(body.stratify_by),
            selection=selection_of(body.filter),
            reviewer=reviewer,
        )
    )


@router.post(
    "/{batch_id}/delete",
    operation_id="deleteBatch",
    response_model=None,
    responses=answers(BatchDeleted, 404, 422),
    summary="Forget a sample",
)
def delete(batch_id: Annotated[int, Path(ge=0, le=2**62)], workspace: CurrentWorkspace) -> Response:
    """The candidates and their decisions stay."""
    workspace.delete_batch(batch_id)
    return JsonResponse({"id": batch_id})
