"""The methods of a workspace by which reviewers share its queue; see `workspace`."""

import time
from abc import abstractmethod
from collections.abc import Sequence

from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.store import Database, claims
from corrigenda.workbench import claiming
from corrigenda.workbench.claiming import Claimed, Holder, Renewed
from corrigenda.workbench.reviewing import reviewer_of

_TIDY_SECONDS = 60


class ClaimingMethods:
    """Who has which card. A `holder` is one browser or program of a reviewer's.

    Attributes:
        lease_seconds: For how long a claim holds unless it is renewed.
    """

    database: Database
    lease_seconds: float = claims.LEASE_SECONDS
    _tidied_at: float | None = None

    @property
    @abstractmethod
    def taxonomy(self) -> Taxonomy:
        """The failure categories."""

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    def claim(
        self,
        *,
        holder: str,
        n: int = 1,
        selection: Selection = EVERYTHING,
        order: str | None = None,
        reviewer: str | None = None,
    ) -> Claimed:
        """Claim the next `n` of the queue: first what the holder has of them, then what is free.

        Raises:
            InvalidInput: `n` is not from 1 to 50, or there is no such order or category.
        """
        self.refresh()
        self._tidy()
        return claiming.claim_next(
            self.database,
            selection.checked(self.taxonomy),
            holder=Holder(reviewer_of(reviewer), holder),
            n=n,
            order=order,
            lease=self.lease_seconds,
        )

    def claim_these(
        self, ids: Sequence[str], *, holder: str, reviewer: str | None = None
    ) -> Claimed:
        """Claim certain cards, as far as they wait and nobody has them.

        Raises:
            InvalidInput: There are none, or more than 50.
        """
        self.refresh()
        self._tidy()
        who = Holder(reviewer_of(reviewer), holder)
        return claiming.claim_these(self.database, ids, holder=who, lease=self.lease_seconds)

    def renew_claims(
        self, tokens: Sequence[str], *, holder: str, reviewer: str | None = None
    ) -> Renewed:
        """Go on holding cards."""
        who = Holder(reviewer_of(reviewer), holder)
        return claiming.renew(self.database, tokens, holder=who, lease=self.lease_seconds)

    def release_claims(
        self, tokens: Sequence[str], *, holder: str, reviewer: str | None = None
    ) -> int:
        """Give cards back; says how many."""
        who = Holder(reviewer_of(reviewer), holder)
        return claiming.release(self.database, tokens, holder=who)

    def _tidy(self) -> None:
        """At the first claim, and then now and again."""
        at = time.monotonic()
        if self._tidied_at is None or at - self._tidied_at >= _TIDY_SECONDS:
            self._tidied_at = at
            self.database.write(lambda c: claims.tidy(c, lease=self.lease_seconds))
