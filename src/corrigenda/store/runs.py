"""Which runs were imported."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store import counts
from corrigenda.store.schema import runs


def note(connection: Connection, run_id: str, source: str, at: str) -> None:
    """Remember that a run was imported, the first time."""
    there = connection.execute(sa.select(runs.c.run_id).where(runs.c.run_id == run_id)).first()
    if there is None:
        connection.execute(sa.insert(runs).values(run_id=run_id, source=source, imported_at=at))


def imported(connection: Connection) -> set[str]:
    """The runs that were imported, or of which there are candidates."""
    noted = set(connection.execute(sa.select(runs.c.run_id)).scalars())
    counted = counts.read(connection, counts.RUN)
    return noted | {run_id for (_, run_id, _), n in counted.items() if run_id and n > 0}
