"""How candidates come in: once, under a name of their own, with a history."""

import pytest

from corrigenda.core.decisions import Action, Status
from corrigenda.errors import UnknownCandidate
from corrigenda.store import Database, candidates, decisions
from tests.store.samples import AT, both_counts, candidate, decision, do, get, ids, put


def test_what_arrives_is_there_in_its_order(database: Database) -> None:
    arrived = put(database, [candidate(name) for name in ("z", "a", "10", "9")])
    assert ids(database) == ["z", "a", "10", "9"]
    assert list(arrived.new) == ["z", "a", "10", "9"]
    assert sorted(arrived.new.values()) == list(arrived.new.values())
    assert (arrived.skipped, arrived.renamed, arrived.changed) == (0, (), ())
    put(database, [candidate("0")])
    assert ids(database)[-1] == "0"


def test_an_empty_batch(database: Database) -> None:
    assert put(database, []).new == {}


def test_arriving_twice_changes_nothing(database: Database) -> None:
    put(database, [candidate("a"), candidate("b")])
    do(database, decision("a", Action.DISCARD))
    before = both_counts(database)
    again = put(database, [candidate("a"), candidate("c"), candidate("b")])
    assert (list(again.new), again.skipped, again.changed) == (["c"], 2, ())
    assert get(database, "a")["status"] == "discarded"
    discarded = ("total", "", "discarded", "")
    assert before[0][discarded] == both_counts(database)[0][discarded]


def test_a_batch_that_repeats_itself(database: Database) -> None:
    arrived = put(database, [candidate("a"), candidate("a"), candidate("a", model_response="6")])
    assert (list(arrived.new), arrived.skipped, arrived.changed) == (["a"], 2, ("a",))
    assert get(database, "a")["model_response"] == "5"


def test_the_same_id_with_other_content_in_the_same_run_is_reported(database: Database) -> None:
    put(database, [candidate("a")])
    again = put(database, [candidate("a", model_response="6")])
    assert (again.new, again.skipped, again.renamed, again.changed) == ({}, 1, (), ("a",))
    assert get(database, "a")["model_response"] == "5"


def test_the_same_id_from_another_run_gets_a_name_of_its_own(database: Database) -> None:
    put(database, [candidate("a")])
    other = candidate("a", benchmark_run_id="run-2", model_response="6")
    third = candidate("a", benchmark_run_id="run-3", model_response="7")
    arrived = put(database, [other, third, candidate("b")])
    assert arrived.renamed == ("run-2:a", "run-3:a")
    assert ids(database) == ["a", "run-2:a", "run-3:a", "b"]
    assert get(database, "run-2:a") == {
        **other.record,
        "id": "run-2:a",
        "status": "needs_review",
        "corrected_response": None,
        "failure_category": None,
    }
    assert put(database, [other, third]).skipped == 2
    assert ids(database) == ["a", "run-2:a", "run-3:a", "b"]


def test_the_same_id_from_two_runs_in_one_batch(database: Database) -> None:
    other = candidate("a", benchmark_run_id="run-2", model_response="6")
    assert put(database, [candidate("a"), other]).renamed == ("run-2:a",)
    assert ids(database) == ["a", "run-2:a"]


def test_records_that_do_not_name_their_run_are_told_apart_by_its_folder(
    database: Database,
) -> None:
    one = candidate("a", "run-1", benchmark_run_id=None)
    two = candidate("a", "run-2", benchmark_run_id=None, model_response="6")
    put(database, [one])
    assert put(database, [two]).renamed == ("run-2:a",)
    assert get(database, "run-2:a")["model_response"] == "6"
    assert put(database, [one, two]).skipped == 2


def test_the_same_sample_from_another_run_is_no_second_candidate(database: Database) -> None:
    put(database, [candidate("a")])
    again = put(database, [candidate("a", benchmark_run_id="run-2", timestamp="2027-01-01")])
    assert (again.new, again.skipped, again.changed) == ({}, 1, ())


STATUSES = [
    ("approved", "4", Action.CORRECT),
    ("approved", None, Action.CORRECT),
    ("discarded", None, Action.DISCARD),
    ("model_rejected", None, Action.FLAG),
]


@pytest.mark.parametrize(("status", "text", "action"), STATUSES)
def test_a_status_that_arrives_is_told_as_a_decision(
    database: Database, status: str, text: str | None, action: Action
) -> None:
    came = candidate("a", status=status, corrected_response=text, failure_category="wrong_answer")
    put(database, [came, candidate("b")], reviewer="file")
    with database.reading() as connection:
        stored = candidates.get(connection, "a")
        (entry,) = decisions.history(connection, "a")
        assert decisions.history(connection, "b") == []
    assert stored.as_record() == came.record
    assert (stored.state.revision, stored.state.decided_by, stored.state.decided_at) == (
        1,
        "file",
        AT,
    )
    assert (entry.from_status, entry.to_status) == (Status.NEEDS_REVIEW, Status(status))
    assert entry.decision.action is action
    assert (entry.decision.corrected_response, entry.decision.failure_category) == (
        text,
        "wrong_answer",
    )
    do(database, decision("a", Action.UNDO))
    assert get(database, "a")["status"] == "needs_review"


def test_the_counts_know_what_arrived(database: Database) -> None:
    put(
        database,
        [
            candidate("a", status="approved", corrected_response="4"),
            candidate("b", status="approved"),
            candidate("c", model_name=None, task_type="", failure_category="wrong_answer"),
            candidate("d", "folder", model_name=None, model_id=None, benchmark_run_id=None),
        ],
    )
    kept, fresh = both_counts(database)
    assert kept == fresh
    wrong = "wrong_answer"
    hour = AT[:13]
    assert {key: n for key, n in kept.items() if key[0] != "cell"} == {
        ("total", "", "approved", ""): 2,
        ("total", "", "needs_review", ""): 1,
        ("total", "", "needs_review", wrong): 1,
        ("exportable", "", "approved", ""): 1,
        ("run", "run-1", "approved", ""): 2,
        ("run", "run-1", "needs_review", wrong): 1,
        ("run", "folder", "needs_review", ""): 1,
        ("model", "small", "approved", ""): 2,
        ("model", "org/small", "needs_review", wrong): 1,
        ("model", "", "needs_review", ""): 1,
        ("task_type", "math", "approved", ""): 2,
        ("task_type", "", "needs_review", wrong): 1,
        ("task_type", "math", "needs_review", ""): 1,
        ("hour", hour, "approved", ""): 2,
    }


@pytest.mark.parametrize("name", ["b", "", "a\x00", "\ud800", "A"], ids=ascii)
def test_an_id_that_nobody_has(database: Database, name: str) -> None:
    put(database, [candidate("a")])
    with database.reading() as connection, pytest.raises(UnknownCandidate):
        candidates.get(connection, name)


def test_many_at_once(database: Database) -> None:
    names = [f"c{number}" for number in range(1300)]
    put(database, [candidate(name) for name in names])
    assert ids(database) == names
    with database.reading() as connection:
        assert set(candidates.find(connection, [*names, "nobody"])) == set(names)
    assert put(database, [candidate(name) for name in names]).skipped == 1300
