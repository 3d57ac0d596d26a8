"""`corrigenda doctor`."""

from dataclasses import asdict

import typer

from corrigenda.cli.errors import FINDINGS
from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import columns


def doctor(
    ctx: typer.Context,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    json: JsonOption = False,
) -> None:
    """Check the database, its counts, the files, and the free space.

    Nothing is repaired. The exit code is 3 if a check fails.
    """
    with open_workspace(ctx, workspace, database_url, keep_files=False) as opened:
        findings = opened.check()
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps([asdict(finding) for finding in findings]))
    else:
        rows = [(f.check, "ok" if f.ok else "FAIL", f.message) for f in findings]
        for line in columns(rows):
            typer.echo(line)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(FINDINGS)
