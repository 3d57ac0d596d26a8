"""Training data: the bare export, and curated ones under a name."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import FileResponse, Response, StreamingResponse

from corrigenda import jobs
from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.filters import Names, Selected
from corrigenda.api.responses import JsonResponse
from corrigenda.api.routes.jobs import as_answer
from corrigenda.api.schemas import (
    ExportDiff,
    ExportFormats,
    ExportPreview,
    ExportPreviewRequest,
    ExportRequest,
    Job,
    Recipe,
    Snapshot,
    SnapshotChanges,
    Snapshots,
    answers,
)
from corrigenda.core import recipe as core
from corrigenda.core.selection import Selection

router = APIRouter(tags=["exports"])
Name = Annotated[str, Query(max_length=1000)]

_RESPONSES = answers(None, 422)
_RESPONSES[200] = {
    "description": "One training row a line, in the order of arrival; a table as CSV.",
    "content": {
        "application/x-ndjson": {"schema": {"type": "string"}},
        "text/csv": {"schema": {"type": "string"}},
    },
}
_FILE = answers(None, 404, 422)
_FILE[200] = {
    "description": "The file.",
    "content": {"application/octet-stream": {"schema": {"type": "string"}}},
}


def _chosen(selection: Selected, include_category: Names = None) -> Selection:
    """The filter of an export; of those that are not for training also by status."""
    categories = (*selection.include_categories, *(include_category or ()))
    return replace(selection, include_categories=categories)


@router.get(
    "/export",
    operation_id="export",
    response_model=None,
    responses=_RESPONSES,
    summary="Approved corrections as training data",
)
def export(
    workspace: CurrentWorkspace,
    selection: Annotated[Selection, Depends(_chosen)],
    format: Annotated[str, Query(max_length=1000)] = "messages",
) -> Response:
    """Everything approved, or less.

    The filters are those of `GET /candidates`; `include_category` is another name of `category`.
    A `status` can be chosen for `candidates` and `csv`; others have what is approved alone.
    """
    found = workspace.stream_export(selection, format=format)
    return StreamingResponse(
        found.chunks,
        media_type=found.media_type,
        headers={"Content-Disposition": f'attachment; filename="{found.name}"'},
    )


@router.get(
    "/exports/formats",
    operation_id="getExportFormats",
    response_model=None,
    responses=answers(ExportFormats),
    summary="The training formats, and what a recipe starts with",
)
def formats(workspace: CurrentWorkspace) -> Response:
    """`start` leaves out what makes a bad training set; a recipe without keys does not."""
    return JsonResponse(workspace.export_formats())


@router.post(
    "/exports/preview",
    operation_id="previewExport",
    response_model=None,
    responses=answers(ExportPreview, 413, 422),
    summary="What a recipe would give",
)
def preview(body: ExportPreviewRequest, workspace: CurrentWorkspace) -> Response:
    """The funnel, what is left out and why, and the first rows; changes nothing."""
    return JsonResponse(workspace.preview_export(_recipe(body.recipe), limit=body.limit))


@router.get(
    "/exports/diff",
    operation_id="diffExports",
    response_model=None,
    responses=answers(ExportDiff, 404, 422),
    summary="Compare two snapshots",
)
def diff(workspace: CurrentWorkspace, a: Name, b: Name) -> Response:
    """Which rows are the same, changed, or in one of them alone."""
    return JsonResponse(workspace.diff_exports(a, b, only_names=True))


@router.post(
    "/exports",
    operation_id="startExport",
    response_model=None,
    status_code=202,
    responses=answers(Job, 409, 413, 422, status=202),
    summary="Make a snapshot, and go on",
)
def start(body: ExportRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Queue an export under a name; ask `GET /api/sft/jobs/{id}` how far it is."""
    runner = jobs.runner_of(workspace)
    return as_answer(runner.start_export(body.name, _recipe(body.recipe), reviewer=reviewer))


@router.get(
    "/exports",
    operation_id="getExports",
    response_model=None,
    responses=answers(Snapshots),
    summary="The snapshots",
)
def snapshots(workspace: CurrentWorkspace) -> Response:
    """Newest first."""
    return JsonResponse({"items": workspace.exports()})


@router.get(
    "/exports/{name}",
    operation_id="getExport",
    response_model=None,
    responses=answers(Snapshot, 404, 422),
    summary="A snapshot",
)
def snapshot(name: str, workspace: CurrentWorkspace) -> Response:
    """Its manifest and its files."""
    return JsonResponse(workspace.export_named(name))


@router.get(
    "/exports/{name}/changes",
    operation_id="getExportChanges",
    response_model=None,
    responses=answers(SnapshotChanges, 404, 422),
    summary="What was decided since",
)
def changes(name: str, workspace: CurrentWorkspace) -> Response:
    """Which of its rows have another decision by now, and how many candidates are new."""
    return JsonResponse(workspace.changes_since(name, only_names=True))


@router.get(
    "/exports/{name}/files/{file}",
    operation_id="getExportFile",
    response_model=None,
    responses=_FILE,
    summary="A file of a snapshot",
)
def download(name: str, file: str, workspace: CurrentWorkspace) -> Response:
    """As it lies in the snapshot."""
    found = workspace.export_file(name, file)
    return FileResponse(
        found, media_type="application/octet-stream", filename=f"{name}-{found.name}"
    )


def _recipe(given: Recipe) -> core.Recipe:
    said: dict[str, Any] = given.model_dump(exclude_unset=True)
    return core.Recipe.from_json(said)
