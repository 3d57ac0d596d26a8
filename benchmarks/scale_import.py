"""How fast native JSON lines come in, beside a bare loop that puts in the same rows.

    python -m benchmarks.scale_import corpus.jsonl [--database postgresql://…] [--rounds 1]

The bare loop reads the same file, decodes each line and puts the same columns into the same
tables, with their indexes: nothing is checked, compared, looked up or counted. Both take turns
on new databases, and the best of each counts.
"""

import argparse
import contextlib
import hashlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from benchmarks.report import peak_megabytes
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.store import Database, search
from corrigenda.store.bulk import insert_tuples
from corrigenda.store.schema import candidates, metadata, records
from corrigenda.workbench import importing, recognising

_BATCH = 500
_COLUMNS = (
    *("seq", "id", "id_key", "run_id", "model_id", "model", "task_type", "task", "quality_score"),
    *("prompt_key", "digest", "held_out", "cell", "by_score", "by_run", "by_prompt", "by_failing"),
    *("status", "held_back", "exportable", "revision"),
)


@dataclass(frozen=True)
class Measured:
    """One import: candidates, seconds by the clock and of this process, and its memory in MB."""

    n: int
    seconds: float
    cpu: float
    megabytes: float


def ours(database: Database, corpus: Path) -> Measured:
    """What `corrigenda import` does, but for the index of words, which follows later."""
    found = recognising.recognise(corpus, None)
    with _watch() as done:
        report = importing.import_found(database, found, Taxonomy())
        done.append(report.imported)
    return Measured(*done)


def bare(database: Database, corpus: Path) -> Measured:
    """The loop to compare with."""
    with _watch() as done, corpus.open("rb") as lines:
        n = 0
        while part := list(islice(lines, _BATCH)):
            database.write(lambda c, part=part, n=n: _put(c, part, n))  # type: ignore[misc]
            n += len(part)
        done.append(n)
    return Measured(*done)


def indexing(database: Database) -> Measured:
    """The index of words, which follows an import."""
    with _watch() as done:
        search.catch_up(database)
        with database.reading() as connection:
            done.append(search.progress(connection).indexed)
    return Measured(*done)


def _put(connection: Connection, part: list[bytes], before: int) -> None:
    rows, bodies = [], []
    for seq, line in enumerate(part, before + 1):
        said = orjson.loads(line)
        digest = hashlib.blake2b(line, digest_size=16)
        prompt = hashlib.blake2b(repr(said["prompt_messages"]).encode(), digest_size=16)
        rows.append(
            (
                *(seq, said["id"], hashlib.blake2b(said["id"].encode(), digest_size=16).digest()),
                *(said["benchmark_run_id"], said["model_id"], said["model_name"]),
                *(said["task_type"], said["task_name"], said["quality_score"]),
                *(prompt.hexdigest(), digest.hexdigest(), False),
                *(digest.digest()[0], said["quality_score"], -seq, seq, -1),
                *(said["status"], False, False, 0),
            )
        )
        bodies.append((seq, line.decode().rstrip("\n")))
    insert_tuples(connection, candidates, rows, _COLUMNS)
    insert_tuples(connection, records, bodies, ("seq", "body"))


@contextlib.contextmanager
def _watch() -> Iterator[list[Any]]:
    """Give `[n, seconds, cpu, megabytes]`, of which `n` is put in by who measures."""
    found: list[Any] = []
    wall, cpu = time.perf_counter(), time.process_time()
    yield found
    found += [time.perf_counter() - wall, time.process_time() - cpu]
    found.append(peak_megabytes())


@contextlib.contextmanager
def _new(url: str | None) -> Iterator[Database]:
    """An empty database: a file of its own, or that of the URL, emptied."""
    folder = Path(tempfile.mkdtemp(prefix="corrigenda-import-"))
    database = Database.open(url or folder / "corrigenda.db")
    try:
        if url is not None:
            database.write(_empty)
        yield database
    finally:
        database.close()
        shutil.rmtree(folder)


def _empty(connection: Connection) -> None:
    names = ", ".join(table for table in metadata.tables if table != "facts")
    connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--database", help="a PostgreSQL database, which is emptied")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--index", action="store_true", help="measure the index of words, too")
    return parser.parse_args()


def main() -> None:
    """Measure, and write what was found as one JSON object."""
    chosen = _options()
    found: dict[str, list[Measured]] = {"ours": [], "bare": []}
    for _ in range(chosen.rounds):
        with _new(chosen.database) as database:
            found["ours"].append(ours(database, chosen.corpus))
            if chosen.index:
                found.setdefault("index", []).append(indexing(database))
        with _new(chosen.database) as database:
            found["bare"].append(bare(database, chosen.corpus))
    best = {name: min(each, key=lambda one: one.seconds) for name, each in found.items()}
    answer: dict[str, Any] = {name: asdict(each) for name, each in best.items()}
    answer["ratio"] = best["bare"].seconds / best["ours"].seconds
    answer["ratio_cpu"] = best["bare"].cpu / best["ours"].cpu
    json.dump(answer, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
