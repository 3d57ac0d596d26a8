"""Whatever way a page or a total takes, it is that of all candidates, looked at one by one."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from corrigenda.core.decisions import Action, Status
from corrigenda.core.orders import Cursor, Order
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.store import Database, access, candidates, cells, facets, orders, places
from corrigenda.store.schema import candidates as table
from tests.store.samples import candidate, decision, do, put

LONG = "x" * 480
RUNS = (None, "run-1", "run-2", "run-3")
MODELS = (("small", "org/small"), ("large", "org/large"), (None, "org/nameless"), (None, None))
TYPES = ("math", "code", None)
SELECTIONS = [
    EVERYTHING,
    Selection(models=("small",)),
    Selection(models=("org/large", "org/nameless"), statuses=(Status.NEEDS_REVIEW,)),
    Selection(models=("nobody",)),
    Selection(run_ids=("run-1",), task_types=("math", "code")),
    Selection(run_ids=("run-2", "run-3"), statuses=(Status.NEEDS_REVIEW, Status.DISCARDED)),
    Selection(run_ids=("run-1", "run-3"), score_min=0.2),
    Selection(score_min=0.25, score_max=0.5, statuses=(Status.NEEDS_REVIEW,)),
    Selection(score_max=1),
    Selection(tasks=("t1", "t4")),
    Selection(include_categories=("wrong_answer",)),
    Selection(include_categories=("none", "format_error"), models=("small",)),
    Selection(exclude_categories=("none",), reviewers=("kim",)),
    Selection(reviewers=("kim", "zoe"), statuses=(Status.APPROVED,)),
    Selection(tags=("unclear",), task_types=("math",)),
    Selection(decided_from="2026-04-08", decided_until="2026-04-09"),
    Selection(held_back=True),
    Selection(text="median lists"),
    Selection(text="median", models=("large",), score_max=0.5),
]


@pytest.fixture
def filled(database: Database) -> Database:
    chance = random.Random(4)
    batch = []
    for n in range(90):
        model, model_id = chance.choice(MODELS)
        batch.append(
            candidate(
                f"c{n}",
                benchmark_run_id=chance.choice(RUNS),
                model_name=model,
                model_id=model_id,
                task_type=chance.choice(TYPES),
                task_name=f"t{n % 7}",
                quality_score=chance.choice([None, 0, 0.25, 0.3, 0.5, 1]),
                prompt_messages=[{"role": "user", "content": f"the median of lists {n % 13}"}],
                reasoning="Hm." if n % 5 == 0 else None,
            )
        )
    for start in range(0, len(batch), 20):
        put(database, batch[start : start + 20])
    for n in chance.sample(range(90), 40):
        asked = decision(
            f"c{n}",
            chance.choice([Action.CORRECT, Action.DISCARD, Action.FLAG]),
            reviewer=chance.choice(["kim", "zoe"]),
            failure_category=chance.choice([None, "wrong_answer", "format_error"]),
            tags=("unclear",) if n % 3 == 0 else (),
            decided_at=f"2026-04-{7 + n % 4:02}T10:00:00.000000Z",
        )
        do(database, asked)
    return database


@pytest.fixture(params=[1, 12, 10_000])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """With how many a way is narrow; nothing is found on the first stretch of the order."""
    found: int = request.param
    monkeypatch.setattr(access, "MOST", found)
    monkeypatch.setattr(access, "FEW", 3)
    monkeypatch.setattr(facets, "LIMIT", found)
    monkeypatch.setattr(orders, "STRETCH", 2)
    monkeypatch.setattr(orders, "SHORT_STRETCH", 1)
    return found


def looked_at(connection: sa.Connection, selection: Selection, order: Order) -> list[int]:
    columns = [table.c[name] for name in _COLUMNS[order]]
    selected = {stored.seq for stored in candidates.stream(connection, selection)}
    rows = connection.execute(sa.select(table.c.seq, *columns)).all()
    return [seq for seq, *_ in sorted(rows, key=lambda row: (*row[1:], row[0])) if seq in selected]


_COLUMNS: dict[Order, tuple[str, ...]] = {
    Order.ARRIVAL: (),
    Order.LOWEST_SCORE: ("by_score",),
    Order.NEWEST_RUN: ("by_run",),
    Order.SIMILAR_PROMPTS: ("by_prompt",),
    Order.MOST_FAILING: ("by_failing", "by_prompt"),
}


def pages(connection: sa.Connection, selection: Selection, order: Order) -> Iterator[int]:
    after: Cursor | None = None
    while found := orders.page(connection, selection, order, limit=4, after=after):
        yield from (place.seq for place in found)
        after = Cursor.parse(str(found[-1].cursor))


@pytest.mark.parametrize("order", _COLUMNS)
def test_every_way_leads_to_the_same_pages(filled: Database, most: int, order: Order) -> None:
    with filled.reading() as connection:
        for selection in SELECTIONS:
            expected = looked_at(connection, selection, order)
            assert list(pages(connection, selection, order)) == expected, (selection, most)
            rest = orders.page(connection, selection, order, limit=5, offset=3)
            assert [place.seq for place in rest] == expected[3:8], (selection, most)


def test_totals_are_exact_or_say_that_they_are_not(filled: Database, most: int) -> None:
    with filled.reading() as connection:
        for selection in SELECTIONS:
            expected = len(looked_at(connection, selection, Order.ARRIVAL))
            total = facets.total(connection, selection)
            if total.at_least:
                assert total.n <= expected, (selection, most)
                assert most < 10_000
            else:
                assert total.n == expected, (selection, most)
            if selection.restricted <= cells.TOLD_APART:
                assert not total.at_least, "kept with every change"


def test_facets_are_exact_or_say_that_they_are_not(filled: Database, most: int) -> None:
    with filled.reading() as connection:
        for selection in SELECTIONS:
            found = facets.facets(connection, selection)
            for dimension, fields in facets.FIELDS.items():
                expected = _counted(connection, selection, dimension, fields)
                values = +found.values.get(dimension, expected)
                if dimension in found.at_least:
                    assert values <= expected, (selection, dimension)
                else:
                    assert values == expected, (selection, dimension)


def _counted(
    connection: sa.Connection, selection: Selection, dimension: str, fields: tuple[str, ...]
) -> Any:
    without = replace(selection, **{name: getattr(EVERYTHING, name) for name in fields})
    selected = list(candidates.stream(connection, without))
    if dimension == "tag":
        tagged = candidates.tags_of(connection, [stored.seq for stored in selected])
        return Counter(tag for each in tagged.values() for tag in each)
    scores = [stored.record.get("quality_score") for stored in selected]
    values: dict[str, list[Any]] = {
        "status": [stored.state.status.value for stored in selected],
        "model": [stored.dimensions.model for stored in selected],
        "task_type": [stored.dimensions.task_type for stored in selected],
        "run_id": [stored.dimensions.run_id for stored in selected],
        "category": [stored.state.failure_category or "none" for stored in selected],
        "reviewer": [stored.state.decided_by for stored in selected],
        "score": [None if score is None else min(int(score * 10), 9) for score in scores],
    }
    return Counter(value for value in values[dimension] if value is not None)


def test_names_too_long_for_a_cell_are_found_all_the_same(database: Database) -> None:
    names = [f"{LONG}{n % 2}" for n in range(8)]
    put(
        database,
        [candidate(f"c{n}", model_name=name, task_type=LONG) for n, name in enumerate(names)],
    )
    chosen = Selection(models=(names[1],))
    with database.reading() as connection:
        assert cells.counted(connection, chosen) is None
        assert list(pages(connection, chosen, Order.ARRIVAL)) == [2, 4, 6, 8]
        assert facets.total(connection, chosen) == facets.Total(4)


def test_the_first_of_each_run(filled: Database) -> None:
    query = sa.select(table.c.run_id, sa.func.min(table.c.seq)).group_by(table.c.run_id)
    with filled.reading() as connection:
        expected = {run: first for run, first in connection.execute(query) if run is not None}
        assert places.first_of_runs(connection) == expected


def test_a_record_that_is_edited_moves_to_another_cell(filled: Database) -> None:
    for fields in ({"benchmark_run_id": "run-9"}, {"model_name": "m9"}, {"task_type": None}):
        edited = candidate("c3", **fields)
        filled.write(partial(candidates.replace_record, candidate=edited))
        with filled.reading() as connection:
            assert places.wrong(connection) == 0
            query = sa.select(table.c.cell).where(table.c.id == "c3")
            cell = candidates.dimensions_of(edited).cell
            assert connection.execute(query).scalar_one() == cells.number_of(cell)
