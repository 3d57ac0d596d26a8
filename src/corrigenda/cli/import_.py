"""`corrigenda import`."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli import completion
from corrigenda.cli.errors import REFUSED, complain, exit_code
from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, plain
from corrigenda.errors import ConfigError, InvalidInput, NotFound, UnknownRun

if TYPE_CHECKING:
    from corrigenda.workbench import ImportReport, Workspace

_SHOWN = 20


def import_(
    ctx: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN_OR_FILE",
            help="A file, a run's directory, a directory of runs, or the name of a run of the "
            "benchmark folder.",
            show_default=False,
        ),
    ],
    source: Annotated[
        str | None,
        typer.Option(
            "--source",
            metavar="NAME",
            help="The format of the files, if it is not to be recognised.",
            autocompletion=completion.sources,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Import candidates; those that are there already are skipped.

    Lines that cannot be used are left out and named on standard error.
    """
    refused = 0
    with open_workspace(ctx, workspace, database_url, create=True) as opened:
        from corrigenda.workbench import ImportReport

        total = ImportReport()
        for path in paths:
            try:
                total.add(_import(opened, path, source))
            except (ConfigError, InvalidInput, NotFound) as error:  # the other paths may be fine
                complain(error.message)
                refused = refused or exit_code(error)
    _show_problems(total)
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(total.as_dict()))
    elif total.imported or total.skipped or not refused:
        _summarise(total)
    if refused or (total.malformed and not total.imported and not total.skipped):
        raise typer.Exit(refused or REFUSED)


def _import(workspace: "Workspace", path: str, source: str | None) -> "ImportReport":
    with _progress(path) as progress:
        if source is None and not Path(path).exists() and Path(path).name == path:
            try:
                return workspace.import_run(path, progress)
            except UnknownRun:
                # A configuration that cannot be read is the better explanation.
                _ = workspace.bench_results_dir
                raise NotFound(
                    f"`{path}` is neither a file or directory nor a run of the benchmark folder."
                ) from None
        return workspace.import_path(path, source=source, progress=progress)


@contextlib.contextmanager
def _progress(label: str) -> Iterator[Callable[[int, int], bool] | None]:
    """A bar that counts the bytes read, where somebody is there to see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    name = TextColumn("{task.description}", markup=False)
    bar = Progress(
        name,
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(plain(label, 40), total=None)

        def update(done: int, total: int) -> bool:
            bar.update(task, completed=min(done, total), total=total)
            return False

        yield update


def _show_problems(report: "ImportReport") -> None:
    for problem in report.problems[:_SHOWN]:
        typer.echo(plain(problem), err=True)
    if report.malformed > _SHOWN:
        typer.echo(f"... and {report.malformed - _SHOWN} more", err=True)


def _summarise(report: "ImportReport") -> None:
    there = f"; {report.skipped} were there already" if report.skipped else ""
    right = f" and {amount(report.passes, 'pass', 'passes')}" if report.passes else ""
    typer.echo(f"Imported {amount(report.imported, 'candidate')}{right}{there}.")
    if report.malformed:
        typer.echo(f"Left out {amount(report.malformed, 'line')} that cannot be used.")
    if report.renamed:
        typer.echo(
            f"Renamed {len(report.renamed)} to `run:id`, because another run has that id already."
        )
    if report.changed:
        typer.echo(
            f"Kept {amount(len(report.changed), 'candidate')} as stored, although the file "
            "now says otherwise."
        )
