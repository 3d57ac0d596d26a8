"""Reviewing: decisions and their undoing, history."""

import asyncio
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from corrigenda.clock import new_id, now
from corrigenda.core.candidate import storable
from corrigenda.core.correction import CorrectedParts
from corrigenda.core.decisions import WRITING, Action, Decision, Status
from corrigenda.core.quality import Remark, remarks
from corrigenda.core.reasoning import Subject, subject
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import CorrigendaError, InvalidInput
from corrigenda.store import (
    Asked,
    Bell,
    Database,
    Outcome,
    candidates,
    deciding,
    decisions,
    guidelines,
)
from corrigenda.store.verdicts import EVALUATED
from corrigenda.workbench.streaming import stream

LOCAL = "local"
"""The reviewer's name where nobody gave one."""

DECISION_ID_LIMIT = 200
REVIEWER_LIMIT = 200
VERSION_LIMIT = 2**31 - 1

_LONG = 20_000
"""Characters of response and correction above which to compare them takes longer than a thread."""

ACTIONS = tuple(action for action in Action if action is not Action.UNDO)
"""What can be submitted; taking back has a way of its own."""

ACTIONS_SAID = ", ".join(f"`{action}`" for action in ACTIONS)


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
            answer["warnings"] = [remark.as_dict() for remark in self.remarks]
        return answer


def asked(
    taxonomy: Taxonomy,
    candidate_id: str,
    action: Action,
    *,
    corrected_response: str | None = None,
    corrected_parts: object = None,
    failure_category: str | None = None,
    note: str | None = None,
    tags: Iterable[str] = (),
    seconds: float | None = None,
    decision_id: str | None = None,
    reviewer: str | None = None,
    guidelines_version: int | None = None,
    artifact_kind: str | None = None,
    claim: str | None = None,
) -> Asked:
    """What a reviewer asks for, as far as it can be judged without looking at the candidate.

    Raises:
        InvalidInput: A field cannot be used.
    """
    if seconds is not None and not (math.isfinite(seconds) and seconds >= 0):
        raise InvalidInput(f"`seconds` must be a number from 0 up, not {seconds}.")
    if guidelines_version is not None and not 0 <= guidelines_version <= VERSION_LIMIT:
        raise InvalidInput(
            f"`guidelines_version` must be a number from 0 up, not {guidelines_version}."
        )
    decision = Decision(
        candidate_id=candidate_id,
        action=action,
        decision_id=_name(decision_id, "decision_id", DECISION_ID_LIMIT) or new_id(),
        reviewer=reviewer_of(reviewer),
        decided_at=now(),
        corrected_response=corrected_response,
        failure_category=failure_category,
        note=note or None,
        tags=tuple(tags),
        seconds=seconds,
        corrected_parts=CorrectedParts.from_json(corrected_parts),
        guidelines_version=guidelines_version,
        artifact_kind=artifact_kind,
    )
    return Asked(decision, taxonomy, claim)


def decide(database: Database, wanted: Asked) -> Answer:
    """Make a decision; durable when this returns.

    In the process that owns the files it is in the approved file by then, too. A decision that
    does not say which guidelines its reviewer had before them is taken to be by the newest.

    Raises:
        InvalidInput, UnknownCandidate, AlreadyDecided, ClaimTakenOver, NothingToUndo,
        NothingToAmend, DecisionIdReused: Nothing was written.
    """
    return _answer(wanted.decision, database.put(together, wanted).result())


async def decide_async(database: Database, wanted: Asked) -> Answer:
    """The same, without holding up the event loop that it runs in."""
    bell = Bell.of_running_loop()
    outcome = await bell.wait(database.put(together, wanted, bell))
    if _is_long(wanted.decision, outcome):
        return await asyncio.to_thread(_answer, wanted.decision, outcome)
    return _answer(wanted.decision, outcome)


def together(connection: Any, wanted: Sequence[Asked]) -> Sequence[Outcome | CorrigendaError]:
    """What many reviewers ask for at the same moment, in one transaction."""
    if any(each.decision.guidelines_version is None for each in wanted):
        newest = guidelines.current_version(connection)
        wanted = [_under(newest, each) for each in wanted]
    return deciding.append_many(connection, wanted)


def _under(version: int, wanted: Asked) -> Asked:
    if wanted.decision.guidelines_version is not None:
        return wanted
    return replace(wanted, decision=replace(wanted.decision, guidelines_version=version))


def _is_long(decision: Decision, outcome: Outcome) -> bool:
    if decision.action not in WRITING:
        return False
    return len(_original(decision, outcome).text) + len(decision.corrected_response or "") > _LONG


def _original(decision: Decision, outcome: Outcome) -> Subject:
    parts = decision.corrected_parts
    return subject(outcome.record, parts.turn if parts else None)


def _answer(decision: Decision, outcome: Outcome) -> Answer:
    said: tuple[Remark, ...] = ()
    if decision.action in WRITING:
        original = _original(decision, outcome)
        found = remarks(original, decision.corrected_response, decision.corrected_parts)
        said = tuple(
            r for r in found if r.suggests is None or r.suggests != decision.failure_category
        )
    return Answer(
        decision.candidate_id,
        outcome.status,
        outcome.revision,
        decision.decision_id,
        said,
        outcome.replayed,
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
        return [entry.as_json() for entry in decisions.history(connection, candidate_id)]


def reviewer_of(name: str | None) -> str:
    """A reviewer's name as it is kept; a blank one is `LOCAL`.

    Raises:
        InvalidInput: It is too long, no database can hold it, or it is `EVALUATED`, by which is
            known what nobody has looked at.
    """
    if name is not None and name.strip() == EVALUATED:
        raise InvalidInput(f"No reviewer can be called `{EVALUATED}`.")
    return _name(name, "reviewer", REVIEWER_LIMIT) or LOCAL


def _name(value: str | None, field: str, limit: int) -> str | None:
    if value is None or not value.strip():
        return None
    if len(value) > limit or not storable(value):
        raise InvalidInput(
            f"`{field}` must be at most {limit} characters, without U+0000 and lone surrogates."
        )
    return value
