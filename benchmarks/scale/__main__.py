"""Measure a million candidates, and write the table into `docs/performance.md`.

    python -m benchmarks.scale                                  10k and 1M, on both databases
    python -m benchmarks.scale --sizes 10000 --databases sqlite --output -
    python -m benchmarks.scale --only pages search --folder /var/tmp/scale
    python -m benchmarks.scale --table                          from what was measured before

The workspaces are made in the folder the first time, and stay: a million takes some minutes and
about 12 GB for both databases. What is measured is kept in its `results.json`, so that a part can
be measured again. Stop a run at any time; the next goes on with `--missing`.
"""

import argparse
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.report import DEFAULT_OUTPUT, machine, publish
from benchmarks.scale import deciding, exporting, importing, opening, postgres, reading
from benchmarks.scale.clients import Figures
from benchmarks.scale.places import DATABASES, POSTGRESQL, Place, say
from benchmarks.scale.results import Results
from benchmarks.scale.table import table

SIZES = (10_000, 1_000_000)
_FOLDER = Path("/var/tmp/corrigenda-scale")

PARTS: dict[str, tuple[str, Callable[[Place], dict[str, Figures]]]] = {
    "pages": ("page", reading.pages),
    "search": ("search_rare", reading.search),
    "ready": ("ready", opening.ready),
    "help": ("help", opening.help_text),
    "disk": ("disk", opening.disk),
    "decisions": ("submit", deciding.decisions),
    "import": ("import", importing.imports),
    "export": ("export_messages_parquet", exporting.formats),
}
"""Name → a row that is there once it was measured, and what measures it."""


def measure(chosen: argparse.Namespace, results: Results) -> None:
    """Measure what is chosen, the small sizes first."""
    with _server(chosen) as server:
        results.note(_about(server))
        for size in sorted(chosen.sizes):
            for database in chosen.databases:
                beside = server if database == POSTGRESQL else None
                place = Place(chosen.folder, database, size, beside)
                for name in chosen.only:
                    row, work = PARTS[name]
                    if chosen.missing and results.of(row, database, size) is not None:
                        continue
                    if name != "import":
                        place.make()
                    say(f"measuring {name}, {database}, {size:,} …")
                    results.take(database, size, work(place))


def _server(
    chosen: argparse.Namespace,
) -> contextlib.AbstractContextManager[postgres.Server | None]:
    if POSTGRESQL not in chosen.databases:
        return contextlib.nullcontext()
    return _running(chosen.folder / "postgres")


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[postgres.Server | None]:
    with postgres.running(folder) as server:
        yield server


def _about(server: postgres.Server | None) -> str:
    parts = [machine(), f"SQLite {sqlite3.sqlite_version}"]
    if server is not None:
        parts.append(f"PostgreSQL {server.version()}")
    parts += [f"{each} {version(each.lower())}" for each in ("SQLAlchemy", "FastAPI", "uvicorn")]
    return ", ".join(parts) + "."


def options() -> argparse.Namespace:
    """What to measure, where, and where the table goes."""
    parser = argparse.ArgumentParser(description="Measure a million candidates.")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=DATABASES)
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=tuple(PARTS))
    parser.add_argument("--missing", action="store_true", help="what was not measured before alone")
    parser.add_argument("--table", action="store_true", help="measure nothing, write the table")
    parser.add_argument("--folder", type=Path, default=_FOLDER, help="where workspaces are kept")
    parser.add_argument("--output", default=str(DEFAULT_OUTPUT), help="a page, or - for here")
    return parser.parse_args()


def main() -> None:
    """Measure, and write the table."""
    chosen = options()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    results = Results(chosen.folder / "results.json")
    if not chosen.table:
        measure(chosen, results)
    publish(table(results), "scale", chosen.output)


if __name__ == "__main__":
    main()
