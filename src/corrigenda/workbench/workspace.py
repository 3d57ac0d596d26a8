"""A workspace: the one object through which everything else goes.

Example:
    >>> import corrigenda
    >>> with corrigenda.open("data/") as workspace:      # doctest: +SKIP
    ...     workspace.import_path("bench_results/2026-04-07-143022")
    ...     card = workspace.queue(limit=1).items[0]
    ...     workspace.submit(card["id"], "correct", corrected_response="18",
    ...                      failure_category="wrong_answer")
    ...     rows = list(workspace.export(include_category=["wrong_answer"]))
"""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from corrigenda import settings
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import ConfigError
from corrigenda.mirror import Mirror
from corrigenda.store import Database
from corrigenda.workbench import checking, exporting, previewing, reviewing, snapshots
from corrigenda.workbench.claiming_methods import ClaimingMethods
from corrigenda.workbench.comparing_methods import ComparingMethods
from corrigenda.workbench.deciding_methods import DecidingMethods
from corrigenda.workbench.evaluating_methods import EvaluatingMethods
from corrigenda.workbench.exporting_methods import ExportingMethods
from corrigenda.workbench.finding_methods import FindingMethods
from corrigenda.workbench.importing_methods import ImportingMethods
from corrigenda.workbench.opening import DATABASE_NAME, must_be_there
from corrigenda.workbench.organising_methods import OrganisingMethods
from corrigenda.workbench.protecting_methods import ProtectingMethods
from corrigenda.workbench.safekeeping_methods import SafekeepingMethods
from corrigenda.workbench.scoring_methods import ScoringMethods
from corrigenda.workbench.signing_in_methods import ReviewersMethods
from corrigenda.workbench.stats import stats
from corrigenda.workbench.training_methods import TrainingMethods

_log = logging.getLogger(__name__)


class Workspace(
    DecidingMethods,
    FindingMethods,
    ImportingMethods,
    OrganisingMethods,
    ScoringMethods,
    ExportingMethods,
    ProtectingMethods,
    ComparingMethods,
    TrainingMethods,
    EvaluatingMethods,
    SafekeepingMethods,
    ClaimingMethods,
    ReviewersMethods,
):
    """An open workspace; use `corrigenda.open`. Safe to share between threads.

    A workspace on a directory has a SQLite database and the two JSONL files in it. With a
    database URL the directory holds only the configuration.

    Attributes:
        directory: Where database and files are.
        config_dir: Where `label_tool.yaml` is; the directory, unless given.
        roots: The folders within which the benchmark folder may be chosen over HTTP.
        before_close: Called, in order, when the workspace is about to close.
    """

    def __init__(
        self,
        directory: Path,
        database: Database,
        *,
        config_dir: Path | None = None,
        roots: tuple[Path, ...] = (),
        mirrored: bool = True,
    ) -> None:
        self.directory = directory
        self.database = database
        self.config_dir = config_dir or directory
        self.roots = tuple(dict.fromkeys((self.config_dir, directory, *roots)))
        self._last_taxonomy = Taxonomy()
        self.mirror = Mirror(directory, database, lambda: self.taxonomy) if mirrored else None
        self._closing = threading.Lock()
        self.closed = False
        self.before_close: list[Callable[[], None]] = []

    @classmethod
    def open(
        cls,
        directory: str | Path,
        *,
        database_url: str | None = None,
        config_dir: str | Path | None = None,
        roots: Iterable[Path] = (),
        create: bool = True,
        keep_files: bool = True,
    ) -> Self:
        """Open a workspace, making it if it is not there (unless `create` is false).

        Without `keep_files` the JSONL files are neither read nor written.

        Raises:
            NotFound: It is not there and was not to be made.
            ConfigError, SchemaMismatch, StorageError: It cannot be opened.
        """
        place = Path(directory).expanduser().absolute()
        if not create:
            must_be_there(place, database_url)
        database = Database.open(database_url or place / DATABASE_NAME)
        workspace = cls(
            place,
            database,
            config_dir=Path(config_dir) if config_dir is not None else None,
            roots=tuple(roots),
            mirrored=database_url is None,
        )
        try:
            if workspace.mirror is not None and keep_files:
                workspace.mirror.open()
            snapshots.sweep(place, database)
            workspace.follow_words()
        except BaseException:
            database.close()
            raise
        return workspace

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Bring the files up to date, finish what is waiting, let go. Closing twice is fine."""
        with self._closing:
            if self.closed:
                return
            self.closed = True
            for stop in self.before_close:
                stop()
            try:
                if self.mirror is not None:
                    self.mirror.close()
            finally:
                self.database.close()

    @property
    def owns_files(self) -> bool:
        """Whether this process keeps the JSONL files (true, too, where there are none)."""
        return self.mirror is None or self.mirror.owner

    @property
    def taxonomy(self) -> Taxonomy:
        """The failure categories; while the configuration is broken, those it last had."""
        try:
            self._last_taxonomy = settings.read_config(self.config_dir).taxonomy
        except ConfigError as error:
            _log.warning("%s", error)
        return self._last_taxonomy

    def set_bench_results_dir(self, chosen: str) -> None:
        """Choose the benchmark folder within `roots`.

        Raises:
            InvalidInput: It is outside, or not a folder.
            ConfigError: `label_tool.yaml` is broken.
        """
        settings.write_bench_results_dir(self.config_dir, chosen, self.roots)

    def refresh(self) -> None:
        """Take in what others wrote into the candidates' file; nearly free if nothing did."""
        if self.mirror is not None:
            self.mirror.refresh()

    def sync(self, *, force: bool = False) -> bool:
        """Write both files out; true if the candidates' file was rewritten."""
        return self.mirror.sync(force=force) if self.mirror is not None else False

    def get(self, candidate_id: str) -> dict[str, Any]:
        """A candidate's record as it now stands.

        Raises:
            UnknownCandidate: There is none of this id.
        """
        self.refresh()
        return reviewing.get(self.database, candidate_id)

    def candidates(self) -> Iterator[dict[str, Any]]:
        """Every record as it now stands, in the order of arrival, as a stream."""
        self.refresh()
        return reviewing.everything(self.database)

    def history(self, candidate_id: str) -> list[dict[str, Any]]:
        """A candidate's decisions, oldest first.

        Raises:
            UnknownCandidate: There is none of this id.
        """
        self.refresh()
        return reviewing.history(self.database, candidate_id)

    def preview(
        self,
        candidate_id: str,
        corrected_response: str | None,
        *,
        corrected_parts: Mapping[str, Any] | None = None,
        format: str = exporting.DEFAULT_FORMAT,
    ) -> dict[str, Any]:
        """What a correction would be exported as; changes nothing (see `previewing`).

        Raises:
            InvalidInput, UnknownCandidate: As with `submit`.
        """
        self.refresh()
        return previewing.preview(
            self.database, self.taxonomy, candidate_id, corrected_response, corrected_parts, format
        )

    def stats(self) -> dict[str, Any]:
        """Counts by status, model, task type and failure category (see `workbench.stats`)."""
        self.refresh()
        return stats(self.database)

    def check(self) -> list[checking.Finding]:
        """What `corrigenda doctor` says of this workspace; changes nothing."""
        return checking.check(self.database, self.mirror, self.directory)
