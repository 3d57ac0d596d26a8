"""Which error is which exit code; a test holds the table to the whole tree of errors."""

import os
import sys
import warnings
from typing import Any

import typer
from typer.core import TyperGroup

from corrigenda import errors
from corrigenda.cli.text import plain
from corrigenda.errors import CorrigendaError

OK = 0
REFUSED = 1
USAGE = 2
FINDINGS = 3
NOT_FOUND = 4
CONFLICT = 5
STORAGE = 6
INTERRUPTED = 130
BROKEN_PIPE = 141

MEANING = {
    OK: "Done.",
    REFUSED: "Refused: the input or the configuration cannot be used.",
    USAGE: "The command line cannot be understood.",
    FINDINGS: "`doctor` or `train --check` found something, a check of `compare` failed, a "
    "training was stopped, or `evaluate` has answers missing or none that can be scored.",
    NOT_FOUND: "There is no such workspace, run or candidate.",
    CONFLICT: "Somebody else has the workspace or the port, or was first.",
    STORAGE: "The disk or the database refuses, or is of another version.",
    INTERRUPTED: "Interrupted with Ctrl-C.",
    BROKEN_PIPE: "The program that read the output has gone.",
}
"""Every exit code, for people."""

EXIT: dict[type[CorrigendaError], int] = {
    CorrigendaError: REFUSED,
    errors.InvalidInput: REFUSED,
    errors.ConfigError: REFUSED,
    errors.NotFound: NOT_FOUND,
    errors.Conflict: CONFLICT,
    errors.WorkspaceInUse: CONFLICT,
    errors.SchemaMismatch: STORAGE,
    errors.StorageError: STORAGE,
}
"""The exit code of an error is that of its nearest class here."""


def exit_code(error: CorrigendaError) -> int:
    """The exit code of an error.

    Example:
        >>> exit_code(errors.UnknownRun("2026-04-07"))
        4
    """
    return next(EXIT[kind] for kind in type(error).__mro__ if kind in EXIT)


def complain(message: str) -> None:
    """Say in one line on standard error what went wrong."""
    typer.echo(f"Error: {plain(message)}", err=True)


class Commands(TyperGroup):
    """The group of all commands: what a command refuses becomes one line and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except CorrigendaError as error:
            complain(error.message)
            raise typer.Exit(exit_code(error)) from error
        except KeyboardInterrupt:
            typer.echo("Interrupted; nothing is half-written.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # What is buffered still would be written, and complained about, at the exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(BROKEN_PIPE) from None
        except OSError as error:
            place = f"`{error.filename}`: " if error.filename else ""
            complain(f"{place}{error.strerror or error}.")
            raise typer.Exit(STORAGE) from error
        return result


def prepare() -> None:
    """Make the process's output what a terminal wants, whatever the locale and the plug-ins."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning


def _show_warning(message: Warning | str, *_where: Any, **_more: Any) -> None:
    typer.echo(f"Warning: {plain(str(message))}", err=True)
