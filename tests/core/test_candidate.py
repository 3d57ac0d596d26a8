"""Reading a record: what is refused and why, and what is kept."""

from typing import Any

import pytest

from corrigenda.core.candidate import (
    LABEL_LIMIT,
    Candidate,
    check_id,
    parse,
    prompt_key,
    record_digest,
    same_content,
    with_state,
)
from corrigenda.core.correction import CorrectedParts, Reasoning
from corrigenda.core.decisions import ReviewState, Status
from corrigenda.core.taxonomy import Category, Taxonomy
from corrigenda.errors import MalformedRecord

FULL = {
    "id": "a1",
    "source": "bench",
    "benchmark_run_id": "run-1",
    "timestamp": "2026-04-07T10:00:00Z",
    "status": "needs_review",
    "prompt_messages": [{"role": "user", "content": "What is 2 + 2?"}],
    "model_response": "5",
    "corrected_response": None,
    "quality_score": 0.0,
    "failure_reason": "expected `4`",
    "failure_category": None,
    "task_id": "sum",
    "task_type": "math",
    "task_name": "Sums",
    "model_id": "Qwen/Qwen2.5-3B",
    "model_name": "Qwen2.5-3B",
    "node_id": "gpu-01",
    "gpu_id": 0,
    "tokens_per_sec": 38.4,
}

NOT_RECORDS = [None, [], [{"id": "a"}], "a", 1, True]
BAD_IDS: list[object] = [None, 5, True, [], {}, "", "a\x00b", "\ud800", "x\udfff"]
BAD_FIELDS: list[tuple[str, object, str]] = [
    ("status", "done", '"done"'),
    ("status", "", '""'),
    ("status", 1, "1"),
    ("status", [], "[]"),
    ("status", {}, "{}"),
    ("prompt_messages", "hi", '"hi"'),
    ("prompt_messages", {}, "{}"),
    ("prompt_messages", ["hi"], '"hi"'),
    ("prompt_messages", [{"content": "hi"}], '{"content": "hi"}'),
    ("prompt_messages", [{"role": 1, "content": "hi"}], '"role": 1'),
    ("prompt_messages", [{"role": "user", "content": 5}], '"content": 5'),
    ("prompt_messages", [{"role": "user", "content": {}}], '"content": {}'),
    ("model_response", 5, "5"),
    ("model_response", ["x"], '["x"]'),
    ("reasoning", ["x"], '["x"]'),
    ("tool_calls", "add()", '"add()"'),
    ("tool_calls", ["add()"], '"add()"'),
    ("corrected_response", {"text": "x"}, '{"text": "x"}'),
    ("corrected_parts", "drop", '"drop"'),
    ("corrected_parts", {"reasoning": "forget"}, '"forget"'),
    ("corrected_parts", {"turn": 0}, "0"),
    ("corrected_parts", {"turn": 9}, "9"),
    ("failure_reason", 0, "0"),
    ("failure_category", ["wrong_answer"], '["wrong_answer"]'),
    ("failure_category", "nonsense", "`nonsense`"),
    ("quality_score", "0.5", '"0.5"'),
    ("quality_score", True, "true"),
    ("quality_score", 1.01, "1.01"),
    ("quality_score", -0.1, "-0.1"),
    ("quality_score", 10**30, "10000"),
    ("tokens_per_sec", "fast", '"fast"'),
    ("tokens_per_sec", False, "false"),
]
LABELS = [
    "source",
    "benchmark_run_id",
    "task_id",
    "task_type",
    "task_name",
    "model_id",
    "model_name",
]
BAD_LABELS: list[tuple[object, str]] = [
    (["x"], '["x"]'),
    ({"name": "x"}, '{"name": "x"}'),
    (True, "true"),
    ("a\x00", "U+0000"),
    ("\udcff", "surrogate"),
    ("x" * (LABEL_LIMIT + 1), str(LABEL_LIMIT)),
    (10**LABEL_LIMIT, str(LABEL_LIMIT)),
]


@pytest.mark.parametrize("value", NOT_RECORDS, ids=repr)
def test_what_is_no_object(value: object) -> None:
    with pytest.raises(MalformedRecord, match="expected a JSON object, found") as caught:
        parse(value)
    assert caught.value.field is None


@pytest.mark.parametrize("value", BAD_IDS, ids=ascii)
def test_a_bad_id(value: object) -> None:
    with pytest.raises(MalformedRecord, match="`id`") as caught:
        parse({**FULL, "id": value})
    assert caught.value.field == "id"


def test_no_id() -> None:
    with pytest.raises(MalformedRecord, match="`id` is missing"):
        parse({key: value for key, value in FULL.items() if key != "id"})


@pytest.mark.parametrize("value", ["a", " ", "0", "a/b?c#d%", "🦉", "x" * 1_000_000, "\x01\n"])
def test_a_good_id(value: str) -> None:
    assert check_id(value) == value
    assert parse({"id": value}).id == value


@pytest.mark.parametrize(
    ("field", "value", "shown"), BAD_FIELDS, ids=[f"{f}={v!r:.30}" for f, v, _ in BAD_FIELDS]
)
def test_a_bad_field_is_named_with_its_value(field: str, value: object, shown: str) -> None:
    with pytest.raises(MalformedRecord) as caught:
        parse({**FULL, field: value})
    assert field.replace("_", " ") in str(caught.value).replace("_", " ")
    assert shown in str(caught.value)
    assert (caught.value.field or "").startswith(field)


@pytest.mark.parametrize("field", LABELS)
@pytest.mark.parametrize(("value", "shown"), BAD_LABELS, ids=[f"{v!a:.20}" for v, _ in BAD_LABELS])
def test_a_bad_label(field: str, value: object, shown: str) -> None:
    with pytest.raises(MalformedRecord) as caught:
        parse({**FULL, field: value})
    assert f"`{field}`" in str(caught.value)
    assert shown in str(caught.value)


@pytest.mark.parametrize("field", LABELS)
@pytest.mark.parametrize("value", ["x" * LABEL_LIMIT, "🦉" * LABEL_LIMIT, 7, 2.5, "", None])
def test_a_good_label(field: str, value: object) -> None:
    assert parse({**FULL, field: value}).record[field] == value


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(MalformedRecord) as caught:
        parse({**FULL, "model_response": ["x" * 100_000]})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("field", [key for key in FULL if key != "id"])
def test_every_other_field_may_be_missing_or_null(field: str) -> None:
    without = {key: value for key, value in FULL.items() if key != field}
    assert parse(without).record == without
    assert parse({**FULL, field: None}).record[field] is None


def test_only_the_id_is_needed() -> None:
    found = parse({"id": "a"})
    assert found.state == ReviewState()
    assert (found.run_id, found.model, found.model_id, found.task_type) == (None,) * 4
    assert found.prompt_key is None


def test_unknown_fields_are_kept_in_their_order() -> None:
    record: dict[str, Any] = {"zeta": {"b": [1, None, {"a": 2.50}]}, **FULL, "alpha": 10**40}
    assert list(parse(record).record.items()) == list(record.items())
    assert list(with_state(record, ReviewState()).items()) == list(record.items())


def test_the_state_is_read_from_the_line() -> None:
    taxonomy = Taxonomy.with_extra([Category("unsafe", "Unsafe")])
    line = {
        "id": "a",
        "status": "approved",
        "corrected_response": "4",
        "failure_category": "unsafe",
    }
    assert parse(line, taxonomy).state == ReviewState(Status.APPROVED, "4", "unsafe")
    with pytest.raises(MalformedRecord, match="`unsafe`"):
        parse(line)


HI = {"role": "user", "content": "Hi"}
PARTS = {"reasoning": "drop", "turn": 1}


def test_parts_of_a_correction_are_read_and_shown() -> None:
    asked = {**FULL, "prompt_messages": [HI, {"role": "assistant", "content": "?"}]}
    line = {**asked, "status": "approved", "corrected_response": "4", "corrected_parts": PARTS}
    state = parse(line).state
    assert state.corrected_parts == CorrectedParts(Reasoning.DROP, turn=1)
    assert with_state(asked, state) == line
    assert with_state(line, ReviewState()) == asked
    assert record_digest(line) == record_digest(asked)
    assert parse({**line, "corrected_parts": {}}).state.corrected_parts is None


def test_a_line_that_leaves_the_reasoning_open_is_held_back() -> None:
    line = {"id": "a", "model_response": "5", "reasoning": "2 + 2 = 5", "corrected_response": "4"}
    assert parse({**line, "status": "approved"}).state.held_back
    assert not parse({**line, "status": "approved", "reasoning": None}).state.held_back
    assert not parse({**line, "status": "needs_review"}).state.held_back


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"benchmark_run_id": "r1"}, "r1"),
        ({"benchmark_run_id": 7}, "7"),
        ({"benchmark_run_id": ""}, "folder"),
        ({"benchmark_run_id": None}, "folder"),
        ({}, "folder"),
    ],
)
def test_the_run_is_the_records_else_the_folders(fields: dict[str, object], expected: str) -> None:
    assert parse({"id": "a", **fields}, default_run="folder").run_id == expected


@pytest.mark.parametrize(
    ("fields", "model"),
    [
        ({"model_id": "org/m", "model_name": "m"}, "m"),
        ({"model_id": "org/m"}, "org/m"),
        ({"model_id": "org/m", "model_name": ""}, "org/m"),
        ({}, None),
    ],
)
def test_the_model_is_its_name_else_its_id(fields: dict[str, object], model: str | None) -> None:
    assert parse({"id": "a", **fields}).model == model


def test_a_renamed_candidate_differs_in_its_id_alone() -> None:
    found = parse(FULL, default_run="r")
    renamed = found.renamed("run-1:a1")
    assert renamed.id == "run-1:a1"
    assert renamed == Candidate({**FULL, "id": "run-1:a1"}, found.state, "r")
    assert renamed.digest == found.digest


SAME_PROMPT: list[dict[str, Any]] = [
    {"prompt_messages": [HI]},
    {"prompt_messages": [{"content": "Hi", "role": "user"}]},
    {"prompt_messages": [{**HI, "name": None}]},
    {"prompt_messages": [{**HI, "weight": 1, "cached": True}]},
    {"prompt_messages": [HI], "tools": []},
    {"prompt_messages": [HI], "tools": None, "model_response": "x", "benchmark_run_id": "2"},
]
OTHER_PROMPT: list[dict[str, Any]] = [
    {"prompt_messages": [{**HI, "content": "hi"}]},
    {"prompt_messages": [{**HI, "role": "system"}]},
    {"prompt_messages": [{**HI, "name": "kim"}]},
    {"prompt_messages": [{**HI, "tool_call_id": "1"}]},
    {"prompt_messages": [{**HI, "tool_calls": [{"id": "1"}]}]},
    {"prompt_messages": [HI, HI]},
    {"prompt_messages": [HI], "tools": [{"name": "search"}]},
    {"prompt_messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
]


@pytest.mark.parametrize("record", SAME_PROMPT, ids=range(len(SAME_PROMPT)))
def test_siblings_of_a_prompt_share_its_key(record: dict[str, Any]) -> None:
    assert prompt_key(record) == prompt_key(SAME_PROMPT[0])


def test_other_prompts_have_other_keys() -> None:
    keys = [prompt_key(record) for record in (SAME_PROMPT[0], *OTHER_PROMPT)]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("messages", [None, []])
def test_no_messages_no_key(messages: object) -> None:
    assert prompt_key({"prompt_messages": messages}) is None


def test_the_digest_is_of_the_content() -> None:
    base = record_digest(FULL)
    assert record_digest(dict(reversed(FULL.items()))) == base
    decided = {**FULL, "id": "b", "status": "approved", "corrected_response": "4"}
    assert record_digest({**decided, "failure_category": "wrong_answer"}) == base
    assert record_digest({**FULL, "model_response": "6"}) != base
    assert record_digest({**FULL, "extra": None}) != base


@pytest.mark.parametrize(
    ("fields", "same"),
    [
        ({"id": "b", "benchmark_run_id": "run-2", "timestamp": "2027"}, True),
        ({"status": "approved", "corrected_response": "4", "failure_category": "x"}, True),
        ({"model_response": "6"}, False),
        ({"extra": 1}, False),
    ],
)
def test_same_content(fields: dict[str, Any], same: bool) -> None:
    assert same_content(FULL, {**FULL, **fields}) is same
