"""Make the environment in which the tests train: PyTorch, and what its lock file names.

    python -m tools.train_env --torch torch==2.13.0 .venv-train
    python -m tools.train_env --torch torch==2.13.0 --requirements

makes it in a folder, or prints what is to be locked for it (the extra `train`).
It is apart from the one of Corrigenda, which needs no PyTorch. The locked packages come by uv.
PyTorch comes by pip and is not locked: which build of it fits a machine is for pip's settings to
say (`PIP_INDEX_URL`, `PIP_FIND_LINKS` and so on), and the builds have different hashes.

In its folder `consumers` are the trainers and services whose readers check our exports, without
all that they depend on: some of it goes with no other, and the readers need none of it.

An environment that was not finished is made anew. What cannot be made is an error with `CI` set;
without it the tests in question are skipped.
"""

import shutil
import subprocess
import sys
import tomllib
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from tools.services import IN_CI

_ROOT = Path(__file__).parent.parent
LOCK = _ROOT / "requirements-train.lock"
CONSUMERS = _ROOT / "requirements-consumers.lock"
DONE = ".done"
"""The file in an environment that is there when all is installed."""


def requirements(torch: str) -> list[str]:
    """The extra `train` of the project, with one release of PyTorch."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [*project["optional-dependencies"]["train"], torch]


class Failed(Exception):
    """A step failed; the message is what it said."""


def make(folder: Path, torch: str) -> None:
    """Make the environment anew.

    Raises:
        Failed: A step failed.
    """
    shutil.rmtree(folder, ignore_errors=True)
    ours, python = Path(sys.executable), folder / "bin" / "python"
    hashed = ("--quiet", "--no-deps", "--require-hashes", "--requirement")
    pip = (ours, "-m", "pip", "--python", python, "--disable-pip-version-check", "install")
    _step(ours, "-m", "venv", "--without-pip", folder)
    _step(ours.with_name("uv"), "pip", "install", "--python", python, *hashed, LOCK)
    # Bytecode is made of what is imported, which is a small part of it.
    _step(*pip, "--quiet", "--no-compile", torch)
    # Some ask for a newer Python than their readers need.
    _step(
        *(*pip, "--no-compile", "--ignore-requires-python"),
        *("--target", folder / "consumers", *hashed, CONSUMERS),
    )
    _step(python, "-c", "import torch, trl")
    (folder / DONE).touch()


def _step(*words: str | Path) -> None:
    done = subprocess.run(
        words,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise Failed(f"`{' '.join(map(str, words))}` failed:\n{done.stdout[-2000:].rstrip()}")


def main(arguments: Sequence[str]) -> int:
    """Return 1 if it could not be made and must be."""
    parser = ArgumentParser(prog="tools.train_env")
    parser.add_argument("--torch", required=True, help="as pip takes it, such as torch==2.13.0")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--requirements", action="store_true", help="print what is to be locked")
    what.add_argument("folder", type=Path, nargs="?")
    options = parser.parse_args(arguments)
    if options.requirements:
        print("\n".join(requirements(options.torch)))
        return 0
    try:
        make(options.folder, options.torch)
    except (Failed, OSError) as error:
        what_then = "" if IN_CI else "; the tests that train will be skipped"
        print(f"{error}\n{options.folder} could not be made{what_then}", flush=True)
        return 1 if IN_CI else 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
