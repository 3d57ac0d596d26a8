"""Finding: pages of the queue and of all candidates, the choices of a filter."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from corrigenda.core.candidate import label, prompt_key
from corrigenda.core.decisions import Status
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.reasoning import subject
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.errors import InvalidInput
from corrigenda.store import Database, Stored, candidates, facets, orders, search

EXCERPT = 200
"""Characters of a long text that a list shows."""

CHOICES = 100
"""Values of a dimension that facets show."""


@dataclass(frozen=True)
class Page:
    """A page of candidates.

    `total` counts all that the filter finds, at least if `total_is_lower_bound`; `cursor` is
    where the next page begins, `None` at the end. `search_behind` counts the candidates that a
    filter by words does not find yet.
    """

    items: list[dict[str, Any]]
    total: int
    cursor: str | None
    total_is_lower_bound: bool = False
    search_behind: int = 0


def queue(
    database: Database,
    selection: Selection = EVERYTHING,
    *,
    order: str | None = None,
    limit: int = 20,
    cursor: str | int | None = None,
    offset: int = 0,
    reviewer: str | None = None,
) -> Page:
    """A page of what waits for review, as records; what `reviewer` put off comes last.

    Raises:
        InvalidInput: `limit` is below 1 or `offset` below 0, or there is no such order or cursor.
    """
    chosen = replace(selection, statuses=(Status.NEEDS_REVIEW,))
    found, page = _page(database, chosen, order, limit, cursor, offset, reviewer)
    return replace(page, items=[each.as_record() for each in found])


def browse(
    database: Database,
    selection: Selection = EVERYTHING,
    *,
    order: str | None = None,
    limit: int = 50,
    cursor: str | int | None = None,
) -> Page:
    """A page of candidates in any status, in short form (see `row`).

    Raises:
        InvalidInput: `limit` is below 1, or there is no such order or cursor.
    """
    found, page = _page(database, selection, order, limit, cursor, 0, None)
    return replace(page, items=rows(database, found))


def rows(database: Database, found: Sequence[Stored]) -> list[dict[str, Any]]:
    """Candidates in short form."""
    with database.reading() as connection:
        tagged = candidates.tags_of(connection, [each.seq for each in found])
    return [row(each, tagged.get(each.seq, [])) for each in found]


def row(found: Stored, tagged: list[str]) -> dict[str, Any]:
    """A candidate in short form: names and scores whole, texts cut at `EXCERPT` characters."""
    record, state = found.record, found.state
    return {
        "id": found.id,
        "status": state.status.value,
        "task": candidates.task_of(record),
        **{name: label(record.get(name)) for name in ("task_id", "task_name", "task_type")},
        **{name: label(record.get(name)) for name in ("model_name", "model_id")},
        "benchmark_run_id": found.dimensions.run_id,
        "timestamp": record.get("timestamp"),
        "quality_score": record.get("quality_score"),
        "failure_category": state.failure_category,
        "failure_reason": _excerpt(record.get("failure_reason")),
        "excerpt": _excerpt(subject(record).text or record.get("model_response")) or "",
        "corrected_excerpt": _excerpt(state.corrected_response),
        "decided_by": state.decided_by,
        "decided_at": state.decided_at,
        "revision": state.revision,
        "tags": tagged,
        "prompt_key": prompt_key(record),
        "held_back": state.held_back,
    }


def choices(database: Database, selection: Selection = EVERYTHING) -> dict[str, Any]:
    """What can be chosen in each dimension, with counts; the biggest first.

    Each dimension is counted under the filter without that dimension. `lower_bounds`, only
    where there are any, names those with more than 10,000 candidates.

    Example:
        {"total": 3, "facets": {"status": [{"value": "needs_review", "n": 2}, …], …,
         "score": [{"from": 0.0, "to": 0.1, "n": 3}, …]}}
    """
    with database.reading() as connection:
        total = facets.total(connection, selection)
        found = facets.facets(connection, selection)
    shown: dict[str, Any] = {}
    for dimension in (*_VALUES, "score"):
        values = found.values.get(dimension, Counter())
        if dimension == "score":
            shown[dimension] = [
                {"from": n / facets.TENTHS, "to": (n + 1) / facets.TENTHS, "n": values.get(n, 0)}
                for n in range(facets.TENTHS)
            ]
            continue
        ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
        shown[dimension] = [{"value": v, "n": n} for v, n in ordered if n][:CHOICES]
    answer: dict[str, Any] = {"total": total.n, "facets": shown}
    if total.at_least:
        answer["total_is_lower_bound"] = True
    if found.at_least:
        answer["lower_bounds"] = sorted(found.at_least)
    return answer


_VALUES = ("status", "model", "task_type", "run_id", "category", "tag", "reviewer")


def _page(
    database: Database,
    selection: Selection,
    order: str | None,
    limit: int,
    cursor: str | int | None,
    offset: int,
    reviewer: str | None,
) -> tuple[list[Stored], Page]:
    if limit < 1 or offset < 0:
        raise InvalidInput("`limit` must be 1 or more, `offset` 0 or more.")
    after = None if cursor is None else Cursor.parse(cursor)
    if order is None and after is not None:
        order = after.order
    named = Order.named(order, batch=selection.batch)
    if after is not None and after.order is not named:
        raise InvalidInput(f"`cursor` is of the order `{after.order}`, not `{named}`.")
    with database.reading() as connection:
        places = orders.page(
            connection,
            selection,
            named,
            limit=limit + 1,
            after=after,
            offset=offset,
            reviewer=reviewer,
        )
        shown = places[:limit]
        found = list(candidates.of_seqs_in_order(connection, [place.seq for place in shown]))
        total = facets.total(connection, selection)
        behind = search.progress(connection).behind if selection.text else 0
    more = str(shown[-1].cursor) if len(places) > limit else None
    n = max(total.n, len(places)) if total.at_least else total.n
    return found, Page([], n, more, total.at_least, behind)


def _excerpt(text: object) -> str | None:
    return None if text is None else str(text)[:EXCERPT]
