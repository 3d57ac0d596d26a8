"""The methods of a workspace that compare runs; see `workspace`."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

from corrigenda.core.comparison import Comparison
from corrigenda.store import Database
from corrigenda.workbench import batches, comparing_runs, failing_again
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.reviewing import reviewer_of


class ComparingMethods:
    """What `Workspace` knows of two runs on the same prompts."""

    database: Database

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    @abstractmethod
    def _exported(self, which: str | Path) -> Exported:
        """An export by its name or path."""

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
