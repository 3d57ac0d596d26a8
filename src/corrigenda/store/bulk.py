"""Many rows at once, in the driver's own words.

SQLAlchemy prepares every value of every row in Python, which takes longer than the database takes
to put them in. An import is the one place where that is felt.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import AsciiJson


def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Put in rows that all name the same columns."""
    if not rows:
        return
    names = list(rows[0])
    encoded = [name for name in names if isinstance(table.c[name].type, AsciiJson)]
    for row in rows:
        for name in encoded:
            if row[name] is not None:
                row[name] = AsciiJson().process_bind_param(row[name], connection.dialect)
    insert_tuples(connection, table, (tuple(row.values()) for row in rows), names)


def insert_tuples(
    connection: Connection,
    table: sa.Table,
    rows: Iterable[tuple[Any, ...]],
    names: Sequence[str] | None = None,
) -> None:
    """Put in rows as the database takes them: the values of these columns, or of all in order."""
    named = ", ".join(names or table.c.keys())
    if connection.dialect.name == "postgresql":
        _copy(connection, f"COPY {table.name} ({named}) FROM STDIN", rows)
        return
    marks = ", ".join("?" * len(names or table.c))
    statement = f"INSERT INTO {table.name} ({named}) VALUES ({marks})"
    if known := list(rows):
        connection.exec_driver_sql(statement, known)


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """SQLAlchemy has no word for COPY, so that errors are made its own here."""
    driver = connection.dialect.loaded_dbapi.Error
    raw = connection.connection.cursor()
    try:
        with raw.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver as error:
        raise sa.exc.DBAPIError.instance(
            statement, None, error, driver, hide_parameters=True, dialect=connection.dialect
        ) from error
    finally:
        raw.close()
