"""Which runs were imported."""

from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import Candidate
from corrigenda.core.split import is_held_out
from corrigenda.errors import InvalidInput, shorten
from corrigenda.store import counts
from corrigenda.store.schema import candidates, runs


def share_of(connection: Connection, run_id: str, held_out: float | None) -> float:
    """Which share of a run's prompts is held out, if `held_out` is what is asked for.

    What a run was first imported as it stays: nobody has corrected it for nothing.

    Raises:
        InvalidInput: `held_out` is given, and the run was imported with another share, or
            candidates that it would hold out are in the training pool.
    """
    before = _shares(connection, [run_id]).get(run_id)
    if before is None:
        share = held_out or 0.0
        if share and _in_training(connection, run_id, share):
            raise InvalidInput(
                f"Candidates of the run `{shorten(run_id)}` are in the training pool already; an "
                "import cannot change that, since they may have been reviewed."
            )
        return share
    if held_out is not None and held_out != before:
        raise InvalidInput(
            f"The run `{shorten(run_id)}` was imported {_said(before)}; an import cannot change "
            "that, since it may have been reviewed."
        )
    return before


def begin(connection: Connection, run_id: str, source: str, held_out: float | None) -> bool:
    """Note that samples of a run come in; true if it was not noted before.

    Raises:
        InvalidInput: See `share_of`.
    """
    share = share_of(connection, run_id, held_out)
    if run_id in _shares(connection, [run_id]):
        return False
    connection.execute(
        sa.insert(runs).values(run_id=run_id, source=source, imported_at="", held_out=share)
    )
    return True


def note(connection: Connection, run_id: str, source: str, held_out: float, at: str) -> None:
    """Note the share of a run that is not imported under its own name.

    Raises:
        InvalidInput: See `begin`.
    """
    if begin(connection, run_id, source, held_out):
        finish(connection, run_id, at)


def finish(connection: Connection, run_id: str, at: str) -> None:
    """Remember that a run was imported to its end, the first time."""
    connection.execute(
        sa.update(runs)
        .where(runs.c.run_id == run_id, runs.c.imported_at == "")
        .values(imported_at=at)
    )


def held_out(connection: Connection) -> dict[str, float]:
    """The share of each run that was noted, which is held out of training."""
    return {row.run_id: row.held_out for row in connection.execute(sa.select(runs))}


def hold_out(connection: Connection, batch: Sequence[Candidate]) -> list[Candidate]:
    """The batch, in which what belongs to a held out run is held out, however it came."""
    shares = _shares(connection, {each.run_id for each in batch if each.run_id is not None})
    if not any(shares.values()):
        return list(batch)
    return [
        each.kept_out()
        if is_held_out(each.prompt_key, shares.get(each.run_id or "", 0.0))
        else each
        for each in batch
    ]


def imported(connection: Connection) -> set[str]:
    """The runs that were imported to their end, or of which candidates came by another way.

    Where an import began here and was stopped or failed, its candidates alone prove nothing.
    """
    rows = connection.execute(sa.select(runs.c.run_id, runs.c.imported_at)).all()
    finished = {row.run_id for row in rows if row.imported_at}
    counted = counts.read(connection, counts.RUN)
    there = {run_id for (_, run_id, _, _), n in counted.items() if run_id and n > 0}
    return finished | (there - {row.run_id for row in rows})


def _shares(connection: Connection, names: Collection[str]) -> dict[str, float]:
    query = sa.select(runs.c.run_id, runs.c.held_out).where(runs.c.run_id.in_(names))
    return {row.run_id: row.held_out for row in connection.execute(query)}


def _in_training(connection: Connection, run_id: str, share: float) -> bool:
    """Whether candidates that came by another way would have had to be held out."""
    query = sa.select(candidates.c.prompt_key).where(
        candidates.c.run_id == run_id, sa.not_(candidates.c.held_out)
    )
    return any(is_held_out(key, share) for key in connection.execute(query.distinct()).scalars())


def _said(share: float) -> str:
    if share == 0:
        return "into the training pool"
    return "as held out" if share == 1 else f"with {share:g} of its prompts held out"
