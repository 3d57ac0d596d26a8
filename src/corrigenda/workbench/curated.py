"""Curated exports: a recipe becomes a plan, and the plan files."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from corrigenda import plugins
from corrigenda.core.recipe import Recipe
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import ExportChanged, InvalidInput
from corrigenda.exports import ExportFormat
from corrigenda.outputs import Folder, container_of, open_folder
from corrigenda.outputs.places import is_stream
from corrigenda.settings import WorkspaceConfig
from corrigenda.store import Database
from corrigenda.workbench import remaking, snapshots
from corrigenda.workbench.curating.examining import Progress, Stopped
from corrigenda.workbench.curating.manifest import Exported
from corrigenda.workbench.curating.naming import container_for, refuse_splits
from corrigenda.workbench.curating.plan import Plan, make_plan
from corrigenda.workbench.curating.previews import preview
from corrigenda.workbench.curating.report import ExportReport, report_of
from corrigenda.workbench.curating.toolbox import Toolbox, toolbox
from corrigenda.workbench.curating.writing import write_file, write_folder, write_stream

Destination = str | Path | IO[bytes]


@dataclass(frozen=True)
class Curated:
    """Makes the exports of a workspace.

    Attributes:
        directory: The workspace's.
        database: The workspace's.
        taxonomy: The categories that there are.
        config: Names the tokenizer, where `tokenizer` does not.
        tokenizer: That of the target model.
        fetch: Whether it may be downloaded.
    """

    directory: Path
    database: Database
    taxonomy: Taxonomy
    config: WorkspaceConfig
    tokenizer: str | None = None
    fetch: bool = False

    def preview(self, recipe: Recipe, *, limit: int) -> dict[str, Any]:
        """What a recipe would give; see `ExportingMethods.preview_export`."""
        if limit < 1:
            raise InvalidInput(f"`limit` is a whole number from 1 up, not {limit}.")
        # Strictness is for making; a preview shows what would be refused.
        plan, tools = self._plan(replace(recipe, strict=False), None, keep=False, limit=limit)
        return preview(plan, tools)

    def write(
        self,
        recipe: Recipe,
        destination: Destination,
        *,
        overwrite: bool,
        lists: bool,
        container: str | None,
        progress: Progress | None,
    ) -> ExportReport:
        """Make an export; see `ExportingMethods.make_export`."""
        _check(recipe, destination, container)
        told = _Halves(progress)
        try:
            plan, tools = self._plan(recipe, told.first)
            manifest = _written(
                plan,
                tools,
                destination,
                overwrite=overwrite,
                lists=lists,
                container=container,
                progress=told.second,
            )
        except Stopped:
            return ExportReport(stopped=True)
        return report_of(manifest)

    def snapshot(
        self,
        recipe: Recipe,
        name: str,
        *,
        by: str,
        container: str | None,
        progress: Progress | None,
        note: snapshots.Note | None = None,
    ) -> ExportReport:
        """Make a snapshot; see `ExportingMethods.make_export`."""
        told = _Halves(progress)
        try:
            with snapshots.drafting(self.directory, self.database, name) as draft:
                plan, tools = self._plan(recipe, told.first)
                manifest = write_folder(
                    plan, Folder(draft), tools.facts(), container=container, progress=told.second
                )
                tools.commit()
                report = report_of(manifest, name)
                snapshots.publish(self.database, draft, report, by=by, note=note)
        except Stopped:
            return ExportReport(name=name, stopped=True)
        return report

    def again(
        self,
        old: Exported,
        destination: Destination,
        *,
        overwrite: bool,
        lists: bool,
        progress: Progress | None,
    ) -> ExportReport:
        """Make an export again; see `ExportingMethods.remake_export`."""
        container = remaking.container_of_export(old)
        _refuse_other_container(destination, container)
        _check(old.recipe, destination, container)
        told = _Halves(progress)
        try:
            # What is kept of its splits decides; new groups would be a change in any case.
            plan, tools = self._plan(old.recipe, told.first, keep=False)
            remaking.check(self.database, old, plan, tools.facts(), container)
            manifest = _written(
                plan,
                tools,
                destination,
                overwrite=overwrite,
                lists=lists,
                container=container,
                progress=told.second,
            )
        except Stopped:
            return ExportReport(stopped=True)
        if not remaking.same_bytes(old.manifest, manifest):
            raise ExportChanged("Somebody decided while the export was made again; try again.")
        return replace(report_of(manifest), remade=remaking.compared(old.manifest, manifest))

    def _plan(
        self,
        recipe: Recipe,
        progress: Progress | None,
        *,
        keep: bool = True,
        limit: int | None = None,
    ) -> tuple[Plan, Toolbox]:
        recipe = recipe.checked(self.taxonomy)
        tools = toolbox(
            self.database,
            recipe,
            self.config,
            keep=keep,
            tokenizer=self.tokenizer,
            fetch=self.fetch,
        )
        plan = make_plan(
            self.database, self.taxonomy, recipe, tools, progress=progress, limit=limit
        )
        return plan, tools


def is_folder(destination: Destination) -> bool:
    """Whether a destination is a folder: one that is there, or a name without a known ending.

    Example:
        >>> is_folder("sets/v1"), is_folder("sets/v1.jsonl"), is_folder("v1.jsonl/")
        (True, False, True)
    """
    if not isinstance(destination, str | Path) or is_stream(destination):
        return False
    if str(destination).endswith("/") or Path(destination).is_dir():
        return True
    return container_of(destination) is None and not Path(destination).is_file()


def _written(
    plan: Plan,
    tools: Toolbox,
    destination: Destination,
    *,
    overwrite: bool,
    lists: bool,
    container: str | None,
    progress: Progress,
) -> dict[str, Any]:
    facts = tools.facts()
    if isinstance(destination, str | Path) and is_folder(destination):
        with open_folder(destination, overwrite=overwrite) as folder:
            manifest = write_folder(plan, folder, facts, container=container, progress=progress)
            tools.commit()
            return manifest
    if isinstance(destination, str | Path) and not is_stream(destination):
        return write_file(
            plan, destination, facts, container=container, lists=lists, progress=progress
        )
    return write_stream(plan, destination, facts, container=container, progress=progress)


def _check(recipe: Recipe, destination: Destination, container: str | None) -> None:
    """Refuse before the work what could not be written after it."""
    form: ExportFormat = plugins.named(plugins.EXPORTS, recipe.format)
    folder = is_folder(destination)
    if not folder:
        refuse_splits(recipe, form)
    named = isinstance(destination, str | Path) and not folder
    container_for(form, (container_of(str(destination)) if named else None) or container)


def _refuse_other_container(destination: Destination, container: str) -> None:
    named = None if is_folder(destination) else container_of(str(destination))
    if isinstance(destination, str | Path) and named not in (None, container):
        raise InvalidInput(
            f"The export was written as `.{container}`, and the same bytes do not fit into "
            f"`{Path(destination).name}`; name a file with that ending, or a folder."
        )


class _Halves:
    """Tells one progress of two passes over the candidates, half of it each."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._total = 0

    def first(self, done: int, total: int) -> bool:
        """The candidates are read."""
        self._total = total
        return self._progress is not None and self._progress(done // 2, total)

    def second(self, done: int, total: int) -> bool:
        """The rows are written."""
        share = done / total if total else 1.0
        half = self._total // 2
        at = half + int((self._total - half) * share)
        return self._progress is not None and self._progress(at, self._total)
