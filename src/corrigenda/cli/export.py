"""`corrigenda export`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import typer

from corrigenda.cli import export_options as options
from corrigenda.cli import export_recipe, export_texts
from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.progress import progress_bar
from corrigenda.cli.text import amount, plain

if TYPE_CHECKING:
    from corrigenda.core.recipe import Recipe
    from corrigenda.core.selection import Selection
    from corrigenda.workbench import Workspace

_STDOUT = "-"
_ALL = 2**53


def export(
    ctx: typer.Context,
    format: options.Format = None,
    curated: options.Curated = False,
    recipe: options.RecipeFile = None,
    status: options.Status = None,
    include_category: options.IncludeCategory = None,
    exclude_category: options.ExcludeCategory = None,
    model: options.Model = None,
    task: options.Task = None,
    task_type: options.TaskType = None,
    run: options.Run = None,
    min_score: options.MinScore = None,
    max_score: options.MaxScore = None,
    reviewer: options.Reviewer = None,
    from_day: options.From = None,
    until_day: options.Until = None,
    text: options.Text = None,
    tag: options.Tag = None,
    batch: options.Batch = None,
    deduplicate: options.Deduplicate = None,
    near_duplicates: options.NearDuplicates = None,
    keep: options.Keep = None,
    conflicts: options.Conflicts = None,
    format_pairs: options.FormatPairs = None,
    cap: options.Cap = None,
    replay: options.Replay = None,
    seed: options.Seed = None,
    split: options.Split = None,
    group_by: options.GroupBy = None,
    holdout_task: options.HoldoutTask = None,
    allow_protected: options.AllowProtected = None,
    secrets: options.Secrets = None,
    redact: options.Redact = False,
    tokenizer: options.TokenizerName = None,
    fetch: options.Fetch = False,
    max_length: options.MaxLength = None,
    keep_long: options.KeepLong = None,
    strict: options.Strict = None,
    output: options.Output = _STDOUT,
    name: options.Name = None,
    overwrite: options.Overwrite = False,
    no_manifest: options.NoManifest = False,
    from_manifest: options.FromManifest = None,
    dry_run: options.DryRun = False,
    quiet: options.Quiet = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Write the approved corrections as training data, one JSON row a line.

    Without options of curating, splitting and checking everything approved goes out as it is. With
    any of them, `--curated`, `--name` or a folder, the rows are chosen by a recipe, and a manifest
    says what went in.
    """
    if redact and secrets not in (None, "redact"):
        raise typer.BadParameter("give either --redact or --secrets")
    filters = export_recipe.given(
        {
            "status": status,
            "category": include_category,
            "exclude_category": exclude_category,
            "model": model,
            "task": task,
            "task_type": task_type,
            "run_id": run,
            "score_min": min_score,
            "score_max": max_score,
            "reviewer": reviewer,
            "decided_from": from_day,
            "decided_until": until_day,
            "q": text,
            "tag": tag,
            "batch": batch,
        }
    )
    fields = export_recipe.given(
        {
            "deduplicate": deduplicate,
            "near_duplicates": near_duplicates,
            "keep": keep,
            "conflicts": conflicts,
            "format_pairs": format_pairs,
            "caps": cap,
            "replay": replay,
            "seed": seed,
            "splits": split,
            "group_by": [part.strip() for each in group_by or () for part in each.split(",")],
            "holdout_tasks": holdout_task,
            "allow_protected": allow_protected,
            "secrets": "redact" if redact else secrets,
            "max_length": max_length,
            "keep_long": keep_long,
            "strict": strict,
        }
    )
    chosen = curated or recipe is not None or bool(fields) or tokenizer is not None
    if from_manifest is not None and (chosen or filters or format or name or dry_run):
        raise typer.BadParameter("its recipe is in the manifest", param_hint="--from-manifest")
    if name is not None and output != _STDOUT:
        raise typer.BadParameter("give either --name or --output")
    if fetch and tokenizer is None:
        raise typer.BadParameter("give --tokenizer as well", param_hint="--fetch")
    if json and output == _STDOUT and name is None and not dry_run:
        raise typer.BadParameter(
            "the rows go to standard output; give --output", param_hint="--json"
        )
    with open_workspace(ctx, workspace, database_url) as opened:
        work = _Work(
            opened, output, name, tokenizer, fetch, overwrite, not no_manifest, quiet, json
        )
        if from_manifest is not None:
            work.again(from_manifest)
            return
        made = export_recipe.recipe_of(
            opened,
            curated=curated,
            file=recipe,
            filters=filters,
            fields=fields | ({"format": format} if format else {}),
            tokenizer=tokenizer,
        )
        if dry_run:
            work.look(made)
        elif chosen or name is not None or json or _is_bundle(output):
            work.make(made)
        else:
            work.write(made.format, made.selection)


def _is_bundle(output: str) -> bool:
    return "://" in output or output.endswith("/") or Path(output).is_dir()


@dataclass(frozen=True)
class _Work:
    """What the command does with a recipe, and says of it."""

    workspace: "Workspace"
    output: str
    name: str | None
    tokenizer: str | None
    fetch: bool
    overwrite: bool
    manifest: bool
    quiet: bool
    json: bool

    def write(self, format: str, selection: "Selection") -> None:
        """Write everything approved that the filter lets through, as it is."""
        count = self._rows(format, selection)
        if not self.quiet:
            to = "" if self.output == _STDOUT else f" to `{plain(self.output)}`"
            typer.echo(f"Wrote {amount(count, 'row')}{to}.", err=True)
            if not count and not selection.restricted and self._approved():
                typer.echo(
                    "`corrigenda export --dry-run` says what is left out, and why.", err=True
                )

    def _approved(self) -> int:
        found: int = self.workspace.stats()["export_ready"]
        return found

    def look(self, recipe: "Recipe") -> None:
        """Show what an export would have."""
        seen = self.workspace.preview_export(recipe, limit=_ALL, tokenizer=self.tokenizer)
        if self.json:
            self._print(seen)
        else:
            export_texts.show(seen)

    def make(self, recipe: "Recipe") -> None:
        """Make a curated export."""
        with progress_bar() as progress:
            report = self.workspace.make_export(
                recipe,
                None if self.name is not None else self._destination(),
                name=self.name,
                overwrite=self.overwrite,
                manifest=self.manifest,
                tokenizer=self.tokenizer,
                fetch=self.fetch,
                progress=progress,
            )
        self._tell(report)

    def again(self, manifest: str) -> None:
        """Make an export again."""
        from corrigenda.errors import ExportChanged

        try:
            with progress_bar() as progress:
                report = self.workspace.remake_export(
                    manifest,
                    self._destination(),
                    overwrite=self.overwrite,
                    lists=self.manifest,
                    tokenizer=self.tokenizer,
                    fetch=self.fetch,
                    progress=progress,
                )
        except ExportChanged as error:
            if self.json:
                self._print({"error": error.message, **error.details})
            else:
                export_texts.show_changes(error)
            raise
        self._tell(report)

    def _rows(self, format: str, selection: "Selection") -> int:
        path = Path(self.output)
        rows = self.workspace.export
        if self.output == _STDOUT:
            found = rows(format=format, selection=selection)
            return _stream(found, typer.get_binary_stream("stdout"), format)
        # A pipe or a device is written to; renaming a file over it would destroy it.
        if path.exists() and not path.is_file():
            with path.open("wb") as file:
                return _stream(rows(format=format, selection=selection), file, format)
        return sum(1 for _ in rows(path.resolve(), format=format, selection=selection))

    def _destination(self) -> str | IO[bytes]:
        return typer.get_binary_stream("stdout") if self.output == _STDOUT else self.output

    def _tell(self, report: Any) -> None:
        if self.json:
            self._print(report.as_dict() | ({"remade": report.remade} if report.remade else {}))
        elif not self.quiet:
            export_texts.tell(report, None if self.output == _STDOUT else self.output)

    def _print(self, value: Mapping[str, Any]) -> None:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(value))


def _stream(rows: Iterator[dict[str, Any]], file: IO[bytes], format: str) -> int:
    from corrigenda import plugins
    from corrigenda.outputs import open_output

    table = plugins.named(plugins.EXPORTS, format).table
    with open_output(file, container="csv" if table else "jsonl") as writer:
        for row in rows:
            writer.write(row)
    return writer.rows
