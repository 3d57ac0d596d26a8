"""`corrigenda reviewer`: who may review at a server of this workspace."""

from typing import Annotated

import typer

from corrigenda.cli.errors import Commands
from corrigenda.cli.options import (
    DatabaseOption,
    JsonOption,
    WorkspaceOption,
    open_workspace,
    settings_of,
)
from corrigenda.cli.text import columns, plain

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The reviewer.")]
UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url",
        metavar="URL",
        help="Where reviewers reach the server.  "
        "[env: CORRIGENDA_URL; default: http://127.0.0.1:8787]",
    ),
]

group = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Invite reviewers, list them, revoke or renew their links.",
)


@group.command("add")
def add(
    ctx: typer.Context,
    name: NameArgument,
    lead: Annotated[
        bool, typer.Option("--lead", help="May import, export, configure and invite, too.")
    ] = False,
    url: UrlOption = None,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Invite a reviewer: print the link that signs their browser in.

    From the first one on everybody needs a link. It is told only here; what stands behind `#` in
    it is the token for scripts. The workspace is made if it is not there.
    """
    with open_workspace(ctx, workspace, database_url, create=True, keep_files=False) as opened:
        _, token = opened.add_reviewer(name, lead=lead)
        leads = [each for each in opened.reviewers() if each.lead and each.revoked_at is None]
    typer.echo(_link(ctx, url, token))
    if not leads:
        typer.echo(
            "Nobody may import or export at the server yet; add somebody with `--lead`.", err=True
        )


@group.command("list")
def list_(
    ctx: typer.Context,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """List everybody who was invited."""
    with open_workspace(ctx, workspace, database_url, keep_files=False) as opened:
        found = opened.reviewers()
    if json:
        from corrigenda.jsonl import dumps

        keys = ("name", "lead", "created_at", "revoked_at")
        typer.echo(dumps([{key: getattr(each, key) for key in keys} for each in found]))
    elif not found:
        typer.echo("Nobody was invited; whoever reaches the server may do everything.", err=True)
    else:
        rows: list[tuple[object, ...]] = [("NAME", "ROLE", "ADDED", "REVOKED")]
        rows += [
            (
                plain(each.name),
                "lead" if each.lead else "reviewer",
                each.created_at[:10],
                (each.revoked_at or "-")[:10],
            )
            for each in found
        ]
        for line in columns(rows):
            typer.echo(line)


@group.command("revoke")
def revoke(
    ctx: typer.Context,
    name: NameArgument,
    forget: Annotated[
        bool,
        typer.Option(
            "--forget",
            help="Remove them from the list, too. With nobody in it nobody has to sign in.",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Let a reviewer in no more; their decisions stay."""
    with open_workspace(ctx, workspace, database_url, keep_files=False) as opened:
        if forget:
            opened.forget_reviewer(name)
        else:
            opened.revoke_reviewer(name)
        left = [each for each in opened.reviewers() if each.revoked_at is None]
    if not left and not forget:
        typer.echo(
            "Nobody can sign in any more; `corrigenda reviewer renew` lets one in.", err=True
        )


@group.command("renew")
def renew(
    ctx: typer.Context,
    name: NameArgument,
    url: UrlOption = None,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Print another link for a reviewer; the old one ends, and what it signed in."""
    with open_workspace(ctx, workspace, database_url, keep_files=False) as opened:
        _, token = opened.renew_reviewer(name)
    typer.echo(_link(ctx, url, token))


def _link(ctx: typer.Context, url: str | None, token: str) -> str:
    from corrigenda.workbench.signing_in import invitation

    return invitation(url or settings_of(ctx, None, None).url, token)
