"""Trains a run while another attempt at it is on its way to the lock.

python racing.py MAIN RUN
"""

import runpy
import subprocess
import sys
from pathlib import Path


def main(program: str, folder: str) -> int:
    runpy.run_path(program)["_importable"]()
    from corrigenda.train import quiet, running

    between = quiet.libraries

    def meanwhile(folder: Path) -> None:
        """What is done between the first look and the lock takes as long as a whole training."""
        subprocess.run([sys.executable, program, "train", folder], check=True)
        between(folder)

    quiet.libraries = meanwhile
    return running.main(Path(folder))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
