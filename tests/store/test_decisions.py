"""Decisions: compare-and-set, appended, answered once."""

from dataclasses import replace

import pytest

from corrigenda.core.decisions import Action, Decision, Status
from corrigenda.errors import (
    AlreadyDecided,
    BlankCorrection,
    CorrigendaError,
    DecisionIdReused,
    NothingToUndo,
    UnknownCandidate,
    UnknownCategory,
)
from corrigenda.store import Database, Entry, candidates, decisions
from tests.store.samples import AT, both_counts, candidate, decision, do, get, put


def history(database: Database, candidate_id: str) -> list[Entry]:
    with database.reading() as connection:
        return decisions.history(connection, candidate_id)


@pytest.fixture
def filled(database: Database) -> Database:
    put(database, [candidate("a"), candidate("b")])
    return database


def test_a_decision_is_kept_whole(filled: Database) -> None:
    asked = decision(
        "a",
        Action.CORRECT,
        "4",
        failure_category="format_error",
        note="a note",
        tags=("x", "y"),
        seconds=12.25,
        reviewer="Zoë",
    )
    outcome = do(filled, asked)
    assert (outcome.status, outcome.revision, outcome.record["model_response"]) == (
        Status.APPROVED,
        1,
        "5",
    )
    assert not outcome.replayed
    assert history(filled, "a") == [Entry(asked, Status.NEEDS_REVIEW, Status.APPROVED, 1)]
    with filled.reading() as connection:
        state = candidates.get(connection, "a").state
    assert (state.decided_by, state.decided_at, state.failure_category) == (
        "Zoë",
        AT,
        "format_error",
    )
    assert history(filled, "b") == []


def test_undo_clears_the_state_and_keeps_the_history(filled: Database) -> None:
    first = decision("a", Action.CORRECT, "4", failure_category="wrong_answer")
    undone = decision("a", Action.UNDO, note="a slip", reviewer="lee")
    second = decision("a", Action.FLAG, failure_category="hallucination")
    for asked in (first, undone):
        do(filled, asked)
    assert {**candidate("a").record, **get(filled, "a")} == {
        **candidate("a").record,
        "status": "needs_review",
        "corrected_response": None,
        "failure_category": None,
    }
    with filled.reading() as connection:
        state = candidates.get(connection, "a").state
    assert (state.revision, state.decided_by, state.decided_at) == (2, None, None)
    do(filled, second)
    assert [(e.decision, e.to_status.value, e.revision) for e in history(filled, "a")] == [
        (first, "approved", 1),
        (undone, "needs_review", 2),
        (second, "model_rejected", 3),
    ]


REFUSED = [
    (decision("nobody", Action.DISCARD), UnknownCandidate),
    (decision("a\x00", Action.DISCARD), UnknownCandidate),
    (decision("\ud800", Action.DISCARD), UnknownCandidate),
    (decision("a", Action.UNDO), NothingToUndo),
    (decision("b", Action.FLAG), AlreadyDecided),
    (decision("b", Action.CORRECT), AlreadyDecided),
    (decision("a", Action.CORRECT, " "), BlankCorrection),
    (decision("a", Action.FLAG, failure_category="nonsense"), UnknownCategory),
]


@pytest.mark.parametrize(
    ("asked", "error"),
    REFUSED,
    ids=[f"{d.action}-{e.__name__}-{n}" for n, (d, e) in enumerate(REFUSED)],
)
def test_what_is_refused_writes_nothing(
    filled: Database, asked: Decision, error: type[CorrigendaError]
) -> None:
    do(filled, decision("b", Action.DISCARD))
    before = (get(filled, "a"), get(filled, "b"), history(filled, "b"), both_counts(filled))
    with pytest.raises(error):
        do(filled, asked)
    assert history(filled, "a") == []
    assert (get(filled, "a"), get(filled, "b"), history(filled, "b"), both_counts(filled)) == before


def test_sent_again_it_returns_the_first_answer(filled: Database) -> None:
    asked = decision("a", Action.CORRECT, "4")
    first = do(filled, asked)
    do(filled, decision("a", Action.UNDO))
    do(filled, decision("a", Action.DISCARD))
    before = both_counts(filled)
    again = do(filled, replace(asked, decided_at="2030-01-01T00:00:00Z"))
    assert again == replace(first, replayed=True)
    assert get(filled, "a")["status"] == "discarded"
    assert both_counts(filled) == before
    assert len(history(filled, "a")) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"candidate_id": "b"},
        {"action": Action.DISCARD},
        {"corrected_response": "5"},
        {"failure_category": "wrong_answer"},
        {"note": "x"},
        {"tags": ("x",)},
        {"seconds": 1.0},
        {"reviewer": "lee"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_its_id_is_not_used_for_another(filled: Database, change: dict[str, object]) -> None:
    asked = decision("a", Action.CORRECT, "4")
    do(filled, asked)
    before = both_counts(filled)
    with pytest.raises(DecisionIdReused):
        do(filled, replace(asked, **change))  # type: ignore[arg-type]  # the table's own fields
    assert both_counts(filled) == before
    assert history(filled, "b") == []


def test_a_refused_decision_does_not_take_its_id(filled: Database) -> None:
    asked = decision("a", Action.UNDO)
    with pytest.raises(NothingToUndo):
        do(filled, asked)
    do(filled, decision("a", Action.FLAG))
    assert do(filled, asked).status is Status.NEEDS_REVIEW


def test_the_record_is_not_touched_by_decisions(filled: Database) -> None:
    with filled.reading() as connection:
        before = candidates.get(connection, "a").record
    do(filled, decision("a", Action.CORRECT, "4", failure_category="wrong_answer"))
    with filled.reading() as connection:
        assert candidates.get(connection, "a").record == before


def test_a_stale_look_changes_nothing(filled: Database) -> None:
    """The compare-and-set itself: what was read before somebody decided is not written."""
    with filled.reading() as connection:
        stale = candidates.get(connection, "a")
    do(filled, decision("a", Action.DISCARD))
    before = both_counts(filled)
    with filled.reading() as connection:
        after = candidates.get(connection, "a").state
    assert not filled.write(lambda c: candidates.set_state(c, stale, replace(after, revision=9)))
    assert both_counts(filled) == before
    assert get(filled, "a")["status"] == "discarded"
