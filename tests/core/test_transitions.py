"""The table of transitions, over every status and every action."""

import dataclasses
from itertools import product

import pytest

from corrigenda.core.decisions import (
    ACTION_TO,
    TRANSITIONS,
    Action,
    Decision,
    ReviewState,
    Status,
    decide,
)
from corrigenda.core.taxonomy import Taxonomy
from corrigenda.errors import AlreadyDecided, BlankCorrection, NothingToUndo, UnknownCategory

AT = "2026-04-07T10:00:00Z"
# Written out by hand: needs_review, approved, discarded, model_rejected.
EXPECTED: dict[Action, tuple[str | type[Exception], ...]] = {
    Action.CORRECT: ("approved", AlreadyDecided, AlreadyDecided, AlreadyDecided),
    Action.DISCARD: ("discarded", AlreadyDecided, AlreadyDecided, AlreadyDecided),
    Action.FLAG: ("model_rejected", AlreadyDecided, AlreadyDecided, AlreadyDecided),
    Action.UNDO: (NothingToUndo, "needs_review", "needs_review", "needs_review"),
}
CASES = [
    (status, action, EXPECTED[action][index])
    for action, (index, status) in product(Action, enumerate(Status))
]


def decision(action: Action, **fields: object) -> Decision:
    made = Decision("a1", action, decision_id="d1", reviewer="kim", decided_at=AT)
    return dataclasses.replace(made, **fields)  # type: ignore[arg-type]  # the case tables' own


def standing(status: Status) -> ReviewState:
    if status is Status.NEEDS_REVIEW:
        return ReviewState()
    text = "18" if status is Status.APPROVED else None
    return ReviewState(status, text, "wrong_answer", 3, "lee", "2026-04-06T09:00:00Z")


@pytest.mark.parametrize(
    ("status", "action", "expected"), CASES, ids=[f"{s}-{a}" for s, a, _ in CASES]
)
def test_every_step(status: Status, action: Action, expected: str | type[Exception]) -> None:
    asked = decision(action, corrected_response="19", failure_category="format_error")
    before = standing(status)
    if isinstance(expected, type):
        with pytest.raises(expected):
            decide(before, asked, Taxonomy())
        return
    after = decide(before, asked, Taxonomy())
    assert after.status == expected
    assert after.revision == before.revision + 1


def test_the_table_says_the_same() -> None:
    allowed = {(s, a): Status(e) for s, a, e in CASES if isinstance(e, str)}
    assert allowed == TRANSITIONS
    assert {
        Status.APPROVED: Action.CORRECT,
        Status.DISCARDED: Action.DISCARD,
        Status.MODEL_REJECTED: Action.FLAG,
    } == ACTION_TO


def test_correct_keeps_text_category_reviewer_and_time() -> None:
    asked = decision(Action.CORRECT, corrected_response=" 19\n", failure_category="format_error")
    assert decide(ReviewState(revision=4), asked, Taxonomy()) == ReviewState(
        Status.APPROVED, " 19\n", "format_error", 5, "kim", AT
    )


@pytest.mark.parametrize("action", [Action.DISCARD, Action.FLAG])
def test_a_text_sent_with_another_action_is_not_the_correction(action: Action) -> None:
    after = decide(ReviewState(), decision(action, corrected_response="19"), Taxonomy())
    assert after.corrected_response is None
    assert not after.exportable


@pytest.mark.parametrize("status", [s for s in Status if s is not Status.NEEDS_REVIEW])
def test_undo_leaves_nothing_but_the_revision(status: Status) -> None:
    before = standing(status)
    after = decide(before, decision(Action.UNDO), Taxonomy())
    assert after == ReviewState(revision=before.revision + 1)


@pytest.mark.parametrize("text", [None, "", " ", "\n\t ", "\u2003"], ids=repr)
@pytest.mark.parametrize("status", Status)
def test_a_blank_correction_is_refused_whatever_the_status(
    status: Status, text: str | None
) -> None:
    with pytest.raises(BlankCorrection):
        decide(standing(status), decision(Action.CORRECT, corrected_response=text), Taxonomy())


@pytest.mark.parametrize("action", Action)
def test_an_unknown_category_is_refused_with_every_action(action: Action) -> None:
    asked = decision(action, corrected_response="x", failure_category="nonsense")
    with pytest.raises(UnknownCategory, match=r"`nonsense`.*`hallucination`"):
        decide(ReviewState(), asked, Taxonomy())


def test_the_refusal_says_by_whom_and_when() -> None:
    with pytest.raises(AlreadyDecided) as caught:
        decide(standing(Status.DISCARDED), decision(Action.FLAG), Taxonomy())
    assert caught.value.details == {
        "decided_status": "discarded",
        "decided_by": "lee",
        "decided_at": "2026-04-06T09:00:00Z",
    }


@pytest.mark.parametrize(
    ("status", "text", "ready"),
    [
        (Status.APPROVED, "18", True),
        (Status.APPROVED, None, False),
        (Status.APPROVED, " ", False),
        (Status.DISCARDED, "18", False),
        (Status.NEEDS_REVIEW, "18", False),
        (Status.MODEL_REJECTED, "18", False),
    ],
)
def test_exportable(status: Status, text: str | None, ready: bool) -> None:
    assert ReviewState(status, text).exportable is ready


CHANGES = {
    "candidate_id": "a2",
    "action": Action.FLAG,
    "corrected_response": "20",
    "failure_category": "wrong_answer",
    "note": "n",
    "tags": ("t",),
    "seconds": 1.5,
    "reviewer": "lee",
    "binding": False,
}


@pytest.mark.parametrize("field", CHANGES)
def test_the_digest_depends_on_all_that_is_asked_for(field: str) -> None:
    asked = decision(Action.DISCARD)
    assert decision(Action.DISCARD).digest == asked.digest
    assert dataclasses.replace(asked, **{field: CHANGES[field]}).digest != asked.digest  # type: ignore[arg-type]


def test_the_digest_does_not_depend_on_when_and_under_which_name_it_was_sent() -> None:
    asked = decision(Action.DISCARD)
    again = dataclasses.replace(asked, decided_at="2030-01-01T00:00:00Z", decision_id="d2")
    assert again.digest == asked.digest
    assert {f.name for f in dataclasses.fields(Decision)} == {
        *CHANGES,
        "decided_at",
        "decision_id",
    }


def test_the_digest_takes_any_text() -> None:
    assert decision(Action.FLAG, note="\x00\ud800").digest != decision(Action.FLAG).digest
