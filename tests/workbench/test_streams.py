"""Long streams: a reader who stalls or goes away costs nobody else anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import QueuePool

import corrigenda
from corrigenda.errors import StorageError
from corrigenda.store.engine import database_errors
from corrigenda.workbench import Workspace
from tests.store.samples import candidate, put

MANY = 501  # a batch, and one more


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with corrigenda.open(tmp_path / "ws") as opened:
        put(opened.database, [candidate(f"c{n}") for n in range(MANY)])
        yield opened


def approve(workspace: Workspace, name: str) -> None:
    workspace.submit(name, "correct", corrected_response="4")


def test_readers_who_never_come_back_hold_no_connection(workspace: Workspace) -> None:
    approve(workspace, "c0")
    stalled = [read() for read in (workspace.export, workspace.candidates) for _ in range(20)]
    assert [next(stream) for stream in stalled]
    with workspace.database.reading() as connection:
        pool = connection.engine.pool
        assert isinstance(pool, QueuePool)
        assert pool.checkedout() == 1


def test_what_is_decided_meanwhile_is_as_it_is_when_its_batch_is_read(workspace: Workspace) -> None:
    approve(workspace, "c0")
    found = workspace.candidates()
    first = next(found)
    workspace.undo("c0")
    approve(workspace, f"c{MANY - 1}")
    rest = list(found)
    assert first["status"] == "approved"
    assert [record["id"] for record in [first, *rest]] == [f"c{n}" for n in range(MANY)]
    assert rest[-1]["status"] == "approved"


def test_no_connection_left_is_one_sentence(workspace: Workspace) -> None:
    with pytest.raises(StorageError, match="too busy"), database_errors(workspace.database.url):
        raise sa.exc.TimeoutError("QueuePool limit of size 8 overflow 24 reached")
