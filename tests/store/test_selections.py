"""Which candidates a selection names: the filter of queues, exports and counts."""

import pytest

from corrigenda.core.decisions import Action, Status
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.store import Database, candidates
from tests.store.samples import candidate, decision, do, put

SELECTIONS = [
    (EVERYTHING, "abcdef"),
    (Selection(statuses=(Status.APPROVED,)), "ab"),
    (Selection(statuses=(Status.APPROVED, Status.DISCARDED)), "abc"),
    (Selection(models=("large",)), "bd"),
    (Selection(models=("org/small",)), "ae"),
    (Selection(models=("large", "org/small")), "abde"),
    (Selection(models=("a\x00", "\ud800")), ""),
    (Selection(task_types=("code",)), "cd"),
    (Selection(task_types=("code", "\x00")), "cd"),
    (Selection(run_ids=("run-2",)), "f"),
    (Selection(run_ids=("run-2", "nobody")), "f"),
    (Selection(run_ids=("\x00",)), ""),
    (Selection(include_categories=("wrong_answer",)), "ac"),
    (Selection(include_categories=("none",)), "bdef"),
    (Selection(include_categories=("none", "wrong_answer")), "abcdef"),
    (Selection(exclude_categories=("none",)), "ac"),
    (Selection(exclude_categories=("wrong_answer",)), "bdef"),
    (Selection(exclude_categories=("wrong_answer", "none")), ""),
    (Selection(include_categories=("wrong_answer",), exclude_categories=("wrong_answer",)), ""),
    (Selection(include_categories=("none",), models=("large",), task_types=("code",)), "d"),
]


@pytest.fixture
def filled(database: Database) -> Database:
    wrong = {"failure_category": "wrong_answer"}
    large = {"model_name": "large", "model_id": "org/large"}
    put(
        database,
        [
            candidate("a", status="approved", corrected_response="4", **wrong),
            candidate("b", status="approved", **large),
            candidate(
                "c", status="discarded", task_type="code", model_name="x", model_id="y", **wrong
            ),
            candidate("d", task_type="code", **large),
            candidate("e"),
            candidate("f", benchmark_run_id="run-2", model_id=None, model_name=None),
        ],
    )
    return database


@pytest.mark.parametrize(("selection", "expected"), SELECTIONS, ids=range(len(SELECTIONS)))
def test_selections(filled: Database, selection: Selection, expected: str) -> None:
    with filled.reading() as connection:
        found = [stored.id for stored in candidates.stream(connection, selection)]
        again = [s.id for s in candidates.batch(connection, selection, limit=10)]
        ready = [
            stored.id for stored in candidates.stream(connection, selection, only_exportable=True)
        ]
    assert "".join(found) == "".join(again) == expected
    assert ready == [name for name in expected if name == "a"]


DAYS = [
    ({"decided_from": "2026-11-01"}, "bcd"),
    ({"decided_from": "2026-11-02"}, "d"),
    ({"decided_from": "2026-11-03"}, ""),
    ({"decided_until": "2026-11-01"}, "abc"),
    ({"decided_until": "2026-10-30"}, ""),
    ({"decided_from": "2026-11-01", "decided_until": "2026-11-01"}, "bc"),
    ({"decided_from": "2026-10-31", "decided_until": "2026-11-02"}, "abcd"),
]


def test_days_are_included_and_what_waits_was_not_decided(database: Database) -> None:
    put(database, [candidate(name) for name in "abcdef"])
    for name, at in {
        "a": "2026-10-31T23:59:59.999999Z",
        "b": "2026-11-01T00:00:00.000000Z",
        "c": "2026-11-01T23:59:59.999999Z",
        "d": "2026-11-02T00:00:00.000000Z",
        "e": "2026-11-01T12:00:00.000000Z",
    }.items():
        do(database, decision(name, Action.CORRECT, decided_at=at))
    do(database, decision("e", Action.UNDO, decided_at="2026-11-01T13:00:00.000000Z"))
    for days, expected in DAYS:
        with database.reading() as connection:
            found = [s.id for s in candidates.stream(connection, Selection(**days))]  # type: ignore[arg-type]
        assert "".join(found) == expected, days
