"""The failure categories over HTTP: reworded, added, removed where nothing names them."""

from pathlib import Path
from typing import Any

import pytest

from tests.api.desk import Desk, record, refused


def now(desk: Desk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get("taxonomy").json()["categories"]
    return found


def wanted(desk: Desk, *more: dict[str, Any]) -> dict[str, Any]:
    """The categories as they are, and some more, as the page sends them."""
    kept = [{k: v for k, v in each.items() if k != "built_in"} for each in now(desk)]
    return {"categories": [*kept, *more]}


def config(desk: Desk) -> Path:
    return desk.workspace.config_dir / "label_tool.yaml"


UNSAFE = {"name": "unsafe", "label": "Unsafe", "color": "brown", "key": "7"}


def test_a_category_is_added_used_and_then_stays(any_desk: Desk) -> None:
    any_desk.fill(record("a"))
    config(any_desk).write_text("# mine\nsft:\n  other: 1  # kept\n", encoding="utf-8")
    response = any_desk.post("taxonomy", wanted(any_desk, UNSAFE))
    assert response.status_code == 200
    added = response.json()["categories"][-1]
    assert added == {**UNSAFE, "definition": "", "example": "", "built_in": False}
    assert response.json()["categories"] == now(any_desk)
    text = config(any_desk).read_text("utf-8")
    assert text.startswith("# mine\nsft:\n  other: 1  # kept\n")
    assert any_desk.submit("a", "flag", failure_category="unsafe").status_code == 200
    any_desk.undo("a")
    body = {"categories": wanted(any_desk)["categories"][:-1]}
    problem = refused(any_desk.post("taxonomy", body), 409, "category_in_use")
    assert (problem["category"], problem["n"]) == ("unsafe", 1)
    assert now(any_desk)[-1]["name"] == "unsafe"


def test_a_category_that_nothing_names_may_go(desk: Desk) -> None:
    before = wanted(desk)
    desk.post("taxonomy", wanted(desk, UNSAFE))
    assert len(now(desk)) == 7
    assert desk.post("taxonomy", before).status_code == 200
    assert len(now(desk)) == 6


def test_a_built_in_one_is_reworded(desk: Desk) -> None:
    body = wanted(desk)
    body["categories"][0] |= {"label": "Grader's fault", "color": "grey", "key": "9"}
    desk.post("taxonomy", body)
    found = now(desk)[0]
    assert (found["label"], found["color"], found["key"]) == ("Grader's fault", "grey", "9")
    assert found["built_in"] is True
    assert "definition" in found


BAD: list[tuple[list[Any], str | None]] = [
    ([{}], "name"),
    ([{**UNSAFE, "name": "Not Plain"}], None),
    ([{**UNSAFE, "name": "none"}], None),
    ([{**UNSAFE, "name": "wrong_answer"}], None),
    ([UNSAFE, UNSAFE], None),
    ([UNSAFE, {**UNSAFE, "name": "other"}], None),
    ([{**UNSAFE, "name": "\x00"}], None),
    ([{**UNSAFE, "name": "\ud800"}], None),
    ([{**UNSAFE, "name": "x; DROP TABLE"}], None),
    ([{**UNSAFE, "name": "x" * 65}], "name"),
    ([{**UNSAFE, "label": 1}], "label"),
    ([{**UNSAFE, "label": "x" * 10_000}], "label"),
    ([{**UNSAFE, "color": "red"}], "color"),
    ([{**UNSAFE, "key": "0"}], "key"),
    ([{**UNSAFE, "key": "12"}], "key"),
    (["unsafe"], ""),
]


@pytest.mark.parametrize(("more", "field"), BAD, ids=lambda value: ascii(value)[:60])
def test_a_category_that_cannot_be(desk: Desk, more: list[Any], field: str | None) -> None:
    before = now(desk)
    problem = refused(desk.post("taxonomy", wanted(desk, *more)), 422, "invalid_request")
    if field is not None:
        place = f"categories.6.{field}".rstrip(".")
        assert place in [item["field"] for item in problem["errors"]]
    assert now(desk) == before
    assert not config(desk).exists()


def test_a_built_in_one_stays(desk: Desk) -> None:
    without: tuple[list[Any], ...] = ([], wanted(desk)["categories"][1:])
    for kept in without:
        problem = refused(desk.post("taxonomy", {"categories": kept}), 422, "invalid_request")
        assert "built in" in problem["detail"]


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "'; DROP TABLE x; --", "a: b # c\n- d", "🦉", "é\u0301{{}}"],
    ids=ascii,
)
def test_words_are_only_words(desk: Desk, text: str) -> None:
    sent = {**UNSAFE, "label": text.replace("\n", " "), "definition": text, "example": text}
    response = desk.post("taxonomy", wanted(desk, sent))
    assert response.status_code == 200, response.text
    assert now(desk)[-1] == {**sent, "built_in": False}


@pytest.mark.parametrize("text", ["\x00", "\ud800", "\x1b[31m"], ids=ascii)
def test_words_that_no_file_can_hold_do_no_harm(desk: Desk, text: str) -> None:
    for field in ("label", "definition", "example"):
        response = desk.post("taxonomy", wanted(desk, {**UNSAFE, field: f"x{text}"}))
        assert response.status_code in (200, 422), field
        assert len(now(desk)) in (6, 7)


def test_a_broken_configuration_is_said_and_kept(desk: Desk) -> None:
    config(desk).write_text("sft: [", encoding="utf-8")
    refused(desk.post("taxonomy", wanted(desk, UNSAFE)), 422, "config_error")
    assert config(desk).read_text("utf-8") == "sft: ["
