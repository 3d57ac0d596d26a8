"""The narrowest way to what a selection finds: which of its filters an index answers with least.

A page or a total looks at every candidate on its way. To walk in the order asked for is best
where the filter finds many; where it finds few, it is to read those few and sort them. No
database can tell without statistics, so each way is counted, up to `MOST`, by its index alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import storable
from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.store import cells, matching
from corrigenda.store.hints import by_index, by_seq
from corrigenda.store.schema import batch_members, candidates, decisions, tags

MOST = 10_000
"""Candidates that are looked at for one answer, at most."""

FEW = 500
"""With so many no narrower way is looked for."""

_SEQ = candidates.c.seq


# Word for word as in the index.
_HELD_BACK: sa.ColumnElement[bool] = sa.literal_column("candidates.held_back IS TRUE")


@dataclass(frozen=True)
class Way:
    """A query for the `seq` of all that is selected, and of others that the fields let through.

    `n` is how many it finds, at most `MOST + 1`; `fields` are those of the selection that it
    answers fully, so that a selection of no others finds exactly these.
    """

    seqs: sa.Select[Any]
    fields: frozenset[str]
    n: int = MOST + 1


def narrowest(
    connection: Connection, selection: Selection, found: Sequence[cells.Counted] | None
) -> Way | None:
    """The way that looks at the fewest candidates, `None` if no filter has an index.

    Args:
        connection: Where to count.
        selection: What is looked for.
        found: The cells in which there is some of it, if that is known.
    """
    best: Way | None = None
    ways = (
        *_of_cells(selection, found),
        *_of_text(connection, selection),
        *_of_lists(selection),
        *_of_columns(selection),
    )
    for way in ways:
        n = way.n
        if n > MOST:
            cap = best.n if best else MOST + 1
            some = way.seqs.limit(cap).subquery()
            n = connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
        if best is None or n < best.n:
            best = Way(way.seqs, way.fields, n)
        if best.n <= FEW:
            break
    return best


def among(connection: Connection, seqs: sa.Select[Any]) -> sa.ColumnElement[bool]:
    """That a candidate is one of those that a query finds, which are few.

    PostgreSQL is handed their numbers: of a query inside a query it does not know how few.
    """
    if connection.dialect.name == "sqlite":
        return _SEQ.in_(seqs)
    return matching.among(connection, connection.scalars(seqs).all())


def _of_cells(selection: Selection, found: Sequence[cells.Counted] | None) -> Iterator[Way]:
    if found is None or not selection.restricted & cells.COLUMNS:
        return
    n = sum(each.n for each in found)
    if n <= MOST:
        query = _indexed("cell", candidates.c.cell.in_(cells.numbers(found)))
        yield Way(_with_status(query, selection), frozenset(), n)


def _of_text(connection: Connection, selection: Selection) -> Iterator[Way]:
    matches = matching.matches(connection, selection.text) if selection.text else None
    if matches is not None and matches.n <= MOST:
        query = sa.select(_SEQ).where(matching.among(connection, list(matches.seqs())))
        yield Way(by_seq(query), frozenset({"text"}), matches.n)


def _of_lists(selection: Selection) -> Iterator[Way]:
    if selection.lot is not None:
        of_lot = decisions.c.lot.in_(_storable(selection.lot))
        yield Way(sa.select(decisions.c.candidate_seq).where(of_lot), frozenset())
    if selection.batch is not None:
        of_batch = batch_members.c.batch_id == selection.batch
        yield Way(sa.select(batch_members.c.candidate_seq).where(of_batch), frozenset({"batch"}))
    if selection.decided_from is not None or selection.decided_until is not None:
        at = decisions.c.decided_at
        days = [at >= (selection.decided_from or "")]
        if selection.decided_until is not None:
            days.append(at < selection.decided_until + "U")
        yield Way(sa.select(decisions.c.candidate_seq).where(*days), frozenset())
    if selection.tags:
        tagged = tags.c.tag.in_(_storable(*selection.tags))
        yield Way(sa.select(tags.c.candidate_seq).where(tagged), frozenset())


def _of_columns(selection: Selection) -> Iterator[Way]:
    here, fields = candidates.c, frozenset({"statuses"})
    if selection.held_back:
        query = _with_status(_indexed("held_back", _HELD_BACK), selection, always=True)
        yield Way(query, fields | {"held_back"})
    if selection.prompt_key is not None:
        same = here.prompt_key.in_(_storable(selection.prompt_key))
        yield Way(_indexed("prompt_key", same), frozenset({"prompt_key"}))
    if selection.tasks:
        query = _indexed("task", here.task.in_(_storable(*selection.tasks)))
        yield Way(query, frozenset({"tasks"}))
    included = selection.include_categories
    if included and UNCATEGORISED not in included:
        query = _indexed("category", here.failure_category.in_(included))
        yield Way(_with_status(query, selection), fields | {"include_categories"})
    if selection.reviewers:
        query = _indexed("decided_by", here.decided_by.in_(selection.reviewers))
        yield Way(_with_status(query, selection), fields | {"reviewers"})
    if selection.score_min is not None or selection.score_max is not None:
        low, high = selection.score_min or 0, selection.score_max
        within = here.by_score.between(low, 1 if high is None else high)
        query = _with_status(_indexed("by_score", within), selection, always=True)
        yield Way(query, fields | {"score_min", "score_max"})


def _indexed(index: str, condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return by_index(sa.select(_SEQ).where(condition), f"ix_candidates_{index}")


def _with_status(
    query: sa.Select[Any], selection: Selection, *, always: bool = False
) -> sa.Select[Any]:
    if not selection.statuses and not always:
        return query
    statuses = [status.value for status in selection.statuses or Status]
    return query.where(candidates.c.status.in_(statuses))


def _storable(*values: str) -> list[str]:
    return [value for value in values if storable(value)]
