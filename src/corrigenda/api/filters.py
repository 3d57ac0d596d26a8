"""The filter and the order of a request."""

from typing import Annotated, Any

from fastapi import Depends, Query, Request
from starlette.responses import Response

from corrigenda.api.schemas.finding import Filter, OrderName
from corrigenda.api.schemas.records import StatusName
from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection

Names = Annotated[list[str] | None, Query(max_length=100)]
Score = Annotated[float | None, Query(ge=0, le=1)]
Day = Annotated[
    str | None,
    Query(max_length=10, description="A day in UTC, such as `2026-11-01`, itself included."),
]
Cursor = Annotated[str | None, Query(max_length=500, description="From the `Link` header.")]
PerPage = Annotated[int, Query(ge=1, le=200)]


def selected(
    status: Annotated[list[StatusName] | None, Query()] = None,
    model: Names = None,
    task_type: Names = None,
    task: Names = None,
    run_id: Names = None,
    category: Names = None,
    exclude_category: Names = None,
    tag: Names = None,
    reviewer: Names = None,
    score_min: Score = None,
    score_max: Score = None,
    q: Annotated[
        str | None,
        Query(max_length=10_000, description="Words that all occur; the last may be a beginning."),
    ] = None,
    batch: Annotated[int | None, Query(ge=0, le=2**62)] = None,
    prompt: Annotated[str | None, Query(max_length=64, description="A `prompt_key`.")] = None,
    held_back: bool = False,
    lot: Annotated[str | None, Query(max_length=32)] = None,
    decided_from: Day = None,
    decided_until: Day = None,
) -> Selection:
    """The filter of a query; several values of one parameter mean *or*, different ones *and*."""
    return selection_of(
        Filter(
            status=status or [],
            model=model or [],
            task_type=task_type or [],
            task=task or [],
            run_id=run_id or [],
            category=category or [],
            exclude_category=exclude_category or [],
            tag=tag or [],
            reviewer=reviewer or [],
            score_min=score_min,
            score_max=score_max,
            q=q,
            batch=batch,
            prompt=prompt,
            held_back=held_back,
            lot=lot,
            decided_from=decided_from,
            decided_until=decided_until,
        )
    )


def selection_of(given: Filter) -> Selection:
    """A filter as the workbench takes it."""
    return Selection(
        statuses=tuple(Status(name) for name in given.status),
        models=tuple(given.model),
        task_types=tuple(given.task_type),
        tasks=tuple(given.task),
        run_ids=tuple(given.run_id),
        include_categories=tuple(given.category),
        exclude_categories=tuple(given.exclude_category),
        tags=tuple(given.tag),
        reviewers=tuple(given.reviewer),
        score_min=given.score_min,
        score_max=given.score_max,
        text=given.q or "",
        batch=given.batch,
        prompt_key=given.prompt,
        held_back=given.held_back,
        lot=given.lot,
        decided_from=given.decided_from,
        decided_until=given.decided_until,
    )


Selected = Annotated[Selection, Depends(selected)]
Order = Annotated[
    OrderName | None, Query(description="Else `arrival`, or a batch's own random order.")
]


def link_next(request: Request, answer: Response, cursor: str | int | None) -> None:
    """Name the next page in the `Link` header: the same request, from the cursor on."""
    if cursor is None:
        return
    here = request.url.remove_query_params("page").include_query_params(cursor=cursor)
    answer.headers["Link"] = f'<{here.path}?{here.query}>; rel="next"'


LINK: dict[str, Any] = {
    "Link": {
        "description": 'The next page, as `<address>; rel="next"`; not there on the last.',
        "schema": {"type": "string"},
    }
}
