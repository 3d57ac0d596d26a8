"""`corrigenda demo`."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli.options import given
from corrigenda.cli.serve import (
    AllowedHostOption,
    HostOption,
    LogLevel,
    LogLevelOption,
    NoBrowserOption,
    PortOption,
    RootOption,
    for_server,
)
from corrigenda.cli.text import amount, plain
from corrigenda.errors import InvalidInput

if TYPE_CHECKING:
    from corrigenda.settings import Settings

DEFAULT_DIRECTORY = Path("corrigenda-demo")
_RUNS = "bench_results"


def demo(
    ctx: typer.Context,
    host: HostOption = "127.0.0.1",
    port: PortOption = None,
    allowed_host: AllowedHostOption = None,
    root: RootOption = None,
    no_browser: NoBrowserOption = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only make the workspace.")] = False,
    log_level: LogLevelOption = LogLevel.WARNING,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="DIR",
            help="The directory to make.  [default: ./corrigenda-demo]",
        ),
    ] = None,
    database_url: Annotated[
        str | None,
        typer.Option(
            "--database-url",
            metavar="URL",
            help="An empty PostgreSQL or SQLite database instead of the directory's own.",
        ),
    ] = None,
) -> None:
    """Try Corrigenda on invented answers.

    The workspace is made once; what you did in it is there the next time. The environment's
    workspace and database are left alone.
    """
    from corrigenda.settings import Settings

    settings = replace(
        Settings.from_environment(),
        workspace=given(ctx, "workspace", workspace) or DEFAULT_DIRECTORY,
        database_url=given(ctx, "database_url", database_url),
    )
    settings = for_server(settings, host, allowed_host, root)
    _prepare(settings)
    if not no_serve:
        from corrigenda.cli.server import run

        run(settings, host, port, browser=not no_browser, log_level=log_level)


def _prepare(settings: "Settings") -> None:
    """Make what is missing, and say what is there.

    Raises:
        InvalidInput: The directory holds something else.
    """
    from corrigenda.demo import runs_dir
    from corrigenda.workbench import Workspace

    runs = sorted(path for path in runs_dir().iterdir() if path.is_dir())
    folder = settings.workspace / _RUNS
    _copy(runs, settings.workspace, folder)
    with Workspace.open(settings.workspace, database_url=settings.database_url) as workspace:
        if workspace.bench_results_dir is None:
            workspace.set_bench_results_dir(_RUNS)
        # The newest is left, to be imported by hand.
        for run in runs[:-1]:
            workspace.import_path(folder / run.name)
        waiting = workspace.stats()["by_status"]["needs_review"]
        left = sum(not run.already_imported for run in workspace.runs())
    more = f", and {amount(left, 'run')} can be imported on the Runs page" if left else ""
    typer.echo(
        f"The demonstration is in `{plain(settings.workspace)}`; delete it to begin anew.\n"
        f"{amount(waiting, 'invented answer waits', 'invented answers wait')} for review{more}.\n"
        "In the page: c corrects, d discards, f flags, u undoes, ? shows all keys."
    )


def _copy(runs: list[Path], directory: Path, folder: Path) -> None:
    from corrigenda.jsonl import atomic_write, storage_errors

    with storage_errors(directory):
        empty = not directory.exists() or not any(directory.iterdir())
        if not empty and not any((folder / run.name).exists() for run in runs):
            raise InvalidInput(
                f"`{directory}` holds something else; name an empty or new directory with "
                "`--workspace`."
            )
        for file in (file for run in runs for file in run.iterdir()):
            target = folder / file.parent.name / file.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists():
                with atomic_write(target) as copy:
                    copy.write(file.read_bytes())
