"""A short run of the state machine; `make torture` has the long one."""

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.torture.machine import Machine

SHORT = settings(max_examples=6, stateful_step_count=20, deadline=None, database=None)
pytestmark = pytest.mark.timeout(300)


def test_a_workspace_on_a_directory_is_what_the_model_says() -> None:
    run_state_machine_as_test(Machine, settings=SHORT)


def test_a_workspace_on_postgresql_is_what_the_model_says(postgres_url: str) -> None:
    kind = type("OnPostgres", (Machine,), {"url": postgres_url})
    run_state_machine_as_test(kind, settings=SHORT)
