"""Short runs of the fuzzers; `make torture` has the long ones."""

import contextlib
import random

import pytest

from corrigenda.errors import CorrigendaError
from tests.fuzz import api, hostile
from tests.fuzz.targets import NAMES, TARGETS, seeds
from tools.fuzz_sources import spoilt_bytes

SEED = 1


@pytest.mark.parametrize("name", NAMES)
def test_a_parser_refuses_plainly(name: str) -> None:
    """What atheris does at length, for a few spoilt files."""
    chance = random.Random(SEED)
    for data in list(seeds(name))[:3]:
        with contextlib.suppress(CorrigendaError):
            TARGETS[name](data)
        for _ in range(8):
            with contextlib.suppress(CorrigendaError):
                TARGETS[name](spoilt_bytes(chance, data))


@pytest.mark.timeout(300)
def test_every_route_answers_as_it_is_described() -> None:
    found = api.run("sqlite", 1, SEED)
    assert found.wrong == []
    assert found.numbers["operations"] > 50


def test_hostile_texts_come_back_as_they_were_sent() -> None:
    found = hostile.run("sqlite", 5, SEED, longest=1000)
    assert found.wrong == []
    assert found.numbers["taken"] > 20
