"""The schema's history leads to the schema that the code works with."""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection

from corrigenda.errors import SchemaMismatch, StorageError
from corrigenda.store import Database, migrations
from corrigenda.store.migrations import HEAD
from corrigenda.store.schema import metadata
from tests.store.samples import candidate, ids, put

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
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
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


@pytest.mark.parametrize("version", ["9999", "0002", "a1b2c3"])
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
