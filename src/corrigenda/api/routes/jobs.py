"""Long work with progress."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from corrigenda import jobs
from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import ImportOptions, Job, JobRequest, Jobs, answers
from corrigenda.store import Job as StoredJob
from corrigenda.workbench.watching import job_as_json

router = APIRouter(prefix="/jobs", tags=["jobs"])


@router.post(
    "",
    operation_id="startJob",
    response_model=None,
    status_code=202,
    responses=answers(Job, 404, 413, 422, status=202),
    summary="Start an import, and go on",
)
def start(body: JobRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Queue an import; ask `GET /api/sft/jobs/{id}` how far it is."""
    runner, options = jobs.runner_of(workspace), body.options or ImportOptions.model_validate({})
    request = options.as_request()
    if options.save_mapping:
        workspace.check_mapping(options.save_mapping, request)
    job = runner.start_import(
        body.run_id, upload_id=body.upload_id, request=request, reviewer=reviewer
    )
    if options.save_mapping:
        workspace.save_mapping(options.save_mapping, request)
    return JsonResponse(job_as_json(job), status_code=202)


@router.get(
    "",
    operation_id="getJobs",
    response_model=None,
    responses=answers(Jobs, 422),
    summary="The newest jobs",
)
def newest(
    workspace: CurrentWorkspace, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> Response:
    """Newest first."""
    found = jobs.runner_of(workspace).newest(limit)
    return JsonResponse({"items": [job_as_json(job) for job in found]})


@router.get(
    "/{job_id}",
    operation_id="getJob",
    response_model=None,
    responses=answers(Job, 404, 422),
    summary="A job",
)
def get(workspace: CurrentWorkspace, job_id: str) -> Response:
    """How far a job is, and what came of it."""
    return JsonResponse(job_as_json(jobs.runner_of(workspace).get(job_id)))


@router.post(
    "/{job_id}/cancel",
    operation_id="cancelJob",
    response_model=None,
    responses=answers(Job, 404, 422),
    summary="Stop a job",
)
def cancel(workspace: CurrentWorkspace, job_id: str) -> Response:
    """Ask a job to stop; what it has done stays."""
    return JsonResponse(job_as_json(jobs.runner_of(workspace).cancel(job_id)))


def as_answer(job: StoredJob) -> Response:
    """A job as the answer to starting it: 200 if it is done already."""
    return JsonResponse(job_as_json(job), status_code=200 if job.finished_at else 202)
