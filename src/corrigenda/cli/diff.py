"""`corrigenda diff`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, plain

_SHOWN = 10
"""Ids of each kind that are named."""


def diff(
    ctx: typer.Context,
    a: Annotated[
        str,
        typer.Argument(
            metavar="A", help="A named export, or a folder or manifest.", show_default=False
        ),
    ],
    b: Annotated[
        str, typer.Argument(metavar="B", help="The one to compare it with.", show_default=False)
    ],
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Compare two exports: which rows are the same, changed, or in one of them alone."""
    if all(_is_path(each) for each in (a, b)):
        from corrigenda.workbench import comparing
        from corrigenda.workbench.curating import manifest

        found = comparing.differences(manifest.read(Path(a)), manifest.read(Path(b)))
    else:
        with open_workspace(ctx, workspace, database_url) as opened:
            found = opened.diff_exports(a, b)
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(found))
    else:
        _print(found)


def _is_path(text: str) -> bool:
    """Whether it can only be a path, and needs no workspace."""
    return "/" in text and Path(text).exists()


def _print(found: Mapping[str, Any]) -> None:
    typer.echo(f"The same in both: {amount(found['same'], 'row')}")
    for kind, words in (("changed", "Changed"), ("only_a", "Only in A"), ("only_b", "Only in B")):
        n, ids = found[kind], found["examples"][kind]
        if n:
            said = ", ".join(plain(each, limit=60) for each in ids[:_SHOWN])
            more = ", …" if n > len(ids[:_SHOWN]) else ""
            typer.echo(f"{words}: {amount(n, 'row')} ({said}{more})")
    for each in found["recipe"]:
        typer.echo(f"Recipe `{each['key']}`: {_value(each['a'])} in A, {_value(each['b'])} in B")


def _value(value: object) -> str:
    from corrigenda.jsonl import dumps

    return "nothing" if value is None else plain(dumps(value), limit=200)
