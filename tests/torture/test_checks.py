"""The checks themselves: what the torture would call wrong."""

from typing import Any

from tests.torture.client import Answer
from tests.torture.holds import Hold, Holds
from tests.torture.ledger import Ledger

SENT = {"id": "a", "decision_id": "d1", "action": "correct", "corrected_response": "4"}


def entry(**fields: Any) -> dict[str, Any]:
    return {
        "decision_id": "d1",
        "action": "correct",
        "from_status": "needs_review",
        "to_status": "approved",
        "revision": 1,
        "corrected_response": "4",
        "failure_category": None,
        "note": None,
        "seconds": None,
        "reviewer": "kim",
        **fields,
    }


def told(answer: Answer | None, *entries: dict[str, Any]) -> str:
    ledger = Ledger()
    ledger.note("submit", SENT).answers.append(answer)
    return "; ".join(ledger.wrong({"a": entries}))


DONE = Answer(200, {"status": "approved", "revision": 1})


def test_what_was_promised_and_is_there_is_fine() -> None:
    assert told(DONE, entry()) == ""


def test_a_promise_that_is_not_kept_is_found() -> None:
    assert "LOST" in told(DONE)
    assert "sent" in told(DONE, entry(corrected_response="5"))
    assert "2 times" in told(DONE, entry(), entry(revision=2, from_status="approved"))
    assert "promised" in told(DONE, entry(from_status="approved", to_status="discarded"))
    assert "revisions" in told(DONE, entry(revision=2))


def test_what_was_refused_must_not_be_there() -> None:
    assert told(Answer(409, {})) == ""
    assert "refused" in told(Answer(409, {}), entry())


def test_what_had_no_answer_may_be_there_or_not() -> None:
    assert told(None) == told(None, entry()) == told(Answer(503, {}), entry()) == ""


def test_what_nobody_sent_is_found() -> None:
    assert "nobody sent" in "; ".join(Ledger().wrong({"a": [entry()]}))
    assert Ledger().wrong({"a": [entry(reviewer="file")]}) == []


def test_a_card_in_two_hands_is_found() -> None:
    holds = Holds(2.0)
    first = Hold("a", "kim", "t1", begins=0.0, leased_until=2.0)
    holds.all = [first, Hold("a", "lee", "t2", begins=1.0, leased_until=3.0)]
    assert len(holds.in_two_hands()) == 1
    first.let_go = 0.9
    assert holds.in_two_hands() == []
