"""Batches: draw a random sample to review, list them, forget one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from corrigenda.clock import now
from corrigenda.core.candidate import storable
from corrigenda.core.decisions import Status
from corrigenda.core.sampling import Sample, draw
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
        lambda connection: _insert(connection, sample, selection, name, seed, stratify_by, reviewer)
    )
    return _get(database, batch_id)


def of_all(
    database: Database,
    members: Callable[[Any], Sequence[tuple[int, str]]],
    selection: Selection,
    *,
    name: str,
    reviewer: str | None,
) -> dict[str, Any] | None:
    """A batch of all these candidates, in a random order; `None`, and no batch, of none.

    Args:
        database: Where to.
        members: Called with the connection that the batch is written by, perhaps again when
            another writer was faster: (`seq`, id) of each.
        selection: Among what they were found.
        name: Its name.
        reviewer: Who wants it.

    Raises:
        InvalidInput: The name is blank or taken; of what `members` wrote, nothing stays.
    """
    name = name.strip()
    _check(name, 1, 0, ())

    def make(connection: Any) -> int | None:
        found = members(connection)
        if not found:
            return None
        sample = draw(((seq, each, ()) for seq, each in found), len(found), 0)
        return _insert(connection, sample, selection, name, 0, (), reviewer)

    batch_id = database.write(make)
    return None if batch_id is None else _get(database, batch_id)


def check_name(database: Database, name: str) -> None:
    """Refuse a name that a new batch cannot have.

    Raises:
        InvalidInput: It is blank, too long or taken.
    """
    _check(name.strip(), 1, 0, ())
    with database.reading() as connection:
        if batches.exists(connection, name.strip()):
            raise _taken(name.strip())


def delete(database: Database, batch_id: int) -> None:
    """Forget a batch.

    Raises:
        NotFound: There is no such batch.
    """
    there = 0 <= batch_id < 2**63  # else it is a number that no database takes
    if not there or not database.write(lambda connection: batches.delete(connection, batch_id)):
        raise NotFound(f"There is no batch {batch_id}.")


def _insert(
    connection: Any,
    sample: Sample,
    selection: Selection,
    name: str,
    seed: int,
    stratify_by: tuple[str, ...],
    reviewer: str | None,
) -> int:
    batch_id = batches.insert(
        connection,
        sample,
        name=name,
        seed=seed,
        stratify_by=stratify_by,
        selection=selection,
        created_by=reviewer or LOCAL,
        created_at=now(),
    )
    if batch_id is None:
        raise _taken(name)
    return batch_id


def _get(database: Database, batch_id: int) -> dict[str, Any]:
    with database.reading() as connection:
        [batch] = batches.found(connection, batch_id)
    return batch.as_json()


def _taken(name: str) -> InvalidInput:
    return InvalidInput(f"There is a batch `{name}` already; choose another name.")


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
