"""The methods of a workspace that export; see `workspace`."""

from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from corrigenda import jsonl, plugins, settings
from corrigenda.core.recipe import CURATED, Recipe
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import InvalidInput, UnknownExport
from corrigenda.exports import ExportFormat
from corrigenda.mirror import Mirror
from corrigenda.outputs import container_of, open_output
from corrigenda.store import Database, exports
from corrigenda.store.exports import Export
from corrigenda.workbench import comparing, curated, exporting, redacting, snapshots, streamed
from corrigenda.workbench.curating import manifest as manifests
from corrigenda.workbench.curating.examining import Progress
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.curating.report import ExportReport
from corrigenda.workbench.names import can_be_name
from corrigenda.workbench.reviewing import reviewer_of

PREVIEWED = 2000
"""How many candidates a preview looks at."""


class ExportingMethods:
    """What `Workspace` can export; every method takes in first what others wrote."""

    directory: Path
    config_dir: Path
    database: Database
    mirror: Mirror | None

    @property
    @abstractmethod
    def taxonomy(self) -> Taxonomy:
        """The failure categories."""

    @abstractmethod
    def refresh(self) -> None:
        """Take in what others wrote."""

    def export(
        self,
        path: str | Path | None = None,
        *,
        format: str = exporting.DEFAULT_FORMAT,
        include_category: Iterable[str] = (),
        exclude_category: Iterable[str] = (),
        model: Iterable[str] = (),
        task_type: Iterable[str] = (),
        run_id: Iterable[str] = (),
        selection: Selection = EVERYTHING,
    ) -> Iterator[dict[str, Any]]:
        """The approved corrections as training rows; written to `path` as well, if given.

        `none` as a category means the uncategorised; `selection` can say what else is wanted.
        With a path the file is written at once, whole or not at all, and the rows are read back
        from it as they are asked for; of one that is no plain JSON lines they are made again.

        Raises:
            InvalidInput: A name is not known, or the file is the workspace's own.
            StorageError: The file cannot be written.
        """
        self.refresh()
        chosen = replace(
            selection,
            include_categories=(*selection.include_categories, *include_category),
            exclude_categories=(*selection.exclude_categories, *exclude_category),
            models=(*selection.models, *model),
            task_types=(*selection.task_types, *task_type),
            run_ids=(*selection.run_ids, *run_id),
        )
        found = exporting.rows(self.database, self.taxonomy, chosen, format)
        if path is None:
            return found
        self._refuse_own(path)
        table = plugins.named(plugins.EXPORTS, format).table
        container = container_of(path) or ("csv" if table else "jsonl")
        if container == "jsonl":
            jsonl.write_records(Path(path), found)
            return jsonl.read_records(Path(path))
        with open_output(path, container=container) as writer:
            writer.write_all(found)
        return exporting.rows(self.database, self.taxonomy, chosen, format)

    def stream_export(
        self, selection: Selection = EVERYTHING, *, format: str = exporting.DEFAULT_FORMAT
    ) -> streamed.Streamed:
        """The same as bytes, in chunks: JSON lines, or CSV for a table.

        Raises:
            InvalidInput: A name is not known.
        """
        rows = self.export(format=format, selection=selection)
        return streamed.streamed(rows, plugins.named(plugins.EXPORTS, format))

    def export_formats(self) -> dict[str, Any]:
        """What an export can be, and what the export builder starts with."""
        config = settings.read_config(self.config_dir)
        found: Iterable[ExportFormat] = plugins.installed(plugins.EXPORTS).values()
        return {
            "items": [
                {
                    "name": form.name,
                    "kind": form.kind.value,
                    "title": form.title,
                    "table": form.table,
                }
                for form in found
            ],
            "start": CURATED.as_json(),
            "tokenizer": None if config.tokenizer is None else Path(config.tokenizer).name,
            "max_length": config.max_length,
            "detectors": redacting.available(),
        }

    def preview_export(
        self, recipe: Recipe, *, limit: int = PREVIEWED, tokenizer: str | None = None
    ) -> dict[str, Any]:
        """What a recipe would give (see `curating.previews`); changes nothing.

        Args:
            recipe: What is asked for.
            limit: How many of the candidates that it selects are looked at.
            tokenizer: That of the target model, else the one that the workspace names.

        Raises:
            InvalidInput: The recipe cannot be used.
        """
        return self._curated(tokenizer).preview(recipe, limit=limit)

    def make_export(
        self,
        recipe: Recipe,
        destination: str | Path | IO[bytes] | None = None,
        *,
        name: str | None = None,
        reviewer: str | None = None,
        overwrite: bool = False,
        manifest: bool = True,
        container: str | None = None,
        tokenizer: str | None = None,
        fetch: bool = False,
        progress: Progress | None = None,
        note: snapshots.Note | None = None,
    ) -> ExportReport:
        """Make a curated export: a folder, a file, a stream, or a snapshot.

        Whole or not at all; where `progress` asks to stop nothing is left, and the report says
        `stopped`.

        Args:
            recipe: What is asked for.
            destination: A folder, a file whose name says its container, a URL that fsspec can
                write to, or a binary stream. What has no known ending is a folder.
            name: Instead of a destination: that of a new snapshot.
            reviewer: Who makes the snapshot.
            overwrite: Whether an earlier export in the folder may be replaced.
            manifest: Whether a file gets its manifest and lists beside it.
            container: One of `outputs.CONTAINERS` where no name says it.
            tokenizer: That of the target model, else the one that the workspace names.
            fetch: Whether it may be downloaded.
            progress: Told how far it is, in candidates.
            note: Of a snapshot: called with the connection and the report in the transaction that
                publishes it, and with `None` in the one that takes that back.

        Raises:
            InvalidInput: The recipe or the destination cannot be used; or it is strict, and a row
                breaks a rule.
            ExportExists: There is a snapshot of this name.
            StorageError: The disk or the other side refuses.
        """
        maker = self._curated(tokenizer, fetch=fetch)
        if (destination is None) == (name is None):
            raise InvalidInput("Give either a destination or a name.")
        if name is not None:
            by = reviewer_of(reviewer)
            return maker.snapshot(
                recipe, name, by=by, container=container, progress=progress, note=note
            )
        assert destination is not None
        if isinstance(destination, str | Path):
            self._refuse_own(destination)
        return maker.write(
            recipe,
            destination,
            overwrite=overwrite,
            lists=manifest,
            container=container,
            progress=progress,
        )

    def remake_export(
        self,
        manifest: str | Path,
        destination: str | Path | IO[bytes],
        *,
        overwrite: bool = False,
        lists: bool = True,
        tokenizer: str | None = None,
        fetch: bool = False,
        progress: Progress | None = None,
    ) -> ExportReport:
        """Make an export again from its manifest: the same bytes, or what has changed since.

        Args:
            manifest: A manifest, the folder that it is in, or the name of a snapshot.
            destination: As in `make_export`.
            overwrite: As there.
            lists: Whether a file gets its manifest and lists beside it.
            tokenizer: As there.
            fetch: As there.
            progress: As there.

        Returns:
            A report whose `remade` says how what was written compares with the manifest.

        Raises:
            ExportChanged: It would not be the same; nothing was written.
            NotFound, InvalidInput: The manifest is not there, or cannot be used.
        """
        old = self._exported(manifest)
        if isinstance(destination, str | Path):
            self._refuse_own(destination)
        return self._curated(tokenizer, fetch=fetch).again(
            old, destination, overwrite=overwrite, lists=lists, progress=progress
        )

    def settle_exports(self) -> None:
        """Bring snapshots to their end whose process was killed when it had published them."""
        snapshots.sweep(self.directory, self.database)

    def exports(self) -> list[dict[str, Any]]:
        """The snapshots, newest first (see `snapshots.head`)."""
        with self.database.reading() as connection:
            found = exports.newest(connection)
        return [snapshots.head(self.directory, each) for each in found]

    def export_named(self, name: str) -> dict[str, Any]:
        """A snapshot with its manifest and its files.

        Raises:
            UnknownExport: There is none of this name.
        """
        return snapshots.described(self.directory, self._row(name))

    def export_file(self, name: str, file: str) -> Path:
        """Where a file of a snapshot is; a name that is a path is none.

        Raises:
            NotFound, UnknownExport: There is no such snapshot, folder or file.
        """
        return snapshots.file_of(self.directory, self._row(name).name, file)

    def export_folder(self, name: str) -> Path:
        """Where a snapshot is.

        Raises:
            NotFound, UnknownExport: There is no such snapshot, or its folder is gone.
        """
        return snapshots.folder_of(self.directory, self._row(name).name)

    def changes_since(self, which: str | Path, *, only_names: bool = False) -> dict[str, Any]:
        """What was decided since an export was made (see `comparing.changes`).

        Args:
            which: The name of a snapshot, or a path: a folder, or a manifest.
            only_names: Whether a path is refused.

        Raises:
            NotFound, UnknownExport, InvalidInput: It is not there, or cannot be used.
        """
        self.refresh()
        return comparing.changes(self.database, self._exported(which, only_names=only_names))

    def diff_exports(
        self, a: str | Path, b: str | Path, *, only_names: bool = False
    ) -> dict[str, Any]:
        """How two exports differ (see `comparing.differences`).

        Args:
            a: As in `changes_since`.
            b: The other.
            only_names: Whether a path is refused.

        Raises:
            NotFound, UnknownExport, InvalidInput: One is not there, or cannot be used.
        """
        first, second = (self._exported(each, only_names=only_names) for each in (a, b))
        return comparing.differences(first, second)

    def _curated(self, tokenizer: str | None, *, fetch: bool = False) -> curated.Curated:
        self.refresh()
        return curated.Curated(
            directory=self.directory,
            database=self.database,
            taxonomy=self.taxonomy,
            config=settings.read_config(self.config_dir),
            tokenizer=tokenizer,
            fetch=fetch,
        )

    def _row(self, name: str) -> Export:
        if not can_be_name(name):
            raise UnknownExport(name)
        with self.database.reading() as connection:
            return exports.get(connection, name)

    def _exported(self, which: str | Path, *, only_names: bool = False) -> Exported:
        if isinstance(which, str) and (only_names or can_be_name(which)):
            try:
                return snapshots.exported(self.directory, self._row(which))
            except UnknownExport:
                if only_names or not Path(which).exists():
                    raise
        return manifests.read(Path(which))

    def _refuse_own(self, path: str | Path) -> None:
        """Refuse to write over the workspace's own files."""
        own = self.mirror is not None and self.mirror.keeps(Path(path))
        if own or snapshots.holds(self.directory, Path(path)):
            raise InvalidInput(f"`{path}` is one of the workspace's own files; choose another.")
