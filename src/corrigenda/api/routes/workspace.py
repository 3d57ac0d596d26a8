"""The workspace itself: statistics, categories, configuration."""

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from corrigenda.api.deps import CurrentWorkspace
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import (
    Config,
    ConfigRequest,
    Identity,
    Stats,
    TaxonomyAnswer,
    TaxonomyRequest,
    answers,
)
from corrigenda.workbench import Workspace

router = APIRouter(tags=["workspace"])


@router.get(
    "/stats",
    operation_id="getStats",
    response_model=None,
    responses=answers(Stats),
    summary="Counts",
)
def stats(workspace: CurrentWorkspace) -> Response:
    """Candidates by status, model, task type and failure category; corrections ready to export."""
    return JsonResponse(workspace.stats())


@router.get(
    "/taxonomy",
    operation_id="getTaxonomy",
    response_model=None,
    responses=answers(TaxonomyAnswer),
    summary="The failure categories",
)
def taxonomy(workspace: CurrentWorkspace) -> Response:
    """The six that are built in, then the workspace's own."""
    found = workspace.taxonomy.categories
    return JsonResponse({"categories": [asdict(category) for category in found]})


@router.post(
    "/taxonomy",
    operation_id="setTaxonomy",
    response_model=None,
    responses=answers(TaxonomyAnswer, 409, 413, 422),
    summary="Reword, add or remove failure categories",
)
def set_taxonomy(body: TaxonomyRequest, workspace: CurrentWorkspace) -> Response:
    """Write `sft.categories` in `label_tool.yaml`; every other key and comment stays."""
    workspace.set_taxonomy([category.model_dump() for category in body.categories])
    return taxonomy(workspace)


@router.get(
    "/workspace",
    operation_id="getWorkspace",
    response_model=None,
    responses=answers(Identity),
    summary="Which workspace this is",
)
def identity(workspace: CurrentWorkspace) -> Response:
    """Its id and name, and what is wrong in its own files."""
    return JsonResponse(workspace.identity())


@router.get(
    "/config",
    operation_id="getConfig",
    response_model=None,
    responses=answers(Config, 422),
    summary="The configuration",
)
def config(workspace: CurrentWorkspace) -> Response:
    """The benchmark folder, and within which folders it may be chosen."""
    return JsonResponse(_config(workspace))


@router.post(
    "/config",
    operation_id="setConfig",
    response_model=None,
    responses=answers(Config, 413, 422),
    summary="Choose the benchmark folder",
)
def set_config(body: ConfigRequest, workspace: CurrentWorkspace) -> Response:
    """Set `sft.bench_results_dir` in `label_tool.yaml`; every other key and comment stays."""
    workspace.set_bench_results_dir(body.bench_results_dir)
    return JsonResponse(_config(workspace))


def _config(workspace: Workspace) -> dict[str, Any]:
    folder = workspace.bench_results_dir
    return {
        "bench_results_dir": str(folder) if folder else None,
        "roots": [str(root) for root in workspace.roots],
    }
