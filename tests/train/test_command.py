import doctest
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from corrigenda import train

_MAIN = Path(train.__path__[0]) / "__main__.py"
_PROMISE = """
import runpy, sys
runpy.run_path(sys.argv[1])["_importable"]()
for name in sys.argv[2:]:
    __import__("corrigenda.train." + name)
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(sorted(name for name in foreign if not name.startswith("_")))
"""
_MODULES = sorted(path.stem for path in _MAIN.parent.glob("*.py") if not path.stem.startswith("_"))


def test_nothing_but_the_standard_library_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", _PROMISE, _MAIN, *_MODULES],
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout == "['corrigenda', 'sitecustomize']\n" or done.stdout == "['corrigenda']\n"


@pytest.mark.parametrize("module", _MODULES)
def test_examples(module: str) -> None:
    found = importlib.import_module(f"corrigenda.train.{module}")
    assert doctest.testmod(found, optionflags=doctest.ELLIPSIS).failed == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "Usage: "),
        (["dance", "."], 2, "Usage: "),
        (["train"], 2, "Usage: "),
        (["train", "."], 1, "Error: There is no training run in `.`: `run.json` is missing.\n"),
    ],
)
@pytest.mark.parametrize("way", [["-m", "corrigenda.train"], [str(_MAIN)]], ids=["module", "file"])
def test_what_the_command_refuses(
    tmp_path: Path, way: list[str], arguments: list[str], code: int, message: str
) -> None:
    done = subprocess.run(
        [sys.executable, *way, *arguments],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == code
    assert done.stderr.startswith(message)
