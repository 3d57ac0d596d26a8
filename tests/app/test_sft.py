"""Which workspace the old face speaks about, and that it owns its files."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import corrigenda
from app import api, sft
from corrigenda.errors import WorkspaceInUse
from corrigenda.workbench import Workspace


@pytest.fixture(autouse=True)
def place(tmp_path: Path) -> Iterator[Path]:
    sft.set_sft_data_dir(tmp_path)
    sft.set_sft_config_dir(tmp_path)
    yield tmp_path
    sft.set_sft_data_dir(None)
    sft.set_sft_config_dir(None)


def test_a_directory_that_another_has_is_refused(place: Path) -> None:
    client = TestClient(api.app)
    with corrigenda.open(place):
        with pytest.raises(WorkspaceInUse):
            sft.workspace()
        refused = client.get("/api/sft/stats")
        assert (refused.status_code, refused.json()["code"]) == (503, "workspace_in_use")
    assert client.get("/api/sft/stats").status_code == 200


def test_a_request_while_the_directory_changes_finds_files_of_its_own(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing, go_on = threading.Event(), threading.Event()
    close = Workspace.close

    def slow(workspace: Workspace) -> None:
        closing.set()
        assert go_on.wait(30)
        close(workspace)

    sft.workspace()
    monkeypatch.setattr(Workspace, "close", slow)
    changing = threading.Thread(target=sft.set_sft_data_dir, args=(place,))
    changing.start()
    assert closing.wait(30)
    found: list[Workspace] = []
    asking = threading.Thread(target=lambda: found.append(sft.workspace()))
    asking.start()
    asking.join(0.2)
    go_on.set()
    changing.join()
    asking.join()
    assert [workspace.owns_files for workspace in found] == [True]
