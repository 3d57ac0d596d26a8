"""What one waits for before the first card, and what lies on the disk."""

import statistics
import subprocess
import sys
import time

import sqlalchemy as sa

from benchmarks.scale.clients import Figures
from benchmarks.scale.places import SQLITE, Place
from benchmarks.serving import server

_STARTS = 3
_HELPS = 7


def ready(place: Place) -> dict[str, Figures]:
    """Seconds until a server answers, of several starts the median; beside it a bare `import`."""
    times = []
    for _ in range(_STARTS):
        begin = time.perf_counter()
        with server(place.workspace, place.settings()):
            times.append(time.perf_counter() - begin)
    bare = _run_for("import fastapi, uvicorn, sqlalchemy", 3)
    return {"ready": {"seconds": statistics.median(times), "limit": bare}}


def help_text(_: Place) -> dict[str, Figures]:
    """Seconds for `corrigenda --help`, beside an interpreter that imports `typer`."""
    command = [sys.executable, "-m", "corrigenda.cli", "--help"]
    program = [str(each) for each in _program()] or command
    return {"help": {"seconds": _median(program, _HELPS), "limit": _run_for("import typer", 3)}}


def disk(place: Place) -> dict[str, Figures]:
    """Bytes of the database, search index included, beside the raw JSONL."""
    with place.connected() as connection:
        if place.database == SQLITE:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
            query = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
        else:
            query = "SELECT pg_database_size(current_database())"
        size = connection.execute(sa.text(query)).scalar_one()
    return {"disk": {"bytes": float(size), "limit": float(place.corpus.stat().st_size)}}


def _program() -> list[str]:
    from pathlib import Path

    path = Path(sys.executable).parent / "corrigenda"
    return [str(path), "--help"] if path.exists() else []


def _run_for(code: str, times: int) -> float:
    return _median([sys.executable, "-c", code], times)


def _median(command: list[str], times: int) -> float:
    found = []
    for _ in range(times):
        begin = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found.append(time.perf_counter() - begin)
    return statistics.median(found)
