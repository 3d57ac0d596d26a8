"""The counts that are kept always equal a fresh count, whatever happens."""

import contextlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda.core.decisions import Action, Status
from corrigenda.errors import Conflict
from corrigenda.store import Database, candidates, counts
from tests.store.samples import both_counts, candidate, decision, do, get, ids, put

IDS = st.sampled_from("abcde")
CATEGORIES = st.none() | st.sampled_from(["wrong_answer", "format_error"])
CALL = {"function": {"name": "add", "arguments": "{}"}}
LABELS = st.sampled_from([None, "", "x", "y", 3])
ARRIVALS = st.tuples(
    IDS,
    st.fixed_dictionaries(
        {"status": st.sampled_from(Status), "failure_category": CATEGORIES},
        optional={
            "model_name": LABELS,
            "task_type": LABELS,
            "benchmark_run_id": LABELS,
            "corrected_response": st.sampled_from([None, " ", "4"]),
            "corrected_parts": st.sampled_from([{"reasoning": "drop"}, {"tool_calls": [CALL]}]),
            "reasoning": st.just("Hm."),
        },
    ),
)
STEPS = st.one_of(
    st.builds(lambda batch: lambda db: _arrive(db, batch), st.lists(ARRIVALS, max_size=4)),
    st.builds(
        lambda *asked: lambda db: _decide(db, *asked), IDS, st.sampled_from(Action), CATEGORIES
    ),
    st.builds(lambda *edit: lambda db: _edit(db, *edit), IDS, LABELS, LABELS),
)
Step = Callable[[Database], None]


# One database for all examples: they go on where the last ended, which only adds to the variety.
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=12))
def test_kept_counts_equal_fresh_ones(database: Database, steps: list[Step]) -> None:
    for step in steps:
        step(database)
    kept, fresh = both_counts(database)
    assert kept == fresh
    names = ids(database)
    by_status = Counter(get(database, name)["status"] for name in names)
    with database.reading() as connection:
        assert by_status == counts.by_status(connection)
    with database.reading() as connection:
        assert candidates.total(connection) == len(names)
        assert candidates.total(connection, [Status.APPROVED]) == by_status["approved"]


def _arrive(database: Database, batch: list[tuple[str, dict[str, Any]]]) -> None:
    put(database, [candidate(name, **fields) for name, fields in batch])


def _decide(database: Database, name: str, action: Action, category: str | None) -> None:
    with contextlib.suppress(Conflict):
        if name in ids(database):
            do(database, decision(name, action, failure_category=category))


def _edit(database: Database, name: str, model: object, task: object) -> None:
    if name in ids(database):
        edited = candidate(name, model_name=model, task_type=task)
        database.write(lambda c: candidates.replace_record(c, edited))


def test_a_dimension_can_be_read_alone(database: Database) -> None:
    put(database, [candidate("a"), candidate("b", model_name="large")])
    with database.reading() as connection:
        assert counts.read(connection, counts.MODEL) == {
            ("model", "small", "needs_review", ""): 1,
            ("model", "large", "needs_review", ""): 1,
        }


def test_what_is_gone_from_a_count_is_not_shown(database: Database) -> None:
    put(database, [candidate("a")])
    do(database, decision("a", Action.FLAG))
    assert ("total", "", "needs_review", "") not in both_counts(database)[0]


@pytest.mark.parametrize("count", [7, -1])
def test_a_wrong_count_is_found(tmp_path: Path, count: int) -> None:
    """The check that all the others rest on can fail."""
    database = Database.open(tmp_path / "test.db")
    try:
        put(database, [candidate("a")])
        database.write(lambda c: counts.add(c, {("model", "small", "needs_review", ""): count}))
        kept, fresh = both_counts(database)
        assert kept != fresh
    finally:
        database.close()
