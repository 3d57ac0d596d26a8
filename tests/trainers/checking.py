"""Checks several training runs by one process, as `check` does each: of the Python with torch.

    python checking.py MAIN RUN ...

Prints what was found of each, as one JSON list.
"""

import json
import runpy
import sys
from pathlib import Path


def main(program: str, *folders: str) -> None:
    runpy.run_path(program)["_importable"]()
    from corrigenda.train import preflight, quiet
    from corrigenda.train.plan import TrainPlan

    found = []
    for folder in map(Path, folders):
        quiet.libraries(folder)
        found.append(preflight.check(folder, TrainPlan.read(folder)).as_json())
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
