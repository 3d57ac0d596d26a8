"""`corrigenda sync`."""

import typer

from corrigenda.cli.options import DatabaseOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import plain


def sync(
    ctx: typer.Context,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Bring the workspace's JSONL files up to date with its database.

    A server does so by itself; while one runs on the workspace, it keeps the files.
    """
    from corrigenda.errors import WorkspaceInUse

    with open_workspace(ctx, workspace, database_url) as opened:
        directory = plain(opened.directory)
        if not opened.owns_files:
            raise WorkspaceInUse(
                f"A server has `{directory}` open and keeps its files; "
                "stop it to have `sft_candidates.jsonl` written."
            )
        if opened.mirror is None:
            typer.echo("This workspace has a database of its own and keeps no files.")
        elif opened.sync():
            typer.echo(f"Wrote `{directory}/sft_candidates.jsonl`.")
        else:
            typer.echo(f"The files in `{directory}` are up to date.")
