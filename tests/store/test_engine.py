"""Which databases can be opened, and what they promise."""

import sqlite3
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa

from corrigenda.errors import ConfigError, StorageError
from corrigenda.store import Database
from corrigenda.store.engine import parse_url
from tests.fixtures.postgres import Server
from tests.store.samples import candidate, ids, put

BAD_URLS = [
    ("", "cannot be read"),
    ("data", "cannot be read"),
    ("postgresql://host:port/x", "cannot be read"),
    ("mysql://host/x", "`mysql`"),
    ("oracle://host/x", "`oracle`"),
    ("https://host/x", "`https`"),
    ("postgresql+psycopg2://host/x", r"`postgresql\+psycopg2`"),
    ("postgresql+nonsense://host/x", "nonsense"),
    ("sqlite+aiosqlite:///x", "aiosqlite"),
    ("sqlite://", "must name a file"),
    ("sqlite:///:memory:", "must name a file"),
]


@pytest.mark.parametrize(("url", "reason"), BAD_URLS, ids=[url or "empty" for url, _ in BAD_URLS])
def test_a_url_that_cannot_be_used(url: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Database.open(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_means_psycopg(scheme: str) -> None:
    assert parse_url(f"{scheme}://host/x").drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "url", ["postgresql://kim:s3cret@127.0.0.1:1/x", "sqlite:////no/such/folder/x.db"]
)
def test_a_database_that_is_not_there_is_one_sentence(url: str) -> None:
    with pytest.raises(StorageError) as caught:
        Database.open(url)
    assert "\n" not in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_postgresql_database_that_does_not_exist(postgres_server: Server) -> None:
    with pytest.raises(StorageError, match="nobody_made_this"):
        Database.open(postgres_server.url("nobody_made_this"))


def test_the_place_hides_the_password(postgres_url: str) -> None:
    database = Database.open(postgres_url.replace("postgres@", "postgres:s3cret@"))
    assert "s3cret" not in database.place
    assert "***" in database.place
    database.close()


@pytest.mark.parametrize("where", ["file/data/x.db", "file"])
def test_a_folder_that_cannot_be_made(tmp_path: Path, where: str) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    with pytest.raises(StorageError):
        Database.open(tmp_path / where / "corrigenda.db")


def test_folders_are_made(tmp_path: Path) -> None:
    Database.open(tmp_path / "a b" / "ü%20?#" / "x.db").close()
    assert (tmp_path / "a b" / "ü%20?#" / "x.db").is_file()


def test_sqlites_promises(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "x.db")
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}

    def pragmas(connection: sa.Connection) -> dict[str, object]:
        return {name: connection.execute(sa.text(f"PRAGMA {name}")).scalar() for name in expected}

    assert database.write(pragmas) == expected
    with database.reading() as connection:
        assert pragmas(connection) == expected
    database.close()


def test_readers_cannot_write(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "x.db")
    with pytest.raises(StorageError, match="readonly"), database.reading() as connection:
        connection.execute(sa.text("DELETE FROM candidates"))
    database.close()


def test_errors_do_not_tell_of_texts(database_url: str) -> None:
    database = Database.open(database_url)
    query = sa.text("SELECT n FROM no_such_table WHERE n = :text")
    asked = {"text": "a private text"}
    with pytest.raises(StorageError, match="no_such_table") as caught, database.reading() as reader:
        reader.execute(query, asked)
    with pytest.raises(StorageError) as written:
        database.write(lambda connection: connection.execute(query, asked))
    for error in (caught.value, written.value):
        logged = "".join(traceback.format_exception(error))
        assert "no_such_table" in logged
        assert "private" not in logged
    database.close()


def test_a_database_that_another_program_holds_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corrigenda.store.engine.BUSY_SECONDS", 0.2)
    database = Database.open(tmp_path / "x.db")
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="locked by another program"):
        put(database, [candidate("a")])
    assert ids(database) == []
    other.execute("ROLLBACK")
    put(database, [candidate("a")])
    assert ids(database) == ["a"]
    other.close()
    database.close()


def test_a_broken_reference_is_found(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "x.db")
    put(database, [candidate("a")])
    with database.reading() as connection:
        assert database.integrity(connection) == []
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    other.execute("DELETE FROM candidates")
    other.close()
    with database.reading() as connection:
        assert database.integrity(connection) == ["records refers to a missing candidates"]
    database.close()


def test_a_closed_database_refuses(database_url: str) -> None:
    database = Database.open(database_url)
    database.close()
    with pytest.raises(StorageError, match="closed"), database.reading():
        pass
    with pytest.raises(StorageError, match="closed"):
        database.write(lambda connection: connection)
