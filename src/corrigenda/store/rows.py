"""Several rows in one statement of the driver's own words.

A statement for each row costs a call each, in which the interpreter is let go of and must be had
again; while other threads are busy that takes longer than the row itself. One statement with all
rows is one call.

Example:
    `INSERT INTO tags (tag, candidate_seq) VALUES (?,?),(?,?)` is
    `f"INSERT INTO tags (tag, candidate_seq) {values(connection, 2, 2)}"`.
"""

import itertools
import json
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import AsciiJson

_PART = 500
_MARKS = {"sqlite": "?", "postgresql": "%s"}


def execute(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> Any:
    """Run a statement of the driver's own words; returns the driver's cursor.

    For what is asked for with every decision: `Connection.exec_driver_sql` does the same, and
    takes many times as long as a small statement.

    Raises:
        sqlalchemy.exc.DBAPIError: As everywhere.
    """
    raw: Any = connection.connection.dbapi_connection
    errors: Any = connection.dialect.loaded_dbapi
    try:
        return raw.execute(statement, parameters)
    except errors.Error as error:
        raise sa.exc.DBAPIError.instance(
            statement, tuple(parameters), error, errors.Error, dialect=connection.dialect
        ) from error


def values(connection: Connection, rows: int, columns: int) -> str:
    """`VALUES` with so many rows of so many marks."""
    return _values(_MARKS[connection.dialect.name], rows, columns)


def marks(connection: Connection, n: int) -> str:
    """So many marks in brackets, as after `IN`."""
    return _row(_MARKS[connection.dialect.name], n)


def flat(rows: Iterable[Sequence[Any]]) -> tuple[Any, ...]:
    """The parameters of all rows, one after the other."""
    return tuple(itertools.chain.from_iterable(rows))


def insert(connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Put in rows that all name the same columns."""
    if not rows:
        return
    names = tuple(rows[0])
    encoded = _encoded(table)
    given = [
        [
            json.dumps(value) if value is not None and name in encoded else value
            for name, value in row.items()
        ]
        for row in rows
    ]
    for start in range(0, len(given), _PART):
        part = given[start : start + _PART]
        execute(
            connection,
            f"INSERT INTO {table.name} ({', '.join(names)}) "
            f"{values(connection, len(part), len(names))}",
            flat(part),
        )


@cache
def _encoded(table: sa.Table) -> frozenset[str]:
    """The columns that hold JSON."""
    return frozenset(column.name for column in table.c if isinstance(column.type, AsciiJson))


@lru_cache(maxsize=1024)
def _values(mark: str, rows: int, columns: int) -> str:
    return "VALUES " + ",".join([_row(mark, columns)] * rows)


def _row(mark: str, n: int) -> str:
    return f"({','.join([mark] * n)})"
