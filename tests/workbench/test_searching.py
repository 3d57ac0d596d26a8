"""The thread that keeps the index of words up to date: who goes before it."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from corrigenda.store import Database, search
from corrigenda.workbench import Workspace
from tests.workbench.desk import fill, record


def test_to_pause_waits_for_what_was_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on, paused = (threading.Event() for _ in range(3))

    def slow(database: Database, *, stop: Callable[[], bool]) -> None:
        begun.set()
        assert go_on.wait(10)
        assert stop()

    with Workspace.open(tmp_path / "ws") as workspace:
        fill(workspace, record("a"), record("b"))
        assert workspace.search_progress() == search.Progress(2, 2)
        monkeypatch.setattr(search, "waits", lambda _: True)
        monkeypatch.setattr(search, "catch_up", slow)
        indexer = workspace.indexer
        assert indexer is not None

        def pause() -> None:
            with indexer.paused():
                paused.set()

        assert begun.wait(10)
        other = threading.Thread(target=pause)
        other.start()
        assert not paused.wait(0.2), "it is in the middle of something"
        go_on.set()
        assert paused.wait(10)
        other.join()
