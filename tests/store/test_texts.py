"""Every text that JSON can hold comes back from both databases as it was."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corrigenda.core.candidate import LABEL_LIMIT, parse
from corrigenda.core.decisions import Action
from corrigenda.store import Database, candidates, decisions
from tests.store.samples import both_counts, candidate, decision, do, get, ids, put

ANY = st.text(st.characters(codec=None, exclude_categories=()), max_size=12)
KEPT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
NASTY = {
    "U+0000": "a\x00b",
    "a lone surrogate": "\ud83e",
    "surrogates in the wrong order": "\udd89\ud83e",
    "an owl": "🦉",
    "a noncharacter": "\ufffe\U0010ffff",
    "a right-to-left override": "\u202egnp.exe",
    "line separators": "a\u2028b\x85c\r\nd\x1ce",
    "not normalised": "e\u0301 é",
    "quotes": "'\"\\';DROP TABLE candidates;--",
    "looks like a placeholder": ":name %s %(x)s ?",
    "empty": "",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_texts_of_records_and_decisions(database: Database, text: str) -> None:
    came = candidate("a", model_response=text, failure_reason=text, extra={text: [text]})
    put(database, [came])
    asked = decision("a", Action.CORRECT, text + "4", note=text, reviewer=text, seconds=0.1)
    outcome = do(database, asked)
    assert outcome.record["model_response"] == text
    found = get(database, "a")
    assert (found["model_response"], found["failure_reason"], found["extra"]) == (
        text,
        text,
        {text: [text]},
    )
    assert found["corrected_response"] == text + "4"
    with database.reading() as connection:
        assert [entry.decision for entry in decisions.history(connection, "a")] == [asked]
        assert candidates.get(connection, "a").state.decided_by == text
    assert do(database, asked).replayed


@pytest.mark.parametrize(
    "text", [t for n, t in NASTY.items() if n not in ("U+0000", "empty") and "surrog" not in n]
)
def test_texts_of_ids_and_labels(database: Database, text: str) -> None:
    put(
        database,
        [
            candidate(text, benchmark_run_id=text, model_name=text, task_type=text),
            candidate(text, benchmark_run_id="other", model_response="6"),
        ],
    )
    assert ids(database) == [text, f"other:{text}"]
    do(database, decision(text, Action.FLAG))
    kept, fresh = both_counts(database)
    assert kept == fresh
    assert kept["model", text, "model_rejected", ""] == 1


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    id=KEPT.filter(bool), label=KEPT, text=ANY, number=st.integers() | st.floats(allow_nan=False)
)
def test_any_text(database: Database, id: str, label: str, text: str, number: float) -> None:
    record: dict[str, Any] = {"id": id, "model_name": label, "x": {text: [text]}, "run": text}
    if number not in (float("inf"), -float("inf")):
        record["number"] = number
    with database.reading() as connection:
        known = id in candidates.find(connection, [id])
    put(database, [parse(record)])
    if not known:
        found = get(database, id)
        assert repr({key: found[key] for key in record}) == repr(record)
    kept, fresh = both_counts(database)
    assert kept == fresh


def test_an_id_of_a_megabyte(database: Database) -> None:
    huge = "🦉" * 250_000
    put(database, [candidate(huge), candidate(huge + "x")])
    do(database, decision(huge, Action.DISCARD))
    assert get(database, huge)["status"] == "discarded"
    assert get(database, huge + "x")["status"] == "needs_review"
    assert put(database, [candidate(huge)]).skipped == 1


def test_labels_at_the_limit(database: Database) -> None:
    # Random enough that no index's compression makes them small.
    wide = "".join(chr(0x10000 + n * 7919 % 0xF0000) for n in range(LABEL_LIMIT))
    digits = 7 ** (LABEL_LIMIT - 1)
    long_number = int(str(digits)[:LABEL_LIMIT])
    fields = {"model_name": wide, "model_id": wide, "task_id": wide, "benchmark_run_id": wide}
    put(database, [candidate("a", task_type=long_number, **fields)])
    do(database, decision("a", Action.FLAG))
    kept, fresh = both_counts(database)
    assert kept == fresh
    assert kept["task_type", str(long_number), "model_rejected", ""] == 1
    assert kept["run", wide, "model_rejected", ""] == 1


@pytest.mark.parametrize(
    "number", [2**63, -(2**63) - 1, 10**100, 1.7976931348623157e308, 5e-324, -0.0, 0.1]
)
def test_numbers(database: Database, number: float) -> None:
    put(database, [candidate("a", tokens_per_sec=number, extra=[number])])
    found = get(database, "a")
    assert repr((found["tokens_per_sec"], found["extra"])) == repr((number, [number]))


def test_a_long_text(database: Database) -> None:
    text = "".join(chr(n % 0xD800) for n in range(3_000_000))
    put(database, [candidate("a", model_response=text)])
    do(database, decision("a", Action.CORRECT, text + "4"))
    found = get(database, "a")
    assert (found["model_response"], found["corrected_response"]) == (text, text + "4")
