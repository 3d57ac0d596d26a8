"""An open, empty database for each test of the store, on SQLite and on PostgreSQL."""

import contextlib
from collections.abc import Iterator

import pytest

from corrigenda.store import Database
from tests.fixtures.postgres import Server
from tests.store.samples import empty


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    with contextlib.ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('store') / 'test.sqlite3'}"
        else:
            server: Server = request.getfixturevalue("postgres_server")
            url = stack.enter_context(server.fresh_database())
        found = Database.open(url)
        stack.callback(found.close)
        yield found


@pytest.fixture
def database(opened: Database) -> Database:
    """Emptied rather than made anew, which takes PostgreSQL a hundred times as long.

    A test of opening itself takes `database_url` instead.
    """
    opened.write(empty)
    return opened
