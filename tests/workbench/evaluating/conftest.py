"""A workspace, and an endpoint with two models."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from corrigenda.workbench import Workspace
from tests.fixtures.chat_endpoint import ChatEndpoint, chat_endpoint, said
from tests.workbench.desk import opened


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    with opened(tmp_path, database_url) as found:
        yield found


@pytest.fixture
def server() -> Iterator[ChatEndpoint]:
    with chat_endpoint(small=said("4"), large=said("5")) as found:
        yield found
