"""What every command takes: which workspace. It may stand before or after the command's name.

What stands after the command's name goes before what stands in front of it, and that before the
environment.
"""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from corrigenda.settings import Settings
    from corrigenda.workbench import Workspace

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        help="The workspace's directory.  [env: CORRIGENDA_WORKSPACE; default: ./data]",
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="A PostgreSQL or SQLite database instead of the directory's own.  "
        "[env: CORRIGENDA_DATABASE_URL]",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def given(ctx: typer.Context, name: str, value: Any) -> Any:
    """An option's value after the command's name, else before it, else `None`."""
    return value if value is not None else ctx.find_root().params.get(name)


def place_of(ctx: typer.Context, directory: Path | None, workspace: Path | None) -> Path | None:
    """The workspace of a command that takes it as `DIR`, too; `None` if neither is said.

    Raises:
        BadParameter: They say two.
    """
    asked: Path | None = given(ctx, "workspace", workspace)
    if None not in (directory, asked) and directory != asked:
        raise typer.BadParameter("give the workspace once, as DIR or with `--workspace`")
    return directory or asked


def settings_of(ctx: typer.Context, workspace: Path | None, database_url: str | None) -> "Settings":
    """The settings for a command; the arguments are what stood after its name."""
    from corrigenda.settings import Settings

    settings = Settings.from_environment()
    if (directory := given(ctx, "workspace", workspace)) is not None:
        settings = replace(settings, workspace=Path(directory))
    if (url := given(ctx, "database_url", database_url)) is not None:
        settings = replace(settings, database_url=url)
    return settings


def open_workspace(
    ctx: typer.Context,
    workspace: Path | None,
    database_url: str | None,
    *,
    create: bool = False,
    keep_files: bool = True,
) -> "Workspace":
    """Open the workspace that was asked for (see `Workspace.open`).

    Raises:
        NotFound: It is not there, and `create` is false.
        CorrigendaError: It cannot be opened.
    """
    from corrigenda.workbench import Workspace

    settings = settings_of(ctx, workspace, database_url)
    return Workspace.open(
        settings.workspace,
        database_url=settings.database_url,
        create=create,
        keep_files=keep_files,
    )
