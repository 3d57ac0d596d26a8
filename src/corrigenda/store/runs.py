"""Which runs were imported."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.store import counts, jobs
from corrigenda.store.schema import runs


def note(connection: Connection, run_id: str, source: str, at: str) -> None:
    """Remember that a run was imported, the first time."""
    there = connection.execute(sa.select(runs.c.run_id).where(runs.c.run_id == run_id)).first()
    if there is None:
        connection.execute(sa.insert(runs).values(run_id=run_id, source=source, imported_at=at))


def imported(connection: Connection) -> set[str]:
    """The runs that were imported to their end, or of which candidates came by another way.

    Where an import began here and was stopped or failed, its candidates alone prove nothing.
    """
    noted = set(connection.execute(sa.select(runs.c.run_id)).scalars())
    counted = counts.read(connection, counts.RUN)
    there = {run_id for (_, run_id, _), n in counted.items() if run_id and n > 0}
    begun = jobs.begun_and_not_done(connection, jobs.IMPORT)
    halfway = {params["run_id"] for params in begun if "run_id" in params}
    return noted | (there - halfway)
