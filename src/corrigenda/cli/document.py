"""Where a command writes its report."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from corrigenda.cli.text import amount, plain

STDOUT = Path("-")
OutputOption = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="The file to write, whole or not at all; `-` is standard output.",
    ),
]


def write(output: Path, lines: Iterable[str]) -> None:
    """Print lines, or write them into a file, whole or not at all, and say how many they are."""
    if output == STDOUT:
        for line in lines:
            typer.echo(line)
        return
    from corrigenda.jsonl import atomic_write

    count = 0
    with atomic_write(output.resolve()) as file:
        for count, line in enumerate(lines, 1):  # noqa: B007  # the last one is how many
            file.write(f"{line}\n".encode("utf-8", "backslashreplace"))
    typer.echo(f"Wrote {amount(count, 'line')} to `{plain(output)}`.", err=True)
