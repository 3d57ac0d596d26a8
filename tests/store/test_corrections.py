"""Amending, categorising, parts and tags: what the database keeps of them."""

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda.core.correction import CorrectedParts, Reasoning, ToolCall
from corrigenda.core.decisions import Action, ReviewState, Status
from corrigenda.errors import AlreadyDecided, Conflict, DecisionIdReused, InvalidInput
from corrigenda.store import Database, candidates, decisions
from corrigenda.store.schema import candidates as candidate_rows
from corrigenda.store.schema import tags as tag_rows
from tests.store.samples import both_counts, candidate, decision, do, empty, get, put

PARTS = CorrectedParts(
    Reasoning.REWRITE, "2 and 2\x00\ud800", (ToolCall("add", '{"a": 2}', "c1"),), turn=1
)
PROMPT = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]


@pytest.fixture
def filled(database: Database) -> Database:
    thought: dict[str, Any] = {"reasoning": "Hm.", "prompt_messages": PROMPT}
    put(database, [candidate("a"), candidate("b"), candidate("thought", **thought)])
    return database


def state(database: Database, candidate_id: str) -> ReviewState:
    with database.reading() as connection:
        return candidates.get(connection, candidate_id).state


def history(database: Database, candidate_id: str) -> list[dict[str, Any]]:
    with database.reading() as connection:
        return [entry.as_json() for entry in decisions.history(connection, candidate_id)]


def tags(database: Database, candidate_id: str) -> set[str]:
    query = (
        sa.select(tag_rows.c.tag).join(candidate_rows).where(candidate_rows.c.id == candidate_id)
    )
    with database.reading() as connection:
        return set(connection.execute(query).scalars())


def test_parts_are_kept_with_the_state_and_with_the_decision(filled: Database) -> None:
    asked = decision(
        "thought",
        Action.CORRECT,
        "4",
        corrected_parts=PARTS,
        guidelines_version=3,
        lot="l1",
    )
    do(filled, asked)
    assert state(filled, "thought").corrected_parts == PARTS
    assert get(filled, "thought")["corrected_parts"] == PARTS.as_json()
    with filled.reading() as connection:
        (entry,) = decisions.history(connection, "thought")
    assert entry.decision == asked
    assert do(filled, asked).replayed
    with pytest.raises(DecisionIdReused):
        do(filled, replace(asked, corrected_parts=CorrectedParts(Reasoning.DROP)))
    assert do(filled, replace(asked, guidelines_version=4, lot="l2")).replayed
    do(filled, decision("thought", Action.UNDO))
    assert "corrected_parts" not in get(filled, "thought")


def test_what_is_held_back_is_approved_and_not_ready(filled: Database) -> None:
    do(filled, decision("thought", Action.CORRECT, "4"))
    now = state(filled, "thought")
    assert (now.status, now.held_back, now.exportable) == (Status.APPROVED, True, False)
    kept, fresh = both_counts(filled)
    assert kept == fresh
    assert ("exportable", "", "approved", "") not in kept
    dropped = CorrectedParts(Reasoning.DROP)
    do(
        filled,
        decision("thought", Action.AMEND, "4", corrected_response="4", corrected_parts=dropped),
    )
    assert state(filled, "thought").exportable
    kept, fresh = both_counts(filled)
    assert kept == fresh
    assert kept["exportable", "", "approved", ""] == 1
    with filled.reading() as connection:
        ready = [s.id for s in candidates.stream(connection, only_exportable=True)]
    assert ready == ["thought"]


def test_what_arrives_approved_is_held_back_too(database: Database) -> None:
    done = {"status": "approved", "corrected_response": "4", "reasoning": "Hm."}
    put(
        database,
        [candidate("a", **done), candidate("b", **done, corrected_parts={"reasoning": "keep"})],
    )
    assert [state(database, name).held_back for name in "ab"] == [True, False]
    assert history(database, "b")[0]["corrected_parts"] == {"reasoning": "keep"}
    kept, fresh = both_counts(database)
    assert kept == fresh


def test_amend_keeps_both_texts_in_the_history(filled: Database) -> None:
    do(filled, decision("a", Action.CORRECT, "4", failure_category="wrong_answer"))
    do(filled, decision("a", Action.AMEND, corrected_response="four", reviewer="lee"))
    now = state(filled, "a")
    assert (now.corrected_response, now.decided_by, now.revision) == ("four", "lee", 2)
    assert [(e["corrected_response"], e["action"]) for e in history(filled, "a")] == [
        ("4", "correct"),
        ("four", "amend"),
    ]


@pytest.mark.parametrize("action", [None, Action.CORRECT, Action.DISCARD, Action.FLAG])
def test_categorise_moves_the_counts_and_nothing_else(
    filled: Database, action: Action | None
) -> None:
    if action is not None:
        do(filled, decision("a", action, failure_category="hallucination"))
    before = state(filled, "a")
    do(filled, decision("a", Action.CATEGORISE, failure_category="format_error", reviewer="lee"))
    assert state(filled, "a") == replace(
        before, failure_category="format_error", revision=before.revision + 1
    )
    kept, fresh = both_counts(filled)
    assert kept == fresh
    assert kept["total", "", before.status.value, "format_error"] == 1


def test_who_comes_too_late_is_told_what_stands(filled: Database) -> None:
    do(filled, decision("a", Action.DISCARD))
    do(filled, decision("a", Action.UNDO))
    do(filled, decision("a", Action.CORRECT, "4", note="by the book", reviewer="kim"))
    do(filled, decision("a", Action.CATEGORISE, failure_category="format_error", reviewer="lee"))
    with pytest.raises(AlreadyDecided) as caught:
        do(filled, decision("a", Action.FLAG))
    told = caught.value.details
    assert told["decision"] == history(filled, "a")[2]
    assert (told["decision"]["corrected_response"], told["revision"]) == ("4", 4)


def test_tags_are_those_of_the_last_decision_but_undo(filled: Database) -> None:
    do(filled, decision("a", Action.CORRECT, tags=(" unit", "hard", "unit ", "")))
    assert tags(filled, "a") == {"unit", "hard"}
    assert history(filled, "a")[0]["tags"] == ["unit", "hard"]
    do(filled, decision("a", Action.UNDO, tags=("not looked at",)))
    assert tags(filled, "a") == {"unit", "hard"}
    do(filled, decision("a", Action.FLAG, tags=("hard", "naïve 'quoted' 🦉")))
    assert tags(filled, "a") == {"hard", "naïve 'quoted' 🦉"}
    do(filled, decision("a", Action.CATEGORISE))
    assert tags(filled, "a") == set()
    assert tags(filled, "b") == set()


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "x" * 101])
def test_a_tag_that_is_refused_writes_nothing(filled: Database, bad: str) -> None:
    before = both_counts(filled)
    with pytest.raises(InvalidInput, match="tag"):
        do(filled, decision("a", Action.FLAG, tags=("good", bad)))
    assert (tags(filled, "a"), history(filled, "a")) == (set(), [])
    assert both_counts(filled) == before


STEPS = st.lists(
    st.tuples(
        st.sampled_from(Action),
        st.sampled_from([None, PARTS, CorrectedParts(turn=1), CorrectedParts(Reasoning.KEEP)]),
        st.sampled_from([None, "wrong_answer", "format_error"]),
    ),
    max_size=8,
)


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(STEPS)
def test_the_counts_agree_after_any_steps(
    filled: Database, steps: list[tuple[Action, CorrectedParts | None, str | None]]
) -> None:
    filled.write(empty)
    put(filled, [candidate("a", reasoning="Hm.", prompt_messages=PROMPT)])
    for action, parts, category in steps:
        asked = decision("a", action, corrected_parts=parts, failure_category=category)
        try:
            do(filled, replace(asked, corrected_response="4"))
        except Conflict:
            continue
    kept, fresh = both_counts(filled)
    assert kept == fresh
    now = state(filled, "a")
    assert now.held_back <= (now.status is Status.APPROVED)
    assert now.revision == len(history(filled, "a"))
