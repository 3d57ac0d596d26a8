"""Candidates for the store's tests, and the few steps that most of them begin with."""

from collections.abc import Iterable
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate, parse
from corrigenda.core.decisions import WRITING, Action, Decision
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.store import Arrived, Database, Outcome, candidates, counts, deciding
from corrigenda.store.arrivals import arrive
from corrigenda.store.schema import metadata

AT = "2026-04-07T10:00:00.000000Z"
TAXONOMY = Taxonomy()
_numbers = count()


def candidate(candidate_id: str, default_run: str | None = None, **fields: Any) -> Candidate:
    record = {
        "id": candidate_id,
        "benchmark_run_id": "run-1",
        "prompt_messages": [{"role": "user", "content": "What is 2 + 2?"}],
        "model_response": "5",
        "model_name": "small",
        "model_id": "org/small",
        "task_type": "math",
    }
    return parse({**record, **fields}, default_run=default_run)


def put(database: Database, batch: Iterable[Candidate], reviewer: str = "import") -> Arrived:
    found = list(batch)
    return database.write(lambda c: arrive(c, found, reviewer=reviewer, at=AT, new_id=new_id))


def decision(candidate_id: str, action: Action, text: str | None = None, **fields: Any) -> Decision:
    values: dict[str, Any] = {"decision_id": new_id(), "reviewer": "kim", "decided_at": AT}
    if action in WRITING:
        values["corrected_response"] = text or "4"
    return Decision(candidate_id, action, **{**values, **fields})


def do(database: Database, asked: Decision) -> Outcome:
    return database.write(lambda c: deciding.append(c, asked, TAXONOMY))


def ids(database: Database) -> list[str]:
    """All ids, in the order of arrival."""
    with database.reading() as connection:
        return [stored.id for stored in candidates.stream(connection)]


def get(database: Database, candidate_id: str) -> dict[str, Any]:
    with database.reading() as connection:
        return candidates.get(connection, candidate_id).as_record()


def both_counts(database: Database) -> tuple[dict[counts.Key, int], dict[counts.Key, int]]:
    """The counts as kept, and as counted anew."""
    with database.reading() as connection:
        return dict(counts.read(connection)), dict(counts.fresh(connection))


def new_id() -> str:
    return f"d{next(_numbers)}"


def empty(connection: Connection) -> None:
    """Remove all that is in a database but its id, and begin to count anew."""
    if connection.dialect.name == "postgresql":
        # Not TRUNCATE, which makes every table's files anew: most tables have few rows or none.
        full = set(connection.execute(sa.text(_FULL)).scalars())
        for name in (name for name in _TABLES if name in full):
            connection.execute(sa.text(f"DELETE FROM {name}"))
        for name in connection.execute(sa.text(_USED)).scalars().all():
            connection.execute(sa.text(f"ALTER SEQUENCE {name} RESTART"))
        return
    for name in _TABLES:
        connection.execute(sa.text(f"DELETE FROM {name}"))
    connection.execute(sa.text("DELETE FROM sqlite_sequence"))


# Those that refer to others come first.
_TABLES = [table.name for table in reversed(metadata.sorted_tables) if table.name != "facts"]
_FULL = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in _TABLES)
_USED = "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value > 0"
