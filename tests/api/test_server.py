"""The server's own start and end: one workspace, from the environment."""

import logging
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from corrigenda.api.server import create
from corrigenda.errors import StorageError
from corrigenda.workbench import Workspace


@pytest.mark.parametrize("error", [StorageError("The disk refuses."), RuntimeError("a mistake")])
def test_a_workspace_that_does_not_close_well_is_logged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    monkeypatch.setenv("CORRIGENDA_WORKSPACE", str(tmp_path))
    close = Workspace.close

    def fail(workspace: Workspace) -> None:
        close(workspace)
        raise error

    app = create()
    monkeypatch.setattr(Workspace, "close", fail)
    with caplog.at_level(logging.ERROR), TestClient(app):
        assert app.state.close_error is None
    assert app.state.close_error is error
    assert str(error) in caplog.text
