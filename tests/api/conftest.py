"""A workspace behind the application, seen by a client that checks each answer."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from fastapi import FastAPI

from corrigenda.api import create_app
from corrigenda.api.security import HostPolicy
from corrigenda.store import Database
from corrigenda.workbench import Workspace
from tests.api.described import DescribedClient
from tests.api.desk import Desk
from tests.fixtures.postgres import Server
from tests.store.samples import empty


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_server: Server) -> Iterator[str]:
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A workspace on a directory, with its files."""
    yield from _desk(tmp_path, None)


@pytest.fixture(params=["directory", "postgresql"])
def any_desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A workspace on a directory, and one on PostgreSQL."""
    if request.param == "directory":
        yield from _desk(tmp_path, None)
        return
    url: str = request.getfixturevalue("shared_postgres_url")
    database = Database.open(url)
    database.write(empty)
    database.close()
    yield from _desk(tmp_path, url)


def _desk(tmp_path: Path, database_url: str | None) -> Iterator[Desk]:
    home = tmp_path / "workspace"
    home.mkdir()
    (tmp_path / "runs").mkdir()
    with Workspace.open(home, database_url=database_url, roots=[tmp_path]) as workspace:
        _at_hand[:] = [workspace]
        # No lifespan: nothing may need one.
        yield Desk(workspace, DescribedClient(_app()), tmp_path / "runs")


_at_hand: list[Workspace] = []


@cache
def _app() -> FastAPI:
    """One application for all tests, since describing itself takes it longer than a test."""
    return create_app(lambda: _at_hand[0], HostPolicy(frozenset({"testserver"})))
