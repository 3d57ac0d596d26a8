"""What a correction would be exported as, over HTTP, and that the export says the same."""

from typing import Any

import pytest

from tests.api.desk import Desk, record, refused

THOUGHT = "<think>2 and 2 make 5.</think>\n\n5"
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 2}'}}


def preview(desk: Desk, text: str | None, **body: Any) -> dict[str, Any]:
    sent = {"id": "a", **body} | ({} if text is None else {"corrected_response": text})
    response = desk.post("preview", sent)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def codes(found: dict[str, Any]) -> list[str]:
    return [warning["code"] for warning in found["warnings"]]


def test_a_preview_changes_nothing(any_desk: Desk) -> None:
    any_desk.fill(record("a"))
    found = preview(any_desk, "4")
    asked = {"role": "user", "content": "What is 2 + 2?"}
    assert found["row"]["messages"] == [asked, {"role": "assistant", "content": "4"}]
    assert (found["warnings"], found["held_back"]) == ([], None)
    assert any_desk.now("a") == record("a")
    assert any_desk.history("a") == []


PARTS: list[tuple[str, dict[str, Any] | None, str | None]] = [
    ("4", None, None),
    ("4", {"reasoning": "drop"}, None),
    ("4", {"reasoning": "keep"}, "2 and 2 make 5."),
    ("4", {"reasoning": "rewrite", "reasoning_text": "2 and 2 make 4."}, "2 and 2 make 4."),
    ("5", None, "2 and 2 make 5."),
    ("4", {"tool_calls": [CALL], "reasoning": "drop"}, None),
    ("", {"tool_calls": [CALL], "reasoning": "keep"}, "2 and 2 make 5."),
]


@pytest.mark.parametrize(("text", "parts", "reasoning"), PARTS, ids=lambda value: str(value)[:40])
def test_what_is_previewed_is_what_is_exported(
    any_desk: Desk, text: str, parts: dict[str, Any] | None, reasoning: str | None
) -> None:
    any_desk.fill(record("a", model_response=THOUGHT))
    found = preview(any_desk, text, corrected_parts=parts)
    last = found["row"]["messages"][-1]
    assert (last["content"], last.get("reasoning_content")) == (text, reasoning)
    assert last.get("tool_calls") == (parts or {}).get("tool_calls")
    answer = any_desk.correct("a", text, corrected_parts=parts)
    assert answer.status_code == 200
    assert [each["code"] for each in answer.json().get("warnings", [])] == codes(found)
    held = parts is None and text != "5"
    assert found["held_back"] == ("reasoning_unresolved" if held else None)
    assert any_desk.export() == ([] if held else [found["row"]])
    assert any_desk.ids(held_back=True) == (["a"] if held else [])
    assert any_desk.get("stats").json()["export_ready"] == (0 if held else 1)
    assert any_desk.history("a")[0]["corrected_parts"] == parts
    assert any_desk.now("a").get("corrected_parts") == parts


def test_a_marked_turn_ends_the_row(any_desk: Desk) -> None:
    messages = [
        {"role": "user", "content": "2 + 2?"},
        {"role": "assistant", "content": "5"},
        {"role": "user", "content": "Sure?"},
    ]
    any_desk.fill(record("a", prompt_messages=messages, model_response="Yes, 5"))
    found = preview(any_desk, "4", corrected_parts={"turn": 1})
    assert found["row"]["messages"] == [messages[0], {"role": "assistant", "content": "4"}]
    assert codes(preview(any_desk, "5", corrected_parts={"turn": 1})) == ["unchanged"]
    for turn in (0, 2, 3, 10**30):
        response = any_desk.post(
            "preview", {"id": "a", "corrected_response": "4", "corrected_parts": {"turn": turn}}
        )
        problem = refused(response, 422, "invalid_request")
        assert [item["field"] for item in problem["errors"]] == ["corrected_parts.turn"]


ANSWER = "It is **5**: " + " ".join(f"word{n}" for n in range(30))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ANSWER, ("unchanged", None)),
        (ANSWER.replace("*", ""), ("format_only", "format_error")),
        (" ".join(f"other{n}" for n in range(30)), ("large_rewrite", None)),
    ],
    ids=["unchanged", "format only", "a large rewrite"],
)
def test_what_is_said_of_a_correction(desk: Desk, text: str, said: tuple[str, str | None]) -> None:
    desk.fill(record("a", model_response=ANSWER))
    (warning,) = preview(desk, text)["warnings"]
    assert (warning["code"], warning.get("suggests")) == said
    assert warning["message"].endswith(".")


BAD: list[tuple[dict[str, Any], int, str]] = [
    ({}, 422, "invalid_request"),
    ({"id": "nobody", "corrected_response": "4"}, 404, "unknown_candidate"),
    ({"id": "a"}, 422, "blank_correction"),
    ({"id": "a", "corrected_response": " "}, 422, "blank_correction"),
    ({"id": "a", "corrected_response": 4}, 422, "invalid_request"),
    ({"id": "a", "corrected_response": "4", "format": "nope"}, 422, "unknown_format"),
    ({"id": "a", "corrected_response": "4", "format": "\x00"}, 422, "unknown_format"),
    ({"id": "a", "corrected_response": "4", "corrected_parts": {"x": 1}}, 422, "invalid_request"),
]
BAD_PARTS: list[dict[str, Any]] = [
    {"reasoning": "burn"},
    {"reasoning": "rewrite"},
    {"reasoning": "rewrite", "reasoning_text": " "},
    {"reasoning": "drop", "reasoning_text": "x"},
    {"turn": -1},
    {"turn": 1.5},
    {"tool_calls": {}},
    {"tool_calls": [{}]},
    {"tool_calls": [{**CALL, "type": "code"}]},
    {"tool_calls": [{**CALL, "extra": 1}]},
    {"tool_calls": [{"function": {"name": " ", "arguments": "{}"}}]},
    {"tool_calls": [{"function": {"name": "x" * 201, "arguments": "{}"}}]},
    *(
        {"tool_calls": [{"function": {"name": "f", "arguments": arguments}}]}
        for arguments in ("", "[]", "{", "\x00", "NaN", '{"a": NaN}', '{"a":' * 60 + "1" + "}" * 60)
    ),
    {"tool_calls": [CALL] * 129},
]
BAD += [
    ({"id": "a", "corrected_response": "4", "corrected_parts": parts}, 422, "invalid_request")
    for parts in BAD_PARTS
]


@pytest.mark.parametrize(("body", "status", "code"), BAD, ids=lambda value: ascii(value)[:60])
def test_what_cannot_be(desk: Desk, body: dict[str, Any], status: int, code: str) -> None:
    desk.fill(record("a"))
    refused(desk.post("preview", body), status, code)
    if "format" not in body and body.get("id"):
        refused(desk.post("submit", {**body, "action": "correct"}), status, code)
    assert desk.get("decisions").json() == {"items": []}


@pytest.mark.parametrize(
    "text",
    ["\x00", "\ud800", "x" * 10_000, "' OR 1=1; --", "<script>alert(1)</script>", "</think>"],
    ids=lambda text: ascii(text)[:12],
)
def test_any_text_comes_out_as_it_went_in(any_desk: Desk, text: str) -> None:
    any_desk.fill(record("a", model_response=THOUGHT))
    call = {"type": "function", "function": {"name": text[:200], "arguments": "{}"}}
    parts = {"reasoning": "rewrite", "reasoning_text": text, "tool_calls": [call]}
    found = preview(any_desk, text, corrected_parts=parts)
    assert found["row"]["messages"][-1]["reasoning_content"] == text
    answer = any_desk.correct("a", text, corrected_parts=parts, tags=["t"])
    assert answer.status_code == 200
    assert any_desk.export() == [found["row"]]


@pytest.mark.parametrize(
    "tag", ["\x00", "\ud800", "x" * 200, "' OR 1=1", "<b>", " ", "🦉"], ids=ascii
)
def test_any_tag_is_kept_or_refused(any_desk: Desk, tag: str) -> None:
    any_desk.fill(record("a"))
    response = any_desk.submit("a", "flag", tags=[tag])
    assert response.status_code in (200, 422)
    assert len(any_desk.history("a")) == (response.status_code == 200)
    assert any_desk.get("facets").status_code == 200
    assert any_desk.ids() == ["a"]
