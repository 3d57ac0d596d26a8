"""`corrigenda protect`."""

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corrigenda.cli.options import DatabaseOption, JsonOption, WorkspaceOption, open_workspace
from corrigenda.cli.text import amount, columns, plain

if TYPE_CHECKING:
    from corrigenda.workbench import Workspace

_NGRAM = 13


def protect(
    ctx: typer.Context,
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="A table, an eval log or a text with a prompt on each line; also a directory, "
            "a URL, or `-`.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What the set is called.  [default: the file]"),
    ] = None,
    ngram: Annotated[
        int, typer.Option("--ngram", metavar="N", help="How many words an n-gram has.")
    ] = _NGRAM,
    field: Annotated[
        str | None,
        typer.Option(
            "--field", metavar="COLUMN", help="The column that is the prompt.  [default: guessed]"
        ),
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the protected sets.")] = False,
    removed: Annotated[
        list[str] | None,
        typer.Option("--remove", metavar="NAME", help="Remove a protected set. Repeatable."),
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
) -> None:
    """Protect a benchmark's test set: exports for training never have its prompts.

    A prompt is found where all its words are the same, or where at least half of its n-grams
    occur, such as in a prompt that shows several examples. Only hashes are kept.
    """
    _check(files, name, listed, removed)
    with open_workspace(ctx, workspace, database_url, create=bool(files)) as opened:
        for each in removed or ():
            opened.unprotect(each)
            typer.echo(f"`{plain(each)}` is not protected any more.", err=True)
        if files:
            _protect(opened, files, name, ngram, field)
        found = opened.protected() if listed or json else []
    if json:
        from corrigenda.jsonl import dumps

        typer.echo(dumps(found))
    elif listed:
        _print(found)


def _check(
    files: Sequence[str] | None, name: str | None, listed: bool, removed: Sequence[str] | None
) -> None:
    from corrigenda.errors import InvalidInput

    if not files and not listed and not removed:
        raise InvalidInput("Say which FILE to protect; `--list` lists what is protected.")
    if name is None and files and ("-" in files):
        raise InvalidInput("What comes from standard input needs a name: give `--name`.")


def _protect(
    workspace: "Workspace", files: Sequence[str], name: str | None, ngram: int, field: str | None
) -> None:
    """One set of all files under a name, or one of each."""
    sets = [(name, list(files))] if name else [(_name_of(file), [file]) for file in files]
    for each, members in sets:
        said = workspace.protect(each, members, ngram=ngram, field=field)
        typer.echo(f"Protected {amount(said['prompts'], 'prompt')} as `{plain(each)}`.", err=True)
        if said["short"]:
            typer.echo(
                f"{amount(said['short'], 'prompt has', 'prompts have')} too few words to be found "
                "within others, and only where a whole prompt is the same.",
                err=True,
            )


def _name_of(file: str) -> str:
    """`gsm8k_test` of `data/gsm8k_test.jsonl.gz`."""
    last = PurePosixPath(file.rstrip("/")).name
    return last.lstrip(".").partition(".")[0] or last or file


def _print(found: Sequence[dict[str, Any]]) -> None:
    if not found:
        typer.echo("No benchmark is protected.", err=True)
        return
    rows: list[tuple[object, ...]] = [("NAME", "PROMPTS", "N-GRAM", "ADDED", "BY")]
    rows += [
        (each["name"], each["prompts"], each["ngram"], each["created_at"][:10], each["created_by"])
        for each in found
    ]
    for line in columns(rows, right=[1, 2]):
        typer.echo(line)
