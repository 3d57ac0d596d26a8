"""Runs of the benchmark folder, and importing them."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import anyio
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import ImportAnswer, ImportRequest, Run, Upload, answers

router = APIRouter(tags=["runs"])


@router.get(
    "/runs",
    operation_id="getRuns",
    response_model=None,
    responses=answers(list[Run], 422),
    summary="Runs that can be imported",
)
def runs(workspace: CurrentWorkspace) -> Response:
    """The runs in the benchmark folder, newest first; none where no folder is configured."""
    return JsonResponse([asdict(run) for run in workspace.runs()])


@router.post(
    "/import",
    operation_id="importRun",
    response_model=None,
    responses=answers(ImportAnswer, 404, 413, 422),
    summary="Import a run, and wait for it",
)
def import_run(body: ImportRequest, workspace: CurrentWorkspace) -> Response:
    """Import the candidates of a run that are not there yet."""
    return JsonResponse(workspace.import_run(body.run_id).as_dict())


@router.post(
    "/upload",
    operation_id="upload",
    response_model=None,
    responses=answers(Upload, 413, 422),
    summary="Bring a file to be imported",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def upload(
    request: Request,
    workspace: CurrentWorkspace,
    name: Annotated[str, Query(min_length=1, max_length=255)],
) -> Response:
    """Store a file, at most 2 GiB, and say which runs are in it; nothing is imported yet."""
    chunks = request.stream()

    def receive() -> Iterator[bytes]:
        while True:
            try:
                yield anyio.from_thread.run(chunks.__anext__)
            except StopAsyncIteration:
                return

    # A thread beside the pool of all other requests: those must not wait for a slow sender.
    found = await anyio.to_thread.run_sync(
        lambda: workspace.upload(name, receive()), limiter=anyio.CapacityLimiter(1)
    )
    return JsonResponse(found)
