"""Which index SQLite reads a query by.

SQLite keeps no statistics here, and without them it takes any two indexes for equally narrow: a
page of the queue would sometimes be read by an index that has half of the table behind one value.
Where the store knows better, it says so. PostgreSQL decides by its own statistics.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.engine import Engine

from corrigenda.store.schema import candidates


class HintingCompiler(SQLiteCompiler):
    """Puts what `Select.with_hint` says after the table's name."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002
        """The hint as it is; SQLAlchemy knows none for SQLite."""
        return text


def install(engine: Engine) -> None:
    """Let the queries of a SQLite engine have hints."""
    engine.dialect.statement_compiler = HintingCompiler


def by_index(query: sa.Select[Any], index: str) -> sa.Select[Any]:
    """The query, reading the candidates by this index; it fails where it cannot."""
    return query.with_hint(candidates, f"INDEXED BY {index}", "sqlite")


def by_seq(query: sa.Select[Any]) -> sa.Select[Any]:
    """The query, reading the candidates by `seq` alone."""
    return query.with_hint(candidates, "NOT INDEXED", "sqlite")
