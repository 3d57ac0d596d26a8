"""Pages: every candidate once, in the order of arrival, whatever others do meanwhile."""

import random

import pytest

from corrigenda.core.decisions import Action, Status
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.selection import Selection
from corrigenda.store import Database, Stored, candidates, orders
from tests.store.samples import candidate, decision, do, ids, put

WAITING = Selection(statuses=(Status.NEEDS_REVIEW,))
NAMES = [f"c{number}" for number in random.Random(1).sample(range(1000), 57)]


@pytest.fixture
def filled(database: Database) -> Database:
    put(database, [candidate(name) for name in NAMES])
    return database


def page(database: Database, after: int, limit: int, offset: int = 0) -> list[Stored]:
    cursor = Cursor(Order.ARRIVAL, (after,))
    with database.reading() as connection:
        found = orders.page(
            connection, WAITING, Order.ARRIVAL, after=cursor, limit=limit, offset=offset
        )
        return list(candidates.of_seqs_in_order(connection, [place.seq for place in found]))


@pytest.mark.parametrize("limit", [1, 7, 19, 57, 100])
def test_a_walk_visits_everything_once_in_order(filled: Database, limit: int) -> None:
    seen: list[str] = []
    after = 0
    while found := page(filled, after, limit):
        seen += [stored.id for stored in found]
        after = found[-1].seq
    assert seen == NAMES


def test_a_walk_misses_nothing_while_others_decide_undo_and_import(filled: Database) -> None:
    chance = random.Random(2)
    decided: list[str] = []
    seen: list[str] = []
    after = 0
    while found := page(filled, after, 5):
        seen += [stored.id for stored in found]
        after = found[-1].seq
        for name in chance.sample([n for n in NAMES if n not in decided], 3):
            do(filled, decision(name, Action.DISCARD))
            decided.append(name)
        if len(decided) % 2:
            do(filled, decision(undone := decided.pop(0), Action.UNDO))
            assert undone in ids(filled)
        if len(seen) < 30:
            put(filled, [candidate(f"new{len(seen)}")])
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, key=ids(filled).index)
    # What was decided when the walk came by may be missed, and wait again; nothing else.
    never_decided = {stored.id for stored in page(filled, 0, 500) if stored.state.revision == 0}
    assert never_decided <= set(seen)
    assert "new5" in seen


@pytest.mark.parametrize(
    ("offset", "limit"), [(0, 10), (10, 10), (50, 10), (56, 10), (57, 10), (1000, 10)]
)
def test_pages_by_number(filled: Database, offset: int, limit: int) -> None:
    found = [stored.id for stored in page(filled, 0, limit, offset)]
    assert found == NAMES[offset : offset + limit]


def test_a_stream_is_one_state_of_the_database(filled: Database) -> None:
    with filled.reading() as connection:
        stream = candidates.stream(connection, WAITING)
        first = next(stream).id
        for name in NAMES[-5:]:
            do(filled, decision(name, Action.FLAG))
        put(filled, [candidate("late")])
        assert [first, *(stored.id for stored in stream)] == NAMES
