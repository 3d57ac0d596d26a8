"""Pages in every order: each candidate once, as sorting all of them would have it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda.core.candidate import Candidate
from corrigenda.core.decisions import Action, Status
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.sampling import draw
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.store import Database, batches, candidates, orders, places, put_off
from tests.store.samples import AT, candidate, decision, do, empty, put

WAITING = Selection(statuses=(Status.NEEDS_REVIEW,))
IN_STORE = [order for order in Order if order is not Order.BATCH]


def walk(
    database: Database,
    selection: Selection,
    order: Order,
    limit: int,
    reviewer: str | None = None,
    between: Callable[[], object] = lambda: None,
) -> list[str]:
    """The ids on all pages, by cursors that were text in between."""
    seen: list[str] = []
    after: Cursor | None = None
    while True:
        with database.reading() as connection:
            found = orders.page(
                connection, selection, order, limit=limit, after=after, reviewer=reviewer
            )
            stored = candidates.of_seqs_in_order(connection, [place.seq for place in found])
            seen += [each.id for each in stored]
        if len(found) < limit:
            return seen
        after = Cursor.parse(str(found[-1].cursor))
        between()


def sorted_ids(arrived: list[Candidate], order: Order) -> list[str]:
    """The order by its definition."""
    seqs = {each.id: seq for seq, each in enumerate(arrived)}

    def siblings(one: Candidate) -> list[Candidate]:
        same = [each for each in arrived if each.prompt_key == one.prompt_key]
        return same if one.prompt_key else [one]

    def first_of_run(one: Candidate) -> int:
        return min(seqs[each.id] for each in arrived if each.run_id == one.run_id)

    keys: dict[Order, Callable[[Candidate], Any]] = {
        Order.ARRIVAL: lambda one: seqs[one.id],
        Order.LOWEST_SCORE: lambda one: (
            2.0 if one.record["quality_score"] is None else one.record["quality_score"]
        ),
        Order.NEWEST_RUN: lambda one: -first_of_run(one) if one.run_id else -seqs[one.id],
        Order.SIMILAR_PROMPTS: lambda one: seqs[siblings(one)[0].id],
        Order.MOST_FAILING: lambda one: (
            -len({each.model for each in siblings(one)}),
            seqs[siblings(one)[0].id],
        ),
    }
    ordered = sorted(arrived, key=lambda one: (keys[order](one), seqs[one.id]))
    return [one.id for one in ordered]


RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "quality_score": st.none() | st.sampled_from([0, 0.5, 1 / 3, 1]),
            "benchmark_run_id": st.none() | st.sampled_from(["r1", "r2", "r3"]),
            "model_name": st.none() | st.sampled_from(["a", "b", "c"]),
            "model_id": st.none(),
            "prompt_messages": st.none()
            | st.sampled_from([[{"role": "user", "content": text}] for text in "xyz"]),
            "status": st.sampled_from(["needs_review", "discarded", "model_rejected"]),
        }
    ),
    max_size=24,
)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    records=RECORDS,
    order=st.sampled_from(IN_STORE),
    limit=st.integers(2, 9),
    parts=st.integers(3, 9),
)
def test_paging_equals_sorting(
    database: Database, records: list[dict[str, Any]], order: Order, limit: int, parts: int
) -> None:
    database.write(empty)
    arrived = [candidate(f"c{n}", **fields) for n, fields in enumerate(records)]
    for start in range(0, len(arrived), parts):
        put(database, arrived[start : start + parts])
    with database.reading() as connection:
        assert places.wrong(connection) == 0
    statuses = {each.id: each.state.status for each in arrived}
    expected = sorted_ids(arrived, order)
    assert walk(database, EVERYTHING, order, limit) == expected
    waiting = [name for name in expected if statuses[name] is Status.NEEDS_REVIEW]
    assert walk(database, WAITING, order, limit) == waiting
    two = Selection(statuses=(Status.DISCARDED, Status.MODEL_REJECTED))
    rest = [name for name in expected if statuses[name] is not Status.NEEDS_REVIEW]
    assert walk(database, two, order, limit) == rest


@pytest.fixture
def filled(database: Database) -> Database:
    put(
        database,
        [
            candidate(
                f"c{n}",
                quality_score=(n * 7 % 10) / 10,
                model_name=f"m{n % 3}",
                benchmark_run_id=f"run-{n % 4}",
                prompt_messages=[{"role": "user", "content": f"q{n % 11}"}],
            )
            for n in range(40)
        ],
    )
    return database


@pytest.mark.parametrize("order", IN_STORE)
def test_none_appears_twice_while_others_decide_and_import(filled: Database, order: Order) -> None:
    numbers = iter(range(100, 200))
    doomed = iter(range(0, 40, 3))

    def meanwhile() -> None:
        n = next(numbers)
        put(
            filled,
            [
                candidate(
                    f"c{n}",
                    quality_score=0.45,
                    model_name=f"new{n % 2}",
                    prompt_messages=[{"role": "user", "content": f"q{n % 11}"}],
                )
            ],
        )
        if (decided := next(doomed, None)) is not None:
            do(filled, decision(f"c{decided}", Action.DISCARD))

    seen = walk(filled, WAITING, order, 5, between=meanwhile)
    assert len(seen) == len(set(seen))
    with filled.reading() as connection:
        assert places.wrong(connection) == 0


def put_later(database: Database, reviewer: str, *names: str) -> None:
    for n, name in enumerate(names):
        at = AT.replace("00Z", f"{n:02}Z")
        database.write(partial(put_off.put, reviewer=reviewer, candidate_id=name, at=at))


@pytest.mark.parametrize("order", IN_STORE)
@pytest.mark.parametrize("limit", [1, 3, 38, 100])
def test_what_a_reviewer_put_off_comes_last(filled: Database, order: Order, limit: int) -> None:
    before = walk(filled, WAITING, order, limit)
    put_later(filled, "kim", "c9", "c2", "c30")
    expected = [name for name in before if name not in ("c9", "c2", "c30")]
    assert walk(filled, WAITING, order, limit, "kim") == [*expected, "c9", "c2", "c30"]
    assert walk(filled, WAITING, order, limit, "zoe") == before


def test_pages_by_number_reach_what_was_put_off(filled: Database) -> None:
    put_later(filled, "kim", "c0", "c1")
    seen = []
    for offset in range(0, 50, 7):
        with filled.reading() as connection:
            found = orders.page(
                connection, WAITING, Order.ARRIVAL, limit=7, offset=offset, reviewer="kim"
            )
            seen += [place.seq for place in found]
    assert seen == [*range(3, 41), 1, 2]


def test_a_batch_comes_in_its_random_order(filled: Database) -> None:
    def make(connection: sa.Connection) -> int | None:
        sample = draw(batches.population(connection, WAITING, ["model"]), 12, seed=7)
        return batches.insert(
            connection,
            sample,
            name="first",
            seed=7,
            stratify_by=["model"],
            selection=WAITING,
            created_by="kim",
            created_at=AT,
        )

    batch_id = filled.write(make)
    assert filled.write(make) is None, "the name is taken"
    chosen = Selection(batch=batch_id, statuses=WAITING.statuses)
    seen = walk(filled, chosen, Order.BATCH, 5)
    assert len(set(seen)) == 12
    assert seen != sorted(seen, key=lambda name: int(name[1:]))
    put_later(filled, "kim", seen[0])
    assert walk(filled, chosen, Order.BATCH, 5, "kim") == [*seen[1:], seen[0]]
    do(filled, decision(seen[3], Action.DISCARD))
    assert walk(filled, chosen, Order.BATCH, 5) == seen[:3] + seen[4:]
    assert set(walk(filled, chosen, Order.LOWEST_SCORE, 5)) == set(seen) - {seen[3]}


def test_an_edited_record_moves_with_its_siblings(filled: Database) -> None:
    edits: list[dict[str, Any]] = [
        {"benchmark_run_id": "run-9"},
        {"prompt_messages": [{"role": "user", "content": "q1"}]},
        {"prompt_messages": None, "quality_score": None},
        {"model_name": "m9"},
    ]
    for name in ("c0", "c11", "c39"):
        for fields in edits:
            edited = candidate(name, **fields)
            filled.write(partial(candidates.replace_record, candidate=edited))
            with filled.reading() as connection:
                assert places.wrong(connection) == 0


@pytest.mark.parametrize("order", IN_STORE)
@pytest.mark.parametrize("selection", [WAITING, EVERYTHING], ids=["waiting", "all"])
def test_no_order_sorts(tmp_path: Any, order: Order, selection: Selection) -> None:
    """SQLite tells how it would answer: by an index, without a sort, for any page."""
    database = Database.open(tmp_path / "plans.db")
    plans: list[str] = []
    with database.reading() as connection:

        @sa.event.listens_for(connection, "before_cursor_execute")
        def _explain(
            _connection: Any, cursor: Any, statement: str, values: Any, *_rest: object
        ) -> None:
            if statement.startswith("SELECT candidates.seq"):
                cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
                plans.extend(str(row[3]) for row in cursor.fetchall())

        after = {
            Order.ARRIVAL: (1,),
            Order.LOWEST_SCORE: (0.5, 1),
            Order.MOST_FAILING: (-1, 1, 1),
        }.get(order, (1, 1))
        orders.page(connection, selection, order, limit=5, after=Cursor(order, after))
    database.close()
    assert plans
    assert all(plan.startswith("SEARCH candidates USING") for plan in plans), plans
