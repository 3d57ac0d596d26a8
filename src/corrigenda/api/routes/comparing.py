"""Two runs compared prompt by prompt: the figures, the prompts, the report."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from corrigenda.api.deps import CurrentWorkspace, HeaderReviewer
from corrigenda.api.filters import LINK, Cursor, Names, PerPage, link_next
from corrigenda.api.responses import JsonResponse
from corrigenda.api.schemas import (
    ComparableRuns,
    ComparedPrompt,
    ComparedPrompts,
    QueuedFailures,
    QueueFailuresRequest,
    RunComparison,
    answers,
)
from corrigenda.api.schemas.comparing import RUN_ID_LIMIT, OutcomeName, SplitName
from corrigenda.workbench.compared_prompts import PromptFilter
from corrigenda.workbench.comparison_report import report
from corrigenda.workbench.kept_comparisons import Kept, Question

router = APIRouter(prefix="/compare", tags=["comparing"])

Run = Annotated[str, Query(max_length=RUN_ID_LIMIT, description="A run's id.")]
Trained = Annotated[
    str | None,
    Query(max_length=RUN_ID_LIMIT, description="The export that was trained on in between."),
]
_PROMPTS = answers(ComparedPrompts, 404, 422)
_PROMPTS[200]["headers"] = LINK
_REPORT = answers(None, 404, 422)
_REPORT[200] = {
    "description": "The report.",
    "content": {
        "text/markdown": {"schema": {"type": "string"}},
        "application/json": {"schema": {"type": "object", "additionalProperties": True}},
    },
}
_MEDIA = {"markdown": ("text/markdown", "md"), "json": ("application/json", "json")}


# Not `async`: it may take seconds, and so runs in a thread.
def compared(workspace: CurrentWorkspace, a: Run, b: Run, trained: Trained = None) -> Kept:
    """The comparison that a request is about."""
    return workspace.kept_comparison(Question(a, b, trained or None))


Compared = Annotated[Kept, Depends(compared)]


@router.get(
    "/runs",
    operation_id="getComparableRuns",
    response_model=None,
    responses=answers(ComparableRuns),
    summary="The runs that can be compared",
)
def runs(workspace: CurrentWorkspace) -> Response:
    """Every run with samples in this workspace, however it came in."""
    return JsonResponse({"items": [asdict(run) for run in workspace.comparable_runs()]})


@router.get(
    "",
    operation_id="compareRuns",
    response_model=None,
    responses=answers(RunComparison, 404, 422),
    summary="Compare two runs",
)
def compare(found: Compared) -> Response:
    """What run B made of what run A got right or wrong; each prompt counts once."""
    return JsonResponse(found.comparison.head())


def _chosen(
    outcome: Annotated[list[OutcomeName] | None, Query()] = None,
    split: Annotated[list[SplitName] | None, Query()] = None,
    category: Names = None,
    task_type: Names = None,
    task: Names = None,
    adjusted: Annotated[bool, Query(description="Outcomes with artifacts as right.")] = False,
) -> PromptFilter:
    """The filter of the prompts."""
    return PromptFilter(
        outcomes=tuple(outcome or ()),
        splits=tuple(split or ()),
        categories=tuple(category or ()),
        task_types=tuple(task_type or ()),
        tasks=tuple(task or ()),
        adjusted=adjusted,
    )


@router.get(
    "/prompts",
    operation_id="getComparedPrompts",
    response_model=None,
    responses=_PROMPTS,
    summary="The prompts of a comparison",
)
def prompts(
    request: Request,
    found: Compared,
    chosen: Annotated[PromptFilter, Depends(_chosen)],
    per_page: PerPage = 50,
    cursor: Cursor = None,
) -> Response:
    """A page of prompts with their outcomes; the `Link` header leads to the next."""
    page = found.prompts.page(chosen, limit=per_page, cursor=cursor)
    answer = JsonResponse({"items": page.items, "total": page.total})
    link_next(request, answer, page.cursor)
    return answer


@router.get(
    "/prompt",
    operation_id="getComparedPrompt",
    response_model=None,
    responses=answers(ComparedPrompt, 404, 422),
    summary="A prompt with the answers of both runs",
)
def prompt(found: Compared, prompt_key: Annotated[str, Query(max_length=64)]) -> Response:
    """What was asked, the right answer, and what each run answered."""
    return JsonResponse(found.prompts.one(prompt_key))


@router.get(
    "/report",
    operation_id="getComparisonReport",
    response_model=None,
    responses=_REPORT,
    summary="A comparison as a file",
)
def download(found: Compared, format: Literal["markdown", "json"] = "markdown") -> Response:
    """As `corrigenda compare` writes it; the JSON has every prompt, one a line."""
    media_type, ending = _MEDIA[format]
    lines = report(found.comparison, format)
    return StreamingResponse(
        (f"{line}\n".encode("utf-8", "backslashreplace") for line in lines),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="comparison.{ending}"'},
    )


@router.post(
    "/queue",
    operation_id="queueFailures",
    response_model=None,
    responses=answers(QueuedFailures, 404, 413, 422),
    summary="Review what still fails",
)
def queue(
    body: QueueFailuresRequest, workspace: CurrentWorkspace, reviewer: HeaderReviewer
) -> Response:
    """Make a batch of what B still fails or has come to fail, in a random order."""
    workspace.check_batch_name(body.name)
    found = workspace.kept_comparison(Question(body.a, body.b, body.trained or None))
    batch = workspace.queue_failures(found.comparison, body.name, reviewer=reviewer)
    return JsonResponse({"batch": batch})
