"""`corrigenda stats`."""

from collections.abc import Iterator
from typing import Any

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import columns

_BREAKDOWNS = {
    "by_failure_category": "By failure category",
    "by_model": "By model",
    "by_task_type": "By task type",
}


def stats(
    ctx: typer.Context,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Count the candidates by status, failure category, model and task type."""
    with open_workspace(ctx, workspace, database_url) as opened:
        found = opened.stats()
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(found))
        return
    for line in _lines(found):
        typer.echo(line)


def _lines(found: dict[str, Any]) -> Iterator[str]:
    rows: list[tuple[str, object]] = [("Candidates", found["total"])]
    rows += [("  " + name.replace("_", " "), n) for name, n in found["by_status"].items()]
    rows.append(("Ready to export", found["export_ready"]))
    for key, title in _BREAKDOWNS.items():
        if found[key]:
            rows += [("", ""), (title, "")]
            rows += [(f"  {name}", n) for name, n in found[key].items()]
    yield from columns(rows, right=[1])
