"""The methods of a workspace that compare runs; see `workspace`."""

from abc import abstractmethod
from functools import cached_property
from pathlib import Path
from typing import Any

from corrigenda.core.comparison import Comparison
from corrigenda.store import Database, compared
from corrigenda.store.compared import ComparableRun
from corrigenda.workbench import batches, comparing_runs, failing_again
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.kept_comparisons import Kept, KeptComparisons, Question
from corrigenda.workbench.reviewing import reviewer_of


class ComparingMethods:
    """What `Workspace` knows of two runs on the same prompts."""

    database: Database

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    @abstractmethod
    def _exported(self, which: str | Path, *, only_names: bool = False) -> Exported:
        """An export by its name or path."""

    @cached_property
    def _comparisons(self) -> KeptComparisons:
        return KeptComparisons(self.database)

    def comparable_runs(self) -> list[ComparableRun]:
        """The runs that have samples, the newest import first."""
        self.refresh()
        with self.database.reading() as connection:
            return compared.comparable(connection)

    def compare(self, a: str, b: str, trained: str | Path | None = None) -> Comparison:
        """What run `b` made of what run `a` got right or wrong (see `core.comparison`).

        Args:
            a: The id of the run before.
            b: The id of the run after.
            trained: What was trained on in between: the name of a snapshot, or a path to an
                export's folder or manifest.

        Raises:
            UnknownRun: A run is not there, or has no samples; the sentence names near ones.
            InvalidInput: It is one run, or the export's list of rows cannot be used.
            NotFound, UnknownExport: The export is not there.
        """
        self.refresh()
        exported = None if trained is None else self._exported(trained)
        return comparing_runs.compare(self.database, a, b, trained=exported)

    def kept_comparison(self, question: Question) -> Kept:
        """The same, kept in memory for the next time; for servers, so an export only by its name.

        Raises:
            UnknownRun, InvalidInput, UnknownExport: As in `compare`.
        """
        self.refresh()
        name = question.trained
        exported = None if name is None else self._exported(name, only_names=True)
        return self._comparisons.get(question, exported)

    def queue_failures(
        self, comparison: Comparison, name: str, *, reviewer: str | None = None
    ) -> dict[str, Any] | None:
        """Make a batch of what run B still fails or has come to fail, and waits for review.

        Returns:
            The batch as `create_batch` gives it; `None` where nothing waits, and none is made.

        Raises:
            InvalidInput: The name is blank, too long or taken.
        """
        return failing_again.queue(
            self.database, comparison, name=name, reviewer=reviewer_of(reviewer)
        )

    def check_batch_name(self, name: str) -> None:
        """Refuse a name that a new batch cannot have.

        Raises:
            InvalidInput: The name is blank, too long or taken.
        """
        batches.check_name(self.database, name)
