"""`corrigenda restore`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, place_of, settings_of
from corrigenda.cli.text import amount, plain


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `backup` has written.")],
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="The same as `--workspace DIR`.")
    ] = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Where there is a workspace already, keep it aside under another name."
        ),
    ] = False,
    json: JsonOption = False,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace",
            "-w",
            metavar="DIR",
            help="Where the workspace will be.  [env: CORRIGENDA_WORKSPACE]",
        ),
    ] = None,
    database_url: DatabaseOption = None,
) -> None:
    """Make a workspace of a backup; nothing that is there is lost.

    With `--database-url` the rows go into that database, which must be empty.
    """
    from corrigenda.workbench.recovery import restore as bring_back

    chosen = place_of(ctx, directory, workspace)
    if chosen is None and not os.environ.get("CORRIGENDA_WORKSPACE"):  # no default: it may be full
        raise typer.BadParameter("say where the workspace will be, as DIR or with `--workspace`")
    settings = settings_of(ctx, chosen, database_url)
    restored = bring_back(file, settings.workspace, database_url=settings.database_url, force=force)
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(restored.as_dict()))
        return
    if restored.kept is not None:
        typer.echo(f"What was there is `{plain(restored.kept)}` now.", err=True)
    held = f"{amount(restored.candidates, 'candidate')}, {amount(restored.decisions, 'decision')}"
    typer.echo(f"`{plain(restored.directory)}` is as it was at {restored.made_at}: {held}.")
