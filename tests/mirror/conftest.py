"""The files of a workspace that each test opens as often as it likes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mirror.files import Files


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    found = Files(tmp_path / "ws")
    found.directory.mkdir()
    yield found
    for workspace in found.opened:
        workspace.close()
