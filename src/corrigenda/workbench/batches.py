"""Batches: draw a random sample to review, list them, forget one."""

from dataclasses import replace
from typing import Any

from corrigenda.clock import now
from corrigenda.core.candidate import storable
from corrigenda.core.decisions import Status
from corrigenda.core.sampling import draw
from corrigenda.core.selection import Selection
from corrigenda.errors import InvalidInput, NotFound
from corrigenda.store import Database, batches
from corrigenda.workbench.reviewing import LOCAL

NAME_LIMIT = 200
SEED_LIMIT = 2**63


def found(database: Database) -> list[dict[str, Any]]:
    """Every batch with its progress, newest first."""
    with database.reading() as connection:
        return [batch.as_json() for batch in batches.found(connection)]


def create(
    database: Database,
    selection: Selection,
    *,
    name: str,
    size: int,
    seed: int,
    stratify_by: tuple[str, ...],
    reviewer: str | None,
) -> dict[str, Any]:
    """Draw a sample of what a selection finds; of what waits for review, if it names no status.

    Raises:
        InvalidInput: The name is blank or taken, nothing is selected, or a value of no use.
    """
    name = name.strip()
    _check(name, size, seed, stratify_by)
    if not selection.statuses:
        selection = replace(selection, statuses=(Status.NEEDS_REVIEW,))
    # Candidates are never removed, so what is read here is still there when it is written.
    with database.reading() as connection:
        sample = draw(batches.population(connection, selection, stratify_by), size, seed)
    if not sample.members:
        raise InvalidInput("No candidate is selected, so there is nothing to draw from.")
    batch_id = database.write(
        lambda connection: batches.insert(
            connection,
            sample,
            name=name,
            seed=seed,
            stratify_by=stratify_by,
            selection=selection,
            created_by=reviewer or LOCAL,
            created_at=now(),
        )
    )
    if batch_id is None:
        raise InvalidInput(f"There is a batch `{name}` already; choose another name.")
    with database.reading() as connection:
        [batch] = batches.found(connection, batch_id)
    return batch.as_json()


def delete(database: Database, batch_id: int) -> None:
    """Forget a batch.

    Raises:
        NotFound: There is no such batch.
    """
    there = 0 <= batch_id < 2**63  # else it is a number that no database takes
    if not there or not database.write(lambda connection: batches.delete(connection, batch_id)):
        raise NotFound(f"There is no batch {batch_id}.")


def _check(name: str, size: int, seed: int, stratify_by: tuple[str, ...]) -> None:
    if not name or len(name) > NAME_LIMIT or not storable(name):
        raise InvalidInput(
            f"The name of a batch has 1 to {NAME_LIMIT} characters, "
            "without U+0000 and lone surrogates."
        )
    if size < 1:
        raise InvalidInput("The `size` of a batch must be 1 or more.")
    if not 0 <= seed < SEED_LIMIT:
        raise InvalidInput("The `seed` of a batch must be from 0 to 2**63 - 1.")
    if unknown := set(stratify_by) - batches.STRATIFY_BY.keys():
        allowed = ", ".join(batches.STRATIFY_BY)
        raise InvalidInput(f"Unknown stratum `{sorted(unknown)[0]}`; use one of {allowed}.")
