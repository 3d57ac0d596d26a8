"""The methods of a workspace by which reviewers decide; see `workspace`."""

import asyncio
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

from corrigenda.core.decisions import Action
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput
from corrigenda.mirror import Mirror
from corrigenda.store import Asked, Database
from corrigenda.workbench import reviewing
from corrigenda.workbench.reviewing import Answer


class UndoSaid(TypedDict, total=False):
    """What goes with the undoing of a decision; the meanings are those of `submit`."""

    failure_category: str | None
    note: str | None
    tags: Iterable[str]
    seconds: float | None
    decision_id: str | None
    reviewer: str | None
    claim: str | None


class Said(UndoSaid, total=False):
    """What goes with a decision; the meanings are those of `DecidingMethods.submit`."""

    corrected_response: str | None
    corrected_parts: Mapping[str, Any] | None
    guidelines_version: int | None
    artifact_kind: str | None


class DecidingMethods:
    """Decisions and their undoing; each of them for those who wait, and for an event loop."""

    database: Database
    mirror: Mirror | None

    @property
    @abstractmethod
    def taxonomy(self) -> Taxonomy:
        """The failure categories."""

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    def submit(
        self,
        candidate_id: str,
        action: str,
        *,
        corrected_response: str | None = None,
        corrected_parts: Mapping[str, Any] | None = None,
        failure_category: str | None = None,
        note: str | None = None,
        tags: Iterable[str] = (),
        seconds: float | None = None,
        decision_id: str | None = None,
        reviewer: str | None = None,
        guidelines_version: int | None = None,
        artifact_kind: str | None = None,
        claim: str | None = None,
    ) -> Answer:
        """Decide: `correct` (with a text), `discard` or `flag`; durable when this returns.

        `amend` writes another correction in an approved one's place; `categorise` changes the
        failure category alone, whatever the status. `corrected_parts` are what a correction
        says beside its text (see `core.correction`). In a process that owns the files it stands
        in the approved file by then, too; from any other the owner writes it there soon.
        `artifact_kind` says what erred where the category is `scoring_artifact`: `scorer`,
        `reference`, `ambiguous_prompt` or `truncated`. `claim` is the token by which the
        reviewer holds the candidate: one that ran out still counts, if nobody took over.

        Raises:
            InvalidInput: The action, category or kind is unknown, or the correction blank.
            UnknownCandidate: There is none of this id.
            AlreadyDecided, NothingToAmend: Its status is another by now.
            ClaimTakenOver: It is in another's hands by now.
        """
        self.refresh()
        return reviewing.decide(
            self.database,
            self._submitted(
                candidate_id,
                action,
                corrected_response=corrected_response,
                corrected_parts=corrected_parts,
                failure_category=failure_category,
                note=note,
                tags=tags,
                seconds=seconds,
                decision_id=decision_id,
                reviewer=reviewer,
                guidelines_version=guidelines_version,
                artifact_kind=artifact_kind,
                claim=claim,
            ),
        )

    def undo(
        self,
        candidate_id: str,
        *,
        failure_category: str | None = None,
        note: str | None = None,
        tags: Iterable[str] = (),
        seconds: float | None = None,
        decision_id: str | None = None,
        reviewer: str | None = None,
        claim: str | None = None,
    ) -> Answer:
        """Take the last decision back; the candidate waits for review again.

        A category given here stands in the history alone.

        Raises:
            InvalidInput: The category is unknown.
            UnknownCandidate: There is none of this id.
            NothingToUndo: It waits already.
            ClaimTakenOver: It is in another's hands by now.
        """
        self.refresh()
        wanted = reviewing.asked(
            self.taxonomy,
            candidate_id,
            Action.UNDO,
            failure_category=failure_category,
            note=note,
            tags=tags,
            seconds=seconds,
            decision_id=decision_id,
            reviewer=reviewer,
            claim=claim,
        )
        return reviewing.decide(self.database, wanted)

    async def submit_async(self, candidate_id: str, action: str, **said: Unpack[Said]) -> Answer:
        """`submit` for a program with an event loop, which goes on meanwhile."""
        await self._refresh_async()
        wanted = self._submitted(candidate_id, action, **said)
        return await reviewing.decide_async(self.database, wanted)

    async def undo_async(self, candidate_id: str, **said: Unpack[UndoSaid]) -> Answer:
        """`undo` for a program with an event loop."""
        await self._refresh_async()
        wanted = reviewing.asked(self.taxonomy, candidate_id, Action.UNDO, **said)
        return await reviewing.decide_async(self.database, wanted)

    def _submitted(self, candidate_id: str, action: str, **said: Unpack[Said]) -> Asked:
        if action not in reviewing.ACTIONS:
            raise InvalidInput(f"Unknown action `{action}`; use one of {reviewing.ACTIONS_SAID}.")
        return reviewing.asked(self.taxonomy, candidate_id, Action(action), **said)

    async def _refresh_async(self) -> None:
        # To look costs less than a thread; to read a file that has changed may take long.
        if self.mirror is not None and self.mirror.is_behind():
            await asyncio.to_thread(self.refresh)
