"""The export: approved corrections, in the order of arrival, all or fewer."""

import json
from itertools import chain
from typing import Any

import pytest

from tests.api.desk import Desk, record, refused

APPROVED = [
    ("a", "wrong_answer", "small", "org/small", "math", "run-1"),
    ("b", None, "large", "org/large", "code", "run-2"),
    ("c", "wrong_answer", "large", "org/large", "math", "run-2"),
    ("d", "hallucination", None, "org/small", None, None),
    ("e", None, "small", "org/small", "code", "run-1"),
]


def answers(rows: list[dict[str, Any]]) -> list[str]:
    return [row["messages"][-1]["content"] for row in rows]


@pytest.fixture
def filled(any_desk: Desk) -> Desk:
    any_desk.fill(
        *(
            record(
                name,
                failure_category=category,
                model_name=model,
                model_id=model_id,
                task_type=task,
                benchmark_run_id=run,
                status="approved",
                corrected_response=f"answer {name}",
            )
            for name, category, model, model_id, task, run in APPROVED
        ),
        record("waiting", corrected_response="no"),
        record("discarded", status="discarded", corrected_response="no"),
        record("flagged", status="model_rejected"),
        record("approved without a text", status="approved"),
        record("approved with a blank", status="approved", corrected_response=" "),
    )
    return any_desk


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "abcde"),
    ({"include_category": "wrong_answer"}, "ac"),
    ({"include_category": "none"}, "be"),
    ({"include_category": ["wrong_answer", "none"]}, "abce"),
    ({"include_category": "format_error"}, ""),
    ({"exclude_category": "wrong_answer"}, "bde"),
    ({"exclude_category": "none"}, "acd"),
    ({"exclude_category": ["none", "hallucination"]}, "ac"),
    ({"include_category": "wrong_answer", "exclude_category": "wrong_answer"}, ""),
    ({"include_category": ["none", "wrong_answer"], "exclude_category": "none"}, "ac"),
    ({"model": "large"}, "bc"),
    ({"model": "org/large"}, "bc"),
    ({"model": "org/small"}, "ade"),
    ({"model": "small"}, "ae"),
    ({"model": ["small", "large"]}, "abce"),
    ({"model": "nobody"}, ""),
    ({"model": "\x00"}, ""),
    ({"model": "Small"}, ""),
    ({"task_type": "math"}, "ac"),
    ({"task_type": ["math", "code"]}, "abce"),
    ({"run_id": "run-2"}, "bc"),
    ({"run_id": ["run-1", "run-2"], "task_type": "code"}, "be"),
    ({"run_id": "\x00"}, ""),
    ({"model": "large", "include_category": "wrong_answer", "run_id": "run-2"}, "c"),
    ({"format": "messages"}, "abcde"),
    ({"unknown": "x"}, "abcde"),
]


@pytest.mark.parametrize(("params", "expected"), CASES, ids=[str(p) for p, _ in CASES])
def test_filters(filled: Desk, params: dict[str, Any], expected: str) -> None:
    found = answers(filled.export(**params))
    assert found == [f"answer {name}" for name in expected]


def test_the_categories_together_are_everything(filled: Desk) -> None:
    everything = filled.export()
    names = [c["name"] for c in filled.get("taxonomy").json()["categories"]] + ["none"]
    apart = [filled.export(include_category=name) for name in names]
    assert sorted(answers(list(chain(*apart)))) == sorted(answers(everything))
    without = [filled.export(exclude_category=[n for n in names if n != name]) for name in names]
    assert without == apart
    assert filled.export(include_category=names) == everything


def test_what_can_be_exported_is_what_stats_promise(filled: Desk) -> None:
    assert filled.get("stats").json()["export_ready"] == len(filled.export()) == 5


@pytest.mark.parametrize("param", ["include_category", "exclude_category"])
@pytest.mark.parametrize("value", ["nonsense", "", "None", "\x00"])
def test_an_unknown_category(filled: Desk, param: str, value: str) -> None:
    problem = refused(filled.get("export", **{param: value}), 422, "unknown_category")
    assert problem["allowed"][-1] == "none"
    assert len(problem["allowed"]) == 7


def test_records_in_a_status(filled: Desk) -> None:
    def ids(**params: Any) -> list[str]:
        answer = filled.get("export", format="candidates", **params)
        return [json.loads(line)["id"] for line in answer.text.splitlines()]

    assert ids(status="needs_review") == ["waiting"]
    assert ids(status=["discarded", "model_rejected"]) == ["discarded", "flagged"]
    refused(filled.get("export", status="needs_review"), 422, "invalid_request")
    refused(filled.get("export", format="csv", status="open"), 422, "invalid_request")
    recipe = {"filter": {"status": ["discarded"]}}
    refused(filled.post("exports/preview", {"recipe": recipe}), 422, "invalid_request")
    assert answers(filled.export(status="approved")) == answers(filled.export())


def test_an_unknown_format(desk: Desk) -> None:
    problem = refused(desk.get("export", format="xml"), 422, "unknown_format")
    assert {"csv", "messages"} <= set(problem["known"])


def test_too_many_names(desk: Desk) -> None:
    refused(desk.get("export", model=["x"] * 101), 422, "invalid_request")
    assert desk.export(model=["x"] * 100) == []


def test_nothing_approved_is_an_empty_file(any_desk: Desk) -> None:
    any_desk.fill(record("a"))
    response = any_desk.get("export")
    assert (response.status_code, response.text) == (200, "")
    assert response.headers["content-type"].startswith("application/x-ndjson")
    assert (
        response.headers["content-disposition"]
        == 'attachment; filename="corrigenda-messages.jsonl"'
    )


def test_a_row(any_desk: Desk) -> None:
    prompt = [
        {"role": "system", "content": "Be brief.", "name": "s"},
        {"role": "user", "content": [{"type": "text", "text": "\ud800 2 + 2?\n\u2028"}]},
    ]
    tools = [{"type": "function", "function": {"name": "add"}}]
    any_desk.fill(
        record("a", prompt_messages=prompt, tools=tools),
        record("b", prompt_messages=None),
        {"id": "c"},
    )
    for name in "abc":
        any_desk.correct(name, f" 4{name}\n")
    response = any_desk.get("export")
    assert response.content.isascii()
    assert response.content.count(b"\n") == 3
    assert any_desk.export() == [
        {"messages": [*prompt, {"role": "assistant", "content": " 4a\n"}], "tools": tools},
        {"messages": [{"role": "assistant", "content": " 4b\n"}]},
        {"messages": [{"role": "assistant", "content": " 4c\n"}]},
    ]


def test_the_order_is_that_of_arrival_and_not_of_decision(any_desk: Desk) -> None:
    names = [f"c{n}" for n in (5, 1, 10, 3)]
    any_desk.fill(*(record(name) for name in names))
    for name in sorted(names):
        any_desk.correct(name, name)
    assert answers(any_desk.export()) == names
    any_desk.undo("c1")
    assert answers(any_desk.export()) == ["c5", "c10", "c3"]


def test_a_long_export_is_complete(any_desk: Desk) -> None:
    any_desk.fill(
        *(record(f"c{n}", status="approved", corrected_response=str(n)) for n in range(1234))
    )
    assert answers(any_desk.export()) == [str(n) for n in range(1234)]
