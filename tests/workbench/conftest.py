"""The databases of the workbench's tests: one of PostgreSQL's for all of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corrigenda.store import Database
from tests.fixtures.postgres import Server
from tests.store.samples import empty


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: Server) -> Iterator[str]:
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new file, and on PostgreSQL a database that was emptied, which is ten times as quick."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite3'}"
    url: str = request.getfixturevalue("shared_postgres")
    database = Database.open(url)
    database.write(empty)
    database.close()
    return url
