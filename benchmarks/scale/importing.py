"""An import of native JSON lines beside a bare loop; see `benchmarks.scale_import`."""

import json
import os
import subprocess
import sys
from typing import Any

from benchmarks.scale.clients import Figures
from benchmarks.scale.places import Place


def imports(place: Place) -> dict[str, Figures]:
    """Candidates a second into a new database, then those that its search index takes."""
    command = [sys.executable, "-m", "benchmarks.scale_import", str(place.corpus), "--index"]
    name = f"{place.name}-import"
    if place.server is not None:
        place.server.drop(name)
        place.server.create(name)
        command += ["--database", place.server.url(name)]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "TMPDIR": str(place.folder)},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        if place.server is not None:
            place.server.drop(name)
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, dict[str, Any]] = json.loads(done.stdout)
    ours, bare, index = found["ours"], found["bare"], found["index"]
    return {
        "import": {
            "rate": ours["n"] / ours["seconds"],
            "limit": bare["n"] / bare["seconds"],
            "peak": ours["megabytes"],
        },
        "index": {"rate": index["n"] / index["seconds"], "peak": index["megabytes"]},
    }
