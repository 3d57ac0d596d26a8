"""`corrigenda worker`."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli.options import DatabaseOption, WorkspaceOption, open_workspace
from corrigenda.cli.serve import LogFormat, LogFormatOption, LogLevel, LogLevelOption
from corrigenda.cli.text import plain
from corrigenda.errors import InvalidInput

if TYPE_CHECKING:
    from corrigenda.workbench import Workspace


def worker(
    ctx: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="End when nothing waits any more, instead of waiting.")
    ] = False,
    log_level: LogLevelOption = LogLevel.WARNING,
    log_format: LogFormatOption = LogFormat.TEXT,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Do the long work of a workspace on PostgreSQL, beside its servers, until Ctrl-C.

    It takes the jobs whose files it has: those that were started in the same directory, on
    whatever machine. What it is doing when it is stopped goes back into the queue; what it was
    doing when it was killed another takes up after half a minute.
    """
    from corrigenda import logs

    logs.configure(log_level.value, log_format.value)
    with open_workspace(ctx, workspace, database_url) as opened, _until_told() as stop:
        if opened.database.url.get_backend_name() == "sqlite":
            raise InvalidInput(
                "`corrigenda serve` does the work of a workspace on SQLite itself; workers are "
                "for PostgreSQL: give `--database-url`."
            )
        typer.echo(f"Working in {plain(opened.directory)}", err=True)
        _work(opened, stop, once=once)
    typer.echo("Stopped.", err=True)


@contextlib.contextmanager
def _until_told() -> Iterator[threading.Event]:
    """Set by Ctrl-C and SIGTERM, which are the ways to end it well."""
    stop = threading.Event()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: stop.set()) for number in numbers]
    try:
        yield stop
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _work(workspace: "Workspace", stop: threading.Event, *, once: bool) -> None:
    from corrigenda.jobs import runner_of

    runner = runner_of(workspace)
    runner.work()
    while not stop.wait(0.5):
        if once and runner.idle:
            return
