"""The schema's history leads to the schema that the code works with."""

import json
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection

from corrigenda.core.candidate import prompt_key
from corrigenda.core.decisions import Action
from corrigenda.core.orders import Order
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.errors import SchemaMismatch, StorageError
from corrigenda.store import (
    Database,
    candidates,
    counts,
    decisions,
    migrations,
    orders,
    places,
    schema,
    search,
)
from corrigenda.store.migrations import HEAD
from corrigenda.store.schema import id_key, metadata
from tests.store.samples import AT, both_counts, candidate, decision, do, get, ids, put

VERSIONS = Path(migrations.__file__).parent / "versions"


def set_version(database: Database, version: str) -> None:
    database.write(
        lambda c: c.execute(sa.text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    )


def test_the_history_is_one_line_that_ends_at_head() -> None:
    found: dict[str, str | None] = {}
    for path in sorted(VERSIONS.glob("[0-9]*.py")):
        text = path.read_text("utf-8")
        revision = re.search(r'^revision = "(\d{4})"$', text, re.MULTILINE)
        down = re.search(r'^down_revision = (?:None|"(\d{4})")$', text, re.MULTILINE)
        assert revision, path
        assert down, path
        assert path.name.startswith(revision[1])
        found[revision[1]] = down[1]
    revisions = list(found)
    assert list(found.values()) == [None, *revisions[:-1]]
    assert revisions[-1] == HEAD


def test_a_migrated_database_is_what_the_code_works_with(database_url: str) -> None:
    database = Database.open(database_url)
    try:
        with database.reading() as connection:
            options = {"compare_type": True, "compare_server_default": True}
            context = MigrationContext.configure(connection, opts=options)
            assert compare_metadata(context, metadata) == []
            assert _tables(connection) == set(metadata.tables)
        assert database.version() == HEAD
    finally:
        database.close()


def _tables(connection: Connection) -> set[str]:
    return set(sa.inspect(connection).get_table_names()) - {"alembic_version"}


@pytest.mark.parametrize("table", ["candidates", "decisions", "jobs", "mirror_approved"])
def test_sqlite_gives_no_key_out_twice(tmp_path: Path, table: str) -> None:
    database = Database.open(tmp_path / "test.db")
    with database.reading() as connection:
        query = sa.text("SELECT sql FROM sqlite_master WHERE name = :name")
        assert "AUTOINCREMENT" in connection.execute(query, {"name": table}).scalar_one()
    database.close()


def test_opening_again_changes_nothing(database_url: str) -> None:
    for _ in range(2):
        database = Database.open(database_url)
        put(database, [candidate("a")])
        database.close()
    database = Database.open(database_url)
    assert ids(database) == ["a"]
    database.close()


@pytest.mark.parametrize("version", ["9999", f"{int(HEAD) + 1:04}", "a1b2c3"])
def test_a_newer_schema_is_refused_and_left_alone(database_url: str, version: str) -> None:
    database = Database.open(database_url)
    put(database, [candidate("a")])
    set_version(database, version)
    database.close()
    with pytest.raises(SchemaMismatch, match=f"schema {version}.*upgrade the program") as caught:
        Database.open(database_url)
    assert "\n" not in str(caught.value)
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        assert found == version
        assert connection.execute(sa.text("SELECT count(*) FROM candidates")).scalar() == 1
    engine.dispose()


OLD_RECORDS = [
    candidate(
        "first",
        quality_score=0.3,
        task_name="Sums",
        prompt_messages=[{"role": "user", "content": "What is a quokka?"}],
    ),
    candidate("kept", quality_score=0.1, task_id="t7", model_name="large"),
    candidate("thought", model_response="<think>2 and 2</think> 5", benchmark_run_id="run-2"),
    candidate("waiting", model_response="<think>2 and 2</think> 5", quality_score=None),
]
TAGS = {"kept": [" unit", "unit", "", "\ud800", "x" * 101, "twice read"]}
TEXTS = {"first": "4\x00\ud800", "thought": "4", "kept": "5"}


def made_at_0001(database_url: str) -> None:
    """A database as the first schema had it, with four candidates, three of them approved."""
    engine = sa.create_engine(database_url)
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = sa.MetaData()
        tables.reflect(connection)
        for seq, found in enumerate(OLD_RECORDS, 1):
            row = {
                "seq": seq,
                "id": found.id,
                "id_key": id_key(found.id),
                "run_id": found.run_id,
                "model": found.record["model_name"],
                "quality_score": found.record.get("quality_score"),
                "prompt_key": prompt_key(found.record),
                "digest": found.digest,
                "status": "needs_review",
                "exportable": False,
                "revision": 0,
            }
            if text := TEXTS.get(found.id):
                row |= {"status": "approved", "exportable": True, "revision": 1}
                row |= {"corrected_response": json.dumps(text), "decided_by": '"kim"'}
                row |= {"decided_at": AT}
            connection.execute(tables.tables["candidates"].insert(), row)
            body = {"seq": seq, "body": json.dumps(found.record)}
            connection.execute(tables.tables["records"].insert(), body)
            if found.id in TEXTS:
                connection.execute(
                    tables.tables["decisions"].insert(),
                    {
                        "decision_id": f"old-{seq}",
                        "candidate_seq": seq,
                        "action": "correct",
                        "from_status": "needs_review",
                        "to_status": "approved",
                        "revision": 1,
                        "corrected_response": row["corrected_response"],
                        "tags": json.dumps(TAGS.get(found.id, [])),
                        "reviewer": '"kim"',
                        "decided_at": AT,
                        "binding": True,
                        "digest": "0" * 32,
                    },
                )
        kept = {("exportable", "", "approved"): 3}
        for found in OLD_RECORDS:
            status = "approved" if found.id in TEXTS else "needs_review"
            values = {"total": "", "run": found.run_id, "model": found.record["model_name"]}
            for dimension, value in (values | {"task_type": "", "failure_category": ""}).items():
                key = (dimension, value or "", status)
                kept[key] = kept.get(key, 0) + 1
        for (dimension, value, status), n in kept.items():
            row = {"dimension": dimension, "value": value, "status": status, "n": n}
            connection.execute(tables.tables["counts"].insert(), row)
    engine.dispose()


def test_a_database_of_the_first_schema(database_url: str) -> None:
    made_at_0001(database_url)
    database = Database.open(database_url)
    try:
        assert database.version() == HEAD
        assert ids(database) == ["first", "kept", "thought", "waiting"]
        for found in OLD_RECORDS:
            now = get(database, found.id)
            assert {**now, **{key: found.record[key] for key in found.record}} == now
            assert now["corrected_response"] == TEXTS.get(found.id)
        kept, fresh = both_counts(database)
        assert kept == fresh
        with database.reading() as connection:
            ready = counts.by_status(connection, counts.EXPORTABLE)
        assert ready == {"approved": 2}, "`thought` is held back"
        with database.reading() as connection:
            assert places.wrong(connection) == 0
            page = orders.page(connection, EVERYTHING, Order.LOWEST_SCORE, limit=9)
            assert [place.seq for place in page] == [2, 1, 3, 4]
            columns = sa.select(schema.candidates.c.id, schema.candidates.c.task)
            tasks = {row.id: row.task for row in connection.execute(columns)}
            held = Selection(held_back=True)
            assert [s.id for s in candidates.stream(connection, held)] == ["thought"]
            tagged = candidates.tags_of(connection, [1, 2, 3, 4])
            assert list(tagged.values()) == [["twice read", "unit"]]
            tag = Selection(tags=("unit",))
            assert [s.id for s in candidates.stream(connection, tag)] == ["kept"]
            words = Selection(text="quok")
            assert list(candidates.stream(connection, words)) == []
        assert search.catch_up(database)
        with database.reading() as connection:
            assert [s.id for s in candidates.stream(connection, words)] == ["first"]
            (old,) = decisions.history(connection, "first")
        assert tasks == {"first": "Sums", "kept": "t7", "thought": None, "waiting": None}
        said = old.as_json()
        assert (said["reviewer"], said["corrected_response"], said["lot"]) == (
            "kim",
            TEXTS["first"],
            None,
        )
        # It is worked on like any other.
        do(database, decision("waiting", Action.DISCARD, tags=("odd",)))
        put(database, [candidate("new", quality_score=0.0)])
        kept, fresh = both_counts(database)
        assert kept == fresh
    finally:
        database.close()


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "corrigenda.db"
    path.write_text("I am a letter, not a database.\n" * 100, encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"corrigenda\.db.*not a database"):
        Database.open(path)
    assert path.read_bytes() == before


def test_threads_that_open_a_new_database_at_once(database_url: str) -> None:
    gate = threading.Barrier(6)
    failures: list[BaseException] = []

    def open_and_write(number: int) -> None:
        try:
            gate.wait(timeout=30)
            database = Database.open(database_url)
            put(database, [candidate(f"c{number}")])
            database.close()
        except BaseException as failure:  # noqa: BLE001 - a thread's failure must reach the test
            failures.append(failure)

    threads = [threading.Thread(target=open_and_write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    database = Database.open(database_url)
    assert sorted(ids(database)) == [f"c{n}" for n in range(6)]
    database.close()


PROGRAM = """
import sys
from corrigenda.store import Database
from tests.store.samples import candidate, put
print("ready", flush=True)
sys.stdin.readline()
database = Database.open(sys.argv[1])
put(database, [candidate(sys.argv[2])])
database.close()
"""


def test_processes_that_open_a_new_database_at_once(database_url: str) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, database_url, f"c{n}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for n in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    said = []
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        said.append((process.communicate(timeout=60)[1], process.returncode))
    assert said == [("", 0)] * 3
    database = Database.open(database_url)
    assert sorted(ids(database)) == ["c0", "c1", "c2"]
    database.close()
