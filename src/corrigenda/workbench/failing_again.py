"""What a comparison leaves to do: run B's failures, as a batch to review next."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from corrigenda.core.comparison import FAILING, Comparison
from corrigenda.core.decisions import Action, Status
from corrigenda.core.parts import in_parts
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import CorrigendaError
from corrigenda.store import Database, candidates, verdicts
from corrigenda.workbench import batches, reviewing

_TOGETHER = 500


def queue(
    database: Database, comparison: Comparison, *, name: str, reviewer: str | None
) -> dict[str, Any] | None:
    """Make a batch of run B's candidates that still fail or regressed, and wait for review.

    What an evaluation has set aside comes back into the queue by this, in one transaction with
    the batch. They are in a random order, so that those reviewed first speak for the rest. `None`
    if there is none of them.

    Raises:
        InvalidInput: The name cannot be used; nothing has come back.
    """
    batches.check_name(database, name)
    failing = (each for each in comparison.prompts if each["outcome"] in FAILING)
    ids = list(chain.from_iterable(each["b"]["candidates"] for each in failing))

    def members(connection: Any) -> list[tuple[int, str]]:
        for part in in_parts(ids, _TOGETHER):
            _bring_back(connection, part, reviewer)
        return verdicts.waiting(connection, ids)

    selection = Selection(statuses=(Status.NEEDS_REVIEW,), run_ids=(comparison.b.run_id,))
    return batches.of_all(database, members, selection, name=name, reviewer=reviewer)


def _bring_back(connection: Any, ids: Sequence[str], reviewer: str | None) -> None:
    """Let those of these wait for review that an evaluation has set aside."""
    if not (aside := verdicts.set_aside(connection, ids)):
        return
    # Asked again of what is locked: what a reviewer has decided in between is not undone.
    candidates.locked(connection, aside)
    wanted = [
        reviewing.asked(Taxonomy(), name, Action.UNDO, reviewer=reviewer)
        for name in verdicts.set_aside(connection, aside)
    ]
    for outcome in reviewing.together(connection, wanted):
        if isinstance(outcome, CorrigendaError):
            raise outcome
