"""A selection as SQL conditions on the candidates."""

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import storable
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.store import search
from corrigenda.store.schema import batch_members, candidates, decisions, tags

Condition = sa.ColumnElement[bool]

CATEGORY = sa.func.coalesce(candidates.c.failure_category, UNCATEGORISED)
"""The failure category, `none` where there is none."""


def conditions(connection: Connection, selection: Selection) -> list[Condition]:
    """What a candidate must meet; nothing for what restricts nothing."""
    return [
        *_of_record(selection),
        *_of_state(selection),
        *_in_other_tables(selection),
        *(search.condition(connection, selection.text) if selection.text else ()),
    ]


def _of_record(selection: Selection) -> Iterator[Condition]:
    here = candidates.c
    if selection.models:
        yield sa.or_(
            _one_of(here.model, selection.models), _one_of(here.model_id, selection.models)
        )
    for column, values in (
        (here.task_type, selection.task_types),
        (here.task, selection.tasks),
        (here.run_id, selection.run_ids),
        (here.prompt_key, () if selection.prompt_key is None else (selection.prompt_key,)),
    ):
        if values:
            yield _one_of(column, values)
    if selection.score_min is not None:
        yield here.quality_score >= selection.score_min
    if selection.score_max is not None:
        yield here.quality_score <= selection.score_max


def _of_state(selection: Selection) -> Iterator[Condition]:
    if selection.statuses:
        yield candidates.c.status.in_([status.value for status in selection.statuses])
    if selection.include_categories:
        yield CATEGORY.in_(selection.include_categories)
    if selection.exclude_categories:
        yield CATEGORY.not_in(selection.exclude_categories)
    if selection.reviewers:  # any text: it is kept as JSON
        yield candidates.c.decided_by.in_(selection.reviewers)
    if selection.decided_from is not None:
        yield candidates.c.decided_at >= selection.decided_from
    if selection.decided_until is not None:  # a text that sorts after each moment of the day
        yield candidates.c.decided_at < selection.decided_until + "U"
    if selection.held_back:
        yield candidates.c.held_back


def _in_other_tables(selection: Selection) -> Iterator[Condition]:
    seq = candidates.c.seq
    if selection.tags:
        yield seq.in_(sa.select(tags.c.candidate_seq).where(_one_of(tags.c.tag, selection.tags)))
    if selection.lot is not None:
        of_lot = _one_of(decisions.c.lot, [selection.lot])
        yield seq.in_(sa.select(decisions.c.candidate_seq).where(of_lot))
    if selection.batch is not None:
        of_batch = batch_members.c.batch_id == selection.batch
        yield seq.in_(sa.select(batch_members.c.candidate_seq).where(of_batch))


def _one_of(column: sa.Column[Any], values: Iterable[str]) -> Condition:
    # A text that no database can hold is nobody's, and must not reach one.
    return column.in_([value for value in values if storable(value)])
