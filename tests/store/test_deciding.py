"""Many decisions at once: each is judged as if it were alone, and none spoils its neighbours."""

import pytest

from corrigenda.core.decisions import Action, Decision
from corrigenda.errors import (
    AlreadyDecided,
    BlankCorrection,
    ClaimTakenOver,
    CorrigendaError,
    DecisionIdReused,
    UnknownCandidate,
)
from corrigenda.store import Asked, Database, Outcome, candidates, claims, deciding, decisions
from tests.store.samples import TAXONOMY, both_counts, candidate, decision, get, put


@pytest.fixture
def filled(database: Database) -> Database:
    put(database, [candidate(name) for name in "abcd"])
    return database


def together(database: Database, *asked: Decision | Asked) -> list[Outcome | CorrigendaError]:
    """In one transaction."""
    wanted = [a if isinstance(a, Asked) else Asked(a, TAXONOMY) for a in asked]
    return database.write(lambda connection: deciding.append_many(connection, wanted))


def said(outcomes: list[Outcome | CorrigendaError]) -> list[str]:
    """Statuses, and the codes of refusals."""
    return [o.status.value if isinstance(o, Outcome) else o.code for o in outcomes]


def test_each_has_its_answer_in_its_place(filled: Database) -> None:
    outcomes = together(
        filled,
        decision("a", Action.CORRECT, "4", tags=(" x ", "x")),
        decision("nobody", Action.DISCARD),
        decision("b", Action.CORRECT, " "),
        decision("\ud800", Action.DISCARD),
        decision("c", Action.FLAG),
        decision("d", Action.UNDO),
    )
    assert said(outcomes) == [
        "approved",
        UnknownCandidate.code,
        BlankCorrection.code,
        UnknownCandidate.code,
        "model_rejected",
        "nothing_to_undo",
    ]
    assert [get(filled, name)["status"] for name in "abcd"] == [
        "approved",
        "needs_review",
        "model_rejected",
        "needs_review",
    ]
    with filled.reading() as connection:
        assert len(decisions.history(connection, "a")) == 1
        assert decisions.history(connection, "b") == []
    kept, fresh = both_counts(filled)
    assert kept == fresh


def test_later_ones_see_what_earlier_ones_did(filled: Database) -> None:
    first = decision("a", Action.CORRECT, "by kim", reviewer="kim")
    outcomes = together(
        filled,
        first,
        decision("a", Action.FLAG, reviewer="lee"),
        decision("a", Action.UNDO),
        decision("a", Action.DISCARD),
    )
    assert said(outcomes) == ["approved", AlreadyDecided.code, "needs_review", "discarded"]
    refusal = outcomes[1]
    assert isinstance(refusal, AlreadyDecided)
    assert refusal.details["decided_by"] == "kim"
    assert refusal.details["decision"]["decision_id"] == first.decision_id
    with filled.reading() as connection:
        assert [e.revision for e in decisions.history(connection, "a")] == [1, 2, 3]
    kept, fresh = both_counts(filled)
    assert kept == fresh


def test_one_that_is_sent_twice_at_once_is_one(filled: Database) -> None:
    asked = decision("a", Action.DISCARD)
    other = decision("b", Action.DISCARD, decision_id=asked.decision_id)
    outcomes = together(filled, asked, asked, other)
    assert said(outcomes) == ["discarded", "discarded", DecisionIdReused.code]
    assert [o.replayed for o in outcomes if isinstance(o, Outcome)] == [False, True]
    assert get(filled, "b")["status"] == "needs_review"


def claim(database: Database, candidate_id: str, holder: str) -> str:
    def take(connection: object) -> str:
        seq = candidates.get(connection, candidate_id).seq  # type: ignore[arg-type]
        (taken,) = claims.take(
            connection,  # type: ignore[arg-type]
            [seq],
            reviewer=holder,
            holder=holder,
            most=1,
            lease=0,
        )
        return taken.token

    return database.write(take)


def test_a_claim_that_ran_out_counts_unless_somebody_took_over(filled: Database) -> None:
    kims = {name: claim(filled, name, "kim") for name in "ab"}
    claim(filled, "b", "lee")
    outcomes = together(
        filled,
        *(Asked(decision(name, Action.FLAG), TAXONOMY, kims[name]) for name in "ab"),
        Asked(decision("c", Action.FLAG), TAXONOMY, "1-never"),
    )
    assert said(outcomes) == ["model_rejected", ClaimTakenOver.code, "model_rejected"]
    refusal = outcomes[1]
    assert isinstance(refusal, ClaimTakenOver)
    assert refusal.details == {"claimed_by": "lee"}
    assert get(filled, "b")["status"] == "needs_review"
    # What is decided is nobody's any more; without a token nothing is asked.
    assert said(together(filled, decision("b", Action.DISCARD))) == ["discarded"]
    with filled.reading() as connection:
        assert claims.on(connection, [candidates.get(connection, n).seq for n in "abc"]) == {}


def test_a_taken_over_claim_does_not_hide_the_first_answer(filled: Database) -> None:
    token = claim(filled, "a", "kim")
    asked = Asked(decision("a", Action.FLAG), TAXONOMY, token)
    together(filled, asked)
    together(filled, decision("a", Action.UNDO))
    claim(filled, "a", "lee")
    (again,) = together(filled, asked)
    assert isinstance(again, Outcome)
    assert again.replayed


def test_many_ask_at_once_by_futures(filled: Database) -> None:
    put(filled, [candidate(f"n{number}") for number in range(300)])

    def work(connection: object, wanted: list[Asked]) -> list[object]:
        if any(each.decision.candidate_id == "n7" for each in wanted):
            raise ZeroDivisionError
        return list(deciding.append_many(connection, wanted))  # type: ignore[arg-type]

    asked = [Asked(decision(f"n{n}", Action.DISCARD), TAXONOMY) for n in range(300)]
    futures = [filled.put(work, each) for each in asked]  # type: ignore[arg-type]
    errors = [future.exception(timeout=60) for future in futures]
    assert [n for n, error in enumerate(errors) if error is not None] == [7]
    assert isinstance(errors[7], ZeroDivisionError)
    kept, fresh = both_counts(filled)
    assert kept == fresh
    assert sum(n for key, n in kept.items() if key[::2] == ("total", "discarded")) == 299
