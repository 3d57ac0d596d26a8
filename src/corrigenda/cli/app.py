"""The commands put together."""

from collections.abc import Callable
from typing import Annotated

import typer

from corrigenda.cli.backup import backup
from corrigenda.cli.compare import compare
from corrigenda.cli.demo import demo
from corrigenda.cli.diff import diff
from corrigenda.cli.doctor import doctor
from corrigenda.cli.errors import Commands
from corrigenda.cli.evaluate import evaluate
from corrigenda.cli.export import export
from corrigenda.cli.exports import exports
from corrigenda.cli.grouped import GroupedCommand
from corrigenda.cli.history import history
from corrigenda.cli.import_ import import_
from corrigenda.cli.options import DatabaseOption, WorkspaceOption
from corrigenda.cli.protect import protect
from corrigenda.cli.purge import purge
from corrigenda.cli.report import report
from corrigenda.cli.restore import restore
from corrigenda.cli.reviewer import group as reviewer
from corrigenda.cli.runs import runs
from corrigenda.cli.serve import serve
from corrigenda.cli.sources import sources
from corrigenda.cli.stats import stats
from corrigenda.cli.sync import sync
from corrigenda.cli.train import train
from corrigenda.cli.worker import worker

_WIDTH = 88  # the help is the same on every terminal, and in the documentation

app = typer.Typer(
    cls=Commands,
    context_settings={"terminal_width": _WIDTH, "help_option_names": ["-h", "--help"]},
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_COMMANDS: dict[str, Callable[..., None]] = {
    "demo": demo,
    "serve": serve,
    "worker": worker,
    "import": import_,
    "sources": sources,
    "runs": runs,
    "stats": stats,
    "export": export,
    "exports": exports,
    "diff": diff,
    "train": train,
    "evaluate": evaluate,
    "compare": compare,
    "protect": protect,
    "report": report,
    "sync": sync,
    "history": history,
    "doctor": doctor,
    "backup": backup,
    "restore": restore,
    "purge": purge,
}
for _name, _command in _COMMANDS.items():
    app.command(_name, cls=GroupedCommand if _command in (export, train) else None)(_command)
app.add_typer(reviewer, name="reviewer")


def _print_version(asked: bool) -> None:
    if asked:
        from corrigenda import __version__

        typer.echo(f"corrigenda {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    workspace: WorkspaceOption = None,
    database_url: DatabaseOption = None,
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_print_version, help="Show the version."),
    ] = False,
) -> None:
    """Turn a language model's wrong benchmark answers into training data."""
    # The commands look into this context for what they were not given themselves.
