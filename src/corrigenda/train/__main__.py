"""The process that trains, checks, shows tokens or generates, in a Python that has torch.

    python -m corrigenda.train COMMAND FOLDER
    python /…/corrigenda/train/__main__.py COMMAND FOLDER

The second way is for a Python in which Corrigenda is not installed, and for `torchrun` and
`accelerate launch`, which take a file. The commands:

    train RUN        carry out the plan in RUN/run.json, or go on where it stopped
    check RUN        print what stands against it, as JSON: {"findings": [...], "facts": {...}}
    tokens RUN       print one example's tokens, each with whether it carries loss, as JSON
    generate FOLDER  answer the prompts of an evaluation

The exit code is 0 when the work is done, 1 when it is refused or has failed (one sentence on
standard error), 2 when the command is not one of these, 3 when it was stopped and can go on.
"""

import sys
from collections.abc import Callable
from pathlib import Path

_USAGE = "Usage: python -m corrigenda.train train|check|tokens|generate FOLDER\n"


def _importable() -> None:
    """Let this file import its own package, and nothing else from where that is installed."""
    import importlib.util

    here = Path(__file__).resolve().parent
    # A script's own folder comes first on the path, where our modules would hide others'.
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    package = here.parent
    spec = importlib.util.spec_from_file_location(
        "corrigenda", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["corrigenda"] = module
    spec.loader.exec_module(module)


def _command(name: str) -> Callable[[Path], int] | None:
    """The function of a command; only that one's module is imported."""
    if name == "train":
        from corrigenda.train import running

        return running.main
    if name == "check":
        from corrigenda.train import preflight

        return preflight.main
    if name == "tokens":
        from corrigenda.train import tokens

        return tokens.main
    if name == "generate":
        from corrigenda.train import generating

        return generating.main
    return None


def main(arguments: list[str]) -> int:
    """Carry out one command on one folder; see the module."""
    from corrigenda.errors import CorrigendaError

    function = _command(arguments[0]) if len(arguments) == 2 else None
    if function is None:
        sys.stderr.write(_USAGE)
        return 2
    try:
        return function(Path(arguments[1]))
    except CorrigendaError as error:
        sys.stderr.write(f"Error: {error.message}\n")
        return 1


if __name__ == "__main__":
    if not __package__:
        _importable()
    sys.exit(main(sys.argv[1:]))
