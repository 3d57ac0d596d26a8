"""The methods of a workspace that invite reviewers; see `workspace`."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

from corrigenda.clock import now
from corrigenda.store import Database, reviewers
from corrigenda.store.reviewers import Reviewer
from corrigenda.workbench.signing_in import Registry, hash_of, name_of, new_token

T = TypeVar("T")


class ReviewersMethods:
    """Who may sign in at a server of this workspace. Once somebody was invited, all must."""

    database: Database

    @cached_property
    def registry(self) -> Registry:
        """The reviewers in memory, for a server."""
        return Registry(self.database)

    def reviewers(self) -> list[Reviewer]:
        """Everybody who was invited, in the order in which they were."""
        with self.database.reading() as connection:
            return reviewers.every(connection)

    def add_reviewer(self, name: str, *, lead: bool = False) -> tuple[Reviewer, str]:
        """Invite a reviewer: (the reviewer, the token with which they sign in, kept nowhere).

        A lead may import, export, configure and invite, too.

        Raises:
            InvalidInput: The name cannot be one.
            ReviewerExists: There is one of this name.
        """
        who, token = name_of(name), new_token()
        found = self._change(
            lambda connection: reviewers.add(
                connection, who, lead=lead, token_hash=hash_of(token), at=now()
            )
        )
        return found, token

    def renew_reviewer(self, name: str) -> tuple[Reviewer, str]:
        """Make another token for a reviewer: (the reviewer, the token); the old one ends.

        One who was revoked may sign in again.

        Raises:
            InvalidInput, UnknownReviewer: There is none of this name.
        """
        who, token = name_of(name), new_token()
        found = self._change(
            lambda connection: reviewers.renew(connection, who, token_hash=hash_of(token))
        )
        return found, token

    def revoke_reviewer(self, name: str) -> Reviewer:
        """Let a reviewer in no more, within a second everywhere; their decisions stay.

        Raises:
            InvalidInput, UnknownReviewer: There is none of this name.
        """
        who = name_of(name)
        return self._change(lambda connection: reviewers.revoke(connection, who, at=now()))

    def forget_reviewer(self, name: str) -> None:
        """Remove a reviewer from the list; without anybody in it nobody needs to sign in.

        Raises:
            InvalidInput, UnknownReviewer: There is none of this name.
        """
        who = name_of(name)
        self._change(lambda connection: reviewers.forget(connection, who))

    def _change(self, work: Callable[[Any], T]) -> T:
        found = self.database.write(work)
        self.registry.forget()
        return found
