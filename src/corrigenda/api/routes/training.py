"""Trainings and evaluations: started, followed, taken up again.

A request names no path and no address; see `workbench.model_choices`.
"""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from corrigenda import jobs
from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.responses import JsonResponse
from corrigenda.api.routes.jobs import as_answer
from corrigenda.api.schemas import (
    Curve,
    EvaluationRequest,
    Job,
    ModelChoices,
    TrainingDetails,
    TrainingRequest,
    Trainings,
    answers,
)

router = APIRouter(tags=["training"])

_LOG = answers(None, 404, 422)
_LOG[200] = {
    "description": "What its processes said last.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}
_CARD = answers(None, 404, 422)
_CARD[200] = {
    "description": "The card.",
    "content": {"text/markdown": {"schema": {"type": "string"}}},
}


@router.get(
    "/models",
    operation_id="getModels",
    response_model=None,
    responses=answers(ModelChoices),
    summary="The models that can be trained and asked",
)
def models(workspace: CurrentWorkspace) -> Response:
    """Those in `sft.models_dir`, what trainings have made, and endpoints by name."""
    return JsonResponse({**workspace.offered_models(), **jobs.abilities()})


@router.post(
    "/trainings",
    operation_id="startTraining",
    response_model=None,
    status_code=202,
    responses=answers(Job, 404, 409, 413, 422, status=202),
    summary="Train a model, and go on",
)
def start(body: TrainingRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """Queue a training; `GET /api/sft/trainings/{name}` says how far it is."""
    job = jobs.runner_of(workspace).start_training(
        body.name,
        model=body.model,
        exports=body.exports,
        method=body.method,
        options=body.options.model_dump(exclude_none=True),
        processes=body.processes,
        reviewer=reviewer,
    )
    return as_answer(job)


@router.get(
    "/trainings",
    operation_id="getTrainings",
    response_model=None,
    responses=answers(Trainings),
    summary="The trainings",
)
def trainings(workspace: CurrentWorkspace) -> Response:
    """Newest first."""
    return JsonResponse({"items": workspace.trainings.all()})


@router.get(
    "/trainings/{name}",
    operation_id="getTraining",
    response_model=None,
    responses=answers(TrainingDetails, 404, 422),
    summary="A training",
)
def training(name: str, workspace: CurrentWorkspace) -> Response:
    """What it is trained on and how, how far it is, and how its models were evaluated."""
    return JsonResponse(workspace.trainings.described(name))


@router.get(
    "/trainings/{name}/curve",
    operation_id="getTrainingCurve",
    response_model=None,
    responses=answers(Curve, 404, 422),
    summary="The numbers of a training by step",
)
def curve(name: str, workspace: CurrentWorkspace) -> Response:
    """Loss, learning rate and what else its trainer logs."""
    return JsonResponse(workspace.trainings.curve(name))


@router.get(
    "/trainings/{name}/log",
    operation_id="getTrainingLog",
    response_model=None,
    responses=_LOG,
    summary="What a training's processes said",
)
def log(name: str, workspace: CurrentWorkspace) -> Response:
    """The last 64 KiB of it."""
    return PlainTextResponse(workspace.trainings.log(name))


@router.get(
    "/trainings/{name}/card",
    operation_id="getTrainingCard",
    response_model=None,
    responses=_CARD,
    summary="The card of a trained model",
)
def card(name: str, workspace: CurrentWorkspace) -> Response:
    """As it lies beside the model."""
    return Response(
        workspace.trainings.card(name).encode(),
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-README.md"'},
    )


@router.post(
    "/trainings/{name}/resume",
    operation_id="resumeTraining",
    response_model=None,
    status_code=202,
    responses=answers(Job, 404, 409, 422, status=202),
    summary="Go on with a training",
)
def resume(name: str, workspace: CurrentWorkspace, reviewer: HeaderReviewer) -> Response:
    """From its last checkpoint."""
    return as_answer(jobs.runner_of(workspace).resume_training(name, reviewer=reviewer))


@router.post(
    "/evaluations",
    operation_id="startEvaluation",
    response_model=None,
    status_code=202,
    responses=answers(Job, 404, 409, 413, 422, status=202),
    summary="Ask a model the prompts of runs again",
)
def evaluate(
    body: EvaluationRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer
) -> Response:
    """Queue an evaluation; asked again, what was interrupted goes on."""
    said = body.model_dump(exclude_none=True)
    return as_answer(jobs.runner_of(workspace).start_evaluation(said, reviewer=reviewer))
