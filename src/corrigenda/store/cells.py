"""Cells: the combinations of run, model and task type that there are.

A workspace with a million candidates has a few hundred. Each candidate has the number of its
cell, so that an index gives those of one cell in the order of arrival; and `counts` has a row for
each cell, status and category, so that what a filter by run, model and task type finds is known
before anything is read.

    value     the combination as text: `["run-1", "small", "org/small", "math"]`
    number    a hash of that, of 31 bits: two cells may share one, which costs, but misleads nobody
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import UNCATEGORISED
from corrigenda.store.schema import counts

COLUMNS = frozenset({"models", "task_types", "run_ids"})
"""The fields of a selection that say which cells."""

TOLD_APART = COLUMNS | {"statuses", "include_categories", "exclude_categories"}
"""The fields of a selection that the counts of the cells can tell apart."""

_KEPT = 100_000
_MOST = 10_000
"""Cells that are read for one answer; who has more has hardly any cells to speak of."""

_REMEMBERED = "corrigenda-cells"

_LONGEST = 600
"""Characters: PostgreSQL's indexes take about 2,700 bytes."""


@dataclass(frozen=True)
class Cell:
    """A combination of run, model and task type; `None` where a record says nothing."""

    run_id: str | None
    model: str | None
    model_id: str | None
    task_type: str | None
    number: int


_EVERY = Cell(None, None, None, None, 0)


@dataclass(frozen=True)
class Counted:
    """How many candidates of a cell have a status and a category (`""` for none)."""

    cell: Cell
    status: str
    category: str
    n: int


_CELLS = sa.and_(counts.c.dimension == "cell", counts.c.status == "")
_ALL = sa.select(counts.c.value).where(_CELLS).limit(_MOST + 1)
_ALL_BY_SIZE = _ALL.where(counts.c.n > 0).order_by(counts.c.n.desc())
_COUNTED = (counts.c.value, counts.c.status, counts.c.category, counts.c.n)
_STATUSES = counts.c.status.in_(sa.bindparam("statuses", expanding=True))
_OF_CELLS = sa.select(*_COUNTED).where(
    counts.c.dimension == "cell",
    counts.c.value.in_(sa.bindparam("values", expanding=True)),
    _STATUSES,
)
_OF_ALL = sa.select(*_COUNTED).where(counts.c.dimension == "total", _STATUSES)


def counted(connection: Connection, selection: Selection) -> list[Counted] | None:
    """The cells in which a selection finds something, as far as cells are `TOLD_APART`.

    Where no cell is asked for, all candidates count as one. `None` where the cells are too many
    to read, or have names too long to be kept.
    """
    transaction = connection.get_transaction()
    asked = tuple(getattr(selection, name) for name in sorted(TOLD_APART))
    # A page asks for the same several times in its transaction.
    remembered: tuple[Any, Any, list[Counted] | None] | None = connection.info.get(_REMEMBERED)
    if remembered is None or remembered[:2] != (transaction, asked):
        found = _counted(connection, selection)
        remembered = connection.info[_REMEMBERED] = (transaction, asked, found)
    return remembered[2]


def _counted(connection: Connection, selection: Selection) -> list[Counted] | None:
    statuses = [status.value for status in selection.statuses or Status]
    if not selection.restricted & COLUMNS:
        rows = connection.execute(_OF_ALL, {"statuses": statuses}).all()
    else:
        values = connection.execute(_ALL).scalars().all()
        read = [cell_of(value) for value in values]
        if len(values) > _MOST or None in read:
            return None
        fit = [v for v, cell in zip(values, read, strict=True) if cell and _fits(selection, cell)]
        rows = connection.execute(_OF_CELLS, {"values": fit, "statuses": statuses}).all()
    included, excluded = selection.include_categories, selection.exclude_categories
    return [
        Counted(cell_of(value) or _EVERY, status, category, n)
        for value, status, category, n in rows
        if n
        and (not included or (category or UNCATEGORISED) in included)
        and (category or UNCATEGORISED) not in excluded
    ]


def of_runs(connection: Connection) -> dict[str, int] | None:
    """The number of one cell of each run; `None` where cells are of no use (see `counted`)."""
    values = connection.execute(_ALL_BY_SIZE).scalars().all()
    read = [cell_of(value) for value in values]
    if len(values) > _MOST or None in read:
        return None
    # The smallest comes last, and stays.
    return {cell.run_id: cell.number for cell in read if cell and cell.run_id is not None}


def numbers(found: Sequence[Counted]) -> list[int]:
    """The numbers of cells, each once."""
    return sorted({each.cell.number for each in found})


def _fits(selection: Selection, cell: Cell) -> bool:
    here = selection
    return (
        (not here.models or cell.model in here.models or cell.model_id in here.models)
        and (not here.task_types or cell.task_type in here.task_types)
        and (not here.run_ids or cell.run_id in here.run_ids)
    )


@lru_cache(maxsize=_KEPT)
def value_of(
    run_id: str | None, model: str | None, model_id: str | None, task_type: str | None
) -> str:
    """A combination as text; of very long names only a hash, which `cell_of` cannot read."""
    found = json.dumps([run_id, model, model_id, task_type], ensure_ascii=False)
    return found if len(found) <= _LONGEST else f"#{_digest(found).hex()}"


@lru_cache(maxsize=_KEPT)
def number_of(value: str) -> int:
    """The number of a combination.

    Example:
        >>> number_of(value_of("run-1", "small", "org/small", "math"))
        235872284
    """
    return int.from_bytes(_digest(value)[:4], "big") >> 1


@lru_cache(maxsize=_KEPT)
def cell_of(value: str) -> Cell | None:
    """The combination that a text stands for, `None` if only its hash was kept."""
    if not value.startswith("["):
        return None
    run_id, model, model_id, task_type = json.loads(value)
    return Cell(run_id, model, model_id, task_type, number_of(value))


def _digest(value: str) -> bytes:
    return hashlib.blake2b(value.encode("utf-8"), digest_size=16).digest()
