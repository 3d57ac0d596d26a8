"""Reviewing: the queue, decisions and their undoing, history."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from corrigenda.clock import new_id, now
from corrigenda.core.candidate import storable
from corrigenda.core.decisions import Action, Decision, Status
from corrigenda.core.quality import Remark, remarks
from corrigenda.core.selection import Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput
from corrigenda.store import Database, Entry, candidates, decisions
from corrigenda.workbench.streaming import stream

LOCAL = "local"
"""The reviewer's name where nobody gave one."""

DECISION_ID_LIMIT = 200
REVIEWER_LIMIT = 200

QUEUE = Selection(statuses=(Status.NEEDS_REVIEW,))


@dataclass(frozen=True)
class Page:
    """A page of the queue: records in the order of arrival.

    `total` counts the whole queue; `cursor` is where the next page begins, `None` at the end.
    """

    items: list[dict[str, Any]]
    total: int
    cursor: int | None


@dataclass(frozen=True)
class Answer:
    """What a decision did. `replayed`: the same decision had been sent before."""

    id: str
    status: Status
    revision: int
    decision_id: str
    remarks: tuple[Remark, ...] = ()
    replayed: bool = False

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `warnings` only when there is one."""
        answer: dict[str, Any] = {
            "id": self.id,
            "status": self.status.value,
            "revision": self.revision,
            "decision_id": self.decision_id,
        }
        if self.remarks:
            answer["warnings"] = [{"code": r.code, "message": r.message} for r in self.remarks]
        return answer


def queue(database: Database, *, limit: int = 20, cursor: int = 0, offset: int = 0) -> Page:
    """A page of the candidates that wait for review, after `cursor` or from `offset` on.

    Raises:
        InvalidInput: `limit` is below 1, or `cursor` or `offset` below 0.
    """
    if limit < 1 or cursor < 0 or offset < 0:
        raise InvalidInput("`limit` must be 1 or more, `cursor` and `offset` 0 or more.")
    with database.reading() as connection:
        found = candidates.page(connection, QUEUE, after=cursor, offset=offset, limit=limit + 1)
        total = candidates.total(connection, QUEUE.statuses)
    items = found[:limit]
    more = len(found) > limit
    return Page([stored.as_record() for stored in items], total, items[-1].seq if more else None)


def decide(
    database: Database,
    taxonomy: Taxonomy,
    candidate_id: str,
    action: Action,
    *,
    corrected_response: str | None = None,
    failure_category: str | None = None,
    note: str | None = None,
    tags: tuple[str, ...] = (),
    seconds: float | None = None,
    decision_id: str | None = None,
    reviewer: str | None = None,
) -> Answer:
    """Make a decision; durable when this returns.

    In the process that owns the files it is in the approved file by then, too.

    Raises:
        InvalidInput, UnknownCandidate, AlreadyDecided, NothingToUndo, DecisionIdReused:
            Nothing was written.
    """
    if seconds is not None and not (math.isfinite(seconds) and seconds >= 0):
        raise InvalidInput(f"`seconds` must be a number from 0 up, not {seconds}.")
    decision = Decision(
        candidate_id=candidate_id,
        action=action,
        decision_id=_name(decision_id, "decision_id", DECISION_ID_LIMIT) or new_id(),
        reviewer=_name(reviewer, "reviewer", REVIEWER_LIMIT) or LOCAL,
        decided_at=now(),
        corrected_response=corrected_response,
        failure_category=failure_category,
        note=note or None,
        tags=tags,
        seconds=seconds,
    )
    outcome = database.write(lambda c: decisions.append(c, decision, taxonomy))
    said: tuple[Remark, ...] = ()
    if action is Action.CORRECT:
        said = remarks(corrected_response, outcome.model_response)
    return Answer(
        candidate_id, outcome.status, outcome.revision, decision.decision_id, said, outcome.replayed
    )


def get(database: Database, candidate_id: str) -> dict[str, Any]:
    """The record of a candidate as it now stands.

    Raises:
        UnknownCandidate: There is none of this id.
    """
    with database.reading() as connection:
        return candidates.get(connection, candidate_id).as_record()


def everything(database: Database) -> Iterator[dict[str, Any]]:
    """Every record in the order of arrival, each as it stands when its batch is read."""
    return (stored.as_record() for stored in stream(database))


def history(database: Database, candidate_id: str) -> list[dict[str, Any]]:
    """The decisions on a candidate, oldest first, as JSON.

    Raises:
        UnknownCandidate: There is none of this id.
    """
    with database.reading() as connection:
        return [_as_json(entry) for entry in decisions.history(connection, candidate_id)]


def _as_json(entry: Entry) -> dict[str, Any]:
    decision = entry.decision
    return {
        "decision_id": decision.decision_id,
        "action": decision.action.value,
        "from_status": entry.from_status.value,
        "to_status": entry.to_status.value,
        "corrected_response": decision.corrected_response,
        "failure_category": decision.failure_category,
        "note": decision.note,
        "tags": list(decision.tags),
        "seconds": decision.seconds,
        "reviewer": decision.reviewer,
        "decided_at": decision.decided_at,
        "revision": entry.revision,
        "binding": decision.binding,
    }


def _name(value: str | None, field: str, limit: int) -> str | None:
    if value is None or not value.strip():
        return None
    if len(value) > limit or not storable(value):
        raise InvalidInput(
            f"`{field}` must be at most {limit} characters, without U+0000 and lone surrogates."
        )
    return value
