"""The methods of a workspace that bring results in; see `workspace`."""

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from corrigenda import settings
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import ConfigError, InvalidInput, UnknownUpload
from corrigenda.store import Database
from corrigenda.workbench import bench_runs, importing, looking, pushing, recognising, uploads
from corrigenda.workbench.import_requests import ImportRequest
from corrigenda.workbench.problem_log import ProblemLog
from corrigenda.workbench.searching import SearchingMethods


class ImportingMethods(SearchingMethods):
    """What `Workspace` knows of runs, logs and uploads."""

    directory: Path
    config_dir: Path
    database: Database

    @property
    @abstractmethod
    def taxonomy(self) -> Taxonomy:
        """The failure categories."""

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    @property
    def bench_results_dir(self) -> Path | None:
        """The benchmark folder, if one is configured.

        Raises:
            ConfigError: `label_tool.yaml` is broken.
        """
        return settings.read_config(self.config_dir).bench_results_dir

    def runs(self) -> list[bench_runs.RunInfo]:
        """The runs in the benchmark folder, newest first.

        Raises:
            ConfigError: The configuration or the folder cannot be read.
        """
        self.refresh()
        return bench_runs.list_runs(self.bench_results_dir, self.database, self.taxonomy)

    def find_run(self, run_id: str) -> list[recognising.Found]:
        """The files of a run of the benchmark folder by its name, which is no path.

        Raises:
            UnknownRun: There is no such run (or no folder is configured).
        """
        try:
            folder = self.bench_results_dir
        except ConfigError:
            folder = None
        return bench_runs.find_run(folder, run_id)

    def import_run(
        self,
        run_id: str,
        progress: importing.Progress | None = None,
        request: ImportRequest | None = None,
    ) -> importing.ImportReport:
        """Import a run of the benchmark folder by its name.

        Raises:
            UnknownRun: There is no such run (or no folder is configured).
        """
        self.refresh()
        return self._import(self.find_run(run_id), request or ImportRequest(), progress)

    def import_path(
        self,
        path: str | Path,
        *,
        request: ImportRequest | None = None,
        progress: importing.Progress | None = None,
        **options: Any,
    ) -> importing.ImportReport:
        """Import every run found at a path, a glob or a URL (see `recognising.recognise`).

        Args:
            path: What is to be imported.
            request: The options, or give them by name (`held_out=1`, `format="lm-eval"`).
            progress: Called after each batch.
            options: The fields of `ImportRequest`.

        Raises:
            InvalidInput: Nothing there can be imported, or an option does not fit.
        """
        self.refresh()
        asked = replace(request or ImportRequest(), **options)
        remarks: list[str] = []
        found = recognising.recognise(path, asked.source(), remarks=remarks)
        report = self._import(found, asked, progress)
        report.remarks[:0] = remarks
        return report

    def look(self, path: str | Path, request: ImportRequest | None = None) -> dict[str, Any]:
        """What an import of a path would bring; nothing is written (see `looking.Look`).

        Raises:
            InvalidInput: Nothing there can be imported, or an option does not fit.
        """
        asked = request or ImportRequest()
        remarks: list[str] = []
        found = recognising.recognise(path, asked.source(), remarks=remarks)
        return self._look(found, asked, remarks)

    def upload(self, name: str, chunks: Iterable[bytes]) -> dict[str, Any]:
        """Take in a file to be imported, and say what is in it.

        Raises:
            InvalidInput: It is too large, or nothing recognises it; nothing of it is left.
        """
        upload = uploads.receive(self.directory, name, chunks)
        try:
            return self.look_at_upload(upload.id)
        except BaseException:
            uploads.remove(upload)
            raise

    def look_at_upload(
        self, upload_id: str, request: ImportRequest | None = None
    ) -> dict[str, Any]:
        """What the import of an uploaded file would bring, as `look` says it.

        Raises:
            UnknownUpload: There is none of this id.
            InvalidInput: Nothing recognises it, or an option does not fit.
        """
        asked = request or ImportRequest()
        upload = uploads.find(self.directory, upload_id)
        remarks: list[str] = []
        found = uploads.recognise(upload, asked.source(), remarks)
        seen = self._look(found, asked, remarks)
        size = upload.path.stat().st_size
        return {"upload_id": upload.id, "name": upload.name, "bytes": size, **seen}

    def import_upload(
        self,
        upload_id: str,
        progress: importing.Progress | None = None,
        request: ImportRequest | None = None,
        *,
        note: Callable[[Any, importing.ImportReport], None] | None = None,
    ) -> importing.ImportReport:
        """Import a file that was uploaded; it goes then, unless the import was stopped.

        Args:
            upload_id: That of the file.
            progress: Called after each batch.
            request: The options.
            note: Called with a connection and the report in a transaction before the file goes.

        Raises:
            UnknownUpload: There is none of this id.
        """
        self.refresh()
        asked = request or ImportRequest()
        upload = uploads.find(self.directory, upload_id)
        remarks: list[str] = []
        report = self._import(uploads.recognise(upload, asked.source(), remarks), asked, progress)
        report.remarks[:0] = remarks
        if not report.stopped:
            if note is not None:
                self.database.write(lambda connection: note(connection, report))
            uploads.remove(upload)
        return report

    def remove_upload(self, upload_id: str) -> None:
        """Remove an uploaded file, if it is still there."""
        with contextlib.suppress(UnknownUpload):
            uploads.remove(uploads.find(self.directory, upload_id))

    def push(self, chunks: Iterable[bytes]) -> importing.ImportReport:
        """Take in native records, one JSON object a line, as another program sends them.

        Raises:
            InvalidInput: It is too much at once; what came before stays.
        """
        self.refresh()
        keep = ProblemLog(self.directory).keep
        with self.importing():
            return pushing.push(self.database, self.taxonomy, chunks, keep)

    def mappings(self) -> settings.Mappings:
        """The mappings of tables that are saved, by name.

        Raises:
            ConfigError: `label_tool.yaml` is broken.
        """
        return settings.read_config(self.config_dir).mappings

    def save_mapping(self, name: str, request: ImportRequest) -> None:
        """Save the mapping of a request under a name, in `label_tool.yaml`.

        Raises:
            InvalidInput: The name cannot be one, or there is nothing to save.
        """
        self.check_mapping(name, request)
        columns = request.options(self.mappings()).read.mapping
        settings.write_mapping(self.config_dir, name, columns)

    def check_mapping(self, name: str, request: ImportRequest) -> None:
        """Refuse what `save_mapping` would refuse, before an import that may take long.

        Raises:
            InvalidInput: The name cannot be one, or there is nothing to save.
        """
        settings.check_mapping_name(name)
        if not (request.mapping or request.mapping_name):
            raise InvalidInput("There is no mapping to save; give one.")

    def _import(
        self,
        found: list[recognising.Found],
        request: ImportRequest,
        progress: importing.Progress | None,
    ) -> importing.ImportReport:
        options = request.options(self.mappings() if request.mapping_name else {})
        keep = ProblemLog(self.directory).keep
        with self.importing():
            return importing.import_found(
                self.database, found, self.taxonomy, options, progress, keep
            )

    def _look(
        self, found: list[recognising.Found], request: ImportRequest, remarks: list[str]
    ) -> dict[str, Any]:
        options = request.options(self.mappings() if request.mapping_name else {})
        seen = looking.look(found, self.taxonomy, options)
        seen.remarks[:0] = remarks
        return seen.as_dict(self.database)
