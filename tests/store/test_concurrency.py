"""Many reviewers at once: exactly one wins each candidate, and no decision is lost."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
from sqlalchemy.engine import Connection

from corrigenda.core.decisions import Action, Decision
from corrigenda.errors import AlreadyDecided, NothingToUndo
from corrigenda.store import Database, Outcome, candidates, decisions
from tests.store.samples import both_counts, candidate, decision, do, get, ids, put

REVIEWERS = 8
NAMES = [f"c{number}" for number in range(25)]


def together(*works: Callable[[], object]) -> None:
    """Run them in threads that begin at the same moment; what one raises comes out here."""
    gate = threading.Barrier(len(works))

    def begin(work: Callable[[], object]) -> None:
        gate.wait(timeout=30)
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(begin, work) for work in works]:
            future.result(timeout=100)


def test_exactly_one_wins_each_candidate(database: Database) -> None:
    put(database, [candidate(name) for name in NAMES])
    won: list[Decision] = []
    lost: list[tuple[str, str, str]] = []

    def review(reviewer: str) -> None:
        for name in NAMES:
            asked = decision(name, Action.CORRECT, f"by {reviewer}", reviewer=reviewer)
            try:
                do(database, asked)
            except AlreadyDecided as refusal:
                lost.append((name, refusal.details["decided_by"], reviewer))
            else:
                won.append(asked)

    together(*(lambda who=f"r{n}": review(who) for n in range(REVIEWERS)))
    assert Counter(asked.candidate_id for asked in won) == dict.fromkeys(NAMES, 1)
    assert Counter(name for name, _, _ in lost) == dict.fromkeys(NAMES, REVIEWERS - 1)
    winners = {asked.candidate_id: asked.reviewer for asked in won}
    assert [(name, by, loser) for name, by, loser in lost if by != winners[name]] == []
    assert [name for name, by, loser in lost if by == loser] == []
    for asked in won:
        assert get(database, asked.candidate_id)["corrected_response"] == asked.corrected_response
        with database.reading() as connection:
            assert [e.decision for e in decisions.history(connection, asked.candidate_id)] == [
                asked
            ]
    kept, fresh = both_counts(database)
    assert kept == fresh
    assert kept["total", "", "approved", ""] == len(NAMES)


def test_every_acknowledged_decision_and_undo_is_in_the_history(database: Database) -> None:
    """All on one candidate, which is as contended as it gets."""
    put(database, [candidate("a")])
    acknowledged: list[str] = []

    def flip(reviewer: str) -> None:
        for turn in range(12):
            action = Action.FLAG if turn % 2 == 0 else Action.UNDO
            asked = decision("a", action, reviewer=reviewer)
            with contextlib.suppress(AlreadyDecided, NothingToUndo):
                do(database, asked)
                acknowledged.append(asked.decision_id)

    together(*(lambda who=f"r{n}": flip(who) for n in range(REVIEWERS)))
    with database.reading() as connection:
        history = decisions.history(connection, "a")
    assert sorted(entry.decision.decision_id for entry in history) == sorted(acknowledged)
    assert [entry.revision for entry in history] == list(range(1, len(history) + 1))
    for before, after in pairwise(history):
        assert before.to_status == after.from_status
    kept, fresh = both_counts(database)
    assert kept == fresh


def test_those_who_come_for_one_candidate_queue_up(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many they are: nobody needs a second try."""
    monkeypatch.setattr("corrigenda.store.database._TRIES", 1)
    put(database, [candidate("a")])

    def flip() -> None:
        for turn in range(12):
            with contextlib.suppress(AlreadyDecided, NothingToUndo):
                do(database, decision("a", Action.FLAG if turn % 2 == 0 else Action.UNDO))

    together(*[flip] * REVIEWERS)


def test_one_request_sent_many_times_at_once_is_one_decision(database: Database) -> None:
    put(database, [candidate("a")])
    asked = decision("a", Action.DISCARD)
    answers: list[Outcome] = []
    together(*[lambda: answers.append(do(database, asked))] * REVIEWERS)
    assert [answer.replayed for answer in answers].count(False) == 1
    assert {replace(answer, replayed=False) for answer in answers} == {
        replace(answers[0], replayed=False)
    }
    with database.reading() as connection:
        assert len(decisions.history(connection, "a")) == 1


def test_one_run_imported_many_times_at_once_arrives_once(database: Database) -> None:
    batches = [[candidate(f"c{n}") for n in range(start, start + 40)] for start in (0, 20, 40, 0)]
    arrived: list[int] = []
    together(*(lambda b=batch: arrived.append(len(put(database, b).new)) for batch in batches))
    assert sum(arrived) == 80
    assert sorted(ids(database)) == sorted(f"c{n}" for n in range(80))
    kept, fresh = both_counts(database)
    assert kept == fresh


def test_readers_see_one_state_while_others_write(database: Database) -> None:
    put(database, [candidate(name) for name in NAMES])
    stop = threading.Event()

    def write() -> None:
        for name in NAMES:
            do(database, decision(name, Action.DISCARD))
        stop.set()

    def read() -> None:
        while not stop.is_set():
            kept, fresh = both_counts(database)
            assert kept == fresh
            assert sum(n for key, n in kept.items() if key[0] == "total") == len(NAMES)

    together(write, read, read)


def test_two_that_wait_for_each_other_both_write(postgres_url: str) -> None:
    database = Database.open(postgres_url)
    put(database, [candidate("a"), candidate("b")])
    gate = threading.Barrier(2)

    def lock(*names: str) -> None:
        again: list[bool] = []

        def work(connection: Connection) -> None:
            candidates.get(connection, names[0], lock=True)
            if not again:
                again.append(True)
                gate.wait(timeout=30)
            candidates.get(connection, names[1], lock=True)

        database.write(work)

    try:
        together(lambda: lock("a", "b"), lambda: lock("b", "a"))
    finally:
        database.close()
