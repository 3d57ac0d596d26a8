"""The Python that has torch, which need not be the one that runs Corrigenda."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from corrigenda.errors import InvalidInput
from corrigenda.train.environment import environment
from corrigenda.train.options import TrainOptions

TRAINING = ("accelerate", "datasets", "torch", "transformers", "trl")
"""The packages that training cannot do without."""

GENERATING = ("torch", "transformers", "jinja2")
"""The packages that generating cannot do without."""

_LOOK = 60.0  # a cold disk may take this long to find five packages
_PROBE = (
    "import importlib.util as u, json, sys; "
    "print(json.dumps([n for n in sys.argv[1:] if u.find_spec(n) is None]))"
)


def python_of(said: Path | None) -> Path:
    """The Python that has torch, as a path from everywhere; a link stays one, as in environments.

    Args:
        said: A path or a command's name; `None` is this Python.

    Raises:
        InvalidInput: It is not there.
    """
    if said is None:
        return Path(sys.executable)
    found = shutil.which(said.expanduser())
    if found is None:
        raise InvalidInput(f"There is no Python `{said}`.")
    return Path(found).absolute()


def missing(python: Path, packages: Sequence[str] = TRAINING) -> list[str]:
    """Which packages a Python does not have; none is imported for it, so it takes a moment.

    Raises:
        InvalidInput: It is no Python that can be run.
    """
    try:
        done = subprocess.run(
            [python, "-c", _PROBE, *packages],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=_LOOK,
        )
        found: list[str] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        raise InvalidInput(f"`{python}` is no Python that can be run.") from None
    return found


def needed(options: TrainOptions) -> list[str]:
    """The packages that a training with these options cannot do without."""
    adapters = ["peft"] if options.lora else []
    return [*TRAINING, *adapters, *(["bitsandbytes"] if options.quantize else [])]


def check(python: Path, packages: Sequence[str]) -> None:
    """Refuse a Python that lacks packages.

    Raises:
        InvalidInput: It does; the sentence says how to install them. Or it cannot be run.
    """
    if lacking := missing(python, packages):
        raise InvalidInput(how_to_install(python, lacking))


def how_to_install(python: Path, lacking: Sequence[str]) -> str:
    """The sentence for a Python without what training needs."""
    names = ", ".join(lacking)
    what = '"corrigenda[train]"' if list(lacking) != ["bitsandbytes"] else "bitsandbytes"
    return (
        f"`{python}` has no {names}. Install with `{python} -m pip install {what}` (on a machine "
        "without a GPU first PyTorch's build for CPUs, see pytorch.org), or name another Python "
        "with `--python` or CORRIGENDA_TRAIN_PYTHON."
    )
