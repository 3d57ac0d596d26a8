"""Many rows at once, in the driver's own words.

SQLAlchemy prepares every value of every row in Python, which takes longer than the database takes
to put them in. An import is the one place where that is felt.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store.schema import AsciiJson

MARKS = {"sqlite": "?", "postgresql": "%s"}


def insert_rows(connection: Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Put in rows that all name the same columns."""
    if not rows:
        return
    names = list(rows[0])
    marks = ", ".join([MARKS[connection.dialect.name]] * len(names))
    encoded = [name for name in names if isinstance(table.c[name].type, AsciiJson)]
    for row in rows:
        for name in encoded:
            if row[name] is not None:
                row[name] = AsciiJson().process_bind_param(row[name], connection.dialect)
    connection.exec_driver_sql(
        f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})",
        [tuple(row.values()) for row in rows],
    )
