"""How many candidates there are: in all, and for each choice of a filter.

Numbers are exact up to `LIMIT` candidates; more are a lower bound, which costs the same however
many there are. What is kept with every change (`counts`) is always exact.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Status
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.store import candidates as stored
from corrigenda.store import counts
from corrigenda.store.filters import CATEGORY, conditions
from corrigenda.store.schema import candidates, tags

LIMIT = 10_000

TENTHS = 10

_FIELDS: dict[str, tuple[str, ...]] = {
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

_KEPT = {
    "model": counts.MODEL,
    "task_type": counts.TASK_TYPE,
    "run_id": counts.RUN,
}
_DIMENSIONS = {kept: name for name, kept in _KEPT.items()}
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
    some = sa.select(candidates.c.seq).where(*conditions(connection, selection)).limit(LIMIT + 1)
    query = sa.select(sa.func.count()).select_from(some.subquery())
    n = connection.execute(query).scalar_one()
    return Total(min(n, LIMIT), n > LIMIT)


def facets(connection: Connection, selection: Selection) -> Facets:
    """Each dimension counted under the selection without that dimension.

    A candidate that has no value in a dimension is not in it, but for the category `none`.
    """
    asked: dict[Selection, list[str]] = defaultdict(list)
    for dimension, fields in _FIELDS.items():
        without = replace(selection, **{name: getattr(EVERYTHING, name) for name in fields})
        asked[without].append(dimension)
    found = Facets()
    for rest, dimensions in asked.items():
        if rest.restricted <= {"statuses"}:
            _kept(connection, rest, dimensions, found)
        if "tag" in dimensions:
            _tags(connection, rest, found)
        scanned = [name for name in dimensions if name != "tag" and name not in found.values]
        if scanned:
            _scan(connection, rest, scanned, found)
    return found


def _kept(
    connection: Connection, selection: Selection, dimensions: list[str], found: Facets
) -> None:
    statuses = {status.value for status in selection.statuses or Status}
    kept = {
        key: n
        for key, n in counts.read(connection, counts.TOTAL, *_KEPT.values()).items()
        if key[2] in statuses
    }
    values: dict[str, Counter[str]] = {name: Counter() for name in ("status", "category", *_KEPT)}
    for (kind, value, status, category), n in kept.items():
        if kind == counts.TOTAL:
            values["status"][status] += n
            values["category"][category or UNCATEGORISED] += n
        elif value:
            values[_DIMENSIONS[kind]][value] += n
    found.values.update({name: values[name] for name in dimensions if name in values})


def _scan(
    connection: Connection, selection: Selection, dimensions: list[str], found: Facets
) -> None:
    columns = [_COLUMNS[name].label(name) for name in dimensions]
    query = sa.select(*columns).where(*conditions(connection, selection)).limit(LIMIT + 1)
    rows = connection.execute(query).all()
    if len(rows) > LIMIT:
        found.at_least.update(dimensions)
    for name, values in zip(dimensions, zip(*rows, strict=True), strict=True) if rows else ():
        counted = Counter(map(_tenth, values) if name == "score" else values)
        del counted[None]
        found.values[name] = counted


def _tenth(score: float | None) -> int | None:
    return None if score is None else min(int(score * TENTHS), TENTHS - 1)


def _tags(connection: Connection, selection: Selection, found: Facets) -> None:
    each = sa.select(tags.c.tag)
    if selection.restricted:
        each = each.join_from(tags, candidates).where(*conditions(connection, selection))
    some = each.limit(LIMIT + 1).subquery()
    counted = sa.select(some.c.tag, sa.func.count().label("n")).group_by(some.c.tag)
    rows = connection.execute(counted).all()
    found.values["tag"] = Counter({row.tag: row.n for row in rows})
    if found.values["tag"].total() > LIMIT:
        found.at_least.add("tag")
