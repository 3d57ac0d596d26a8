"""The methods of a workspace that find candidates; see `workspace`."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.store import Database
from corrigenda.workbench import batches, dashboard, finding, siblings
from corrigenda.workbench.finding import Page
from corrigenda.workbench.reviewing import reviewer_of


class FindingMethods:
    """What `Workspace` can find; every method takes in first what others wrote."""

    database: Database

    @property
    @abstractmethod
    def taxonomy(self) -> Taxonomy:
        """The failure categories."""

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    def queue(
        self,
        *,
        selection: Selection = EVERYTHING,
        order: str | None = None,
        limit: int = 20,
        cursor: str | int | None = None,
        offset: int = 0,
        reviewer: str | None = None,
    ) -> Page:
        """A page of what waits for review, as records, in an order of `core.orders.Order`.

        What the reviewer has put off comes last. Without an order it is that of the batch, if
        the selection has one, or that of arrival.

        Raises:
            InvalidInput: A number is out of range, or there is no such order or category.
        """
        self.refresh()
        return finding.queue(
            self.database,
            selection.checked(self.taxonomy),
            order=order,
            limit=limit,
            cursor=cursor,
            offset=offset,
            reviewer=reviewer_of(reviewer),
        )

    def browse(
        self,
        selection: Selection = EVERYTHING,
        *,
        order: str | None = None,
        limit: int = 50,
        cursor: str | int | None = None,
    ) -> Page:
        """A page of candidates in any status, in short form.

        Raises:
            InvalidInput: A number is out of range, or there is no such order or category.
        """
        self.refresh()
        return finding.browse(
            self.database,
            selection.checked(self.taxonomy),
            order=order,
            limit=limit,
            cursor=cursor,
        )

    def facets(self, selection: Selection = EVERYTHING) -> dict[str, Any]:
        """The choices of each filter with their counts (see `workbench.finding`).

        Raises:
            InvalidInput: The selection names an unknown category, or no score.
        """
        self.refresh()
        return finding.choices(self.database, selection.checked(self.taxonomy))

    def siblings(self, candidate_id: str) -> dict[str, Any]:
        """Other answers to a candidate's prompt, and its ancestors (see `workbench.siblings`).

        Raises:
            UnknownCandidate: There is none of this id.
        """
        self.refresh()
        return siblings.siblings(self.database, candidate_id)

    def dashboard(self, selection: Selection = EVERYTHING) -> dict[str, Any]:
        """What was wrong, where, and how far the review is (see `workbench.dashboard`).

        Raises:
            InvalidInput: The selection names an unknown category, or no score.
        """
        self.refresh()
        taxonomy = self.taxonomy
        return dashboard.dashboard(self.database, taxonomy, selection.checked(taxonomy))

    def batches(self) -> list[dict[str, Any]]:
        """The samples to review, newest first, with how much of each is reviewed."""
        self.refresh()
        return batches.found(self.database)

    def create_batch(
        self,
        name: str,
        *,
        size: int,
        seed: int = 0,
        stratify_by: Iterable[str] = (),
        selection: Selection = EVERYTHING,
        reviewer: str | None = None,
    ) -> dict[str, Any]:
        """Draw a random sample of what waits for review; the seed makes it repeatable.

        Raises:
            InvalidInput: The name is taken, the selection empty, or a value of no use.
        """
        self.refresh()
        return batches.create(
            self.database,
            selection.checked(self.taxonomy),
            name=name,
            size=size,
            seed=seed,
            stratify_by=tuple(stratify_by),
            reviewer=reviewer,
        )

    def delete_batch(self, batch_id: int) -> None:
        """Forget a sample; its candidates and their decisions stay.

        Raises:
            NotFound: There is no such batch.
        """
        batches.delete(self.database, batch_id)
