"""What a comparison leaves to do: run B's failures, as a batch to review next."""

import contextlib
from collections.abc import Sequence
from itertools import chain
from typing import Any

from corrigenda.core.comparison import FAILING, Comparison
from corrigenda.core.decisions import Action, Status
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import Conflict
from corrigenda.store import Database, verdicts
from corrigenda.workbench import batches, reviewing


def queue(
    database: Database, comparison: Comparison, *, name: str, reviewer: str | None
) -> dict[str, Any] | None:
    """Make a batch of run B's candidates that still fail or regressed, and wait for review.

    What an evaluation has set aside comes back into the queue by this. They are in a random order,
    so that those reviewed first speak for the rest. `None` if there is none of them.

    Raises:
        InvalidInput: The name cannot be used.
    """
    batches.check_name(database, name)
    failing = (each for each in comparison.prompts if each["outcome"] in FAILING)
    ids = list(chain.from_iterable(each["b"]["candidates"] for each in failing))
    _bring_back(database, ids, reviewer)
    with database.reading() as connection:
        members = verdicts.waiting(connection, ids)
    if not members:
        return None
    selection = Selection(statuses=(Status.NEEDS_REVIEW,), run_ids=(comparison.b.run_id,))
    return batches.of_all(database, members, selection, name=name, reviewer=reviewer)


def _bring_back(database: Database, ids: Sequence[str], reviewer: str | None) -> None:
    """Let those of these wait for review that an evaluation has set aside."""
    with database.reading() as connection:
        aside = verdicts.set_aside(connection, ids)
    for name in aside:
        wanted = reviewing.asked(Taxonomy(), name, Action.UNDO, reviewer=reviewer)
        with contextlib.suppress(Conflict):  # somebody else has brought it back
            reviewing.decide(database, wanted)
