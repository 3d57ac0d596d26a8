"""Which candidates a selection names: the filter of queues, exports and counts."""

import pytest

from corrigenda.core.decisions import Status
from corrigenda.core.selection import EVERYTHING, Selection
from corrigenda.store import Database, candidates
from tests.store.samples import candidate, put

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
