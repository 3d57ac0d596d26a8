"""`corrigenda purge`."""

from typing import TYPE_CHECKING, Annotated

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.progress import progress_bar
from corrigenda.cli.text import amount, plain

if TYPE_CHECKING:
    from corrigenda.workbench.purging import PurgeReport, Target


def purge(
    ctx: typer.Context,
    candidate: Annotated[
        list[str] | None,
        typer.Option("--candidate", metavar="ID", help="A candidate, a pass, or both. Repeatable."),
    ] = None,
    run: Annotated[
        list[str] | None,
        typer.Option("--run", metavar="RUN", help="All that came of a run. Repeatable."),
    ] = None,
    reviewer: Annotated[
        str | None,
        typer.Option("--reviewer", metavar="NAME", help="Who removes it.  [default: local]"),
    ] = None,
    vacuum: Annotated[
        bool,
        typer.Option(
            "--vacuum/--no-vacuum",
            help="Write the database file anew, so that its free places hold nothing of it either; "
            "for a million candidates that takes minutes.",
        ),
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Remove candidates or runs for good: texts, history, files. It cannot be undone.

    What is removed does not come in again, except by `import --allow-purged`. Exports that were
    made and backups stay as they are; those that still hold it are named.
    """
    if not candidate and not run:
        raise typer.BadParameter("say what to remove, with `--candidate` or `--run`")
    with open_workspace(ctx, workspace, database_url) as opened:
        if not yes:
            target = opened.find_purge(candidate or (), run or ())
            typer.echo(f"To remove for good: {_said(target)}.", err=True)
            typer.confirm("Remove it?", abort=True, err=True)
        with progress_bar() as progress:
            report = opened.purge(
                candidate or (), run or (), reviewer=reviewer, vacuum=vacuum, progress=progress
            )
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(report.as_dict()))
    else:
        _tell(report)


def _said(target: "Target") -> str:
    found = [amount(len(target.candidates), "candidate")]
    if target.passes:
        found.append(amount(len(target.passes), "pass", "passes"))
    if target.runs:
        found.append(amount(len(target.runs), "run"))
    return ", ".join(found)


def _tell(report: "PurgeReport") -> None:
    parts = [amount(report.candidates, "candidate"), amount(report.decisions, "decision")]
    if report.passes:
        parts.append(amount(report.passes, "pass", "passes"))
    typer.echo(f"Removed {', '.join(parts)}.")
    for name in report.snapshots:
        typer.echo(f"The export `{plain(name)}` still holds some of it.", err=True)
    for place in report.backups:
        typer.echo(f"The backup `{plain(place)}` still holds it.", err=True)
    for remark in report.remarks:
        typer.echo(plain(remark), err=True)
