"""`corrigenda backup`."""

from pathlib import Path
from typing import Annotated

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, plain


def backup(
    ctx: typer.Context,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            help="A file that is not there yet, or a folder, in which it gets a name with the "
            "time.  [default: beside the workspace]",
        ),
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Write the whole workspace into one file, while a server may go on working.

    The database is copied as it is at one moment; the copy is opened and checked as by `doctor`,
    and the file read again, before it gets its name. `restore` makes a workspace of it.
    """
    with open_workspace(ctx, workspace, database_url, keep_files=False) as opened:
        made = opened.backup(output)
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(made.as_dict()))
        return
    held = f"{amount(made.candidates, 'candidate')}, {amount(made.decisions, 'decision')}"
    typer.echo(f"Wrote `{plain(made.path)}` ({made.bytes / 1e6:.1f} MB): {held}.")
