"""`corrigenda history`."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import plain

_TEXT = 200


def history(
    ctx: typer.Context,
    candidate_id: Annotated[
        str, typer.Argument(metavar="ID", help="The candidate's id.", show_default=False)
    ],
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Show the decisions on a candidate, oldest first.

    Long texts are cut; `--json` has them whole.
    """
    with open_workspace(ctx, workspace, database_url) as opened:
        found = opened.history(candidate_id)
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(found))
        return
    if not found:
        typer.echo(f"`{plain(candidate_id)}` has no decisions yet.", err=True)
    for entry in found:
        for line in _lines(entry):
            typer.echo(line)


def _lines(entry: dict[str, Any]) -> Iterator[str]:
    said = [entry["decided_at"], entry["action"], f"by {plain(entry['reviewer'])}"]
    said.append(f"{entry['from_status']} -> {entry['to_status']}")
    yield "  ".join(said)
    details = {
        "category": entry["failure_category"],
        "correction": entry["corrected_response"],
        "note": entry["note"],
        "tags": ", ".join(entry["tags"]),
        "seconds": entry["seconds"],
    }
    for name, value in details.items():
        if value not in (None, ""):
            yield f"    {name:<10}  {plain(value, _TEXT)}"
