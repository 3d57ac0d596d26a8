"""`corrigenda exports`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from corrigenda.cli.export_texts import STAGES
from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, columns, plain

if TYPE_CHECKING:
    from corrigenda.workbench import Workspace

_SHOWN = 10
"""Rows that were decided since, which are named."""


def exports(
    ctx: typer.Context,
    action: Annotated[
        Literal["list", "show", "path"],
        typer.Argument(
            metavar="list|show|path",
            help="`list` them, `show` one and what was decided since, or print its `path`.",
            show_default=False,
        ),
    ] = "list",
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", help="The export, for `show` and `path`.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """List the named exports, newest first, or show one.

    They are made with `corrigenda export --name` and on the page, and never change.
    """
    if (action == "list") != (name is None):
        raise typer.BadParameter(
            "`list` takes no name." if name else f"`{action}` needs the name of an export."
        )
    with open_workspace(ctx, workspace, database_url) as opened:
        if name is None:
            _list(opened, json)
        elif action == "path":
            typer.echo(opened.export_folder(name))
        else:
            _show(opened, name, json)


def _list(workspace: "Workspace", json: bool) -> None:
    found = workspace.exports()
    if json:
        _print_json(found)
        return
    if not found:
        typer.echo("There is no named export; make one with `corrigenda export --name`.", err=True)
        return
    rows: list[tuple[object, ...]] = [("NAME", "FORMAT", "ROWS", "MADE", "BY", "")]
    rows += [
        (
            each["name"],
            each["format"],
            each["rows"],
            each["created_at"][:19].replace("T", " "),
            each["created_by"],
            _remark(each),
        )
        for each in found
    ]
    for line in columns(rows, right=[2]):
        typer.echo(line)


def _remark(export: Mapping[str, Any]) -> str:
    said = ["contaminated"] if export["contaminated"] else []
    return ", ".join([*said, *filter(None, [export["problem"]])])


def _show(workspace: "Workspace", name: str, json: bool) -> None:
    found = workspace.export_named(name)
    changes = None if found["problem"] else workspace.changes_since(name, only_names=True)
    if json:
        _print_json({**found, "changes": changes})
        return
    manifest = found["manifest"]
    typer.echo(f"{plain(name)}: made {found['created_at'][:19]} by {plain(found['created_by'])}")
    if found["problem"]:
        typer.echo(plain(found["problem"]))
    for line in _files(manifest):
        typer.echo(f"  {line}")
    for title, counts in (
        ("Steps", {_stage(stage["name"]): stage["n"] for stage in manifest["stages"]}),
        ("Left out", manifest["left_out"]),
        ("Categories", manifest["counts"]["category"]),
    ):
        if counts:
            said = ", ".join(f"{plain(key)} {n}" for key, n in counts.items())
            typer.echo(f"{title}: {said}")
    if manifest["contaminated"]:
        sets = ", ".join(plain(each) for each in manifest["contaminated"]["sets"])
        rows = amount(manifest["contaminated"]["rows"], "row")
        typer.echo(f"Contaminated: {rows} of {sets}")
    for warning in manifest["warnings"]:
        typer.echo(f"Warning: {plain(warning)}")
    if changes is not None:
        _print_changes(changes)


def _stage(name: str) -> str:
    return STAGES.get(name, name)


def _files(manifest: Mapping[str, Any]) -> Sequence[str]:
    rows = [
        (file["name"], amount(file["rows"], "row"), amount(file["bytes"], "byte"), file["sha256"])
        for file in manifest["files"]
    ]
    return columns(rows, right=[1, 2])


def _print_changes(changes: Mapping[str, Any]) -> None:
    typer.echo(
        f"Since then: {changes['same']} rows as they were, {changes['changed_n']} decided again, "
        f"{amount(changes['new_n'], 'new candidate')}"
    )
    for each in changes["changed"][:_SHOWN]:
        typer.echo(f"  {plain(each['id'], limit=60)}: {plain(each['why'])}")
    if changes["changed_n"] > _SHOWN:
        typer.echo(f"  and {changes['changed_n'] - _SHOWN} more")


def _print_json(value: object) -> None:
    from corrigenda.jsonl import dumps

    typer.echo(dumps(value))
