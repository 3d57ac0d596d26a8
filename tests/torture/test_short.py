"""Short runs of the torture; `make torture` has the long ones."""

import pytest

from tests.torture import crashes, reviewers
from tests.torture.faults import run as faults
from tests.torture.figures import Figures

SEED = 1
SCENES = ["full-disk", "jumping-clock", "postgresql-restarted", "sent-twice", "half-sent"]
pytestmark = pytest.mark.timeout(300)


def test_nothing_is_lost_when_the_server_is_killed() -> None:
    found = crashes.run(3, SEED)
    assert found.wrong == []
    assert found.numbers["rounds"] == 3
    assert found.numbers["decisions acknowledged"] > 0


@pytest.mark.parametrize("database", reviewers.DATABASES)
def test_nobody_is_given_what_another_has(database: str) -> None:
    found = reviewers.run(database, 6, 60, SEED)
    assert found.wrong == []
    assert found.numbers["decisions"] > 40


@pytest.mark.parametrize("scene", SCENES)
def test_nothing_is_lost_when_something_fails(scene: str) -> None:
    found: Figures = faults.run(scene, SEED)
    assert found.wrong == []
    if "skipped" in found.numbers:
        pytest.skip(found.numbers["skipped"])
