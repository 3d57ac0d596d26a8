"""How many candidates there are: in all, and for each choice of a filter.

What is kept with every change is always exact: any combination of status, run, model, task type
and category (`counts`, `cells`). Other numbers are exact up to `LIMIT` candidates, if an index
leads to them; beyond, or where more than `access.MOST` would have to be looked at, they are a
lower bound, which costs the same however many there are.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Status
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.store import access, cells, counts
from corrigenda.store import candidates as stored
from corrigenda.store.filters import CATEGORY, conditions
from corrigenda.store.hints import by_index, by_seq
from corrigenda.store.schema import candidates, tags

LIMIT = access.MOST
SOME = 2_000
"""Candidates that are looked at where that makes no number exact."""

TENTHS = 10

FIELDS: dict[str, tuple[str, ...]] = {
    "status": ("statuses",),
    "model": ("models",),
    "task_type": ("task_types",),
    "run_id": ("run_ids",),
    "category": ("include_categories", "exclude_categories"),
    "tag": ("tags",),
    "reviewer": ("reviewers",),
    "score": ("score_min", "score_max"),
}
"""Dimension → the fields of a selection that restrict it."""

_KEPT = {"model": counts.MODEL, "task_type": counts.TASK_TYPE, "run_id": counts.RUN}
_OF_CELLS = ("status", "model", "task_type", "run_id", "category")
_COLUMNS: dict[str, sa.ColumnElement[Any]] = {
    "status": candidates.c.status,
    "model": candidates.c.model,
    "task_type": candidates.c.task_type,
    "run_id": candidates.c.run_id,
    "category": CATEGORY,
    "reviewer": candidates.c.decided_by,
    "score": candidates.c.quality_score,
}


@dataclass(frozen=True)
class Total:
    """A number of candidates; `at_least` when there are more."""

    n: int
    at_least: bool = False


@dataclass
class Facets:
    """Dimension → value → candidates; `at_least` names the dimensions that were cut short.

    The values of `score` are tenths: 0 for scores from 0.0 up to 0.1, 9 for 0.9 to 1.0.
    """

    values: dict[str, Counter[Any]] = field(default_factory=dict)
    at_least: set[str] = field(default_factory=set)


def total(connection: Connection, selection: Selection) -> Total:
    """How many candidates are selected."""
    if selection.restricted <= {"statuses"}:
        return Total(stored.total(connection, selection.statuses or tuple(Status)))
    known = cells.counted(connection, selection)
    if known is not None and (not known or selection.restricted <= cells.TOLD_APART):
        return Total(sum(each.n for each in known))
    way = access.narrowest(connection, selection, known)
    if way is not None and selection.restricted <= way.fields:
        return Total(min(way.n, LIMIT), way.n > LIMIT)
    seqs, all_of_them = _looked_at(connection, selection, known, way)
    query = by_seq(sa.select(sa.func.count()).select_from(candidates))
    query = query.where(access.among(connection, seqs), *conditions(connection, selection))
    return Total(connection.execute(query).scalar_one(), not all_of_them)


def facets(connection: Connection, selection: Selection) -> Facets:
    """Each dimension counted under the selection without that dimension.

    A candidate that has no value in a dimension is not in it, but for the category `none`.
    """
    asked: dict[Selection, list[str]] = defaultdict(list)
    for dimension, fields in FIELDS.items():
        without = replace(selection, **{name: getattr(EVERYTHING, name) for name in fields})
        asked[without].append(dimension)
    found = Facets()
    for rest, dimensions in asked.items():
        known = cells.counted(connection, rest)
        if known is not None and (not known or rest.restricted <= cells.TOLD_APART):
            if rest.restricted & cells.COLUMNS:
                _from_cells(known, dimensions, found)
            else:
                _from_counts(connection, rest, dimensions, found)
        scanned = [name for name in dimensions if name not in found.values]
        if scanned and known != []:
            _scan(connection, rest, known, scanned, found)
    return found


def _from_counts(
    connection: Connection, selection: Selection, dimensions: Sequence[str], found: Facets
) -> None:
    statuses = {status.value for status in selection.statuses or Status}
    included, excluded = selection.include_categories, selection.exclude_categories
    kinds = {_KEPT[name]: name for name in dimensions if name in _KEPT}
    values: dict[str, Counter[str]] = {name: Counter() for name in dimensions if name in _OF_CELLS}
    for (kind, value, status, none_or), n in counts.read(connection, counts.TOTAL, *kinds).items():
        category = none_or or UNCATEGORISED
        if (
            status not in statuses
            or category in excluded
            or (included and category not in included)
        ):
            continue
        if kind != counts.TOTAL:
            if value:
                values[kinds[kind]][value] += n
            continue
        for name, each in (("status", status), ("category", category)):
            if name in values:
                values[name][each] += n
    found.values.update(values)


def _from_cells(known: Sequence[cells.Counted], dimensions: Sequence[str], found: Facets) -> None:
    values: dict[str, Counter[str | None]] = {name: Counter() for name in _OF_CELLS}
    for each in known:
        values["status"][each.status] += each.n
        values["model"][each.cell.model] += each.n
        values["task_type"][each.cell.task_type] += each.n
        values["run_id"][each.cell.run_id] += each.n
        values["category"][each.category or UNCATEGORISED] += each.n
    for name in dimensions:
        if name in values:
            del values[name][None]
            found.values[name] = values[name]


def _scan(
    connection: Connection,
    selection: Selection,
    known: Sequence[cells.Counted] | None,
    dimensions: Sequence[str],
    found: Facets,
) -> None:
    way = access.narrowest(connection, selection, known)
    seqs, all_of_them = _looked_at(connection, selection, known, way)
    where = [access.among(connection, seqs), *conditions(connection, selection)]
    if not all_of_them:
        found.at_least.update(dimensions)
    columns = [_COLUMNS[name].label(name) for name in dimensions if name != "tag"]
    if columns:
        query = by_seq(sa.select(sa.func.count(), *columns).where(*where).group_by(*columns))
        counted: list[Counter[Any]] = [Counter() for _ in columns]
        for n, *values in connection.execute(query):
            for counter, value in zip(counted, values, strict=True):
                counter[value] += n
        for column, counter in zip(columns, counted, strict=True):
            del counter[None]
            found.values[column.name] = _tenths(counter) if column.name == "score" else counter
    if "tag" in dimensions:
        found.values["tag"] = _tags(connection, selection, where)


def _looked_at(
    connection: Connection,
    selection: Selection,
    known: Sequence[cells.Counted] | None,
    way: access.Way | None,
) -> tuple[sa.Select[Any], bool]:
    """Those that are looked at for a number, and whether all that is selected is among them."""
    if way is not None and way.n <= LIMIT:
        return way.seqs, True
    statuses = selection.statuses or tuple(Status)
    query = sa.select(candidates.c.seq).where(candidates.c.status.in_([s.value for s in statuses]))
    if known and selection.restricted & cells.COLUMNS:
        query = query.where(candidates.c.cell.in_(cells.numbers(known)))
        return by_index(query, "ix_candidates_cell").limit(SOME), False
    if way is not None:
        return way.seqs.limit(SOME), False
    all_of_them = stored.total(connection, statuses) <= LIMIT
    return by_index(query, "ix_candidates_status_seq").limit(
        LIMIT if all_of_them else SOME
    ), all_of_them


def _tenths(scores: Counter[float]) -> Counter[int]:
    found: Counter[int] = Counter()
    for score, n in scores.items():
        found[min(int(score * TENTHS), TENTHS - 1)] += n
    return found


def _tags(
    connection: Connection, selection: Selection, where: Sequence[sa.ColumnElement[bool]]
) -> Counter[str]:
    query = sa.select(tags.c.tag, sa.func.count())
    if selection.restricted:
        seqs = by_seq(sa.select(candidates.c.seq).where(*where))
        query = query.where(tags.c.candidate_seq.in_(seqs)).group_by(tags.c.tag)
    else:
        some = sa.select(tags.c.tag).limit(LIMIT).subquery()
        query = sa.select(some.c.tag, sa.func.count()).group_by(some.c.tag)
    return Counter(dict(connection.execute(query).all()))
