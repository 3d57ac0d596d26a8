"""Search: the words of each candidate's record, in FTS5 on SQLite, as tsvectors on PostgreSQL.

Both indexes are handed ready words (`core.words`) and hold no positions, so that the same query
finds the same candidates on both. The table is made here, since no metadata describes a virtual
table. SQLite keeps only the index (`content=''`), and is told the old words to forget a row.
"""

import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Record
from corrigenda.core.words import Query, record_words
from corrigenda.store.schema import candidates, records

TABLES = frozenset({"search", "search_data", "search_idx", "search_config", "search_docsize"})
"""The tables that the index consists of, on one database or the other."""

_PART = 500
_MAKE = {
    "sqlite": (
        "CREATE VIRTUAL TABLE search USING fts5("
        "words, content='', detail=none, columnsize=0, tokenize='ascii')",
    ),
    "postgresql": (
        "CREATE TABLE search (seq BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX ix_search_words ON search USING gin (words)",
    ),
}
_CLEAR = {
    "sqlite": sa.text("INSERT INTO search (search) VALUES ('delete-all')"),
    "postgresql": sa.text("DELETE FROM search"),
}
# In the driver's own words: an import makes one row for each candidate, and SQLAlchemy's way to a
# statement with many rows costs more than the index.
_INSERT = {
    "sqlite": "INSERT INTO search (rowid, words) VALUES (?, ?)",
    "postgresql": "INSERT INTO search (seq, words) VALUES "
    "(%s, array_to_tsvector(string_to_array(%s, ' ')))",
}
_FORGET = {
    "sqlite": sa.text("INSERT INTO search (search, rowid, words) VALUES ('delete', :seq, :words)"),
    "postgresql": sa.text("DELETE FROM search WHERE seq = :seq"),
}


def make(connection: Connection) -> None:
    """Make the table, empty; the migration does."""
    for statement in _MAKE[connection.dialect.name]:
        connection.execute(sa.text(statement))


def insert(connection: Connection, found: Iterable[tuple[int, Record]]) -> None:
    """Put in the words of new candidates (at `seq`, with the id that they have here)."""
    rows = [(seq, " ".join(record_words(record))) for seq, record in found]
    if rows:
        connection.exec_driver_sql(_INSERT[connection.dialect.name], rows)


def replace(connection: Connection, seq: int, before: Record, after: Record) -> None:
    """A candidate's record has changed."""
    forget = {"seq": seq}
    if connection.dialect.name == "sqlite":
        forget["words"] = " ".join(record_words(before))  # type: ignore[assignment]
    connection.execute(_FORGET[connection.dialect.name], forget)
    insert(connection, [(seq, after)])


def clear(connection: Connection) -> None:
    """Forget every word."""
    connection.execute(_CLEAR[connection.dialect.name])


def rebuild(connection: Connection) -> None:
    """Fill the index anew from the records: after a change of what a word is."""
    clear(connection)
    after = 0
    page = (
        sa.select(records.c.seq, records.c.body, candidates.c.id)
        .join_from(records, candidates)
        .order_by(records.c.seq)
        .limit(_PART)
    )
    while rows := connection.execute(page.where(records.c.seq > after)).all():
        insert(connection, [(row.seq, {**json.loads(row.body), "id": row.id}) for row in rows])
        after = rows[-1].seq


def condition(connection: Connection, text: str) -> Sequence[sa.ColumnElement[bool]]:
    """That a candidate has every word of `text`, the last perhaps going on; none if it has none.

    A text without any letter or digit restricts nothing.
    """
    query = Query.of(text)
    if not query:
        return []
    if connection.dialect.name == "sqlite":
        return [candidates.c.seq.in_(_sqlite(query))]
    return [candidates.c.seq.in_(_postgresql(query))]


# Words have only letters and digits, so that quotes around them are enough.
def _sqlite(query: Query) -> sa.Select[tuple[int]]:
    terms = [f'"{word}"' for word in query.words]
    if query.beginning:
        terms.append(f'"{query.beginning}"*')
    table = sa.table("search", sa.column("rowid", sa.Integer))
    match = sa.literal_column("search", sa.Text).op("MATCH", is_comparison=True)
    return sa.select(table.c.rowid).where(match(" AND ".join(terms)))


def _postgresql(query: Query) -> sa.Select[tuple[int]]:
    terms = [f"'{word}'" for word in query.words]
    if query.beginning:
        terms.append(f"'{query.beginning}':*")
    table = sa.table("search", sa.column("seq", sa.BigInteger), sa.column("words"))
    match = table.c.words.op("@@", is_comparison=True)
    return sa.select(table.c.seq).where(match(sa.cast(" & ".join(terms), TSQUERY)))
