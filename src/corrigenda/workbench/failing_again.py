"""What a comparison leaves to do: run B's failures, as a batch to review next."""

from itertools import chain
from typing import Any

from corrigenda.core.comparison import FAILING, Comparison
from corrigenda.core.decisions import Status
from corrigenda.core.selection import Selection
from corrigenda.store import Database, verdicts
from corrigenda.workbench import batches


def queue(
    database: Database, comparison: Comparison, *, name: str, reviewer: str | None
) -> dict[str, Any] | None:
    """Make a batch of run B's candidates that still fail or regressed, and wait for review.

    They are in a random order, so that those reviewed first speak for the rest. `None` if there
    is none of them.

    Raises:
        InvalidInput: The name cannot be used.
    """
    batches.check_name(database, name)
    failing = (each for each in comparison.prompts if each["outcome"] in FAILING)
    ids = list(chain.from_iterable(each["b"]["candidates"] for each in failing))
    with database.reading() as connection:
        members = verdicts.waiting(connection, ids)
    if not members:
        return None
    selection = Selection(statuses=(Status.NEEDS_REVIEW,), run_ids=(comparison.b.run_id,))
    return batches.of_all(database, members, selection, name=name, reviewer=reviewer)
