"""`corrigenda export`."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from corrigenda.cli import completion
from corrigenda.cli.options import DatabaseOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, plain

if TYPE_CHECKING:
    from corrigenda.workbench import Workspace

_STDOUT = Path("-")


def export(
    ctx: typer.Context,
    format: Annotated[
        str,
        typer.Option(
            "--format", metavar="NAME", help="The format.", autocompletion=completion.formats
        ),
    ] = "messages",
    include_category: Annotated[
        list[str] | None,
        typer.Option(
            "--include-category",
            metavar="NAME",
            help="Only this failure category; `none` means without one. Repeatable, as are the "
            "other filters.",
            autocompletion=completion.categories,
        ),
    ] = None,
    exclude_category: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude-category",
            metavar="NAME",
            help="Not this failure category.",
            autocompletion=completion.categories,
        ),
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option("--model", metavar="NAME", help="Only this model.")
    ] = None,
    task_type: Annotated[
        list[str] | None, typer.Option("--task-type", metavar="NAME", help="Only this task type.")
    ] = None,
    run: Annotated[
        list[str] | None, typer.Option("--run", metavar="ID", help="Only this run.")
    ] = None,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="The file to write, whole or not at all; `-` is standard output.",
        ),
    ] = _STDOUT,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Do not say how many rows were written.")
    ] = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Write the approved corrections as training data, one JSON row a line."""
    chosen = {
        "format": format,
        "include_category": include_category or (),
        "exclude_category": exclude_category or (),
        "model": model or (),
        "task_type": task_type or (),
        "run_id": run or (),
    }
    with open_workspace(ctx, workspace, database_url) as opened:
        count = _write(opened, output, chosen)
    if not quiet:
        to = "" if output == _STDOUT else f" to `{plain(output)}`"
        typer.echo(f"Wrote {amount(count, 'row')}{to}.", err=True)


def _write(workspace: "Workspace", output: Path, chosen: dict[str, Any]) -> int:
    if output == _STDOUT:
        return _stream(workspace.export(**chosen), typer.get_binary_stream("stdout"))
    # A pipe or a device is written to; renaming a file over it would destroy it.
    if output.exists() and not output.is_file() and not output.is_dir():
        with output.open("wb") as file:
            return _stream(workspace.export(**chosen), file)
    return sum(1 for _ in workspace.export(output.resolve(), **chosen))


def _stream(rows: Iterator[dict[str, Any]], file: IO[bytes]) -> int:
    from corrigenda.jsonl import dumps

    count = 0
    for row in rows:
        file.write(dumps(row).encode("ascii") + b"\n")
        count += 1
    file.flush()
    return count
