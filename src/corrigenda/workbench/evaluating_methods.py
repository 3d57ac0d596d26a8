"""The methods of a workspace that ask models again; see `workspace`."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corrigenda import inputs, settings
from corrigenda.sources import RunFile
from corrigenda.sources.native import NativeSource
from corrigenda.store import Database
from corrigenda.workbench.evaluating.request import EvaluationRequest
from corrigenda.workbench.import_requests import ImportRequest
from corrigenda.workbench.importing import ImportReport
from corrigenda.workbench.importing import Progress as ImportProgress
from corrigenda.workbench.recognising import Found

FOLDER = "evaluations"
"""Where in a workspace evaluations are kept, each in a folder of its run's id."""


class EvaluatingMethods:
    """What `Workspace` knows of asking the prompts of its runs again."""

    directory: Path
    config_dir: Path
    database: Database

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    @abstractmethod
    def _import(
        self, found: list[Found], request: ImportRequest, progress: ImportProgress | None
    ) -> ImportReport:
        """Import runs."""

    def check_evaluation(self, request: EvaluationRequest) -> None:
        """Refuse an evaluation that cannot be, as far as can be said without its model.

        Raises:
            InvalidInput: Something cannot be used.
            UnknownRun: A run is not there.
        """
        from corrigenda.workbench.evaluating.prompts import check_runs

        request.check()
        with self.database.reading() as connection:
            check_runs(connection, request)

    def evaluate(self, request: EvaluationRequest, progress: Any = None) -> dict[str, Any]:
        """Ask the prompts of some runs again; the answers are a new run (see `evaluating`).

        Args:
            request: What is wanted.
            progress: Called with (answers that came, answers that were missing); true stops it.

        Returns:
            What stands in `evaluation.json`, and what the import did under `imported`.

        Raises:
            InvalidInput: Something cannot be used; what was answered is kept.
            UnknownRun: A run is not there.
            Conflict: Another process works on the same evaluation.
            ConfigError: `label_tool.yaml` is broken.
            Stopped: `progress` has asked for it; the same request goes on (`evaluating.running`).
        """
        from corrigenda import __version__
        from corrigenda.workbench.evaluating.running import evaluate

        self.refresh()
        report = ImportReport()

        def bring_in(paths: Sequence[Path]) -> None:
            source = NativeSource()
            found = [
                Found(source, RunFile(request.run_id, file))
                for path in paths
                if path.stat().st_size
                for file in inputs.files_of(path)
            ]
            report.add(self._import(found, ImportRequest(), None))

        done = evaluate(
            self.database,
            request,
            request.output or self.directory / FOLDER / request.run_id,
            rule=settings.read_config(self.config_dir).scoring,
            bring_in=bring_in,
            version=__version__,
            **({} if progress is None else {"progress": progress}),
        )
        return {**done, "imported": report.as_dict()}
