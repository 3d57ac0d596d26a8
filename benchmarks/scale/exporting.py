"""Each export format beside the shortest program that writes the same rows.

Each is a process of its own, whose processor time and peak memory are its own. Of the bare loop
and of the export the same file name says how it is packed.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import corrigenda
from benchmarks import bare_exports
from benchmarks.report import peak_megabytes
from benchmarks.scale.clients import Figures
from benchmarks.scale.places import Place, say
from corrigenda import plugins

_OTHER_CONTAINERS = ("jsonl.gz", "jsonl.zst", "parquet")
_TABLES = ("csv",)


def formats(place: Place) -> dict[str, Figures]:
    """Every format as JSON lines (or CSV), and `messages` in the other containers."""
    names = sorted(plugins.installed(plugins.EXPORTS))
    wanted = [(name, "csv" if name in _TABLES else "jsonl") for name in names]
    wanted += [("messages", each) for each in _OTHER_CONTAINERS]
    found = {}
    for form, container in wanted:
        loop, ours = (_measured(place, which, form, container) for which in ("loop", "export"))
        say(f"  {form}, .{container}: {loop['seconds'] / ours['seconds']:.2f} of the loop's speed")
        found[f"export_{form}_{container}"] = {
            "rate": loop["rows"] / ours["seconds"],
            "limit": loop["rows"] / loop["seconds"],
            "peak": ours["peak"],
            "wall": ours["wall"],
        }
    return found


def _measured(place: Place, which: str, form: str, container: str) -> Figures:
    with tempfile.TemporaryDirectory(dir=place.workspace) as folder:
        target = Path(folder) / f"out.{container}"
        command = [sys.executable, "-m", "benchmarks.scale.exporting"]
        command += [which, form, str(target), place.url]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        found: Figures = json.loads(done.stdout.splitlines()[-1])
        return found


def _one(which: str, form: str, target: Path, url: str) -> Figures:
    begin, wall = time.process_time(), time.perf_counter()
    rows = 0
    if which == "loop":
        rows = bare_exports.run(url, form, target)
    else:
        # By its URL: the files beside a workspace's own database are no part of an export.
        with corrigenda.open(target.parent, database_url=url) as opened:
            opened.export(target, format=form)
    return {
        "seconds": time.process_time() - begin,
        "wall": time.perf_counter() - wall,
        "peak": peak_megabytes(),
        "rows": rows,
    }


if __name__ == "__main__":
    _, which, form, target, url = sys.argv
    print(json.dumps(_one(which, form, Path(target), url)))
