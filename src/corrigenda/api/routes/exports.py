"""Training data."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.schemas import answers
from corrigenda.jsonl import dumps

router = APIRouter(tags=["exports"])
Names = Annotated[list[str] | None, Query(max_length=100)]

_RESPONSES = answers(None, 422)
_RESPONSES[200] = {
    "description": "One training row a line, in the order of arrival.",
    "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
}


@router.get(
    "/export",
    operation_id="export",
    response_model=None,
    responses=_RESPONSES,
    summary="Approved corrections as training data",
)
def export(
    workspace: CurrentWorkspace,
    include_category: Names = None,
    exclude_category: Names = None,
    model: Names = None,
    task_type: Names = None,
    run_id: Names = None,
    format: str = "messages",
) -> Response:
    """Everything approved, or less.

    The filters are failure category (`none`: uncategorised), model, task type and run; each may
    be given several times.
    """
    rows = workspace.export(
        format=format,
        include_category=include_category or (),
        exclude_category=exclude_category or (),
        model=model or (),
        task_type=task_type or (),
        run_id=run_id or (),
    )

    def lines() -> Iterator[bytes]:
        batch: list[str] = []
        for row in rows:
            batch.append(dumps(row))
            if len(batch) == 100:
                yield ("\n".join(batch) + "\n").encode("ascii")
                batch = []
        if batch:
            yield ("\n".join(batch) + "\n").encode("ascii")

    return StreamingResponse(
        lines(),
        media_type="application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="corrigenda-{format}.jsonl"'},
    )
