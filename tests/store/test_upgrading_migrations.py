"""An older database is copied before it is brought to the newest schema."""

import contextlib
import logging
import shutil
import sqlite3
from collections import namedtuple
from pathlib import Path

import pytest
from alembic import command

from corrigenda.core.decisions import Action
from corrigenda.errors import StorageError, StorageFull
from corrigenda.store import Database
from corrigenda.store.migrations import HEAD
from tests.store.samples import both_counts, candidate, decision, do, get, ids, put

FIRST = Path(__file__).parent / "data" / "first_schema.sql"
"""A workspace as the first schema had it; this file never changes."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database of the first schema."""
    made = tmp_path / "corrigenda.db"
    with contextlib.closing(sqlite3.connect(made)) as connection:
        connection.executescript(FIRST.read_text("ascii"))
    return made


def version(path: Path) -> str:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        found: str = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        return found


def copies(path: Path) -> list[Path]:
    return sorted(path.parent.glob("*before*"))


def test_a_workspace_of_the_first_schema_opens_for_good(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        database = Database.open(path)
    try:
        assert database.version() == HEAD
        assert ids(database) == ["first", "kept", "thought", "waiting"]
        assert get(database, "first")["corrected_response"] == "4\x00\ud800"
        put(database, [candidate("new")])
        do(database, decision("waiting", Action.CORRECT))
        kept, fresh = both_counts(database)
        assert kept == fresh
        with database.reading() as connection:
            assert database.integrity(connection) == []
    finally:
        database.close()
    (copy,) = copies(path)
    assert copy.name == f"corrigenda.db.before-{HEAD}"
    assert version(copy) == "0001"
    (said,) = caplog.messages
    assert said == (
        f"`{path}` is brought from schema 0001 to {HEAD}; as it was it is `{copy.name}`."
    )
    Database.open(path).close()
    assert copies(path) == [copy], "only before a change"
    shutil.copy(copy, path)
    Database.open(path).close()
    assert [each.name for each in copies(path)] == [copy.name, f"{copy.name}-2"]


def test_a_new_database_needs_no_copy(tmp_path: Path) -> None:
    Database.open(tmp_path / "corrigenda.db").close()
    assert copies(tmp_path / "corrigenda.db") == []


def test_without_room_for_a_copy_nothing_is_changed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    with pytest.raises(StorageFull, match=r"has to be brought to a newer schema.*0\.0 GB"):
        Database.open(path)
    assert version(path) == "0001"
    assert copies(path) == []


def test_a_migration_that_fails_leaves_all_as_it_was(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade = command.upgrade

    def break_off(*words: object) -> None:
        upgrade(*words)  # type: ignore[arg-type]
        raise RuntimeError("a mistake in the last migration")

    monkeypatch.setattr(command, "upgrade", break_off)
    with pytest.raises(RuntimeError):
        Database.open(path)
    assert version(path) == "0001"
    monkeypatch.setattr(command, "upgrade", upgrade)
    Database.open(path).close()
    assert version(path) == HEAD


def test_a_damaged_database_is_not_upgraded(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    before = path.read_bytes()
    with pytest.raises(StorageError):
        Database.open(path)
    assert path.read_bytes()[4096 * 3 :] == before[4096 * 3 :]
    assert copies(path) == []


def test_processes_that_upgrade_at_once(path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys\nfrom corrigenda.store import Database\nDatabase.open(sys.argv[1]).close()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, f"sqlite:///{path}"]) for _ in range(3)
    ]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    assert version(path) == HEAD
    assert copies(path)
    assert {version(copy) for copy in copies(path)} == {"0001"}
    assert not list(path.parent.glob("*.tmp"))
