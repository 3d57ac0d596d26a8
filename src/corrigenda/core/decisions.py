"""What a reviewer can do to a candidate, as a table.

    needs_review ──correct──▶ approved
    needs_review ──discard──▶ discarded
    needs_review ──flag─────▶ model_rejected
    approved | discarded | model_rejected ──undo──▶ needs_review

`decide` is pure: it is given the state before and returns the state after. Times, ids and
storage are the caller's.
"""

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum

from corrigenda.core.quality import check_correction
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import AlreadyDecided, NothingToUndo


class Status(StrEnum):
    """Where a candidate stands."""

    NEEDS_REVIEW = "needs_review"
    APPROVED = "approved"
    DISCARDED = "discarded"
    MODEL_REJECTED = "model_rejected"


class Action(StrEnum):
    """What a decision does."""

    CORRECT = "correct"
    DISCARD = "discard"
    FLAG = "flag"
    UNDO = "undo"


TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.NEEDS_REVIEW, Action.CORRECT): Status.APPROVED,
    (Status.NEEDS_REVIEW, Action.DISCARD): Status.DISCARDED,
    (Status.NEEDS_REVIEW, Action.FLAG): Status.MODEL_REJECTED,
    (Status.APPROVED, Action.UNDO): Status.NEEDS_REVIEW,
    (Status.DISCARDED, Action.UNDO): Status.NEEDS_REVIEW,
    (Status.MODEL_REJECTED, Action.UNDO): Status.NEEDS_REVIEW,
}
"""Every allowed step; a pair that is not here is a conflict."""

ACTION_TO: dict[Status, Action] = {
    after: action for (before, action), after in TRANSITIONS.items() if action is not Action.UNDO
}
"""The action that leads to a status: how a status found in a file is told as a decision."""


@dataclass(frozen=True)
class ReviewState:
    """The part of a candidate that decisions change.

    `revision` counts the decisions; `decided_by` and `decided_at` (ISO 8601, UTC) tell of the
    last one while it stands, and are `None` while the candidate waits for review.
    """

    status: Status = Status.NEEDS_REVIEW
    corrected_response: str | None = None
    failure_category: str | None = None
    revision: int = 0
    decided_by: str | None = None
    decided_at: str | None = None

    @property
    def exportable(self) -> bool:
        """Approved, with a text to train on."""
        return self.status is Status.APPROVED and bool((self.corrected_response or "").strip())


@dataclass(frozen=True)
class Decision:
    """One action by one reviewer at one time.

    `seconds` is the time that the reviewer was active on the card. A decision that is not
    `binding` is an opinion: it is kept, and changes nothing.

    Example:
        >>> Decision("a1", Action.DISCARD, decision_id="d1", reviewer="local",
        ...          decided_at="2026-04-07T10:00:00Z").action.value
        'discard'
    """

    candidate_id: str
    action: Action
    decision_id: str
    reviewer: str
    decided_at: str
    corrected_response: str | None = None
    failure_category: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = field(default=())
    seconds: float | None = None
    binding: bool = True

    @property
    def digest(self) -> str:
        """A hash of what was asked for: the same request sent again has the same digest."""
        asked = [
            self.candidate_id,
            self.action.value,
            self.corrected_response,
            self.failure_category,
            self.note,
            list(self.tags),
            self.seconds,
            self.reviewer,
            self.binding,
        ]
        return hashlib.blake2b(json.dumps(asked).encode("ascii"), digest_size=16).hexdigest()


def decide(before: ReviewState, decision: Decision, taxonomy: Taxonomy) -> ReviewState:
    """The state that `decision` makes of `before`.

    Raises:
        UnknownCategory: The decision's category is not in `taxonomy`.
        BlankCorrection: `correct` without a text.
        AlreadyDecided: `correct`, `discard` or `flag` on a decided candidate.
        NothingToUndo: `undo` on a candidate that waits for review.

    Example:
        >>> d = Decision("a1", Action.FLAG, "d1", "kim", "2026-04-07T10:00:00Z")
        >>> decide(ReviewState(), d, Taxonomy()).status.value
        'model_rejected'
    """
    taxonomy.check(decision.failure_category)
    if decision.action is Action.CORRECT:
        check_correction(decision.corrected_response)
    after = TRANSITIONS.get((before.status, decision.action))
    if after is None:
        if decision.action is Action.UNDO:
            raise NothingToUndo(decision.candidate_id)
        raise AlreadyDecided(
            decision.candidate_id, before.status.value, before.decided_by, before.decided_at
        )
    if after is Status.NEEDS_REVIEW:
        return ReviewState(revision=before.revision + 1)
    return ReviewState(
        status=after,
        corrected_response=decision.corrected_response if after is Status.APPROVED else None,
        failure_category=decision.failure_category,
        revision=before.revision + 1,
        decided_by=decision.reviewer,
        decided_at=decision.decided_at,
    )
