"""The command line: `corrigenda`, one file for each command.

    app.py         the commands put together
    errors.py      which error is which exit code
    options.py     what every command takes, and the workspace that follows from it
    server.py      the process that `serve` and `demo` become

Nothing heavy is imported before a command runs, so that `--help` and completion are quick.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run `corrigenda` and exit.

    Args:
        arguments: The words after the program's name; those of this process, if not given.

    Raises:
        SystemExit: Always, with one of the codes in `corrigenda.cli.errors`.
    """
    try:
        from corrigenda.cli.app import app
        from corrigenda.cli.errors import INTERRUPTED, prepare

        prepare()
        app(arguments, prog_name="corrigenda")
    except KeyboardInterrupt:  # while Python is still importing
        sys.exit(INTERRUPTED)
    sys.exit(0)
